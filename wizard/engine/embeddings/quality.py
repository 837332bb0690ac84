"""How far a map can be trusted: are neighbours on it neighbours in the features, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine.embeddings.space import Floats, nearest

MOST_CELLS = 1000
NEIGHBOURS = 15
_AT_ONCE = 250


@dataclass(frozen=True)
class Judge:
    """Ranks of all cells as seen from some of them in the features; made once for all maps.

    `rows` are the cells drawn by lot, `among` all scores that they are compared with.
    """

    features: Floats
    rows: NDArray[np.int64]
    number: int

    def judge(self, coordinates: Floats) -> tuple[float, float]:
        """Return trustworthiness (Venna and Kaski 2001) and the share of kept neighbours, over the drawn cells.

        Both look at the `number` nearest; the first is 1 without false neighbours on the map, the second is the
        share of the nearest in the features that are also among the nearest on the map.
        """
        cells, k = len(self.features), self.number
        penalty, kept = 0.0, 0
        for start in range(0, len(self.rows), _AT_ONCE):
            rows = self.rows[start : start + _AT_ONCE]
            on_map = _others(nearest(coordinates, coordinates[rows], k + 1, 0)[1], rows)
            squared = _squared(self.features[rows], self.features)
            squared[np.arange(len(rows)), rows] = np.inf
            far = np.take_along_axis(squared, on_map, axis=1)
            ranks = np.stack([(squared < far[:, [place]]).sum(axis=1) for place in range(k)], axis=1)
            penalty += float(np.maximum(ranks + 1 - k, 0).sum())
            kept += int((ranks < k).sum())
        most = k * (2 * cells - 3 * k - 1) / 2
        return 1.0 - penalty / (len(self.rows) * most), kept / (len(self.rows) * k)


def judge_of(features: Floats, seed: int) -> Judge:
    """Draw at most 1,000 cells; `features` (cell, d) are those that the maps were made from."""
    cells = len(features)
    rows = np.arange(cells)
    if cells > MOST_CELLS:
        rows = np.sort(np.random.default_rng(seed).choice(cells, MOST_CELLS, replace=False))
    return Judge(features, rows, max(1, min(NEIGHBOURS, (cells - 1) // 2)))


def _squared(some: Floats, every: Floats) -> Floats:
    """Return squared distances (some, every)."""
    made: Floats = (some**2).sum(axis=1)[:, None] + (every**2).sum(axis=1)[None] - np.float32(2.0) * (some @ every.T)
    return made


def _others(found: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int32]:
    """Take each cell out of its own neighbours."""
    own = found == rows[:, None]
    own[~own.any(axis=1), -1] = True
    return found[~own].reshape(len(found), -1)
