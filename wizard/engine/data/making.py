"""Makes a data set from a roster: images first, then the tables, then the move to its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from wizard import fileio
from wizard.engine.data import assemble, build, checks
from wizard.engine.data.channels import numbers_to_read
from wizard.engine.data.dataset import DataSet
from wizard.engine.data.division import Division
from wizard.engine.data.frames import Framing, Size, fitting_frame, fitting_square
from wizard.engine.data.gather import Gathered
from wizard.engine.data.roster import Roster
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.readers.base import readable
from wizard.frame_size import FITTED
from wizard.parse_plan import ParsePlan
from wizard.results import Channel, Skipped


@dataclass
class Made:
    """A data set that has its images but not yet its tables, in a folder beside its place."""

    place: Path
    folder: Path
    job: build.Job
    roster: Roster
    written: build.Written
    table: assemble.Columns
    figures: dict[str, Any]
    tags: list[str]
    sources: list[dict[str, Any]]
    added: int
    pixel_size: float
    facts: dict[str, str]

    @property
    def values(self) -> dict[str, list[str]]:
        """Tag → value of every cell."""
        return {name: self.table[name] for name in self.tags}

    @property
    def keys(self) -> list[str]:
        """A stable name of every cell."""
        return [f"{source}/{number}" for source, number in zip(self.table["source"], self.table["object"], strict=True)]

    def keeping(self) -> build.Keeping:
        """Guard the folder: what a kill leaves is kept for the next run, a cancel or a refusal drops it."""
        return build.Keeping(self.folder)

    def save(self, plan: ParsePlan, division: Division, **extra: Any) -> None:
        """Write the tables."""
        self.table["split"] = division.split.tolist()
        if division.fold is not None:
            self.table["fold"] = division.fold.tolist()
        extra |= {"pixel_size": self.pixel_size, "facts": self.facts}
        extra |= {"group": division.group, "split_by": division.words, "sources": self.sources,
                  "tag_values": counts(self.table, self.tags)}  # fmt: skip
        about = assemble.info(self.job, self.table, self.tags, plan, extra)
        assemble.write_tables(self.folder, self.table, self.figures, about)

    def put_in_place(self) -> None:
        """Let the new data set take the place of the old one."""
        fileio.swap_folder(self.folder, self.place)


def make(
    plan: ParsePlan, gathered: Gathered, kept: list[Channel], frame: Size | None, place: Path, before: DataSet | None,
    tell: Tell, bar: tuple[float, float],
) -> Made:  # fmt: skip
    """Read and frame all cells into a folder beside `place`, behind those of `before`.

    A `frame` of None is that of `before`, else it is fitted as the plan says.
    """
    roster = _with_channels(gathered, kept, plan.colour)
    if before is not None:
        roster = _new_ones(roster, before)
        frame = frame or before.frame
    job = build.Job(
        folder=place, roster=roster, channels=kept, framing=_framing(plan, roster, frame), colour=plan.colour,
        dtype=_dtype(roster) if before is None else np.dtype(before.info["dtype"]), masks=_has_masks(roster),
        start=0 if before is None else len(before),
    )  # fmt: skip
    if before is not None:
        assemble.check_same(before, job, plan)
    more = [frame, [channel.model_dump() for channel in kept], before.info["fingerprint"] if before else ""]
    job = replace(job, folder=build.prepare_folder(place, assemble.key_of(roster, plan, more)))
    with build.Keeping(job.folder):
        if before is not None:
            assemble.take_over(before, job.folder)
        written = build.write_images(job, tell.part(*bar), tell.should_stop)
        _report_lost(gathered, roster, written)
        if not written.rows and before is None:
            raise _nothing_read(gathered.skipped)
    roster = _with_used_tags(roster.select(np.asarray(written.rows, np.int64)))
    table = assemble.columns(roster, written, job.framing.size, plan.scale)
    figures = assemble.measurements(roster, table["cell_id"])
    made = Made(place, job.folder, job, roster, written, table, figures, list(roster.tags),
                 assemble.sources(roster, written), 0, gathered.pixel_size, gathered.facts)  # fmt: skip
    if before is not None:
        _join(made, before)
    return made


def _join(made: Made, before: DataSet) -> None:
    """Put the cells that were there before in front of the new ones."""
    made.added = len(made.table["cell_id"])
    old = {name: values.tolist() for name, values in before.cells.items() if name not in ("split", "fold")}
    made.tags = list(dict.fromkeys((*before.tags, *made.tags)))
    made.table = assemble.join_columns(old, made.table, dict.fromkeys(made.tags, ""))
    figures = {name: values.tolist() for name, values in before.measurements().items()}
    if figures or made.figures:
        ids = {"cell_id": old["cell_id"]}, {"cell_id": made.table["cell_id"][len(before) :]}
        made.figures = assemble.join_columns(ids[0] | figures, ids[1] | made.figures, {})
    made.sources = [*before.info["sources"], *made.sources]


def _new_ones(roster: Roster, before: DataSet) -> Roster:
    """Leave out the cells that are in the data set already."""
    known = set(before.cells["cell_id"].tolist())
    fresh = np.array([name not in known for name in roster.cell_ids()], bool)
    if not fresh.any():
        raise UserError(
            "No cell is new.", f"All {len(fresh)} cells are in the data set {before.path.stem} already.",
            "Choose other images, or switch off adding to the data set.",
        )  # fmt: skip
    return roster.select(fresh)


def _with_channels(gathered: Gathered, kept: Sequence[Channel], colour: str) -> Roster:
    """Leave out the sources that lack a channel, with the reason."""
    roster = gathered.roster
    fits = np.ones(len(roster.entries), bool)
    for index in np.unique(roster.entry).tolist():
        entry = roster.entries[index]
        if numbers_to_read(entry.contents.channels, kept, colour) is None:
            fits[index] = False
            has = {(channel.name, channel.number) for channel in entry.contents.channels}
            missing = [channel.name for channel in kept if (channel.name, channel.number) not in has]
            why = f"Channel {', '.join(missing)} is missing."
            gathered.skipped.append(Skipped(file=readable(entry.source.files[0]), why=why))
    roster = roster.select(fits[roster.entry])
    if not len(roster):
        raise _nothing_read(gathered.skipped)
    return roster


def _with_used_tags(roster: Roster) -> Roster:
    """Drop the tags that none of the cells has any more."""
    used = {name: values for name, values in roster.tags.items() if (values != "").any()}
    return replace(roster, tags=used)


def _framing(plan: ParsePlan, roster: Roster, frame: Size | None) -> Framing:
    if frame is None:
        fit = fitting_frame if plan.frame == FITTED else fitting_square
        frame = fit(checks.sides(roster, plan.centre, plan.scale))
    # Colour was converted while reading.
    return Framing.of(plan.model_dump() | {"colour": "stored"}, frame)


def _dtype(roster: Roster) -> np.dtype[Any]:
    kinds = {entry.contents.dtype for entry in roster.used}
    dtype = np.result_type(*kinds)
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    return np.dtype(np.float32) if dtype.kind == "f" or dtype.itemsize > 4 else dtype


def _has_masks(roster: Roster) -> bool:
    return any(entry.contents.masks for entry in roster.used)


def _report_lost(gathered: Gathered, roster: Roster, written: build.Written) -> None:
    for row, why in written.lost:
        entry = roster.entries[roster.entry[row]]
        one = len(entry.contents) == 1
        number = int(entry.contents.objects[roster.pick[row]])
        text = why if one else f"Cell {number}: {why}"
        gathered.skipped.append(Skipped(file=readable(entry.source.files[0]), why=text))


def _nothing_read(skipped: Sequence[Skipped]) -> UserError:
    first = skipped[0]
    return UserError(
        "No cell could be read.",
        f"The first that failed is {Path(first.file).name}: {first.why}",
        "Check the files, or the choice of channels.",
    )


def counts(table: assemble.Columns, tags: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return tag → value → number of cells, values in alphabetical order."""
    return {name: dict(sorted(Counter(table[name]).items())) for name in tags}
