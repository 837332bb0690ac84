"""The table of predictions: one row per cell, written in pieces to CSV and Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine import calibration
from wizard.engine.data.dataset import BOX, DataSet
from wizard.engine.predicting.keeping import Chunks


@dataclass
class Predicted:
    """What is kept in memory of every cell: class number, its probability, the two marks."""

    classes: list[str]
    number: NDArray[np.int64]
    confidence: NDArray[np.float64]
    unsure: NDArray[np.bool_]
    unfamiliar: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.number)

    @property
    def names(self) -> NDArray[np.str_]:
        """The name of the class of every cell."""
        return np.asarray(self.classes)[self.number]

    def names_of(self, rows: slice) -> NDArray[np.str_]:
        """The names of the classes of some cells."""
        return np.asarray(self.classes)[self.number[rows]]


@dataclass(frozen=True)
class Decision:
    """How logits and distances become answers."""

    classes: list[str]
    temperature: float
    threshold: float
    farthest: float


def decide(chunks: Chunks, how: Decision) -> Predicted:
    """Return the answers for all cells."""
    found = Predicted(
        how.classes, np.zeros(chunks.done, np.int64), np.zeros(chunks.done), np.zeros(chunks.done, bool),
        np.zeros(chunks.done, bool),
    )  # fmt: skip
    for rows, logits, distances in chunks:
        shares = calibration.probabilities(logits, how.temperature)
        found.number[rows] = shares.argmax(axis=1)
        found.confidence[rows] = shares.max(axis=1)
        found.unfamiliar[rows] = distances > how.farthest
    found.unsure = found.confidence < how.threshold
    return found


def scores(chunks: Chunks, temperature: float) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield rows and their calibrated probabilities (cell, class) piece by piece."""
    for rows, logits, _ in chunks:
        yield rows, calibration.probabilities(logits, temperature)


def names_of(data: DataSet, classes: list[str]) -> list[str]:
    """Return the columns of the table."""
    head = ["cell_id", "source", "object", "predicted", "confidence", *(f"p_{name}" for name in classes)]
    boxes = [name for name in BOX if name in data.cells]
    return [*head, "unsure", "unfamiliar", *data.tags, *boxes, "split"]


def write(folder: Path, data: DataSet, found: Predicted, chunks: Chunks, how: Decision) -> None:
    """Write predictions.csv and predictions.parquet; both hold the same rows in the data set's order."""
    fileio.write_with(folder / "predictions.csv", lambda path: _write_csv(path, data, found, chunks, how))
    fileio.write_with(folder / "predictions.parquet", lambda path: _write_parquet(path, data, found, chunks, how))


def _write_csv(path: Path, data: DataSet, found: Predicted, chunks: Chunks, how: Decision) -> None:
    """Write the table as `fileio.write_csv` does; only texts can hold what a spreadsheet takes for a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow([fileio.safe_cell(name) for name in names_of(data, how.classes)])
        for rows, shares in scores(chunks, how.temperature):
            lines.writerows(zip(*_columns(data, found, rows, shares), strict=True))


def _columns(data: DataSet, found: Predicted, rows: slice, shares: NDArray[np.float64]) -> list[list[object]]:
    cells = data.cells
    return [
        _safe(cells["cell_id"][rows]),
        _safe(cells["source"][rows]),
        cells["object"][rows].astype(np.int64).tolist(),
        _safe(found.names_of(rows)),
        [f"{value:.5f}" for value in found.confidence[rows].tolist()],
        *([f"{value:.5f}" for value in column] for column in shares.T.tolist()),
        ["yes" if mark else "no" for mark in found.unsure[rows].tolist()],
        ["yes" if mark else "no" for mark in found.unfamiliar[rows].tolist()],
        *(_safe(cells[tag][rows].astype(str)) for tag in data.tags),
        *(cells[name][rows].tolist() for name in BOX if name in cells),
        _safe(cells["split"][rows]),
    ]


def _safe(values: NDArray[Any]) -> list[object]:
    return [fileio.safe_cell(value) for value in values.tolist()]


def _write_parquet(path: Path, data: DataSet, found: Predicted, chunks: Chunks, how: Decision) -> None:
    names = names_of(data, how.classes)
    # A tag may be called like a fixed column of this table; Parquet allows no name twice.
    unique = [name if names.index(name) == place else f"{name}_{place}" for place, name in enumerate(names)]
    writer: Any = None
    try:
        for rows, shares in scores(chunks, how.temperature):
            table = pa.table(_arrays(data, found, rows, shares), names=unique)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def _arrays(data: DataSet, found: Predicted, rows: slice, shares: NDArray[np.float64]) -> list[Any]:
    cells = data.cells
    return [
        pa.array(cells["cell_id"][rows].tolist(), pa.string()),
        pa.array(cells["source"][rows].tolist(), pa.string()),
        pa.array(cells["object"][rows].astype(np.int64)),
        pa.array(found.names_of(rows).tolist(), pa.string()),
        pa.array(found.confidence[rows].astype(np.float32)),
        *(pa.array(np.ascontiguousarray(column).astype(np.float32)) for column in shares.T),
        pa.array(found.unsure[rows]),
        pa.array(found.unfamiliar[rows]),
        *(pa.array(cells[tag][rows].astype(str).tolist(), pa.string()) for tag in data.tags),
        *(_whole(cells[name][rows]) for name in BOX if name in cells),
        pa.array(cells["split"][rows].tolist(), pa.string()),
    ]


def _whole(values: NDArray[Any]) -> Any:
    """Return a column of whole numbers with gaps."""
    return pa.array([None if value is None or value != value else int(value) for value in values.tolist()], pa.int64())
