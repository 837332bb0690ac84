"""The look at the images before they are parsed: what they hold, what is amiss, and how some would be framed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import corrections, fileio
from wizard.engine.data import checks, division, sampling
from wizard.engine.data import tags as folder_tags
from wizard.engine.data.channels import as_kept, kept_channels, numbers_to_read, with_names
from wizard.engine.data.checks_words import cells, is_are
from wizard.engine.data.frames import Framing, Size, exceeds, fitting_frame, fitting_square, frame_cell, suggested_frame
from wizard.engine.data.gather import Gathered, gather
from wizard.engine.data.reading import read
from wizard.engine.data.roster import Roster
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.readers.base import Cell
from wizard.frame_size import FITTED, LEAST, sides
from wizard.parse_plan import ParsePlan
from wizard.project import Project
from wizard.results import Channel, Cue, PreviewCell, SurveyResult

_SAMPLE, _SECONDS = 2000, 10.0
"""Most cells that are decoded, and the time for that."""
_SHOWN, _PER_CLASS, _PER_ONE = 24, 4, 8
"""Cells in the preview: in all, of each of several classes, of a single one."""
_RAW_SIDE, _RAW_BYTES = 512, 1_500_000
"""Longest side in px, and about the most bytes, of a raw picture in the preview."""


@dataclass(frozen=True)
class _Chosen:
    """What the plan comes down to for these cells."""

    kept: list[Channel]
    target: str
    group: str
    frame: Size
    sides: NDArray[np.float64]
    """Height and width of these cells."""
    rows: NDArray[np.int64]
    """Rows of the cells that have all the channels."""


def survey(plan: ParsePlan, project: Project, tell: Tell, folder: Path) -> SurveyResult:
    """Look at all files' headers and at some cells' pixels; nothing but a preview is written.

    What does not fit the cells (a channel or a group that they lack) becomes a cue. Raises UserError when
    there is no image at all or a tag rule cannot be used.
    """
    tell.progress(0.0, "Looking for images")
    wanted = project.plan.train.target
    gathered = gather(plan, tell.part(0.0, 0.4), wanted, corrections=corrections.path_of(project))
    roster = gathered.roster
    amiss: list[Cue] = []
    chosen = _choose(plan, roster, wanted, amiss)
    order = sampling.spread(roster, chosen.rows, chosen.target, plan.seed)
    looked = sampling.look(roster, order[:_SAMPLE], chosen.kept, plan.colour, _SECONDS, tell.part(0.4, 0.9))
    tell.progress(0.9, "Framing some cells")
    readable = {item.row for item in looked.sample}
    shown = _shown(roster, [row for row in order[:_SAMPLE].tolist() if row in readable], chosen.target)
    digests = {item.row: item.digest for item in looked.sample}
    preview = _write_preview(folder, plan, roster, chosen, shown, digests)
    facts = checks.Situation(
        chosen.frame, plan.larger, plan.centre, chosen.target, chosen.group, chosen.kept, looked.sample, looked.n,
        plan.scale, plan.colour,
    )  # fmt: skip
    tell.progress(0.95, "Checking")
    found = checks.cues(roster, [*gathered.skipped, *looked.lost], facts)
    result = _describe(plan, gathered, chosen)
    result.cues = checks.in_order([*amiss, *found, *gathered.cues, *_remarks(plan, gathered, looked.n)])
    result.preview = preview
    return result


def _choose(plan: ParsePlan, roster: Roster, wanted: str, amiss: list[Cue]) -> _Chosen:
    try:
        kept = with_names(kept_channels(roster, plan.channels, plan.colour), plan)
    except UserError as error:
        amiss.append(_problem("Channels", error))
        kept = kept_channels(roster, "", plan.colour)
    target = folder_tags.choose_target(roster.counts(), wanted)
    columns = {name: values.tolist() for name, values in roster.tags.items()}
    try:
        group = division.choose_group(columns, plan.group, target)
    except UserError as error:
        amiss.append(_problem("Group", error))
        group = division.choose_group(columns, "auto", target)
    if target and target not in roster.tags:
        amiss.append(Cue(
            level="problem", subject="Target", text=f"The cells have no tag called {target}, which is to be learned.",
            action=f"Choose one of: {', '.join(roster.tags) or 'none'}.",
        ))  # fmt: skip
        target = ""
    wanted_frame = sides(plan.frame)
    if wanted_frame and min(wanted_frame) < LEAST:
        amiss.append(Cue(
            level="problem", subject="Frame size", text=f"A frame of {plan.frame} px is too small.",
            action=f"Use at least {LEAST} px, or 0 to fit it.",
        ))  # fmt: skip
    fits = np.array([
        numbers_to_read(entry.contents.channels, kept, plan.colour) is not None for entry in roster.entries
    ], bool)  # fmt: skip
    rows = np.flatnonzero(fits[roster.entry])
    size = checks.sides(roster, plan.centre, plan.scale)[rows]
    fit = fitting_frame if plan.frame == FITTED else fitting_square
    return _Chosen(kept, target, group, wanted_frame or fit(size), size, rows)


def _problem(subject: str, error: UserError) -> Cue:
    return Cue(level="problem", subject=subject, text=f"{error.what} {error.why}".strip(), action=error.action)


def _remarks(plan: ParsePlan, gathered: Gathered, n_looked: int) -> list[Cue]:
    """Say how much was looked at, and what was left out on purpose."""
    notes = []
    total = len(gathered.roster)
    if n_looked < total:
        notes.append(("Sample", f"The pixels of {n_looked:,} of {total:,} cells were looked at, spread over classes "
                      "and files; sizes and tags are those of all cells.", n_looked))  # fmt: skip
    if gathered.excluded:
        number = gathered.excluded
        notes.append(("Tag rules", f"{cells(number)} {is_are(number)} left out by the tag rules.", number))
    if gathered.capped:
        number = gathered.capped
        text = f"{cells(number)} above {plan.cap:,} per class {is_are(number)} left out at random."
        notes.append(("Cells per class", text, number))
    if gathered.other:
        kinds = ", ".join(f"{count:,} × {kind}" for kind, count in gathered.other.most_common(5))
        number = sum(gathered.other.values())
        text = f"{cells(number, 'other file')} {is_are(number)} passed over: {kinds}."
        notes.append(("Other files", text, number))
    return [Cue(level="note", subject=subject, text=text, count=count) for subject, text, count in notes]


def _describe(plan: ParsePlan, gathered: Gathered, chosen: _Chosen) -> SurveyResult:
    roster = gathered.roster
    counts = np.bincount(roster.entry, minlength=len(roster.entries)).tolist()
    formats: Counter[str] = Counter()
    for entry, count in zip(roster.entries, counts, strict=True):
        formats[entry.reader.name] += count
    sizes: dict[str, float] = {}
    if len(chosen.sides):
        points = (0, 5, 50, 95, 100)
        sizes = {f"p{point}": float(value) for point, value in zip(
            points, np.percentile(chosen.sides.max(axis=1), points), strict=True)}  # fmt: skip
    return SurveyResult(
        n_cells=len(roster),
        n_files=gathered.n_files,
        formats={name: count for name, count in sorted(formats.items()) if count},
        facts=gathered.facts,
        channels=_all_channels(plan, roster, counts, chosen.kept),
        kept=[channel.number for channel in chosen.kept],
        dtypes=checks.types(roster),
        sizes=sizes,
        frame=chosen.frame,
        suggested=fitting_square(chosen.sides)[0],
        suggested_frame=suggested_frame(chosen.sides),
        cropped=int(exceeds(chosen.sides, chosen.frame).sum()),
        tags=roster.counts(),
        raw_tags=gathered.raw_tags,
        origins=gathered.raw_origins,
        populations=gathered.populations,
        target=chosen.target,
        group=chosen.group,
    )


def _all_channels(plan: ParsePlan, roster: Roster, counts: Sequence[int], kept: Sequence[Channel]) -> list[Channel]:
    """Return every channel that some cell has, by number; the kept ones with the user's names."""
    known = {(channel.name, channel.number): channel for channel in kept}
    for entry, count in zip(roster.entries, counts, strict=True):
        for channel in as_kept(entry.contents.channels, plan.colour) if count else ():
            known.setdefault((channel.name, channel.number), channel)
    return sorted(known.values(), key=lambda channel: (channel.number, channel.name))


