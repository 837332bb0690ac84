"""The space in which maps, clusters and progressions are sought: principal components and nearest cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]

_EXACT = 200_000
"""Up to this many cells all distances are looked at, which is exact and here faster than an index."""


@dataclass(frozen=True)
class Space:
    """Cells by their scores, and the nearest cells of each.

    `scores` (cell, k) float32 are the first principal components, after a correction of batches if there was one;
    `neighbours` (cell, m) int32 are the nearest cells, nearest first and without the cell itself, at the
    Euclidean `distances` (cell, m) float32.
    """

    scores: Floats
    neighbours: Numbers
    distances: Floats

    def __len__(self) -> int:
        return len(self.scores)


def build(scores: Floats, most: int, seed: int) -> Space:
    """Find the nearest cells of every cell, at most `most` of them."""
    most = min(most, len(scores) - 1)
    distances, neighbours = nearest(scores, scores, most + 1, seed)
    distances, neighbours = _without_itself(distances, neighbours)
    return Space(scores, neighbours, distances)


def nearest(among: Floats, of: Floats, number: int, seed: int) -> tuple[Floats, Numbers]:
    """Return (distances, positions in `among`), each (cell of `of`, number), nearest first."""
    number = min(number, len(among))
    if len(among) * len(of) <= _EXACT**2:
        from sklearn.neighbors import NearestNeighbors

        search = NearestNeighbors(n_neighbors=number, algorithm="brute").fit(among)
        distances, found = search.kneighbors(of)
        return distances.astype(np.float32), found.astype(np.int32)
    from pynndescent import NNDescent

    index = NNDescent(among, n_neighbors=max(number, 15), random_state=seed)
    found, distances = index.query(of, k=number)
    return distances.astype(np.float32), found.astype(np.int32)


def _without_itself(distances: Floats, neighbours: Numbers) -> tuple[Floats, Numbers]:
    """Take each cell out of its own row; where exact copies pushed it out, the last one goes."""
    own = neighbours == np.arange(len(neighbours), dtype=np.int32)[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(neighbours), neighbours.shape[1] - 1)
    return distances[~own].reshape(shape), neighbours[~own].reshape(shape)
