"""What a feature is like: mean, spread, missing values, and how strongly it goes with the target.

eta² is the share (0..1) of a feature's variance that lies between the classes (Fisher 1925). AUC is the chance that
a cell of a class has a larger value than a cell of another class; of all classes the one is named for which it is
farthest from one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.extracting.naming import Columns
from wizard.engine.extracting.table import groups, matrix
from wizard.feature_lines import FILE

HEADER = ("feature", "kind", "unit", "meaning", "mean", "sd", "missing", "eta2", "auc", "auc_class", "rank")
_RANKED, _SAMPLE = 300, 20_000
"""Features with the largest eta² whose AUC is measured, and the most cells for it."""
_AT_ONCE = 1024
"""Columns whose sums are taken at once."""
Doubles = NDArray[np.float64]


class Summary:
    """Takes in a table of features group by group; memory is that of classes times features."""

    def __init__(self, columns: Columns, classes: NDArray[np.int64], names: Sequence[str]) -> None:
        """`classes` holds the number of every cell's class in `names`, -1 for cells that have none."""
        self._columns, self._classes, self._names = columns, classes, list(names)
        self._cells = 0
        number = len(columns.features)
        self._shift: Doubles | None = None
        # One row for each class, and a last one for cells without a class.
        self._count, self._sum = (np.zeros((len(names) + 1, number)) for _ in range(2))
        self._squares = np.zeros(number)
        self._among = np.zeros(number)

    def add(self, part: slice, blocks: Sequence[NDArray[Any]]) -> None:
        """Take in a stretch of cells: blocks (cell, feature) side by side."""
        if self._shift is None:
            self._shift = np.concatenate([_first(block) for block in blocks])
        self._cells = part.stop
        classes = self._classes[part]
        rows = [np.flatnonzero(classes == place) for place in (*range(len(self._names)), -1)]
        first = 0
        for block in blocks:
            for start in range(0, block.shape[1], _AT_ONCE):
                piece = block[:, start : start + _AT_ONCE]
                self._take(piece, slice(first + start, first + start + piece.shape[1]), rows)
            first += block.shape[1]

    def _take(self, piece: NDArray[Any], here: slice, rows: list[NDArray[np.int64]]) -> None:
        assert self._shift is not None
        # Sums of distances from a typical value lose no digits where values are large.
        values = piece - self._shift[here]
        good = np.isfinite(values)
        values[~good] = 0
        squares = values * values
        self._squares[here] += squares.sum(axis=0)
        self._among[here] += squares.sum(axis=0) - squares[rows[-1]].sum(axis=0)
        for place, members in enumerate(rows):
            self._count[place, here] += good[members].sum(axis=0)
            self._sum[place, here] += values[members].sum(axis=0)

    def rows(self, path: Path) -> list[list[object]]:
        """Return the lines of the summary in the order of the table; `path` is the whole table."""
        count, total = self._count.sum(axis=0), self._sum.sum(axis=0)
        shift = self._shift if self._shift is not None else np.zeros(len(count))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = shift + total / count
            spread = np.sqrt(np.maximum(0, self._squares / count - (total / count) ** 2))
        eta = self._eta()
        order = np.argsort(-np.nan_to_num(eta, nan=-1.0), kind="stable")
        rank = np.empty(len(eta), np.int64)
        rank[order] = np.arange(1, len(eta) + 1)
        best = [int(place) for place in order[:_RANKED] if np.isfinite(eta[place])]
        apart = self._apart(path, best)
        cells = max(1, self._cells)
        return [
            [item.name, item.kind, item.unit, item.meaning, _short(mean[at]), _short(spread[at]),
             _short(1 - count[at] / cells), _short(eta[at]), *apart.get(at, ("", "")),
             int(rank[at]) if np.isfinite(eta[at]) else ""]
            for at, item in enumerate(self._columns.features)
        ]  # fmt: skip

    def write(self, folder: Path, path: Path) -> None:
        """Write features_summary.csv into a folder; `path` is the whole table."""
        fileio.write_csv(folder / FILE, HEADER, self.rows(path))

    def _eta(self) -> Doubles:
        """Return eta² of every feature over the cells that have a class; NaN for fewer than two classes."""
        count, sums = self._count[:-1], self._sum[:-1]
        cells, total = count.sum(axis=0), sums.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            between = np.where(count > 0, sums**2 / count, 0).sum(axis=0) - total**2 / cells
            whole = self._among - total**2 / cells
            # What rounding leaves of a constant feature is no variance.
            found = np.where(whole > 1e-12 * np.maximum(self._among, 1e-300), between / whole, np.nan)
        found[(count > 0).sum(axis=0) < 2] = np.nan
        clipped: Doubles = np.clip(found, 0, 1)
        return clipped

    def _apart(self, path: Path, places: list[int]) -> dict[int, tuple[object, str]]:
        """Return feature → AUC and the class that it is about, from at most 20,000 cells evenly spaced."""
        if not places:
            return {}
        step = -(-self._cells // _SAMPLE)
        names = [self._columns.features[place].name for place in places]
        parts, first = [], 0
        for group in groups(path, names):
            parts.append(matrix(group, names)[-first % step :: step].copy())
            first += group.num_rows
        values, classes = np.concatenate(parts), self._classes[: self._cells : step]
        found: dict[int, tuple[object, str]] = {}
        for column, place in enumerate(places):
            auc, name = self._auc(values[:, column], classes)
            if name:
                found[place] = (_short(auc), name)
        return found

    def _auc(self, values: NDArray[Any], classes: NDArray[np.int64]) -> tuple[float, str]:
        from scipy.stats import rankdata

        good = np.isfinite(values) & (classes >= 0)
        members = np.bincount(classes[good], minlength=len(self._names)).astype(float)
        ranks = np.bincount(classes[good], rankdata(values[good]), minlength=len(self._names))
        others = members.sum() - members
        if not (members * others).any():
            return float("nan"), ""
        with np.errstate(divide="ignore", invalid="ignore"):
            aucs = (ranks - members * (members + 1) / 2) / (members * others)
        away = np.nan_to_num(np.abs(aucs - 0.5), nan=-1.0)
        # Of two classes both tell the same: the second is named, as the one that is looked for.
        best = 1 if len(self._names) == 2 and np.isfinite(aucs).all() else int(away.argmax())
        return float(aucs[best]), self._names[best]


def _first(block: NDArray[Any]) -> Doubles:
    """Return about the mean of every column, 0 where all is missing."""
    values = block[:256].astype(np.float64)
    good = np.isfinite(values)
    found: Doubles = np.where(good, values, 0).sum(axis=0) / np.maximum(1, good.sum(axis=0))
    return found


def _short(value: float) -> object:
    return f"{value:.6g}" if np.isfinite(value) else ""