def _shown(roster: Roster, rows: Sequence[int], target: str) -> list[int]:
    """Choose cells for the preview: some of each class, in the order of the classes."""
    labels = roster.tags.get(target)
    classes: dict[str, list[int]] = {}
    for row in rows:
        classes.setdefault("" if labels is None else str(labels[row]), []).append(row)
    each = _PER_CLASS if len(classes) > 1 else _PER_ONE
    turns = [classes[name][turn] for turn in range(each) for name in sorted(classes) if turn < len(classes[name])]
    taken = set(turns[:_SHOWN])
    return [row for name in sorted(classes) for row in classes[name][:each] if row in taken]


def _write_preview(
    folder: Path, plan: ParsePlan, roster: Roster, chosen: _Chosen, rows: Sequence[int], digests: dict[int, str]
) -> list[PreviewCell]:
    """Write preview.npz and return its cells; raw pictures are cut to a bounded size around their middle."""
    # Colour is converted while reading.
    height, width = (max(LEAST, side) for side in chosen.frame)
    how = Framing.of(plan.model_dump() | {"colour": "stored"}, (height, width))
    centres = roster.optional("centres", 2)
    arrays: dict[str, Any] = {}
    preview: list[PreviewCell] = []
    for row in rows:
        cell = next(iter(read(roster, np.array([row]), chosen.kept, plan.colour)))[1]
        if not isinstance(cell, Cell):
            continue
        index = len(preview)
        centre = None if centres is None else (float(centres[row, 0]), float(centres[row, 1]))
        framed, framed_mask = frame_cell(cell.image, cell.mask, how, centre, int(digests[row][:8], 16))
        arrays[f"raw_{index}"], arrays[f"framed_{index}"] = _middle(cell.image), framed
        if cell.mask is not None and framed_mask is not None:
            arrays[f"mask_{index}"] = _middle(cell.mask, cell.image.dtype.itemsize)
            arrays[f"framed_mask_{index}"] = framed_mask
        label = str(roster.tags[chosen.target][row]) if chosen.target else ""
        preview.append(PreviewCell(
            label=label, source=roster.entries[roster.entry[row]].source.name, object=cell.object,
        ))  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    fileio.write_with(folder / "preview.npz", lambda path: np.savez(path, **arrays))
    return preview


def _middle(planes: NDArray[Any], itemsize: int = 0) -> NDArray[Any]:
    """Return the middle of a picture, at most 512 px long and about 1.5 MB large; masks are cut like their image."""
    per_pixel = len(planes) * ((itemsize or planes.dtype.itemsize) + 1)
    longest = min(_RAW_SIDE, max(64, int((_RAW_BYTES / per_pixel) ** 0.5)))
    top, left = (max(0, side - longest) // 2 for side in planes.shape[1:])
    return planes[:, top : top + longest, left : left + longest]
