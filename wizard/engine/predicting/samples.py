"""Counts and shares per sample: for every value of every tag that looks like a sample, a donor or a day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.data.dataset import DataSet
from wizard.engine.predicting.limits import wilson
from wizard.engine.predicting.shares import Rates, corrected
from wizard.engine.predicting.table import Predicted
from wizard.results_predict import SampleRow

SOURCE = "source"
_MOST_VALUES = 5000
_MOST_SHOWN = 1000
_LEAST_CELLS = 5
"""Cells per value, on average, that a tag of samples has at least."""


def tags_of(data: DataSet, target: str, group: str = "") -> dict[str, NDArray[np.str_]]:
    """Return the values of each tag whose values may be samples, and of the sources where these hold many cells.

    The `group` comes first.
    """
    names = sorted((tag for tag in data.tags if tag != target), key=lambda tag: tag != group)
    columns = {tag: data.values(tag) for tag in names}
    if SOURCE not in columns:
        columns[SOURCE] = data.cells["source"].astype(str)
    found = {}
    for name, values in columns.items():
        number = len(np.unique(values[values != ""]))
        if 2 <= number <= min(_MOST_VALUES, max(2, len(values) // _LEAST_CELLS)):
            found[name] = values
    return found


def rows_of(
    data: DataSet, found: Predicted, target: str, group: str, rates: Rates | None
) -> list[SampleRow]:  # fmt: skip
    """Return one row per value of each such tag, in the order of the tags and of the alphabet."""
    rows = []
    number = len(found.classes)
    for tag, values in tags_of(data, target, group).items():
        known, unit = np.unique(values, return_inverse=True)
        counts = np.bincount(unit * number + found.number, minlength=len(known) * number).reshape(-1, number)
        better = corrected(counts.astype(float), rates.shares) if rates is not None else None
        unsure = np.bincount(unit, found.unsure, len(known)).astype(int)
        strange = np.bincount(unit, found.unfamiliar, len(known)).astype(int)
        for index, value in enumerate(known.tolist()):
            rows.append(SampleRow(
                tag=tag, value=value, cells=int(counts[index].sum()),
                counts=dict(zip(found.classes, counts[index].tolist(), strict=True)),
                corrected={} if better is None else dict(zip(found.classes, better[index].tolist(), strict=True)),
                unsure=int(unsure[index]), unfamiliar=int(strange[index]),
            ))  # fmt: skip
    return rows


def write(folder: Path, rows: list[SampleRow], classes: list[str]) -> str:
    """Write samples.csv with counts, shares, 95 % intervals (Wilson) and corrected shares; return its name."""
    names = ["tag", "value", "cells", "unsure", "unfamiliar"]
    for name in classes:
        names += [f"n_{name}", f"share_{name}", f"low_{name}", f"high_{name}", f"corrected_{name}"]

    def line(row: SampleRow) -> list[object]:
        values: list[object] = [row.tag, row.value, row.cells, row.unsure, row.unfamiliar]
        for name in classes:
            share = wilson(row.counts[name], row.cells)
            shares = [share.value, share.low, share.high, row.corrected.get(name)]
            values += [row.counts[name], *("" if value is None else f"{value:.5f}" for value in shares)]
        return values

    fileio.write_csv(folder / "samples.csv", names, (line(row) for row in rows))
    return "samples.csv"


def shown(rows: list[SampleRow]) -> list[SampleRow]:
    """Return the rows that the result keeps."""
    return rows[:_MOST_SHOWN]
