"""Puts pictures together to fields of view, and says with the file's name what does not fit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from wizard.engine.labeling.fields import Field, Plane
from wizard.engine.labeling.names import normal
from wizard.results import Cue

if TYPE_CHECKING:
    from wizard.engine.labeling.finding import Piece, Survey, Wish

_SHOWN = 5
Level = Literal["problem", "warning", "note"]


def group(pieces: Sequence[Piece], wish: Wish, survey: Survey) -> None:
    """Fill a survey with the fields of view that the pictures make, and with cues."""
    groups: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    predicted = [piece for piece in pieces if piece.named.predicted]
    for piece in pieces:
        if not piece.named.predicted:
            groups[piece.folder, piece.named.view].append(piece)
    spelling: dict[str, str] = {}
    bare: list[str] = []
    for (folder, name), members in sorted(groups.items()):
        shown = "/".join(part for part in (folder if folder != "." else "", name) if part) or "field"
        made = _field(shown, members, wish, spelling, survey.cues)
        if made is None:
            bare += [piece.plane.file for piece in members if not piece.named.channel]
        else:
            survey.fields.append(made)
    survey.labels = tuple(sorted({label for made in survey.fields for label in made.targets}))
    counts = Counter(len(made.inputs) for made in survey.fields)
    survey.planes = max(counts, key=lambda count: (counts[count], count)) if counts else 0
    survey.cues += _across(survey, bare, predicted)


def _field(name: str, members: list[Piece], wish: Wish, spelling: dict[str, str], cues: list[Cue]) -> Field | None:
    """Make a field of view of its pictures; None when it has no whole stack of transmitted light."""
    stacks: dict[str, dict[int, Plane]] = defaultdict(dict)
    stains: dict[str, dict[int, Plane]] = defaultdict(dict)
    masks: dict[str, Plane] = {}
    for piece in members:
        channel = piece.named.channel
        if not channel:
            continue
        channel = spelling.setdefault(normal(channel), channel)
        if piece.named.mask:
            masks[channel] = piece.plane
            continue
        where = stacks if wish.is_input(channel) else stains if wish.is_target(channel) else None
        if where is None:
            continue
        z = piece.named.z or 0
        if z in where[channel]:
            cues.append(_cue("warning", "Same picture twice", piece.plane.file,
                             f"It is the same as {where[channel][z].file} by its name and is not used."))  # fmt: skip
            continue
        where[channel][z] = piece.plane
    if not stacks:
        return None
    light = max(stacks, key=lambda channel: (len(stacks[channel]), channel))
    for other in stacks:
        if other != light:
            cues.append(_cue("note", "Two kinds of light", next(iter(stacks[other].values())).file,
                             f"The field {name} has {light}, too, which is used instead."))  # fmt: skip
    inputs = _whole(stacks[light], name, cues)
    if inputs is None:
        return None
    targets = _fitting(stains, inputs[0], cues)
    fitting = {label: mask for label, mask in masks.items() if label in targets and _same(mask, inputs[0], cues)}
    size = max((piece.pixel_size for piece in members), default=0.0)
    tags = {key: value for key, value in members[0].named.tags.items() if key != "folder"}
    return Field(name, inputs, targets, fitting, tags, size)


def _whole(planes: dict[int, Plane], name: str, cues: list[Cue]) -> tuple[Plane, ...] | None:
    """Return the planes of a stack in order; None, with a cue, when some are missing or differ in size.

    Planes chosen evenly out of a stack (4, 6, 8) are a stack of their own; the cue says so.
    """
    order = sorted(planes)
    first = planes[order[0]]
    steps = {later - earlier for earlier, later in zip(order, order[1:], strict=False)}
    if len(steps) > 1:
        gaps = sorted(set(range(order[0], order[-1] + 1)) - set(order))
        cues.append(_cue("problem", "Missing planes", first.file,
                         f"The stack of {name} has {len(order)} planes up to {order[-1]}, but lacks "
                         f"{', '.join(map(str, gaps[:_SHOWN]))}{' …' if len(gaps) > _SHOWN else ''}.",
                         "Add the missing files, or number the planes without gaps."))  # fmt: skip
        return None
    if order[0] > 1 or steps - {1}:
        cues.append(_cue("warning", "Missing planes", first.file,
                         f"The stack of {name} has only the planes {', '.join(map(str, order[:_SHOWN]))}"
                         f"{' …' if len(order) > _SHOWN else ''}; they are used as they are."))  # fmt: skip
    for z in order:
        if not _same(planes[z], first, cues):
            return None
    return tuple(planes[z] for z in order)


def _fitting(stains: dict[str, dict[int, Plane]], first: Plane, cues: list[Cue]) -> dict[str, tuple[Plane, ...]]:
    """Return the stains that have the size of the transmitted-light pictures."""
    fitting = {}
    for label, planes in sorted(stains.items()):
        if all(_same(plane, first, cues) for plane in planes.values()):
            fitting[label] = tuple(planes[z] for z in sorted(planes))
    return fitting


def _same(plane: Plane, first: Plane, cues: list[Cue]) -> bool:
    if (plane.height, plane.width) == (first.height, first.width):
        return True
    cues.append(_cue("problem", "Unequal sizes", plane.file,
                     f"It is {plane.width}×{plane.height} px, but {first.file} of the same field is "
                     f"{first.width}×{first.height} px.",
                     "Export both at the same size, registered to each other."))  # fmt: skip
    return False


def _across(survey: Survey, bare: list[str], predicted: Sequence[Piece]) -> list[Cue]:
    """Return what is to be said of all fields together."""
    cues = []
    fields = survey.fields
    odd = [made for made in fields if len(made.inputs) != survey.planes]
    if odd:
        cues.append(_cue("warning", "Number of planes", odd[0].inputs[0].file,
                         f"{len(odd)} of {len(fields)} fields have another number of planes than {survey.planes}; "
                         "their planes are chosen by depth.", count=len(odd)))  # fmt: skip
    lacking = [made for made in fields if set(made.targets) != set(survey.labels)]
    if lacking and survey.labels:
        missing = sorted(set(survey.labels) - set(lacking[0].targets))
        cues.append(_cue("note", "Missing stains", lacking[0].inputs[0].file,
                         f"{len(lacking)} of {len(fields)} fields lack a stain (the first one {', '.join(missing)}); "
                         "each stain is learnt where it is there.", count=len(lacking)))  # fmt: skip
    if len(fields) == 1 and survey.labels:
        cues.append(_cue("warning", "One field", fields[0].inputs[0].file,
                         "There is only one field of view: figures come from a strip of the same picture and say "
                         "nothing about other wells or days.", "Add more fields if you have them."))  # fmt: skip
    if bare:
        cues.append(_cue("warning", "Unknown channel", bare[0],
                         f"The channel of {len(bare)} pictures cannot be told from their names.",
                         "Name the channels in the settings.", len(bare)))  # fmt: skip
    if predicted:
        cues.append(_cue("note", "Predicted pictures", predicted[0].plane.file,
                         f"{len(predicted)} pictures are predictions by their names and are not used.",
                         count=len(predicted)))  # fmt: skip
    return cues


def _cue(level: Level, subject: str, file: str, text: str, action: str = "", count: int = 1) -> Cue:
    text = f"{file}: {text}"
    return Cue(level=level, subject=subject, text=text, action=action, files=[file], count=count)
