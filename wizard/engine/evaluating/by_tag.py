"""The figures for every value of every tag: where the model fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine import metrics
from wizard.engine.evaluating.judged import Judged
from wizard.engine.evaluating.redraw import share
from wizard.results_evaluate import TagValue

TABLE = "by_tag.csv"
FILE = "file"
"""Stands for the source among the tags."""
_LEAST_CELLS = 3
"""Cells that the values of a tag have on average, or the tag says nothing."""
_MOST = 500
"""Values of a tag; the rarest beyond them are left out."""
_ROUNDS = 500


def figures(judged: Judged, target: str, rounds: int) -> dict[str, list[TagValue]]:
    """Return the values of every tag that differs among the judged cells, the lowest accuracy first."""
    data, whole = judged.data, float(judged.right.mean())
    columns = {tag: data.values(tag)[judged.rows] for tag in data.tags if tag != target}
    columns[FILE] = data.cells["source"][judged.rows].astype(str)
    found: dict[str, list[TagValue]] = {}
    for tag, values in columns.items():
        names, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
        as_target = len(np.unique(numbers * len(judged.classes) + judged.true)) == len(names)
        if as_target and len(names) == int((judged.support > 0).sum()):
            # The target under another name.
            continue
        if len(names) < 2 or len(values) < _LEAST_CELLS * len(names):
            # A value of its own for nearly every cell would only repeat the table of cells.
            continue
        common = np.argsort(-counts, kind="stable")[:_MOST]
        order = np.argsort(numbers, kind="stable")
        ends = np.cumsum(counts)
        rows = [
            _value(judged, str(names[one]), order[ends[one] - counts[one] : ends[one]], whole, min(rounds, _ROUNDS))
            for one in common
        ]
        found[tag] = sorted(rows, key=lambda row: (row.accuracy.value or 0.0, row.value))
    return found


def _value(judged: Judged, name: str, places: NDArray[np.int64], whole: float, rounds: int) -> TagValue:
    units = judged.redraw.units
    number = len(judged.classes)
    matrix = metrics.confusion(judged.true[places], judged.predicted[places], number).astype(float)
    accuracy = share(judged.right[places], judged.redraw.part(places, rounds))
    return TagValue(
        value=name or "(none)",
        n_cells=len(places),
        n_groups=len(np.unique(units[places])) if units is not None else 0,
        accuracy=accuracy,
        balanced_accuracy=float(metrics.balanced_accuracy(matrix)),
        below=accuracy.high is not None and accuracy.high < whole,
    )


def write(folder: Path, found: dict[str, list[TagValue]]) -> dict[str, str]:
    """Write by_tag.csv; return title → file."""
    if not found:
        return {}
    names = ["tag", "value", "cells", "groups", "accuracy", "low", "high", "balanced_accuracy", "below_the_whole"]
    rows = [
        [tag, row.value, row.n_cells, row.n_groups or "", *(_number(part) for part in (
            row.accuracy.value, row.accuracy.low, row.accuracy.high, row.balanced_accuracy)),
         "yes" if row.below else "no"]
        for tag, values in found.items() for row in values
    ]  # fmt: skip
    fileio.write_csv(folder / TABLE, names, rows)
    return {"Accuracy by tag": TABLE}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}"
