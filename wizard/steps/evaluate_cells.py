"""The evaluated cells with their probabilities, as the window reads them from the step's table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class JudgedCells:
    """One entry per cell: `origin` is cell id → (source, object); shares are (cell, class)."""

    origin: dict[str, tuple[str, str]]
    true: NDArray[np.int64]
    shares: NDArray[np.float64]


def read_cells(path: Path, classes: Sequence[str]) -> JudgedCells:
    """Read cells.csv; raises OSError, KeyError or ValueError when it is missing or damaged."""
    number = {name: index for index, name in enumerate(classes)}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        table = csv.reader(stream)
        names = [_plain(name) for name in next(table, [])]
        rows = [row for row in table if len(row) == len(names)]
    at = {name: place for place, name in enumerate(names)}
    columns = [at[f"p_{name}"] for name in classes]
    return JudgedCells(
        {row[at["cell_id"]]: (_plain(row[at["source"]]), row[at["object"]]) for row in rows},
        np.array([number[_plain(row[at["true"]])] for row in rows], np.int64),
        np.array([[float(row[place]) for place in columns] for row in rows]).reshape(len(rows), len(classes)),
    )


def _plain(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text
