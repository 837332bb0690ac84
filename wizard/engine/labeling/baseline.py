"""The floor that a network must beat: a linear model of a few hand-made figures of each pixel's surroundings.

For 13 planes these are 33: the planes themselves, and at four scales gradient and local spread of the centre plane,
the difference along the stack, the centre plane blurred, and the spread over the planes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]
_SCALES = (1.0, 2.0, 4.0, 8.0)
_PIXELS = 200_000


def features(light: NDArray[Any]) -> Floats:
    """Return the figures (y, x, figure) of a picture (y, x, plane): planes + 5 for each of four scales."""
    light = np.asarray(light, np.float32)
    count = light.shape[-1]
    centre, (first, last) = light[..., (count - 1) // 2], (light[..., 0], light[..., -1])
    found = [light[..., plane] for plane in range(count)]
    over = light.std(axis=-1)
    for scale in _SCALES:
        blurred = ndimage.gaussian_filter(centre, scale)
        spread = ndimage.gaussian_filter(centre**2, scale) - blurred**2
        found += [
            ndimage.gaussian_gradient_magnitude(centre, scale),
            np.sqrt(np.maximum(spread, 0)),
            ndimage.gaussian_filter(last - first, scale),
            blurred,
            ndimage.gaussian_filter(over, scale),
        ]
    return np.stack(found, axis=-1).astype(np.float32)


class Linear:
    """A least-squares fit from the figures of a pixel to its stains."""

    def __init__(self, weights: NDArray[np.float64]) -> None:
        self.weights = weights

    @classmethod
    def fit(
        cls, light: NDArray[Any], stains: NDArray[Any], known: NDArray[np.bool_] | None = None, seed: int = 0
    ) -> Linear:
        """Fit to a picture (y, x, plane) and its stains (y, x, label), on at most 200,000 known pixels of each."""
        return cls.fit_all([(light, stains, np.ones(stains.shape, np.bool_) if known is None else known)], seed)

    @classmethod
    def fit_all(cls, pictures: Sequence[tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]], seed: int = 0) -> Linear:
        """Fit to several pictures (light, stains, known), on at most 200,000 known pixels of each stain together."""
        rng = np.random.default_rng(seed)
        given = [_with_one(features(light)) for light, _, _ in pictures]
        most = max(1, _PIXELS // len(pictures))
        made = []
        for label in range(pictures[0][1].shape[-1]):
            left, right = [], []
            for flat, (_, stains, known) in zip(given, pictures, strict=True):
                places = np.flatnonzero(known[..., label])
                if len(places) > most:
                    places = rng.choice(places, most, replace=False)
                left.append(flat[places].astype(np.float64))
                right.append(stains[..., label].reshape(-1)[places].astype(np.float64))
            made.append(np.linalg.lstsq(np.concatenate(left), np.concatenate(right), rcond=None)[0])
        return cls(np.stack(made, axis=1))

    def predict(self, light: NDArray[Any]) -> Floats:
        """Return the stains (y, x, label) of a picture (y, x, plane)."""
        return (_with_one(features(light)) @ self.weights).reshape(*light.shape[:2], -1).astype(np.float32)


def _with_one(found: Floats) -> Floats:
    flat = found.reshape(-1, found.shape[-1])
    return np.concatenate([flat, np.ones((len(flat), 1), np.float32)], axis=1)
