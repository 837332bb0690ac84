"""The instrument's measurements beside the cells, a stretch of cells at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wizard.engine.data.dataset import DataSet

Doubles = NDArray[np.float64]
_CELLS = 4096


class Measured:
    """Joins measurements.parquet by `cell_id`; a cell that is not in it gets NaN."""

    def __init__(self, data: DataSet) -> None:
        self._ids = data.cells["cell_id"]
        self._path = data.path / "measurements.parquet"
        self.names: list[str] = []
        if self._path.is_file():
            schema = pq.read_schema(self._path)
            kinds = (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean)
            self.names = [
                item.name for item in schema if item.name != "cell_id" and any(kind(item.type) for kind in kinds)
            ]

    def read(self, parts: Sequence[slice]) -> Iterator[Doubles]:
        """Yield the measurements (cell, name) of each stretch of cells, in order; infinite values become NaN."""
        found = pq.read_table(self._path, columns=["cell_id"]).column(0).to_numpy(zero_copy_only=False)
        if len(found) == len(self._ids) and bool((found == self._ids).all()):
            yield from self._in_order(parts)
            return
        place_of = {name: place for place, name in enumerate(found.tolist())}
        places = np.array([place_of.get(name, -1) for name in self._ids.tolist()], np.int64)
        for part in parts:
            yield self._looked_up(places[part])

    def _in_order(self, parts: Sequence[slice]) -> Iterator[Doubles]:
        """Read along: few rows are in memory at a time."""
        batches = self._batches()
        left = np.empty((0, len(self.names)))
        for part in parts:
            pieces, missing = [left], part.stop - part.start - len(left)
            while missing > 0:
                pieces.append(next(batches))
                missing -= len(pieces[-1])
            whole = np.concatenate(pieces)
            left = whole[part.stop - part.start :]
            yield whole[: part.stop - part.start]

    def _looked_up(self, places: NDArray[np.int64]) -> Doubles:
        """Find rows anywhere in the file by walking through it once more."""
        values = np.full((len(places), len(self.names)), np.nan)
        first = 0
        for batch in self._batches():
            here = (places >= first) & (places < first + len(batch))
            values[here] = batch[places[here] - first]
            first += len(batch)
        return values

    def _batches(self) -> Iterator[Doubles]:
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(_CELLS, columns=self.names):
                yield _numbers([batch.column(name) for name in self.names], batch.num_rows)


def _numbers(columns: list[Any], rows: int) -> Doubles:
    values = np.empty((rows, len(columns)))
    for place, column in enumerate(columns):
        values[:, place] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    values[~np.isfinite(values)] = np.nan
    return values
