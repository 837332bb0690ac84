"""The predictions in a report."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path

from wizard.reports import charts, gallery, tables
from wizard.reports.blocks import Block, Column, Figure, Heading, Stream, Table, Text, Value
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, percent, shorten, whole
from wizard.results import PredictResult

_CELLS_EACH = 6
_SHOWN = 20
_MOST_ROWS = 200_000
"""Cells that the workbook lists unless all were asked for: so many take some ten seconds to write."""
_MOST_MAPS = 4


def summary(result: PredictResult) -> str:
    """Say how many cells were predicted and how many call for a look."""
    share = percent(result.n_unsure / result.n_cells) if result.n_cells else "–"
    return (
        f"The class of {count(result.n_cells, 'cell')} was predicted; {whole(result.n_unsure)} ({share}) are unsure "
        f"and {whole(result.n_unfamiliar)} are unlike the training cells."
    )


def blocks(result: PredictResult, folder: Path) -> list[Block]:
    """Return shares per class, what the marks mean, samples, pictures, class maps and the whole table."""
    path = folder / "predictions.csv"
    table = tables.CellTable(path, result.classes) if path.is_file() else None
    tally = tables.tally(table) if table and not result.shares else tables.Tally(result.n_cells)
    found: list[Block] = [
        _overview(result),
        *_marks(result),
        Heading("Classes"),
        *(_shares(result) if result.shares else [_counts(result, tally)]),
        *_bars(result, folder),
        *_samples(result),
    ]
    found += _pictures(result, folder)
    found += _maps(result, folder)
    if table and tally.rows:
        found.append(Heading("Cell by cell"))
        found.append(_table(result, table, tally.rows))
    return found


def _table(result: PredictResult, table: tables.CellTable, number: int) -> Table:
    note = "One row per cell; p_… is the probability of a class after calibration."
    if number <= _MOST_ROWS or result.whole_workbook:
        return Table("Predictions", table.columns, Stream(number, table.rows), note, sheet="Predictions", shown=_SHOWN)
    note += (
        f" The workbook holds the first {_MOST_ROWS:,} of {number:,} cells; predictions.csv and predictions.parquet "
        "hold all. Choose Excel among the outputs of Predict to have all of them here."
    )
    rows = Stream(_MOST_ROWS, lambda: islice(table.rows(), _MOST_ROWS))
    return Table("Predictions", table.columns, rows, note, sheet="Predictions", shown=_SHOWN)


def _overview(result: PredictResult) -> Table:
    return facts(
        "What was predicted",
        [
            ["Model", model_name(result.model)],
            ["Which cells", result.data],
            ["Cells", result.n_cells],
            ["Unsure cells", result.n_unsure],
            ["Cells unlike the training cells", result.n_unfamiliar],
            ["Unsure below a probability of", float(result.threshold)],
            ["Computed with", result.engine],
            ["Speed, images per second", round(result.images_per_second, 1) or None],
        ],
    )


def _marks(result: PredictResult) -> list[Block]:
    usual = result.false_alarms if result.false_alarms is not None else 0.01
    unsure = f"Unsure: the most probable class has a probability below {result.threshold:.3g}."
    if result.limit is not None:
        unsure = f"Unsure cells. {result.limit.words} {result.limit.why}".rstrip()
    found: list[Block] = [Text(
        f"{unsure} Unfamiliar: the cell differs more from all classes than {percent(1 - usual)} of the validation "
        "cells did; its class should not be relied on. Counts include both kinds.",
        "note",
    )]  # fmt: skip
    if result.n_cells and result.n_unfamiliar > max(0.05, 5 * usual) * result.n_cells:
        found.append(Text(
            f"{percent(result.n_unfamiliar / result.n_cells)} of the cells are unlike the training cells (about "
            f"{percent(usual)} is usual): another sample type, staining or instrument setting is likely, and these "
            "predictions should be checked on labelled cells first.", "warning",
        ))  # fmt: skip
    return found


def _shares(result: PredictResult) -> list[Block]:
    """Return the table of shares with intervals, and what they rest on."""
    rows: list[list[Value]] = []
    better = not result.uncorrected
    for name, one in result.shares.items():
        row: list[Value] = [name, one.cells, one.share.value, one.share.low, one.share.high]
        if better:
            row += [one.corrected.value, one.corrected.low, one.corrected.high] if one.corrected else [None] * 3
        rows.append([*row, one.unsure, one.unfamiliar, one.confidence])
    columns = [Column("Predicted class"), Column("Cells", "whole"), Column("Share", "percent"),
               Column("from", "percent"), Column("to", "percent")]  # fmt: skip
    if better:
        columns += [Column("Corrected share", "percent"), Column("from", "percent"), Column("to", "percent")]
    columns += [Column("Unsure", "whole"), Column("Unfamiliar", "whole"), Column("Mean probability", "number")]
    words = f"From and to: 95 % interval, over {result.intervals_over}."
    if better:
        words += (
            " Corrected: the shares that explain these predictions best, given how often the model mistook one class "
            "for another on its validation cells; their intervals count in how many cells these were. They hold if "
            "the cells are as well recognised as those."
        )
    else:
        words += f" The shares are not corrected for wrong predictions: {result.uncorrected}."
    return [Table("Cells per predicted class", columns, rows, words)]


def _samples(result: PredictResult) -> list[Block]:
    if not result.samples:
        return []
    names = result.classes
    better = any(row.corrected for row in result.samples)
    columns = [Column("Tag"), Column("Value"), Column("Cells", "whole"), Column("Unsure", "whole"),
               Column("Unfamiliar", "whole")]  # fmt: skip
    columns += [Column(f"{name}, share", "percent") for name in names]
    columns += [Column(f"{name}, corrected", "percent") for name in names] if better else []
    rows: list[list[Value]] = []
    for row in result.samples:
        line: list[Value] = [row.tag, row.value, row.cells, row.unsure, row.unfamiliar]
        line += [row.counts.get(name, 0) / row.cells if row.cells else None for name in names]
        rows.append(line + ([row.corrected.get(name) for name in names] if better else []))
    note = "One row per value of each tag that may stand for samples. samples.csv also holds counts and intervals."
    return [Heading("Samples"), Table("Cells per sample", columns, rows, note, sheet="Samples", shown=_SHOWN)]


def _maps(result: PredictResult, folder: Path) -> list[Block]:
    found: list[Block] = []
    for name, file in islice(result.maps.items(), _MOST_MAPS):
        if (folder / file).is_file():
            title = f"Class map of {shorten(name, 60)}"
            found.append(Figure(folder / file, title, "Predicted class of every cell where it lies in the picture."))
    if len(result.maps) > _MOST_MAPS:
        found.append(Text(f"The folder maps holds the other {len(result.maps) - _MOST_MAPS} class maps.", "note"))
    return [Heading("Class maps"), *found] if found else []


def _counts(result: PredictResult, tally: tables.Tally) -> Table:
    rows: list[list[Value]] = []
    for name, number in result.counts.items():
        share = number / result.n_cells if result.n_cells else None
        one = tally.classes.get(name)
        marks: list[Value] = [one.unsure, one.unfamiliar, one.mean_confidence] if one else [None, None, None]
        rows.append([name, number, share, *marks])
    rows.append(["All", result.n_cells, 1.0 if result.n_cells else None, result.n_unsure, result.n_unfamiliar, None])
    columns = [
        Column("Predicted class"), Column("Cells", "whole"), Column("Share", "percent"), Column("Unsure", "whole"),
        Column("Unfamiliar", "whole"), Column("Mean probability", "number"),
    ]  # fmt: skip
    return Table("Cells per predicted class", columns, rows)


def _bars(result: PredictResult, folder: Path) -> list[Block]:
    if not result.counts:
        return []
    caption = "Number and share of the cells per predicted class, unsure and unfamiliar cells included."
    draw = partial(charts.counts, "Cells", "Predicted class", result.counts)
    return [Figure(folder / "predicted.png", "Predicted classes", caption, draw)]


def _pictures(result: PredictResult, folder: Path) -> list[Block]:
    shown = result.gallery
    if shown is None or not shown.cells or not shown.sheets:
        return []
    caption = (
        f"Up to {_CELLS_EACH} cells of each predicted class; a row is one cell, a column one channel. "
        "The percentage is the probability of the predicted class."
    )
    draw = partial(gallery.paint, shown, folder, _CELLS_EACH, "spread")
    return [Figure(folder / "predicted_cells.png", "Cells by predicted class", caption, draw)]
