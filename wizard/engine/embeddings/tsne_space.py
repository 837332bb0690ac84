"""t-SNE in three dimensions, exact: every pair of cells is looked at, in threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled
from wizard.engine.embeddings.space import Floats

_EARLY, _LATE, _EVERY = 250, 500, 10
_EXAGGERATION = 12.0
_MOST_STEP = 5.0


_compiled = partial(compiled, nogil=False, parallel=True, fastmath=True)


def lay_out(joint: Any, start: Floats, said: Callable[[float], None]) -> Floats:
    """Return coordinates (cell, 3) float32 for affinities `joint` (sparse, summing to 1); `said` hears the share done.

    Gradient descent with gains and momentum as van der Maaten (2008), learning rate by Belkina (2019).
    """
    affinities = joint.tocsr()
    pointers, places = affinities.indptr.astype(np.int64), affinities.indices.astype(np.int64)
    weights = affinities.data.astype(np.float32)
    points = np.ascontiguousarray(start, np.float32)
    moving, gains = np.zeros_like(points), np.ones_like(points)
    for number in range(_EARLY + _LATE):
        early = number < _EARLY
        pull, momentum = (_EXAGGERATION, 0.5) if early else (1.0, 0.8)
        rate = max(50.0, len(points) / pull)
        if number % _EVERY == 0:
            said(number / (_EARLY + _LATE))
        push, total = _repulsion(points)
        gradient = 4.0 * (pull * _attraction(points, pointers, places, weights) - push / max(total, 1e-12))
        same = np.sign(gradient) == np.sign(moving)
        gains = np.maximum(np.where(same, gains * 0.8, gains + 0.2), 0.01)
        moving = momentum * moving - rate * gains * gradient
        length = np.linalg.norm(moving, axis=1, keepdims=True)
        moving = (moving * np.minimum(1.0, _MOST_STEP / np.maximum(length, 1e-12))).astype(np.float32)
        points = np.ascontiguousarray(points + moving, np.float32)
        points -= points.mean(axis=0)
    return points


@_compiled
def _repulsion(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Return the sum over others of q² (y_i - y_j) for every cell, and of all q, where q = 1 / (1 + d²)."""
    number = len(points)
    first, second, third = points[:, 0].copy(), points[:, 1].copy(), points[:, 2].copy()
    force = np.empty_like(points)
    totals = np.empty(number, np.float32)
    for cell in numba.prange(number):
        a, b, c = first[cell], second[cell], third[cell]
        near = np.float32(0.0)
        x, y, z = np.float32(0.0), np.float32(0.0), np.float32(0.0)
        for other in range(number):
            u, v, w = a - first[other], b - second[other], c - third[other]
            q = np.float32(1.0) / (np.float32(1.0) + u * u + v * v + w * w)
            near += q
            q *= q
            x += q * u
            y += q * v
            z += q * w
        totals[cell] = near - np.float32(1.0)
        force[cell, 0], force[cell, 1], force[cell, 2] = x, y, z
    return force, float(totals.astype(np.float64).sum())


@_compiled
def _attraction(
    points: NDArray[np.float32], pointers: NDArray[np.int64], places: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the sum over near cells of p q (y_i - y_j) for every cell."""
    force = np.zeros_like(points)
    for cell in numba.prange(len(points)):
        for entry in range(pointers[cell], pointers[cell + 1]):
            other = places[entry]
            u = points[cell, 0] - points[other, 0]
            v = points[cell, 1] - points[other, 1]
            w = points[cell, 2] - points[other, 2]
            pull = weights[entry] / (np.float32(1.0) + u * u + v * v + w * w)
            force[cell, 0] += pull * u
            force[cell, 1] += pull * v
            force[cell, 2] += pull * w
    return force
