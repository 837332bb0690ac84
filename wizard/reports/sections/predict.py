"""The predictions in a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wizard.reports import charts, gallery, tables
from wizard.reports.blocks import Block, Column, Figure, Heading, Stream, Table, Text, Value
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, percent, whole
from wizard.results import PredictResult

_CELLS_EACH = 6
_SHOWN = 20


def summary(result: PredictResult) -> str:
    """Say how many cells were predicted and how many call for a look."""
    share = percent(result.n_unsure / result.n_cells) if result.n_cells else "–"
    return (
        f"The class of {count(result.n_cells, 'cell')} was predicted; {whole(result.n_unsure)} ({share}) are unsure "
        f"and {whole(result.n_unfamiliar)} are unlike the training cells."
    )


def blocks(result: PredictResult, folder: Path) -> list[Block]:
    """Return counts per class, what the marks mean, pictures and the whole table."""
    path = folder / "predictions.csv"
    table = tables.CellTable(path, result.classes) if path.is_file() else None
    tally = tables.tally(table) if table else tables.Tally()
    found: list[Block] = [
        _overview(result),
        *_marks(result),
        Heading("Classes"),
        _counts(result, tally),
        *_bars(result, folder),
    ]
    found += _pictures(result, folder)
    if table and tally.rows:
        found.append(Heading("Cell by cell"))
        note = "One row per cell; p_… is the probability of a class after calibration."
        rows = Stream(tally.rows, table.rows)
        found.append(Table("Predictions", table.columns, rows, note, sheet="Predictions", shown=_SHOWN))
    return found


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
    found: list[Block] = [Text(
        f"Unsure: the most probable class has a probability below {result.threshold:g}. Unfamiliar: the cell differs "
        "more from all classes than 99 % of the validation cells did; its class should not be relied on. Counts "
        "include both kinds and are not corrected for wrong predictions.",
        "note",
    )]  # fmt: skip
    if result.n_cells and result.n_unfamiliar > 0.05 * result.n_cells:
        found.append(Text(
            f"{percent(result.n_unfamiliar / result.n_cells)} of the cells are unlike the training cells (about 1 % "
            "is usual): another sample type, staining or instrument setting is likely, and these predictions "
            "should be checked on labelled cells first.", "warning",
        ))  # fmt: skip
    return found


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
