"""Coordinates and tags of the maps, and how points are grouped by a tag."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST_CLASSES = 16
"""More values than this become `other`, or a colour scale when all are numbers."""

MOST_POINTS = 20_000
"""More cells than this are thinned out evenly for drawing."""


@dataclass(frozen=True)
class MapData:
    """Columns of maps.csv: numbers (float64, n) for the maps, texts for the tags."""

    numbers: dict[str, NDArray[np.float64]]
    texts: dict[str, list[str]]
    total: int
    """Number of cells in the file, drawn or not."""


@dataclass(frozen=True)
class Points:
    """Cells of one value: its name and their indices."""

    name: str
    index: NDArray[np.int64]


def read_maps(path: Path, numbers: Sequence[str], texts: Sequence[str]) -> MapData:
    """Read the named columns of maps.csv, evenly thinned out to at most `MOST_POINTS` rows."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        names = next(reader)
        rows = list(reader)
    total = len(rows)
    rows = rows[:: -(-total // MOST_POINTS) or 1]
    at = {name: index for index, name in enumerate(names)}
    return MapData(
        {name: np.array([_float(row[at[name]]) for row in rows]) for name in numbers if name in at},
        {name: [row[at[name]].removeprefix("'") for row in rows] for name in texts if name in at},
        total,
    )


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def scale_values(values: Sequence[str]) -> NDArray[np.float64] | None:
    """Return the values as numbers if they need a colour scale (many, all numbers), else None."""
    if len(set(values)) <= MOST_CLASSES:
        return None
    found = np.array([_float(value) for value in values])
    return None if np.isnan(found).any() else found


def group_points(values: Sequence[str]) -> list[Points]:
    """Group cells by value in natural order; beyond `MOST_CLASSES` the rarest become `other`."""
    found: dict[str, list[int]] = {}
    for index, value in enumerate(values):
        found.setdefault(value or "(none)", []).append(index)
    if len(found) > MOST_CLASSES:
        common = sorted(found, key=lambda name: -len(found[name]))[: MOST_CLASSES - 1]
        other = [index for name, cells in found.items() if name not in common for index in cells]
        found = {name: found[name] for name in common}
        ordered = [*sorted(found.items(), key=lambda pair: _natural(pair[0])), ("other", sorted(other))]
    else:
        ordered = sorted(found.items(), key=lambda pair: _natural(pair[0]))
    return [Points(name, np.array(cells, dtype=np.int64)) for name, cells in ordered]


def _natural(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text.casefold()
