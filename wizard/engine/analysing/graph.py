"""The graph of nearest cells: its weights, made the same in both directions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
_HALVINGS = 24


def fuzzy(neighbours: NDArray[np.int32], distances: Floats, most: int = 15) -> Any:
    """Return UMAP's graph (McInnes 2018) of the `most` nearest cells as a symmetric CSR matrix (n, n), weights 0..1.

    `neighbours` and `distances` are (n, k), nearest first, without the cell itself; entries below 0 count as missing.
    A cell's weights fall from 1 at its nearest neighbour so that they add up to log2(k); the weights a and b of two
    directions are joined to a + b - a b.
    """
    near, far = neighbours[:, :most], distances[:, :most].astype(np.float64)
    missing = (near < 0) | ~np.isfinite(far)
    far = np.where(missing, np.inf, far)
    beyond = np.maximum(far - far[:, :1], 0)
    beyond[missing] = np.inf
    weights = np.exp(-beyond / _widths(beyond)[:, None])
    graph = _matrix(near, weights, missing)
    both = graph.multiply(graph.T)
    return (graph + graph.T - both).tocsr()


def _widths(beyond: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each cell the width at which its weights add up to log2(k), found by halving."""
    wanted = np.log2(max(2, beyond.shape[1]))
    known = np.where(np.isfinite(beyond), beyond, 0)
    top = np.maximum(known.max(axis=1), 1e-12) * 10
    low, high = np.zeros(len(beyond)), top
    for _ in range(_HALVINGS):
        middle = np.maximum((low + high) / 2, 1e-12)
        large = np.exp(-beyond / middle[:, None]).sum(axis=1) > wanted
        low, high = np.where(large, low, middle), np.where(large, middle, high)
    return np.maximum(high, 1e-12)


def gaussian(neighbours: NDArray[np.int32], distances: Floats, most: int) -> Any:
    """Return a symmetric Gaussian kernel (n, n) over the `most` nearest cells, its width set by each cell's neighbours.

    As in diffusion pseudotime (Haghverdi 2016): the width of a cell is half its distance to the farthest of those
    neighbours, and a pair has the weight sqrt(2 s t / (s² + t²)) exp(-d² / 2 (s² + t²)) of its widths s and t.
    """
    near, far = neighbours[:, :most], distances[:, :most].astype(np.float64)
    missing = (near < 0) | ~np.isfinite(far)
    width = np.where(missing, 0, far).max(axis=1) / 2
    # Copies of one cell have no distance at all: give them the width that is usual elsewhere.
    usual = float(np.median(width[width > 0])) if (width > 0).any() else 1.0
    width = np.where(width > 0, width, usual)
    other = width[np.where(missing, 0, near)]
    both = width[:, None] ** 2 + other**2
    weights = np.sqrt(2 * width[:, None] * other / both) * np.exp(-(np.where(missing, 0, far) ** 2) / (2 * both))
    graph = _matrix(near, np.maximum(weights, 1e-12), missing)
    return graph.maximum(graph.T).tocsr()


def _matrix(near: NDArray[np.int32], weights: NDArray[np.float64], missing: NDArray[np.bool_]) -> Any:
    number, each = near.shape
    rows = np.repeat(np.arange(number), each)[~missing.ravel()]
    matrix = sparse.csr_matrix((weights[~missing], (rows, near[~missing])), shape=(number, number))
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return matrix
