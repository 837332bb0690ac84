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
    channels: list[list[Value]] = [[item.number, item.name, item.label] for item in result.channels]
    columns = [Column("Number on the instrument", "any"), Column("Name"), Column("Called")]
    found.append(Table("Channels", columns, channels))
    return [*found, *_instrument(result), *_tags(result), *_cues(result), *_skipped(result)]


def _frame(result: ParseResult) -> str:
    return f"{result.frame[1]} × {result.frame[0]} px"


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
            *_extras(result),
            ["Target", result.target or "none"],
            ["Split by", result.split_by],
            ["Folder in the project", result.data_set],
        ],
    )


def _extras(result: ParseResult) -> list[list[Value]]:
    """Return the lines that say something only for some data sets."""
    lines: list[tuple[bool, list[Value]]] = [
        (bool(result.formats), ["Formats", ", ".join(f"{name}: {whole(n)}" for name, n in result.formats.items())]),
        (result.masks, ["Masks", "stored beside the images"]),
        (result.pixel_size > 0, ["Pixel size", f"{result.pixel_size:g} µm"]),
        (result.n_measurements > 0, ["Measurements of the instrument", result.n_measurements]),
        (result.added > 0, ["Cells added to those that were there", result.added]),
        (result.capped > 0, ["Cells left out by the cap per class", result.capped]),
        (result.excluded_by_tag > 0, ["Cells left out by the tag rules", result.excluded_by_tag]),
        (result.folds > 0, ["Folds", ", ".join(whole(each) for each in result.fold_counts) + " cells"]),
        (result.montages > 0, ["Montage sheets", result.montages]),
    ]
    return [line for shown, line in lines if shown]


def _instrument(result: ParseResult) -> list[Block]:
    rows: list[list[Value]] = [[title, text] for title, text in result.facts.items()]
    return [facts("What the files say of themselves", rows)] if rows else []


def _cues(result: ParseResult) -> list[Block]:
    if not result.cues:
        return []
    words = {"problem": "Problem", "warning": "Warning", "note": "Note"}
    rows: list[list[Value]] = [[words[cue.level], cue.subject, cue.text, cue.action] for cue in result.cues]
    columns = [Column("Level"), Column("About"), Column("What was found"), Column("What to do")]
    return [Table("Check of the images", columns, rows, sheet="Check", shown=30)]


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
