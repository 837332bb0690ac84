"""Columns of other tables that can colour a map: predictions, evaluated cells and features, read when wanted."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wizard.widgets.map_data import Column, as_numbers, column_of, of_numbers, plain

_NOT_FEATURES = frozenset(("cell_id", "source", "object", "split"))


@dataclass(frozen=True)
class Source:
    """A column that can be read: `group` says what it is of, `title` is what the list shows."""

    group: str
    title: str
    path: Path | None
    column: str
    """Its name in the file; in the table of the maps when `path` is None."""


def sources(
    tags: Sequence[str], own: Sequence[str], results: Path | None, features: Mapping[str, Sequence[str]]
) -> list[Source]:
    """Return all columns for a map; meant for a thread.

    `tags` are of the maps' table, `own` its further columns (cluster, pseudotime, split); `results` is the
    project's folder of results (None = no other tables); `features` are named groups of columns of
    features.parquet, in the order of the list.
    """
    found = [Source("Tags", name, None, name) for name in tags]
    found += [Source("Found on the maps", name, None, name) for name in own]
    if results is None:
        return found
    for group, folder, names in (
        ("Prediction", "predict", ("predictions.parquet", "predictions.csv")),
        ("Evaluation", "evaluate", ("cells.parquet", "cells.csv")),
    ):
        path = next((results / folder / name for name in names if (results / folder / name).is_file()), None)
        if path is not None:
            wanted = [name for name in columns_of(path) if _judged(name)]
            found += [Source(group, name, path, name) for name in wanted]
    path = results / "extract" / "features.parquet"
    if path.is_file():
        listed = {name: group for group, columns in features.items() for name in columns}
        there = [name for name in columns_of(path) if name not in _NOT_FEATURES and name not in tags]
        order = {"": 0} | {group: place for place, group in enumerate(features, start=1)}
        there.sort(key=lambda name: order[listed.get(name, "")])
        found += [Source(listed.get(name, "Feature"), name, path, name) for name in there]
    return found


def _judged(name: str) -> bool:
    return name in ("predicted", "confidence", "unsure", "unfamiliar", "true", "right") or name.startswith("p_")


def columns_of(path: Path) -> list[str]:
    """Return the names of the columns of a table; none when it cannot be read."""
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return list(pq.read_schema(path).names)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [plain(name) for name in next(csv.reader(stream), [])]
    except (OSError, ValueError):
        return []


def read_column(source: Source, at: Mapping[str, int], total: int) -> Column:
    """Read one column for the cells of a map (`at`: cell id → row of `total`); meant for a thread.

    Cells that the table does not have are not known. Raises OSError, KeyError or ValueError.
    """
    assert source.path is not None
    ids, values = _read(source.path, source.column)
    rows = np.full(total, -1, np.int64)
    for place, name in enumerate(ids):
        row = at.get(name)
        if row is not None:
            rows[row] = place
    score = source.title == "confidence" or source.title.startswith("p_")
    found = of_numbers(source.title, as_numbers(values)) if score else column_of(source.title, values)
    return found.taken(rows)


def _read(path: Path, name: str) -> tuple[list[str], Any]:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        table = pq.read_table(path, columns=["cell_id", name])
        return table.column("cell_id").to_pylist(), table.column(name)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        heads = [plain(head) for head in next(reader, [])]
        first, wanted = heads.index("cell_id"), heads.index(name)
        rows = [(row[first], plain(row[wanted])) for row in reader if len(row) == len(heads)]
    return [row[0] for row in rows], [row[1] for row in rows]
