"""Pictures of errors: predicted, true, and where the two differ, one row per stain.

Too bright (false positive) is orange and too dim (false negative) blue, which most colour-blind people tell apart; as
published the predicted picture has a purple frame, the true one turquoise, the difference a black one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint8]
"""A picture (y, x, red green blue)."""

ORANGE, BLUE = (1.0, 0.5, 0.0), (0.0, 0.5, 1.0)
PURPLE, TURQUOISE, BLACK = (102, 0, 255), (64, 224, 208), (0, 0, 0)
_FRAME = 4
_FLOOR, _SPAN, _ERROR_SPAN = 0.2, 0.6, 0.8


def shown(stain: NDArray[Any]) -> NDArray[np.float32]:
    """Return a stain as the paper shows it: 0.2, the usual noise, becomes black and 0.8 white."""
    return np.clip((np.asarray(stain, np.float32) - _FLOOR) / _SPAN, 0, 1)


def difference(truth: NDArray[Any], predicted: NDArray[Any]) -> Colours:
    """Return where a prediction is too bright (orange) or too dim (blue), on black."""
    a, b = (np.minimum(np.asarray(image, np.float32) / _ERROR_SPAN, 1) for image in (truth, predicted))
    more, less = np.maximum(b - a, 0)[..., None], np.maximum(a - b, 0)[..., None]
    return _bytes(more * np.array(ORANGE, np.float32) + less * np.array(BLUE, np.float32))


def together(truth: NDArray[Any], predicted: NDArray[Any]) -> Colours:
    """Return both in one picture: truth blue, prediction orange, grey where they agree."""
    a, b = (shown(image)[..., None] for image in (truth, predicted))
    return _bytes(b * np.array(ORANGE, np.float32) + a * np.array(BLUE, np.float32))


def panel(stains: Mapping[str, tuple[NDArray[Any], NDArray[Any]]], light: NDArray[Any] | None = None) -> Colours:
    """Return the error panel of stains (label → truth, prediction), one row each.

    Columns: predicted, true, difference; in front the transmitted light, if given.
    """
    rows = []
    for truth, predicted in stains.values():
        tiles = [
            _framed(_grey(shown(predicted)), PURPLE), _framed(_grey(shown(truth)), TURQUOISE),
            _framed(difference(truth, predicted), BLACK),
        ]  # fmt: skip
        if light is not None:
            tiles.insert(0, _framed(_grey(np.asarray(light, np.float32)), BLACK))
        rows.append(np.concatenate(tiles, axis=1))
    return np.concatenate(rows, axis=0)


def overlay(light: NDArray[Any], stains: Mapping[str, tuple[NDArray[Any], tuple[float, float, float]]]) -> Colours:
    """Return transmitted light in grey with stains (label → picture, colour 0 to 1) shining on it."""
    base = np.repeat(np.clip(np.asarray(light, np.float32), 0, 1)[..., None] * 0.6, 3, axis=-1)
    for stain, colour in stains.values():
        strength = shown(stain)[..., None]
        base = base * (1 - 0.7 * strength) + strength * np.array(colour, np.float32)
    return _bytes(base)


def _grey(image: NDArray[np.float32]) -> Colours:
    return np.repeat(_bytes(image)[..., None], 3, axis=-1)


def _bytes(image: NDArray[np.float32]) -> Colours:
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _framed(image: Colours, colour: tuple[int, int, int]) -> Colours:
    high, wide, _ = image.shape
    made = np.empty((high + 2 * _FRAME, wide + 2 * _FRAME, 3), np.uint8)
    made[:] = colour
    made[_FRAME:-_FRAME, _FRAME:-_FRAME] = image
    return made
