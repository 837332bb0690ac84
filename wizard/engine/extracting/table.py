"""The table of features on disk: written and read a few thousand cells at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wizard.engine.data.dataset import DataSet
from wizard.engine.extracting.naming import Columns

_CELLS = 4096
_BYTES = 64 * 2**20
_LEAST = 256
_MOST_CHUNKS = 250_000
_PER_CHUNK, _PER_NUMBER = 1000, 12
"""Bytes of memory: a Parquet file costs the first for each column of each group until it is closed, and a group
that is being written the second for each number."""


def stretches(cells: int, columns: int) -> list[slice]:
    """Return the stretches of cells that are written together: at most 4096 cells and about 64 MB of numbers.

    A table of very many numbers gets longer ones, because each group costs memory, too.
    """
    size = min(_CELLS, max(_LEAST, _BYTES // (4 * max(1, columns))))
    if cells * columns > size * _MOST_CHUNKS:
        size = max(size, math.isqrt(cells * _PER_CHUNK // _PER_NUMBER))
    return [slice(start, min(start + size, cells)) for start in range(0, cells, size)]


def memory(cells: int, columns: int) -> int:
    """Return about how many bytes of memory it takes to write a table."""
    parts = stretches(cells, columns)
    longest = max((part.stop - part.start for part in parts), default=0)
    return columns * (len(parts) * _PER_CHUNK + longest * _PER_NUMBER)


class Writer:
    """Writes a table of features group by group.

    Columns: cell_id, source, object, the tags, split (text; object as in the data set), then the network's features
    and the classical ones (float32), then the measured ones (float64, as the instrument gave them).
    """

    def __init__(self, path: Path, columns: Columns, data: DataSet) -> None:
        self._columns, self._data = columns, data
        fields = []
        for name, source in zip(columns.texts, _sources(columns), strict=True):
            whole = data.cells[source].dtype.kind in "iu"
            fields.append(pa.field(name, pa.int64() if whole else pa.string()))
        for feature in columns.features:
            fields.append(pa.field(feature.name, pa.float64() if feature.kind == "measured" else pa.float32()))
        self.schema = pa.schema(fields)
        # Statistics of thousands of columns would only cost memory.
        self._file = pq.ParquetWriter(path, self.schema, use_dictionary=columns.texts, write_statistics=False)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, part: slice, blocks: Sequence[NDArray[Any]]) -> None:
        """Write a stretch of cells: their description, then blocks (cell, feature) side by side."""
        arrays: list[Any] = []
        for field, source in zip(self.schema, _sources(self._columns), strict=False):
            arrays.append(_described(self._data.cells[source][part], field.type))
        for block in blocks:
            by_column = np.ascontiguousarray(block.T)
            for place in range(len(by_column)):
                arrays.append(pa.array(by_column[place], self.schema.field(len(arrays)).type))
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self.schema), row_group_size=part.stop - part.start)


def _sources(columns: Columns) -> list[str]:
    return ["cell_id", "source", "object", *columns.tags, "split"]


def _described(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_integer(kind):
        return pa.array(values, kind)
    return pa.array([None if value is None else _text(value) for value in values.tolist()], kind)


def _text(value: object) -> str:
    """Return text that every file can hold: single halves of a pair of code units cannot be written."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def groups(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield the groups of a table of features one by one, with all columns or these."""
    with pq.ParquetFile(path) as file:
        for place in range(file.num_row_groups):
            yield file.read_row_group(place, columns=None if columns is None else list(columns))


def matrix(group: pa.Table, names: Sequence[str], dtype: Any = np.float32) -> NDArray[Any]:
    """Return some columns of a group as (cell, column)."""
    made = np.empty((group.num_rows, len(names)), dtype)
    for place, name in enumerate(names):
        made[:, place] = group.column(name).to_numpy()
    return made


def cell_count(path: Path) -> int:
    """Return the number of cells of a table of features."""
    return int(pq.read_metadata(path).num_rows)
