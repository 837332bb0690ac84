"""Other cells into what is there already: each between the nearest of the cells that were laid out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine.embeddings.space import Floats, Numbers, nearest

_NEAREST = 10
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Placement:
    """The nearest laid-out cells of other cells: `found` (other cell, 10) positions, `weights` of sum 1."""

    found: Numbers
    weights: Floats

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean of `values` (laid-out cell, ...) for every other cell; NaN counts for nothing."""
        made = np.full((len(self.found), *values.shape[1:]), np.nan, np.float32)
        for start in range(0, len(self.found), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            near = values[self.found[part]]
            known = np.isfinite(near)
            weights = self.weights[part].reshape(self.weights[part].shape + (1,) * (near.ndim - 2)) * known
            total = weights.sum(axis=1)
            summed = (weights * np.where(known, near, 0.0)).sum(axis=1)
            made[part] = np.where(total > 0, summed / np.maximum(total, 1e-12), np.nan)
        return made

    def majority(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the label (0, 1 ...) with most weight for every other cell."""
        votes = np.zeros((len(self.found), int(labels.max()) + 1), np.float32)
        for place in range(self.found.shape[1]):
            votes[np.arange(len(votes)), labels[self.found[:, place]]] += self.weights[:, place]
        best: NDArray[np.int64] = votes.argmax(axis=1)
        return best


def place(scores: Floats, others: Floats, seed: int) -> Placement:
    """Find the 10 nearest of the laid-out cells, by `scores` (cell, k), for `others` (other cell, k).

    Their weights fall with a kernel as wide as the distance to the third of them, so that a cell lies where its
    nearest do (as UMAP and openTSNE start new cells); no cell that is there is moved.
    """
    distances, found = nearest(scores, others, _NEAREST, seed)
    width = np.maximum(distances[:, [min(2, distances.shape[1] - 1)]], 1e-12)
    weights = np.exp(-((distances / width) ** 2))
    copy = distances[:, :1] <= 1e-6 * width
    weights = np.where(copy, distances <= 1e-6 * width, weights).astype(np.float32)
    return Placement(found, weights / weights.sum(axis=1, keepdims=True))
