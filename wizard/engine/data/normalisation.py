"""Grey levels to network input; the constants come from the training cells and live in the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Constants = dict[str, Any]
Floats = NDArray[np.float32]

NORMALISATIONS: dict[str, tuple[Callable[[NDArray[Any]], Constants], Callable[[Floats, Constants], Floats]]] = {}
"""Name → (constants from training images (cell, channel, y, x), function that applies them)."""

_CELLS = 4000
"""Cells from which the constants are taken: enough for four digits, little memory."""


def fit(kind: str, images: NDArray[Any]) -> Constants:
    """Return {"kind", constants...} for training images (cell, channel, y, x)."""
    step = max(1, len(images) // _CELLS)
    return {"kind": kind, **NORMALISATIONS[kind][0](images[::step])}


def apply(images: NDArray[Any], constants: Constants) -> Floats:
    """Return network input (cell, y, x, channel), float32, from images (cell, channel, y, x)."""
    channels_last = np.ascontiguousarray(np.moveaxis(images, 1, -1), dtype=np.float32)
    return NORMALISATIONS[constants["kind"]][1](channels_last, constants)


def _mean_sd(images: NDArray[Any]) -> Constants:
    means = images.mean(axis=(0, 2, 3), dtype=np.float64)
    deviations = images.std(axis=(0, 2, 3), dtype=np.float64)
    return {"offset": means.tolist(), "scale": np.maximum(deviations, 1e-6).tolist()}


def _percentile(images: NDArray[Any]) -> Constants:
    low, high = np.percentile(images, (1, 99), axis=(0, 2, 3))
    return {"offset": low.tolist(), "scale": np.maximum(high - low, 1e-6).tolist()}


def _shift_and_scale(images: Floats, constants: Constants) -> Floats:
    images -= np.asarray(constants["offset"], np.float32)
    images /= np.asarray(constants["scale"], np.float32)
    return images


def _clipped(images: Floats, constants: Constants) -> Floats:
    return np.clip(_shift_and_scale(images, constants), 0.0, 1.0) * 2.0 - 1.0


def _stretch(images: Floats, constants: Constants) -> Floats:
    """Stretch every cell and channel to -1..1 (Deepometry); a flat channel becomes -1."""
    low = images.min(axis=(1, 2), keepdims=True)
    span = np.maximum(images.max(axis=(1, 2), keepdims=True) - low, 1e-6)
    return (images - low) / span * 2.0 - 1.0


NORMALISATIONS["mean_sd"] = (_mean_sd, _shift_and_scale)
NORMALISATIONS["percentile"] = (_percentile, _clipped)
NORMALISATIONS["per_cell"] = (lambda images: {}, _stretch)
