"""From input folders to the table of all cells: claimed, checked, cut, tagged, thinned out; no image is decoded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data import tables, tag_rules
from wizard.engine.data import tags as folder_tags
from wizard.engine.data.discover import discover
from wizard.engine.data.roster import Entry, Roster
from wizard.engine.data.tag_rules import RESERVED
from wizard.engine.data.threads import side_by_side, workers
from wizard.engine.errors import UserError
from wizard.engine.readers import Reader, Source
from wizard.engine.readers.base import Reading, Unreadable, readable
from wizard.engine.readers.cutting import Cutting, cut, cutting_of
from wizard.parse_plan import ParsePlan
from wizard.results import Cue, Skipped

Report = Callable[[float, str], None]
LONGEST_CELL, LONGEST_PICTURE = 4096, 65535
"""Pixels along a side: of an image that holds one cell, of one that is cut."""


@dataclass
class Gathered:
    """The cells of the input before any of them is decoded."""

    roster: Roster
    raw_tags: dict[str, dict[str, int]] = field(default_factory=dict)
    """Tag → value → number of cells, before the rules of the plan."""
    raw_origins: dict[str, str] = field(default_factory=dict)
    """Raw tag → where it comes from, in words."""
    skipped: list[Skipped] = field(default_factory=list)
    n_files: int = 0
    other: Counter[str] = field(default_factory=Counter)
    capped: int = 0
    excluded: int = 0
    cues: list[Cue] = field(default_factory=list)
    populations: dict[str, int] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    pixel_size: float = 0.0


def gather(
    plan: ParsePlan, report: Report, target: str = "auto", lenient: bool = False, corrections: Path | None = None
) -> Gathered:
    """Find all cells of `plan.input` with their tags, and apply the tag rules and the cap per class.

    `lenient` passes over renaming rules whose new name the cells have already: they are a model's rules.
    `corrections` is the project's own table of tags given by hand, which is joined after the label table.

    Raises UserError when there is no image, or a rule or the label table cannot be used.
    """
    how = _reading(plan)
    report(0.0, "Looking for images")
    cutting = cutting_of(plan)
    found = discover(plan.input, how, _marks(cutting, plan.input) if cutting else ())
    gathered = Gathered(Roster.of([]), skipped=list(found.skipped), n_files=found.n_files, other=found.other)
    rules = tag_rules.Rules.of(plan.rename, plan.merge, plan.exclude)
    entries = _entries(found.sources, how, gathered, report)
    if cutting:
        entries = list(_cut(entries, cutting, gathered))
    roster = gathered.roster = Roster.of(entries)
    if not len(roster):
        raise _no_cells(gathered)
    _tag(roster, found.base, plan)
    for table in _tables(plan, corrections):
        gathered.cues += tables.join(table, roster)
    gathered.raw_tags = roster.counts()
    gathered.raw_origins = dict(roster.origins)
    if lenient:
        rules = replace(rules, rename={tag: new for tag, new in rules.rename.items() if new not in roster.tags})
    _apply(rules, gathered)
    _cap(plan, gathered, target)
    _describe(gathered)
    return gathered


def _tables(plan: ParsePlan, corrections: Path | None) -> list[tables.LabelTable]:
    """Read the label table and then the project's corrections, where there are any."""
    found = []
    path = Path(plan.table).expanduser() if plan.table else None
    if path is not None:
        found.append(tables.read_table(path, plan.table_file, plan.table_object))
    if corrections is not None and corrections.is_file() and (path is None or path.resolve() != corrections.resolve()):
        found.append(tables.read_table(corrections))
    return found


def _marks(cutting: Cutting, inputs: Sequence[str]) -> set[Path]:
    """Return the files with marks that lie among the pictures; where they share one folder with them, names decide."""
    roots = [Path(item).expanduser().resolve() for item in inputs]
    apart = [mark.resolve() for mark in cutting.marks]
    apart = [mark for mark in apart if mark.is_file() or not any(root.is_relative_to(mark) for root in roots)]
    if not apart:
        return set()
    files = (path.resolve() for path in cutting.found.files)
    return {path for path in files if any(path.is_relative_to(mark) for mark in apart)}


def _reading(plan: ParsePlan) -> Reading:
    populations = tuple(name.strip() for name in plan.populations.split(",") if name.strip())
    return Reading(plan.pages, populations, LONGEST_CELL if plan.cut == "no" else LONGEST_PICTURE)


