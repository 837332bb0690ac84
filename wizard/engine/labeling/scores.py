"""How alike a predicted stain and the true one are, pixel by pixel; all pictures 0 to 1.

`known` marks the pixels that count. Correlations of pictures without any variation are NaN, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
_SAMPLE = 1_000_000
_BINS = 10


@dataclass(frozen=True)
class Scores:
    """The figures of one stain: Pearson over all pixels, one million of them, and the bright ones; and others.

    `threshold` is where bright begins, `foreground` the share of pixels above it, `coverage` the share of pixels inside
    of the predicted interval (NaN without one; 0.8 is what it promises).
    """

    pearson: float
    pearson_sampled: float
    pearson_foreground: float
    ssim: float
    mae: float
    threshold: float
    foreground: float
    coverage: float
    pixels: int


def pearson(truth: NDArray[Any], predicted: NDArray[Any], known: Mask | None = None) -> float:
    """Return the correlation over all known pixels, NaN when one of the two does not vary."""
    a, b = (_flat(image, known) for image in (truth, predicted))
    if a.size < 2:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    below = float(np.sqrt((a @ a) * (b @ b)))
    # What rounding leaves of a constant picture is no variation.
    return float(a @ b) / below if below > 1e-12 * a.size else float("nan")


def pearson_sampled(
    truth: NDArray[Any], predicted: NDArray[Any], known: Mask | None = None, count: int = _SAMPLE, seed: int = 0
) -> float:
    """Return the correlation over `count` random pixels, as published; over all when there are fewer."""
    a, b = (_flat(image, known) for image in (truth, predicted))
    if a.size > count:
        drawn = np.random.default_rng(seed).choice(a.size, count, replace=False)
        a, b = a[drawn], b[drawn]
    return pearson(a, b)


def pearson_foreground(
    truth: NDArray[Any], predicted: NDArray[Any], threshold: float, known: Mask | None = None
) -> float:
    """Return the correlation over the pixels whose true stain is brighter than `threshold`."""
    bright = truth > threshold
    return pearson(truth, predicted, bright if known is None else bright & known)


def otsu(values: NDArray[Any]) -> float:
    """Return the grey level that divides pixels best into dark and bright (Otsu 1979, 256 levels)."""
    flat = np.asarray(values, np.float64).reshape(-1)
    low, high = float(flat.min()), float(flat.max())
    if not high > low:
        return high
    counts, edges = np.histogram(flat, 256, (low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    dark, bright = counts.cumsum(), counts[::-1].cumsum()[::-1]
    sums = counts * centres
    mean_dark = sums.cumsum() / np.maximum(dark, 1)
    mean_bright = sums[::-1].cumsum()[::-1] / np.maximum(bright, 1)
    between = dark[:-1] * bright[1:] * (mean_dark[:-1] - mean_bright[1:]) ** 2
    return float(centres[int(np.argmax(between))])


def heat_map(truth: NDArray[Any], predicted: NDArray[Any], known: Mask | None = None) -> NDArray[np.float64]:
    """Return how many of 1,000 pixels lie in each pair of bins of 0.1: rows = true from 0 up, columns = predicted."""
    a, b = (np.clip(_flat(image, known), 0, 1) for image in (truth, predicted))
    rows, columns = (np.minimum((image * _BINS).astype(int), _BINS - 1) for image in (a, b))
    counts = np.bincount(rows * _BINS + columns, minlength=_BINS**2).reshape(_BINS, _BINS)
    return (counts * (1000.0 / max(1, a.size))).astype(np.float64)


def ssim(truth: NDArray[Any], predicted: NDArray[Any], known: Mask | None = None) -> float:
    """Return the structural similarity (Wang et al. 2004: Gaussian window of SD 1.5, range 1), known pixels' mean."""
    a, b = (np.asarray(image, np.float64) for image in (truth, predicted))
    mean_a, mean_b = _local(a), _local(b)
    var_a, var_b = _local(a * a) - mean_a**2, _local(b * b) - mean_b**2
    both = _local(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    found = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    inside = np.zeros(found.shape, bool)
    # The window reaches beyond the border there.
    inside[5:-5, 5:-5] = True
    if known is not None:
        inside &= known
    return float(found[inside].mean()) if inside.any() else float("nan")


def _local(image: NDArray[np.float64]) -> NDArray[np.float64]:
    return ndimage.gaussian_filter(image, 1.5, truncate=3.5)


def scores(
    truth: NDArray[Any],
    predicted: NDArray[Any],
    known: Mask | None = None,
    interval: tuple[NDArray[Any], NDArray[Any]] | None = None,
    threshold: float | None = None,
) -> Scores:
    """Return all figures of one stain; `interval` is (low, high), `threshold` the foreground's, else Otsu's."""
    a, b = (_flat(image, known) for image in (truth, predicted))
    if not a.size:
        nothing = float("nan")
        return Scores(nothing, nothing, nothing, nothing, nothing, nothing, 0.0, nothing, 0)
    level = otsu(a) if threshold is None else threshold
    inside = float("nan")
    if interval is not None:
        low, high = (_flat(image, known) for image in interval)
        inside = float(np.mean((a >= low) & (a <= high)))
    return Scores(
        pearson(a, b), pearson_sampled(a, b), pearson_foreground(a, b, level), ssim(truth, predicted, known),
        float(np.abs(a - b).mean()), level, float(np.mean(a > level)), inside, a.size,
    )  # fmt: skip


def _flat(image: NDArray[Any], known: Mask | None) -> NDArray[np.float64]:
    picked = np.asarray(image) if known is None else np.asarray(image)[known]
    return picked.reshape(-1).astype(np.float64)
