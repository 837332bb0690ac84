"""Cells whose groups, order and batches are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors


def space_of(scores, most=60):
    scores = np.ascontiguousarray(scores, np.float32)
    most = min(most, len(scores) - 1)
    distances, places = NearestNeighbors(n_neighbors=most + 1).fit(scores).kneighbors(scores)
    return SimpleNamespace(
        scores=scores, neighbours=places[:, 1:].astype(np.int32), distances=distances[:, 1:].astype(np.float32)
    )


def blobs(each=(120, 80, 60), gap=8.0, seed=0):
    """Return scores (n, 6) of round groups and the number of each cell's group."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(len(each)), each)
    centres = gap * np.eye(max(6, len(each)))[: len(each), :6]
    return (centres[kinds] + rng.normal(0, 1, (len(kinds), 6))).astype(np.float32), kinds


def course(number=600, days=5, seed=0, blur=0.08):
    """Return scores (n, 8) along a bent line, the true place 0..1 of each cell, and its day, which drifts along it."""
    rng = np.random.default_rng(seed)
    place = rng.random(number)
    bent = np.stack([np.cos(3 * place), np.sin(3 * place), place**2], axis=1) @ rng.normal(0, 1, (3, 8))
    day = np.clip((place + rng.normal(0, 0.1, number)) * days, 0, days - 1).astype(int)
    return (bent + rng.normal(0, blur, bent.shape)).astype(np.float32), place, day


@pytest.fixture
def made_blobs():
    return blobs()


@pytest.fixture
def made_course():
    return course()
