"""Diffusion maps and the pseudotime that they give (Haghverdi 2016, Nat Methods 13, 845-848)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Doubles = NDArray[np.float64]
COMPONENTS = 15
_DENSE = 400
"""Up to so many cells the whole spectrum is computed."""
_CLOSEST_TO_ONE = 1 - 1e-6


def coordinates(kernel: Any, seed: int) -> Doubles:
    """Return (n, up to 15) coordinates whose distances are diffusion pseudotime distances.

    `kernel` is the symmetric kernel of connected cells. Its density is divided out, so that crowded stretches do not
    count more; component l is the l-th right eigenvector of the transition matrix, times λ / (1 - λ): the sum over
    walks of every length.
    """
    number = kernel.shape[0]
    if number < 3:
        return np.zeros((number, 1))
    symmetric, root = _transitions(kernel)
    values, vectors = _leading(symmetric, min(COMPONENTS + 1, number - 1), seed)
    order = np.argsort(-values)[1:]
    values = np.minimum(values[order], _CLOSEST_TO_ONE)
    kept = values > 0
    right = vectors[:, order[kept]] / root[:, None] * np.sqrt((root**2).sum())
    return right * (values[kept] / (1 - values[kept]))


def _transitions(kernel: Any) -> tuple[Any, Doubles]:
    """Return the symmetric form of the transition matrix and the square roots of the cells' weights."""
    density = np.asarray(kernel.sum(axis=1)).ravel()
    even = sparse.diags(1 / density)
    flat = even @ kernel @ even
    root = np.sqrt(np.asarray(flat.sum(axis=1)).ravel())
    scale = sparse.diags(1 / root)
    return (scale @ flat @ scale).tocsr(), root


def _leading(matrix: Any, wanted: int, seed: int) -> tuple[Doubles, Doubles]:
    from scipy.sparse.linalg import eigsh

    if matrix.shape[0] <= _DENSE:
        values, vectors = np.linalg.eigh(matrix.toarray())
        return values[-wanted:], vectors[:, -wanted:]
    start = np.random.default_rng(seed).random(matrix.shape[0])
    values, vectors = eigsh(matrix, k=wanted, which="LA", v0=start, ncv=max(4 * wanted, 50), tol=1e-5)
    return values, vectors


def reachable(kernel: Any, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cells that are joined to most of `members` by a path of neighbours."""
    _, part = csgraph.connected_components(kernel, directed=False)
    counts = np.bincount(part[members])
    return np.flatnonzero(part == int(counts.argmax()))
