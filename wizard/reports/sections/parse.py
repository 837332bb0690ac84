"""The data set in a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wizard.reports import gallery
from wizard.reports.blocks import Block, Column, Figure, Heading, Table, Text, Value
from wizard.reports.sections.common import facts
from wizard.reports.words import count, listed, percent, whole
from wizard.results import ParseResult

CELLS_EACH = 6
_SPLITS = {"train": "Training", "holdout": "Hold-out", "excluded": "Left out"}


def summary(result: ParseResult) -> str:
    """Say what was read."""
    read = f"{count(result.n_cells, 'cell')} were read from {count(result.n_files, 'file')}"
    held = result.counts.get("holdout", 0)
    share = percent(held / result.n_cells) if result.n_cells else "–"
    skipped = f" {count(result.n_skipped, 'file')} could not be used." if result.n_skipped else ""
    return (
        f"{read}, in {count(len(result.channels), 'channel')}, each placed in a frame of {_frame(result)}. "
        f"{whole(held)} cells ({share}) are held out.{skipped}"
    )


def blocks(result: ParseResult, folder: Path) -> list[Block]:
    """Return counts, split, tags, pictures and what was left out."""
    found: list[Block] = [_overview(result), *_split(result)]
    found += [Heading("Cells"), *_pictures(result, folder)] if result.gallery else []
    found.append(Heading("Channels, tags and files"))
    channels: list[list[Value]] = [[item.number, item.name] for item in result.channels]
    found.append(Table("Channels", [Column("Number on the instrument", "any"), Column("Name")], channels))
    return [*found, *_tags(result), *_skipped(result)]


def _frame(result: ParseResult) -> str:
    return f"{result.frame[0]} × {result.frame[1]} px"


def _overview(result: ParseResult) -> Table:
    return facts(
        "Data set",
        [
            ["Cells", result.n_cells],
            ["Files read", result.n_files],
            ["Files left out", result.n_skipped],
            ["Frame size", _frame(result)],
            ["Grey levels stored as", result.dtype],
            ["Cells smaller than the frame, padded", result.padded],
            ["Cells larger than the frame", result.larger],
            ["Target", result.target or "none"],
            ["Split by", result.split_by],
            ["Folder in the project", result.data_set],
        ],
    )


def _split(result: ParseResult) -> list[Block]:
    used = [name for name in [*_SPLITS, *sorted(set(result.counts) - set(_SPLITS))] if result.counts.get(name)]
    columns = [Column(result.target or "Class"), *(Column(_SPLITS.get(name, name), "whole") for name in used)]
    rows: list[list[Value]] = []
    for name, parts in result.classes.items():
        numbers = [parts.get(part, 0) for part in used]
        rows.append([name, *numbers, sum(numbers)])
    rows.append(["All", *(result.counts.get(part, 0) for part in used), result.n_cells])
    table = Table("Cells by class and part", [*columns, Column("All", "whole")], rows)
    return [table, Text(_split_in_words(result), "note" if result.group else "warning")]


def _split_in_words(result: ParseResult) -> str:
    if result.group:
        values = len(result.tags.get(result.group, {}))
        return (
            f"All cells with the same {result.group} are on one side of the split ({count(values, 'value')}), so "
            "the hold-out cells come from samples that no training sees."
        )
    return (
        "The split is by single cell: cells of the same sample are on both sides, so figures may look better "
        "than they are for a new sample."
    )


def _pictures(result: ParseResult, folder: Path) -> list[Block]:
    shown = result.gallery
    if shown is None or not shown.cells or not shown.sheets:
        return []
    caption = (
        f"Up to {CELLS_EACH} cells of each class; a row is one cell, a column one channel ({listed(shown.sheets)}). "
        "The contrast of a channel is the same for all cells."
    )
    draw = partial(gallery.paint, shown, folder, CELLS_EACH, "spread")
    return [Figure(folder / "gallery.png", "Cells by class", caption, draw)]


def _tags(result: ParseResult) -> list[Block]:
    rows: list[list[Value]] = [
        [tag, value, number] for tag, values in result.tags.items() for value, number in values.items()
    ]
    columns = [Column("Tag"), Column("Value"), Column("Cells", "whole")]
    note = f"Tags that can be a target: {listed(result.targets)}." if result.targets else ""
    return [Table("Tags", columns, rows, note, sheet="Tags", shown=40)] if rows else []


def _skipped(result: ParseResult) -> list[Block]:
    if not result.skipped:
        return []
    rows = [[item.file, item.why] for item in result.skipped]
    more = result.n_skipped - len(rows)
    note = f"{count(more, 'further file')} were left out and are not listed." if more > 0 else ""
    columns = [Column("File"), Column("Why")]
    return [Table("Files left out", columns, rows, note, sheet="Files left out", shown=30)]
