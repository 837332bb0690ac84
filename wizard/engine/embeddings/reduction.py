"""Features to principal components, block by block, so that a table of any length fits into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine.embeddings.space import Floats

COMPONENTS = 50
"""Components to which features are reduced before the neighbour maps: faster, and less noise."""

FLAT = 1e-8
"""Features with a smaller spread are constant."""

_IN_MEMORY = 20_000_000
"""Up to this many numbers the features are taken at once."""
_WIDEST = 6000
"""Above this many features their covariance is too large; components are then found block by block."""

Blocks = Callable[[], Iterable[Floats]]
"""Gives the features anew each time, in blocks (cell, feature)."""


@dataclass(frozen=True)
class Reduction:
    """How features become scores: (x[kept] - mean) / scale, times components.

    `kept` are the positions of the features that are not constant, `mean`, `scale` (kept,) and `components`
    (k, kept) float32; `explained` (k,) are the shares of the variance.
    """

    kept: NDArray[np.int64]
    mean: Floats
    scale: Floats
    components: Floats
    explained: Floats
    unknown: int = 0
    """Values of these features that are not numbers; they count as the mean."""

    def scores(self, features: Floats) -> Floats:
        """Return the scores (cell, k) of features (cell, feature); what is not a number counts as the mean."""
        centred = (features[:, self.kept] - self.mean) / self.scale
        centred[~np.isfinite(centred)] = 0.0
        made: Floats = (centred @ self.components.T).astype(np.float32)
        return made


def fit(blocks: Blocks, standardize: bool, seed: int) -> Reduction:
    """Find the principal components of all features that are not constant (none when all are)."""
    block = next(iter(blocks()))
    first = np.nan_to_num(np.where(np.isfinite(block), block, 0.0).mean(axis=0)).astype(np.float32)
    number, count, mean, variance = _moments(blocks, first)
    kept = np.flatnonzero(np.sqrt(variance) > FLAT)
    scale = np.sqrt(variance[kept]) if standardize else np.ones(len(kept), np.float64)
    nothing = np.zeros((0, len(kept)), np.float32)
    unknown = int((number - count[kept]).sum())
    half = Reduction(kept, mean[kept].astype(np.float32), scale.astype(np.float32), nothing, np.zeros(0, np.float32))
    if len(kept) == 0:
        return half
    components, explained = _components(blocks, half, number, float((variance[kept] / scale**2).sum()), seed)
    return Reduction(kept, half.mean, half.scale, components.astype(np.float32), explained.astype(np.float32), unknown)


def _moments(
    blocks: Blocks, first: Floats
) -> tuple[int, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the number of cells, and of every feature the number of its numbers, their mean and variance.

    Values are taken relative to `first`, which keeps them exact.
    """
    cells = 0
    count, total, squares = (np.zeros(len(first)) for _ in range(3))
    for block in blocks():
        cells += len(block)
        known = np.isfinite(block)
        moved = block - first if known.all() else np.where(known, block - first, 0.0).astype(np.float32)
        count += known.sum(axis=0)
        total += moved.sum(axis=0, dtype=np.float64)
        squares += np.einsum("ij,ij->j", moved, moved, dtype=np.float64)
    mean = total / np.maximum(count, 1)
    return cells, count, mean + first, np.maximum(squares / np.maximum(count, 1) - mean**2, 0.0)


def _components(
    blocks: Blocks, half: Reduction, cells: int, variance: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    features = len(half.kept)
    number = min(COMPONENTS, features, max(1, cells - 1))
    if cells * features <= _IN_MEMORY:
        from sklearn.decomposition import PCA

        model = PCA(number, random_state=seed).fit(np.concatenate([_prepared(half, block) for block in blocks()]))
        return model.components_, model.explained_variance_ratio_
    if features > _WIDEST:
        return _block_by_block(blocks, half, number, variance)
    return _by_covariance(blocks, half, number, cells, variance)


def _prepared(half: Reduction, block: Floats) -> Floats:
    centred = (block[:, half.kept] - half.mean) / half.scale
    centred[~np.isfinite(centred)] = 0.0
    return centred


def _by_covariance(
    blocks: Blocks, half: Reduction, number: int, cells: int, variance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.linalg import eigh

    features = len(half.kept)
    products = np.zeros((features, features))
    for block in blocks():
        centred = _prepared(half, block)
        products += centred.T @ centred
    values, vectors = eigh(products / cells, subset_by_index=[features - number, features - 1])
    components = vectors[:, ::-1].T
    heaviest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(number), heaviest])[:, None]
    return components, np.maximum(values[::-1], 0.0) / variance


def _block_by_block(
    blocks: Blocks, half: Reduction, number: int, variance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.decomposition import IncrementalPCA

    model = IncrementalPCA(number)
    waiting: list[Floats] = []
    for block in blocks():
        waiting.append(_prepared(half, block))
        if sum(map(len, waiting)) >= 4 * number:
            model.partial_fit(np.concatenate(waiting))
            waiting = []
    if sum(map(len, waiting)) >= number:
        model.partial_fit(np.concatenate(waiting))
    return model.components_, model.explained_variance_ / variance
