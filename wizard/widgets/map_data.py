"""The table of the maps as the window needs it: coordinates, and columns that can colour the points."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_CLASSES = 16
"""More values than this become `others`, or a colour scale when all are numbers."""

FIXED = ("cell_id", "source", "object")
"""Columns that say which cell it is."""
FOUND = ("cluster", "pseudotime", "placed", "split")
"""Columns that the steps made and that are no tags of the cells."""
_PLACED = re.compile(r"placed(_\d+)?")


@dataclass(frozen=True)
class Column:
    """One value per cell (n): `codes` are places in `values`, -1 where it is not known.

    `numbers` (float32, NaN = not known) is there when every known value is a number; a column with many
    different numbers has no codes.
    """

    name: str
    codes: NDArray[np.int32] | None = None
    values: tuple[str, ...] = ()
    numbers: NDArray[np.float32] | None = None

    @property
    def scaled(self) -> bool:
        """Tell whether it is shown on a colour scale."""
        return self.numbers is not None and (self.codes is None or len(self.values) > MOST_CLASSES)

    def text(self, cell: int) -> str:
        """Return the value of a cell in words, "" when it is not known."""
        if self.codes is not None:
            return self.values[self.codes[cell]] if self.codes[cell] >= 0 else ""
        if self.numbers is None or np.isnan(self.numbers[cell]):
            return ""
        return f"{self.numbers[cell]:.4g}"

    def taken(self, rows: NDArray[np.int64]) -> Column:
        """Return the column for other cells: the `rows` of this one, -1 for a cell that it does not have."""
        known = rows >= 0
        codes = numbers = None
        if self.codes is not None:
            codes = np.where(known, self.codes[rows], np.int32(-1)) if len(self.codes) else np.full(len(rows), -1)
        if self.numbers is not None:
            numbers = np.where(known, self.numbers[rows], np.float32("nan")) if len(self.numbers) else None
        return Column(self.name, None if codes is None else codes.astype(np.int32), self.values, numbers)


@dataclass(frozen=True)
class MapData:
    """What maps.parquet holds: `points` by column name (float32, n; NaN = not on the map), all else as columns."""

    ids: Sequence[str]
    points: dict[str, NDArray[np.float32]]
    columns: dict[str, Column]
    placed: NDArray[np.bool_]
    at: dict[str, int] = field(default_factory=dict, repr=False)
    """Cell id → its row."""

    @property
    def total(self) -> int:
        """Number of cells in the table, on a map or not."""
        return len(self.ids)

    def coordinates(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return the coordinates of one map, (n, 2) or (n, 3)."""
        return np.stack([self.points[name] for name in names], axis=1)


def read_maps(folder: Path, coordinates: Iterable[str]) -> MapData:
    """Read maps.parquet of a folder, or maps.csv of older results; meant for a thread.

    Raises OSError, ValueError or KeyError when they are missing or damaged.
    """
    wanted = list(dict.fromkeys(coordinates))
    path = folder / "maps.parquet"
    columns = _parquet(path) if path.is_file() else _csv(folder / "maps.csv")
    missing = [name for name in ("cell_id", *wanted) if name not in columns]
    if missing:
        raise ValueError(f"the column {missing[0]} is missing")
    names = columns["cell_id"]
    ids = [str(one) for one in (names.to_pylist() if hasattr(names, "to_pylist") else names)]
    points = {name: as_numbers(columns[name]) for name in wanted}
    found = {name: column_of(name, values) for name, values in columns.items() if name not in (*wanted, "cell_id")}
    placed = np.zeros(len(ids), bool)
    for name in filter(_PLACED.fullmatch, found):
        column = found[name]
        if column.codes is not None and {value.casefold() for value in column.values} <= {"yes", "no", "true", "false"}:
            true = [index for index, value in enumerate(column.values) if value.casefold() in ("yes", "true")]
            placed = np.isin(column.codes, true)
    return MapData(ids, points, found, placed, {name: row for row, name in enumerate(ids)})


def _parquet(path: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return {name: table.column(name) for name in table.column_names}


def _csv(path: Path) -> Mapping[str, Any]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        names = [plain(name) for name in next(reader)]
        rows = [row for row in reader if len(row) == len(names)]
    return {name: [plain(row[at]) for row in rows] for at, name in enumerate(names)}


def plain(text: str) -> str:
    """Undo what `fileio.safe_cell` does to texts that look like formulas."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r") else text


def as_numbers(values: Any) -> NDArray[np.float32]:
    """Return an Arrow column or texts as float32, NaN where there is no number."""
    if hasattr(values, "to_numpy"):
        return np.asarray(values.to_numpy(), np.float32)
    return np.array([_float(value) for value in values], np.float32)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def column_of(name: str, values: Any) -> Column:
    """Make a column of an Arrow column or of texts; empty texts and nulls are not known."""
    if hasattr(values, "dictionary_encode"):
        return _of_arrow(name, values)
    found: dict[str, int] = {}
    codes = np.array([found.setdefault(value, len(found)) if value else -1 for value in values], np.int32)
    return _with_numbers(name, codes, tuple(found))


def _of_arrow(name: str, values: Any) -> Column:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        return of_numbers(name, np.asarray(values.to_numpy(), np.float32))
    if pa.types.is_boolean(values.type):
        values = pc.if_else(values, "yes", "no")
    coded = values.cast(pa.string()).combine_chunks().dictionary_encode()
    texts = [str(value) for value in coded.dictionary.to_pylist()]
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    if "" in texts:
        codes[codes == texts.index("")] = -1
    return _with_numbers(name, codes, tuple(texts))


def of_numbers(name: str, numbers: NDArray[np.float32]) -> Column:
    """Make a column of float32 numbers; a few different whole numbers are values like any other."""
    numbers = np.where(np.isfinite(numbers), numbers, np.float32("nan"))
    known = numbers[np.isfinite(numbers)]
    if len(known) and not (known % 1).any():
        distinct = np.unique(known)
        if len(distinct) <= MOST_CLASSES:
            codes = np.where(np.isfinite(numbers), np.searchsorted(distinct, numbers), -1).astype(np.int32)
            return Column(name, codes, tuple(f"{value:g}" for value in distinct), numbers)
    return Column(name, None, (), numbers)


def _with_numbers(name: str, codes: NDArray[np.int32], values: tuple[str, ...]) -> Column:
    figures = np.array([_float(value) if value else 0.0 for value in values], np.float32)
    if not len(values) or np.isnan(figures[[bool(value) for value in values]]).any():
        return Column(name, codes, values)
    numbers = np.where(codes >= 0, figures[codes], np.float32("nan"))
    return Column(name, codes, values, numbers.astype(np.float32))
