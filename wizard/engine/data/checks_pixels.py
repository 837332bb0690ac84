"""What the pixels of some cells tell: saturated, empty, repeated, recorded with different depths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from wizard.engine.data.checks_names import discreet
from wizard.engine.data.checks_words import cells, has_have, is_are, listed, share
from wizard.engine.data.measuring import DEPTHS as _DEPTHS
from wizard.engine.data.measuring import Sampled
from wizard.engine.data.roster import Roster
from wizard.results import Channel, Cue

_SATURATED = 0.01
"""Share of a channel's pixels at the top from which on a cell counts as saturated."""
_FEWEST = 5
"""Sampled cells of a folder or file from which on its brightest pixel says something."""


def pixel_cues(
    roster: Roster, sample: Sequence[Sampled], whole: bool, kept: Sequence[Channel], target: str
) -> Iterator[Cue]:
    """Yield the cues about the pixels; `whole` tells that `sample` holds all cells of the roster."""
    if not sample:
        return
    among = "" if whole else f"Of {cells(len(sample), 'sampled cell')}, "
    yield from _flat(roster, sample, among, kept)
    yield from _saturated(roster, sample, among, kept)
    yield from _copies(roster, sample, among, target)
    yield from _ranges(roster, sample)


def _names(roster: Roster, rows: Sequence[int], most: int = 5) -> list[str]:
    """Return the names of the first sources of some rows."""
    found: dict[str, None] = {}
    for row in rows:
        found[roster.entries[roster.entry[row]].source.name] = None
        if len(found) == most:
            break
    return list(found)


def _flat(roster: Roster, sample: Sequence[Sampled], among: str, kept: Sequence[Channel]) -> Iterator[Cue]:
    rows = [item.row for item in sample if item.flat]
    if rows:
        number = len(rows)
        yield Cue(
            level="problem" if number == len(sample) else "warning",
            subject="Empty cells",
            text=f"{among}{cells(number)} ({share(number, len(sample))}) {is_are(number)} empty: every pixel of a "
            "channel has the same value.",
            action="Look at these files in the instrument's software, or leave them out.",
            files=_names(roster, rows),
            count=number,
        )
    rest = [item.flat_channels for item in sample if not item.flat and len(item.flat_channels) == len(kept)]
    dark = [channel.shown for channel, flags in zip(kept, zip(*rest, strict=True), strict=False) if all(flags)]
    if dark:
        yield Cue(
            level="warning",
            subject="Empty channels",
            text=f"{among}no cell has anything in {listed(dark)}: all pixels of the channel are equal."
            if among else f"No cell has anything in {listed(dark)}: all pixels of the channel are equal.",
            action="Choose the other channels under Channels; an empty one only costs time.",
            count=len(rest),
        )  # fmt: skip


def _saturated(roster: Roster, sample: Sequence[Sampled], among: str, kept: Sequence[Channel]) -> Iterator[Cue]:
    hit = [item for item in sample if item.saturated >= _SATURATED and not item.flat]
    if not hit:
        return
    worst = [item.worst for item in hit]
    where = max(set(worst), key=lambda index: (worst.count(index), -index))
    channel = f", mostly in {kept[where].shown}" if where < len(kept) and len(kept) > 1 else ""
    tops = listed([f"{top:,.0f}" for top in sorted({item.high for item in hit})])
    number = len(hit)
    yield Cue(
        level="warning" if number >= 0.05 * len(sample) else "note",
        subject="Saturated cells",
        text=f"{among}{cells(number)} ({share(number, len(sample))}) {has_have(number)} at least 1 % of the pixels of "
        f"a channel at the highest value ({tops}){channel}: what was brighter is cut off there.",
        action="Nothing to do if this is the background; else lower the laser power or the exposure at the next "
        "measurement, or leave the channel out.",
        files=_names(roster, [item.row for item in hit]),
        count=number,
    )


def _copies(roster: Roster, sample: Sequence[Sampled], among: str, target: str) -> Iterator[Cue]:
    groups: dict[str, list[int]] = defaultdict(list)
    for item in sample:
        if not item.flat:
            groups[item.digest].append(item.row)
    repeated = [rows for rows in groups.values() if len(rows) > 1]
    labels = roster.tags.get(target)
    torn = [rows for rows in repeated if labels is not None and len({labels[row] for row in rows} - {""}) > 1]
    if torn and labels is not None:
        number = sum(len(rows) for rows in torn)
        pairs = sorted({" / ".join(sorted({discreet(labels[row]) for row in rows} - {""})) for rows in torn})
        yield Cue(
            level="warning",
            subject="Contradictory labels",
            text=f"{among}{cells(number)} {is_are(number)} exact copies of one another but stand in different classes "
            f"({listed(pairs)}).",
            action="Decide which class is right and remove the other copies; a network cannot learn both.",
            files=_names(roster, [row for rows in torn for row in rows]),
            count=number,
        )
    spare = sum(len(rows) - 1 for rows in repeated)
    if spare:
        yield Cue(
            level="warning" if spare >= 0.01 * len(sample) else "note",
            subject="Copies",
            text=f"{among}{cells(spare)} ({share(spare, len(sample))}) {is_are(spare)} an exact copy of another one."
            if spare == 1 else
            f"{among}{cells(spare)} ({share(spare, len(sample))}) are exact copies of others.",
            action="Copies never stand in training and hold-out at once; remove them if they came in by mistake.",
            files=_names(roster, [row for rows in repeated for row in rows]),
            count=spare,
        )  # fmt: skip


def _ranges(roster: Roster, sample: Sequence[Sampled]) -> Iterator[Cue]:
    """Compare the brightest pixels of folders (or of files with many cells) that store the same type."""
    highs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for item in sample:
        entry = roster.entries[roster.entry[item.row]]
        if entry.contents.dtype.kind in "ui" and item.high == item.high:
            place = entry.source.name if len(entry.contents) > 1 else entry.source.name.rpartition("/")[0]
            highs[entry.contents.dtype.name, place].append(item.high)
    for kind in sorted({kind for kind, _ in highs}):
        tops = {place: max(found) for (of, place), found in highs.items() if of == kind and len(found) >= _FEWEST}
        if not tops:
            continue
        steps = {place: _step(top) for place, top in tops.items()}
        few, many = min(steps.values()), max(steps.values())
        if many - few < 2:
            continue
        low = sorted(place for place, step in steps.items() if step == few)
        # A camera's ceiling that is reached again and again is proof, dark images alone are not.
        ceiling = 2 ** _DEPTHS[few] - 1
        proof = sum(high == ceiling for place in low for high in highs[kind, place]) >= _FEWEST
        yield Cue(
            level="warning" if proof else "note",
            subject="Bit depth",
            text=f"In images of one type ({kind}) the values go up to {max(tops[place] for place in low):,.0f} "
            f"({_DEPTHS[few]} bits) in {listed([place or 'the input folder' for place in low], 3)}, elsewhere up to "
            f"{max(tops.values()):,.0f} ({_DEPTHS[many]} bits).",
            action="If they were exported in different ways, export them again in one way; if they are only dimmer, "
            "there is nothing to do.",
            files=low[:5],
            count=len(low),
        )


def _step(top: float) -> int:
    """Return the position of the smallest depth that holds a value."""
    return next((index for index, bits in enumerate(_DEPTHS) if top < 2**bits), len(_DEPTHS) - 1)
