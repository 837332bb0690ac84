"""The look at all cells before they are parsed: what is amiss with files, channels, types, sizes, pixels and tags.

The same cues are shown in the window, on the command line and in the report.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.channels import as_kept, numbers_to_read
from wizard.engine.data.checks_names import name_cues
from wizard.engine.data.checks_pixels import pixel_cues
from wizard.engine.data.checks_tags import tag_cues
from wizard.engine.data.checks_words import cells, is_are, listed, share
from wizard.engine.data.frames import Size, exceeds, suggested_frame
from wizard.engine.data.measuring import Sampled
from wizard.engine.data.roster import Entry, Roster
from wizard.frame_size import MOST, as_set, in_words
from wizard.results import Channel, Cue, Skipped

UNREADABLE = "Unreadable files"
"""Subject of the cue about files that cannot be used; lists of these stand beside it."""
_LEVELS = ("problem", "warning", "note")
_HELD = 0.9
"""Share of the cells that a rectangle must hold to be mentioned: 95 % along either side."""
_CROPPED, _MOST_KINDS, _MOST_FILES = 0.05, 8, 10
_SAME_SIZE = 1.02
"""Pixel sizes that differ by a smaller factor are taken for equal."""
_OPTICS = ("magnification", "objective")
"""Words in the title of a fact that tells how much the microscope magnifies."""


@dataclass(frozen=True)
class Situation:
    """What would be made of the cells, and what was measured on some of them.

    `frame` is (height, width) in px; `larger`, `centre`, `scale` and `colour` are settings of Parse; `target`
    and `group` are tags, "" = none; `n_sampled` cells were looked at, `sample` holds those that could be read.
    """

    frame: Size
    larger: str
    centre: str
    target: str
    group: str
    kept: Sequence[Channel]
    sample: Sequence[Sampled] = ()
    n_sampled: int = 0
    scale: float = 1.0
    colour: str = "stored"


def cues(roster: Roster, skipped: Sequence[Skipped], facts: Situation) -> list[Cue]:
    """Return all cues about the cells of a roster: problems first, then warnings, then notes."""
    used = _used(roster)
    found: list[Cue] = [
        *_unreadable(skipped, len(roster)),
        *instrument_cues(entry for entry, _ in used),
        *_channel_sets(used, facts),
        *_types(used),
        *_frame(roster, facts),
        *_optics(used),
        *pixel_cues(roster, facts.sample, facts.n_sampled >= len(roster), facts.kept, facts.target),
        *tag_cues(roster, facts.target, facts.group),
        *name_cues(roster),
    ]
    return in_order(found)


def in_order(found: Iterable[Cue]) -> list[Cue]:
    """Sort cues by level, otherwise in the order given; of equal ones the first stays."""
    distinct: dict[tuple[str, str, str], Cue] = {}
    for cue in found:
        distinct.setdefault((cue.level, cue.subject, cue.text), cue)
    return sorted(distinct.values(), key=lambda cue: _LEVELS.index(cue.level))


def sides(roster: Roster, centre: str, scale: float = 1.0) -> NDArray[np.float64]:
    """Return height and width (n, 2) of every cell in px after scaling.

    Where the longer side of the object itself is known and the frame is put around it, no side counts as longer.
    """
    known = np.stack([roster.column("heights"), roster.column("widths")], axis=1).astype(np.float64)
    extents = roster.optional("extents", 1)
    if extents is not None and centre != "image":
        known = np.fmin(known, extents)
    return known * scale


Used = list[tuple[Entry, int]]


def _used(roster: Roster) -> Used:
    """Return the sources that still have cells, with the number of these."""
    counts = np.bincount(roster.entry, minlength=len(roster.entries)).tolist()
    return [(entry, count) for entry, count in zip(roster.entries, counts, strict=True) if count]


def _unreadable(skipped: Sequence[Skipped], n_cells: int) -> Iterator[Cue]:
    if not skipped:
        return
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        reasons.setdefault(item.why, []).append(PurePath(item.file).name)
    most = sorted(reasons.items(), key=lambda item: -len(item[1]))
    parts = [f"{len(names):,} × “{why.rstrip('.')}” ({listed(names, 2)})" for why, names in most[:3]]
    more = f"; and {cells(len(most) - 3, 'other reason')}" if len(most) > 3 else ""
    number = len(skipped)
    yield Cue(
        level="warning" if n_cells else "problem",
        subject=UNREADABLE,
        text=f"{cells(number, 'file')} or single cells cannot be used: {'; '.join(parts)}{more}."
        if number > 1 else f"{PurePath(skipped[0].file).name} cannot be used: {skipped[0].why}",
        action="Copy these files from the instrument again, or go on without them.",
        files=[item.file for item in skipped[:_MOST_FILES]],
        count=number,
    )  # fmt: skip


def instrument_cues(entries: Iterable[Entry]) -> list[Cue]:
    """Return what the files themselves give as cues; equal ones become one, with their files and counts."""
    grouped: dict[tuple[str, str, str, str], Cue] = {}
    for entry in entries:
        for cue in entry.contents.cues:
            files = cue.files or [entry.source.name]
            key = (cue.level, cue.subject, cue.text, cue.action)
            if key not in grouped:
                grouped[key] = cue.model_copy(update={"files": files[:_MOST_FILES], "count": max(1, cue.count)})
                continue
            known = grouped[key]
            known.files = list(dict.fromkeys([*known.files, *files]))[:_MOST_FILES]
            known.count += max(1, cue.count)
    kinds: dict[tuple[str, str], list[Cue]] = {}
    for cue in grouped.values():
        kinds.setdefault((cue.level, cue.subject), []).append(cue)
    answer: list[Cue] = []
    for alike in kinds.values():
        answer += alike[:_MOST_KINDS]
        if rest := alike[_MOST_KINDS:]:
            files = [name for cue in rest for name in cue.files]
            answer.append(rest[0].model_copy(update={
                "text": f"The same is said of {cells(len(rest), 'other file')} in other words, e.g. {rest[0].text}",
                "files": files[:_MOST_FILES], "count": sum(cue.count for cue in rest),
            }))  # fmt: skip
    return answer


def _channel_sets(used: Used, facts: Situation) -> Iterator[Cue]:
    sets: Counter[tuple[tuple[str, int], ...]] = Counter()
    names: dict[tuple[tuple[str, int], ...], list[str]] = {}
    lacks: dict[tuple[tuple[str, int], ...], bool] = {}
    for entry, count in used:
        stored = entry.contents.channels
        key = tuple((channel.name, channel.number) for channel in stored)
        if key not in lacks:
            lacks[key] = numbers_to_read(stored, facts.kept, facts.colour) is None
        sets[key] += count
        names.setdefault(key, []).append(entry.source.name)
    total, lacking = sum(sets.values()), sum(count for key, count in sets.items() if lacks[key])
    lacking_files = [name for key, each in names.items() if lacks[key] for name in each[:_MOST_FILES]]
    alike: Counter[tuple[tuple[str, int], ...]] = Counter()
    for key, count in sets.items():
        stored = tuple(Channel(name=name, number=number) for name, number in key)
        alike[tuple((channel.name, channel.number) for channel in as_kept(stored, facts.colour))] += count
    if len(alike) < 2 and not lacking:
        return
    shown = [f"{listed([name for name, _ in each], 12)} ({cells(count)})" for each, count in alike.most_common(4)]
    more = f" and {len(alike) - 4} other sets" if len(alike) > 4 else ""
    kept = ", ".join(channel.shown for channel in facts.kept)
    out = f"{cells(lacking)} {'lacks' if lacking == 1 else 'lack'} one of them and {is_are(lacking)} left out."
    yield Cue(
        level="note" if not lacking else "problem" if lacking == total else "warning",
        subject="Channels",
        text=f"The files have different channels: {'; '.join(shown)}{more}. Kept: {kept}"
        + (f"; {out}" if lacking else ", which all cells have."),
        action="Choose the channels that all files have under Channels." if lacking else "",
        files=lacking_files[:_MOST_FILES],
        count=lacking,
    )


def types(roster: Roster) -> dict[str, int]:
    """Return the pixel types of the files with the number of cells of each."""
    return _counted_types(_used(roster))


def _counted_types(used: Used) -> dict[str, int]:
    found: Counter[np.dtype[Any]] = Counter()
    for entry, count in used:
        found[entry.contents.dtype] += count
    named: Counter[str] = Counter()
    for dtype, count in found.items():
        named[dtype.name] += count
    return dict(sorted(named.items()))


def _types(used: Used) -> Iterator[Cue]:
    found = _counted_types(used)
    if len(found) < 2:
        return
    shown = [f"{_bits(name)} ({cells(count)})" for name, count in found.items()]
    rarest = min(found, key=lambda name: found[name])
    names = [entry.source.name for entry, _ in used if entry.contents.dtype.name == rarest]
    yield Cue(
        level="warning",
        subject="Bit depth",
        text=f"The images have mixed bit depths: {', '.join(shown)}. Their grey levels do not mean the same.",
        action="Export all images in one way; or parse one kind only. As they are, all are stored in one type.",
        files=names[:_MOST_FILES],
        count=found[rarest],
    )


def _bits(name: str) -> str:
    dtype: np.dtype[Any] = np.dtype(name)
    kinds = {"u": "-bit", "i": "-bit with sign", "f": "-bit decimal numbers", "b": "-bit yes/no"}
    return f"{dtype.itemsize * 8}{kinds.get(dtype.kind, '-bit ' + name)}"


def _frame(roster: Roster, facts: Situation) -> Iterator[Cue]:
    if not len(roster):
        return
    size = sides(roster, facts.centre, facts.scale)
    middle, most, top = (float(value) for value in np.percentile(size.max(axis=1), [50, 95, 100]))
    spread = f"Half of the cells are up to {middle:.0f} px, 95 % up to {most:.0f} px, the largest is {top:.0f} px"
    suggested = suggested_frame(size)
    times = math.prod(facts.frame) / math.prod(suggested)
    number = int(exceeds(size, facts.frame).sum())
    frame = f"the frame of {in_words(facts.frame)}"
    if number:
        shrunk = facts.larger == "shrink"
        action = _larger_frame(size, facts.frame)
        yield Cue(
            level="warning" if number > _CROPPED * len(roster) and not shrunk else "note",
            subject="Frame size",
            text=f"{cells(number)} ({share(number, len(roster))}) {is_are(number)} larger than {frame} and will be "
            f"{'shrunk' if shrunk else 'cropped'}. {spread}.",
            action=action if shrunk else f"{action} “Shrink to fit” keeps the cells whole, too.".strip(),
            count=number,
        )
    elif times > 4:
        yield Cue(
            level="warning" if times > 16 else "note",
            subject="Frame size",
            text=f"{frame[0].upper()}{frame[1:]} is much larger than the cells. {spread}.",
            action=f"A frame of {in_words(suggested)} is enough and makes all steps about {times:.0f} times faster.",
            count=len(roster),
        )
        return
    if suggested[0] != suggested[1] and facts.frame[0] == facts.frame[1] and times > 1:
        yield from _shape(size, suggested, times)


def _shape(size: NDArray[np.float64], suggested: Size, times: float) -> Iterator[Cue]:
    """Say that a rectangle would hold elongated cells with fewer pixels than a square."""
    height, width = np.percentile(size, 95, axis=0)
    held = float((~exceeds(size, suggested)).mean())
    if held < _HELD:
        return
    yield Cue(
        level="note",
        subject="Frame shape",
        text=f"The cells are {'wider than high' if width > height else 'higher than wide'}: 95 % are up to "
        f"{width:.0f} px wide and up to {height:.0f} px high. A square frame is filled up with padding.",
        action=f"A frame of {as_set(suggested)} (width x height) holds {share(held, 1)} of the cells with "
        f"{share(1 / times, 1)} of the pixels. A square keeps also those cells whole that are turned while training.",
        count=len(size),
    )


def _larger_frame(size: NDArray[np.float64], frame: Size) -> str:
    """Say which frames hold 95 % and all of the cells, as far as a frame may be so large."""
    wanted = [_holding(size, point) for point in (95, 100)]
    fits = [each for each in dict.fromkeys(wanted)
            if max(each) <= MOST and (each[0] > frame[0] or each[1] > frame[1])]  # fmt: skip
    parts = [f"{in_words(each)} holds {share(float((~exceeds(size, each)).mean()), 1) if each != wanted[1] else 'all'}"
             for each in fits]  # fmt: skip
    if parts:
        return f"A frame of {', one of '.join(parts)} of the cells."
    return "If these are pictures of many cells, choose under Large pictures how they are cut."


def _holding(size: NDArray[np.float64], point: int) -> Size:
    """Return the frame that holds a percentile of the cells: a rectangle where one is suggested, else a square."""
    high, wide = suggested_frame(size)
    tops = np.percentile(size, point, axis=0)
    if high == wide:
        tops[:] = np.percentile(size.max(axis=1), point)
    height, width = (int(np.ceil(top / 8) * 8) for top in tops)
    return height, width


def _optics(used: Used) -> Iterator[Cue]:
    sizes: Counter[str] = Counter()
    known = [entry.contents.pixel_size for entry, _ in used if entry.contents.pixel_size > 0]
    differ = bool(known) and max(known) > _SAME_SIZE * min(known)
    told: dict[str, Counter[str]] = {}
    for entry, count in used:
        if differ and entry.contents.pixel_size > 0:
            sizes[f"{entry.contents.pixel_size:.3g} µm"] += count
        for title, text in entry.contents.facts.items():
            if any(word in title.casefold() for word in _OPTICS):
                told.setdefault(title, Counter())[text] += count
    mixed = [("pixel sizes", sizes), *((title.casefold(), found) for title, found in sorted(told.items()))]
    for title, found in mixed:
        if len(found) > 1:
            shown = [f"{value} ({cells(count)})" for value, count in sorted(found.items())]
            yield Cue(
                level="warning",
                subject="Magnification",
                text=f"The files have mixed {title}: {listed(shown)}. The same cell would be of different size.",
                action="Parse each magnification for itself, with a Scale that makes them alike.",
                count=len(found),
            )
            return