def _entries(sources: Sequence[tuple[Reader, Source]], how: Reading, gathered: Gathered, report: Report) -> list[Entry]:
    """Check all sources, some at a time; those that cannot be read go to `skipped`."""

    def check(part: Sequence[tuple[Reader, Source]]) -> list[Entry | Skipped]:
        return [_check(reader, source, how) for reader, source in part]

    size = max(1, min(64, len(sources) // (4 * workers()) or 1))
    parts = [sources[start : start + size] for start in range(0, len(sources), size)]
    entries: list[Entry] = []
    done = 0
    for answers in side_by_side(check, parts):
        for answer in answers:
            if isinstance(answer, Skipped):
                gathered.skipped.append(answer)
            else:
                entries.append(answer)
        done += len(answers)
        report(done / len(sources), f"Looking at file {done:,} of {len(sources):,}")
    return entries


def _check(reader: Reader, source: Source, how: Reading) -> Entry | Skipped:
    try:
        contents = reader.check(source, how)
    except Unreadable as error:
        return Skipped(file=readable(source.files[0]), why=str(error))
    if not len(contents):
        return Skipped(file=readable(source.files[0]), why="It holds no cell.")
    return Entry(reader, source, contents)


def _cut(entries: Sequence[Entry], cutting: Cutting, gathered: Gathered) -> Iterator[Entry]:
    for entry in entries:
        try:
            made = cut(entry, cutting)
        except Unreadable as error:
            gathered.skipped.append(Skipped(file=readable(entry.source.files[0]), why=str(error)))
            continue
        if len(made.contents):
            yield made
        else:
            gathered.cues += made.contents.cues


def _no_cells(gathered: Gathered) -> UserError:
    if not gathered.skipped:
        return UserError("No cell was found.", "", "Check the files, or how large pictures are cut.")
    first = gathered.skipped[0]
    return UserError(
        "No cell could be read.",
        f"{len(gathered.skipped)} files failed; the first is {Path(first.file).name}: {first.why}",
        "Check the files, or the choice of channels.",
    )


def _tag(roster: Roster, base: Path, plan: ParsePlan) -> None:
    """Give every cell the tags of its folders, its file and its source, weak to strong."""
    levels = [_levels(entry.source, base) for entry in roster.entries]
    rows = folder_tags.tags_of(levels)
    for name in sorted({name for row in rows for name in row}):
        roster.tags[_allowed(name)] = roster.of_entries([row.get(name, "") for row in rows])
        roster.origins[_allowed(name)] = "folder names"
    if plan.cut == "no" and any(len(entry.contents) > 1 for entry in roster.entries):
        roster.tags.setdefault("file", roster.of_entries([_stem(entry.source.name) for entry in roster.entries]))
        roster.origins.setdefault("file", "file names")
    for name in dict.fromkeys(name for entry in roster.entries for name in entry.contents.tags):
        own = roster.gather([_texts(entry, name) for entry in roster.entries])
        before = roster.tags.get(_allowed(name))
        roster.tags[_allowed(name)] = own if before is None else np.where(own == "", before, own)
        roster.origins[_allowed(name)] = "the files themselves"


def _levels(source: Source, base: Path) -> list[str]:
    folder = source.files[0].parent
    return [readable(part) for part in folder.relative_to(base).parts] if folder.is_relative_to(base) else []


def _stem(name: str) -> str:
    path = Path(name)
    return path.name.split(".")[0] or path.name


def _texts(entry: Entry, name: str) -> NDArray[np.object_]:
    found = entry.contents.tags.get(name)
    return np.full(len(entry.contents), "", object) if found is None else np.asarray(found, dtype=object)


def _allowed(name: str) -> str:
    return f"{name}_tag" if name.casefold() in RESERVED else name


def _apply(rules: tag_rules.Rules, gathered: Gathered) -> None:
    roster = gathered.roster
    answer = tag_rules.apply(rules, cast("dict[str, Sequence[str]]", roster.tags))
    roster.tags = {name: np.asarray(values, dtype=object) for name, values in answer.tags.items()}
    roster.origins = {name: roster.origins.get(answer.was.get(name, name), "") for name in roster.tags}
    gathered.cues += answer.cues
    keep = np.asarray(answer.keep, bool) if answer.keep else np.ones(len(roster), bool)
    gathered.excluded = int((~keep).sum())
    if not keep.any():
        raise UserError("No cell is left.", "The tag rules exclude all of them.", "Change parse.exclude.")
    gathered.roster = roster.select(keep)


def _cap(plan: ParsePlan, gathered: Gathered, target: str) -> None:
    """Thin out classes above the cap; which cells stay depends on the seed and their names only."""
    if not plan.cap:
        return
    roster = gathered.roster
    name = folder_tags.choose_target(roster.counts(), target)
    if name not in roster.tags:
        return
    labels = roster.tags[name].astype(str)
    sources, objects = roster.sources.astype(str), roster.column("objects")
    keep = np.ones(len(roster), bool)
    rng = np.random.default_rng(plan.seed)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) > plan.cap:
            members = members[np.lexsort((objects[members], sources[members]))]
            keep[rng.permutation(members)[plan.cap :]] = False
    gathered.capped = int((~keep).sum())
    gathered.roster = roster.select(keep)


def _describe(gathered: Gathered) -> None:
    """Collect what the files say of themselves, and how many cells each population holds."""
    entries = gathered.roster.used
    for entry in entries:
        for title, text in entry.contents.facts.items():
            known = gathered.facts.setdefault(title, text)
            if known != text and not known.endswith("…"):
                gathered.facts[title] = f"{known}, …"
    sizes = {round(entry.contents.pixel_size, 4) for entry in entries if entry.contents.pixel_size}
    gathered.pixel_size = sizes.pop() if len(sizes) == 1 else 0.0
    if "population" in gathered.raw_tags:
        gathered.populations = {name: count for name, count in gathered.raw_tags["population"].items() if name}
