"""The honest figures in a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wizard.reports import charts, confusion, gallery, tables
from wizard.reports.blocks import Block, Column, Figure, Heading, Stream, Table, Text, Value
from wizard.reports.sections import evaluate_more as more
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, listed, whole, with_interval
from wizard.results import Estimate, EvaluateResult

_UNBALANCED = 3.0
_FEW_CELLS = 20
_WRONG_EACH = 5
_SHOWN = 20


def summary(result: EvaluateResult) -> str:
    """Say on what the model was judged and how well it did."""
    groups = f" from {count(result.n_groups, 'group')}" if result.n_groups else ""
    return (
        f"The model was judged on {count(result.n_cells, 'cell')}{groups}: balanced accuracy "
        f"{with_interval(result.balanced_accuracy)}, accuracy {with_interval(result.accuracy)}."
    )


def headline(result: EvaluateResult) -> Table:
    """Return the main figures with intervals and the counts that they rest on."""
    figures = {
        "Balanced accuracy (mean recall of the classes)": result.balanced_accuracy,
        "Accuracy": result.accuracy,
        "Macro F1": result.macro_f1,
        "F1 weighted by the cells of each class": result.weighted_f1,
        "Matthews correlation coefficient (-1 to 1)": result.mcc,
    }
    rows: list[list[Value]] = [
        [title, *_estimate(figure), result.n_cells, result.n_groups or None]
        for title, figure in figures.items()
        if figure is not None
    ]
    common = _most_common(result)
    if common is not None:
        rows.append([f"For comparison: accuracy of always saying {common[0]}", common[1], None, None,
                     result.n_cells, result.n_groups or None])  # fmt: skip
    columns = [
        Column("Figure"), Column("Value", "number"), Column("95 % from", "number"), Column("95 % to", "number"),
        Column("Cells", "whole"), Column("Groups", "whole"),
    ]  # fmt: skip
    return Table("Headline figures", columns, rows, _interval_in_words(result))


def limits(result: EvaluateResult) -> list[Block]:
    """Return the sentences that a reader must know before using the figures."""
    said: list[str] = []
    if result.interval_by == "cell" and result.n_groups != 1:
        said.append(
            "The intervals treat every cell as independent; cells of one sample resemble each other, so the true "
            "uncertainty is larger."
        )
    if result.split_by == "cell":
        said.append("Training and hold-out cells come from the same samples; a new sample may give lower figures.")
    return [Text(text, "warning") for text in [*said, *_support_in_words(result)]]


def blocks(result: EvaluateResult, folder: Path) -> list[Block]:
    """Return figures, confusion matrix, curves, calibration, tags, comparisons, wrong and suspect cells, and limits."""
    found: list[Block] = [headline(result), *limits(result), _overview(result), *more.leakage(result)]
    found += [Heading("Which classes are confused"), *_matrix_figure(result, folder), *_matrix_tables(result)]
    found += [Heading("Class by class"), _per_class(result), *_recall_figure(result, folder)]
    found += [*more.curves(result, folder), *more.calibration(result, folder), *more.tags(result, folder)]
    found += [*more.thresholds(folder), *more.order(result), *more.rival(result)]
    found += [Heading("Cell by cell"), *_wrong(result, folder), *_cells(result, folder)]
    return [*found, *more.suspects(result, folder)]


def _estimate(figure: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (figure.value, figure.low, figure.high) if figure else (None, None, None)


def _support(result: EvaluateResult) -> dict[str, int]:
    return {name: figures.support for name, figures in result.per_class.items()}


def _most_common(result: EvaluateResult) -> tuple[str, float] | None:
    support = _support(result)
    if not support or not sum(support.values()):
        return None
    name = max(support, key=lambda one: support[one])
    return name, support[name] / sum(support.values())


def _interval_in_words(result: EvaluateResult) -> str:
    if not result.interval_by:
        return ""
    rounds = result.settings.get("bootstrap")
    drawn = "whole groups" if result.interval_by == "group" else "single cells"
    often = f"{whole(rounds)} times" if isinstance(rounds, int) else "many times"
    alone = (
        " All cells come from one group, so nothing is known about other samples: the intervals tell only how much "
        "the figures vary between cells of this one."
    )
    text = f"The 95 % intervals come from a bootstrap: {drawn} were drawn anew {often}."
    return text + (alone if result.n_groups == 1 else "")


def _support_in_words(result: EvaluateResult) -> list[str]:
    support = {name: number for name, number in _support(result).items() if number}
    said = []
    if len(support) > 1 and max(support.values()) >= _UNBALANCED * min(support.values()):
        said.append(
            f"The target is unbalanced ({whole(min(support.values()))} to {whole(max(support.values()))} cells per "
            "class): read the balanced accuracy, in which every class counts the same, before the accuracy."
        )
    few = [name for name, number in support.items() if number < _FEW_CELLS]
    if few:
        said.append(f"Fewer than {_FEW_CELLS} cells of {listed(few)}: the figures of these classes are rough.")
    return said


def _overview(result: EvaluateResult) -> Table:
    return facts(
        "What was judged",
        [
            ["Model", model_name(result.model)],
            ["Which cells", result.data],
            ["Cells", result.n_cells],
            ["Groups", result.n_groups or "none"],
            ["Cells were split by", result.split_by],
            ["Intervals were drawn over", {"group": "groups", "cell": "single cells"}.get(result.interval_by, "")],
            ["Expected calibration error (0 is best)", round(result.ece, 3) if result.ece is not None else None],
            [
                "The same without temperature scaling",
                round(result.ece_before, 3) if result.ece_before is not None else None,
            ],
            ["Computed with", result.engine],
            ["Speed, images per second", round(result.images_per_second, 1) or None],
        ],
    )


def _per_class(result: EvaluateResult) -> Table:
    figures = {
        "recall": "Recall", "precision": "Precision", "specificity": "Specificity", "f1": "F1", "auc": "AUC",
        "ap": "Average precision",
    }  # fmt: skip
    rows: list[list[Value]] = []
    for name, one in result.per_class.items():
        intervals = {"recall": result.recall_intervals.get(name)} | result.class_intervals.get(name, {})
        row: list[Value] = [name, one.support]
        for figure in figures:
            _value, low, high = _estimate(intervals.get(figure))
            row += [getattr(one, figure), low, high]
        rows.append(row)
    numbers = [title for name in figures.values() for title in (name, f"{name} 95 % from", f"{name} 95 % to")]
    columns = [Column("Class"), Column("Cells", "whole"), *(Column(title, "number") for title in numbers)]
    note = (
        "Recall: share of the cells of a class that were found. Precision: share of the cells given a class that "
        "belong to it. Specificity: share of the other cells that were not given the class. AUC: how well the "
        "probability ranks cells of the class before the others (0.5 is chance). Average precision: mean precision "
        "over all recalls (chance is the class's share of the cells)."
    )
    return Table("Figures per class", columns, rows, note, sheet="Figures per class")


def _recall_figure(result: EvaluateResult, folder: Path) -> list[Block]:
    if not result.per_class:
        return []
    estimates, notes = {}, {}
    for name, one in result.per_class.items():
        estimates[name] = result.recall_intervals.get(name) or Estimate(value=one.recall, low=None, high=None)
        notes[name] = f"{_range(estimates[name])}  n = {whole(one.support)}"
    mean = result.balanced_accuracy.value if result.balanced_accuracy else None
    caption = "Recall of each class with its 95 % interval; n is the number of cells of the class."
    draw = partial(charts.intervals, "Recall (share of the class that was found)", estimates, notes, mean)
    return [Figure(folder / "recall.png", "Recall by class", caption, draw)]


def _range(one: Estimate) -> str:
    if one.value is None:
        return ""
    if one.low is None or one.high is None:
        return f"{one.value:.2f}"
    return f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"


def _matrix_figure(result: EvaluateResult, folder: Path) -> list[Block]:
    if not result.confusion:
        return []
    caption = (
        "Rows are true classes, columns predicted ones; each field gives the number of cells and its share of the "
        "row. Fields on the diagonal are right."
    )
    draw = partial(confusion.paint, result.confusion, result.classes)
    return [Figure(folder / "confusion.png", "Confusion matrix", caption, draw)]


def _matrix_tables(result: EvaluateResult) -> list[Block]:
    if not result.confusion:
        return []
    shares = confusion.shares(result.confusion)
    counts: list[list[Value]] = [
        [name, *row, sum(row)] for name, row in zip(result.classes, result.confusion, strict=True)
    ]
    columns_share = confusion.shares([list(column) for column in zip(*result.confusion, strict=True)])
    named: list[list[Value]] = [
        [name, *(column[place] for column in columns_share)] for place, name in enumerate(result.classes)
    ]
    parts: list[list[Value]] = [[name, *row] for name, row in zip(result.classes, shares, strict=True)]
    first = Column("True class ↓  predicted →")
    whole_columns = [first, *(Column(name, "whole") for name in result.classes), Column("All", "whole")]
    share_columns = [first, *(Column(name, "percent") for name in result.classes)]
    fields = range(1, len(result.classes) + 1)
    by_true, by_named = "Confusion matrix: share of the true class", "Confusion matrix: share of the predicted class"
    return [
        Table("Confusion matrix: numbers of cells", whole_columns, counts, sheet="Confusion counts", shaded=fields),
        Table(by_true, share_columns, parts, sheet="Confusion shares", shaded=fields),
        Table(by_named, share_columns, named, sheet="Confusion of predicted", shaded=fields),
    ]


def _cells(result: EvaluateResult, folder: Path) -> list[Block]:
    path = folder / "cells.csv"
    if not path.is_file():
        return []
    table = tables.CellTable(path, result.classes)
    note = "One row per cell; p_… is the probability of a class after calibration."
    rows = Stream(sum(1 for _ in table.rows()), table.rows)
    return [Table("Every evaluated cell", table.columns, rows, note, sheet="Evaluated cells", shown=_SHOWN)]


def _wrong(result: EvaluateResult, folder: Path) -> list[Block]:
    shown = result.gallery
    if shown is None or not shown.cells or not shown.sheets:
        return []
    caption = (
        f"Cells whose prediction differs from their label (true → predicted), up to {_WRONG_EACH} of each kind, the "
        "most confident first; the percentage is the probability of the predicted class. Some may carry a wrong label."
    )
    draw = partial(gallery.paint, shown, folder, _WRONG_EACH, "first")
    return [Figure(folder / "wrong_cells.png", "Wrongly predicted cells", caption, draw)]
