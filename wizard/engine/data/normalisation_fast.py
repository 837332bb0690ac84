"""The compiled part of normalisation: one pass over the pixels in their own type, other threads run on meanwhile."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled


def plain(images: NDArray[Any]) -> NDArray[Any]:
    """Return images as the functions below take them: without gaps, of a type that the processor knows."""
    known = images.dtype.isnative and images.dtype.kind in "uif" and images.dtype != np.float16
    return np.ascontiguousarray(images if known else images.astype(np.float32))


@compiled
def measure(images: NDArray[Any], found: NDArray[Any]) -> None:
    """Fill `found` (n, channel, 4), float64, with least, greatest, mean and mean square deviation of each plane."""
    number, channels, height, width = images.shape
    for cell in range(number):
        for channel in range(channels):
            pixels = images[cell, channel].reshape(-1)
            least = greatest = pixels[0]
            total = squares = 0.0
            # Distances from the first pixel: their squares lose no digits where the values are large.
            start = np.float64(pixels[0])
            for value in pixels:
                least, greatest = min(least, value), max(greatest, value)
                away = np.float64(value) - start
                total += away
                squares += away * away
            mean = total / pixels.size
            found[cell, channel, 0], found[cell, channel, 1] = least, greatest
            found[cell, channel, 2], found[cell, channel, 3] = (
                start + mean,
                max(0.0, squares / pixels.size - mean * mean),
            )


@compiled
def scale_into(images: NDArray[Any], offset: NDArray[Any], scale: NDArray[Any], clip: bool, out: NDArray[Any]) -> None:
    """Fill `out` (n, y, x, channel) with (x - offset) / scale of images (n, channel, y, x), all but these float32.

    Offset and scale are (n, channel), or (1, channel) for all cells; `clip` ends the values at -1 and 1.
    """
    number, channels, height, width = images.shape
    for cell in range(number):
        row = cell if offset.shape[0] > 1 else 0
        pixels, target = images[cell].reshape(channels, height * width), out[cell].reshape(height * width, channels)
        for channel in range(channels):
            less, by = offset[row, channel], scale[row, channel]
            source = pixels[channel]
            for pixel in range(len(source)):
                value = (np.float32(source[pixel]) - less) / by
                if clip:
                    value = min(max(value, np.float32(-1.0)), np.float32(1.0))
                target[pixel, channel] = value
