"""The compiled loop over cells that puts their classical features into rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled
from wizard.engine.extracting.measure_fast import OF_CHANNEL as OF_CHANNEL
from wizard.engine.extracting.measure_fast import OUTLINE, channel, depths, outline, pair
from wizard.engine.extracting.object_fast import find_object, valid_box

SHAPE = OUTLINE + 1
"""Features of the outline with the area in µm²."""
_GAP = 2
"""Pixels between the cell and what counts as background."""


@compiled
def measure(
    images: NDArray[Any], known: NDArray[Any], boxes: NDArray[Any], pixel_size: float, paired: bool,
    values: NDArray[Any], found: NDArray[Any],
) -> None:  # fmt: skip
    """Fill `values` (cell, feature), which holds NaN, and `found` (0 mask, 1 threshold, 2 nothing).

    `images` (cell, channel, y, x) float32, `known` (cell, y, x) the pixels of the cell where they are known.
    """
    number, channels, height, width = images.shape
    out = np.empty(OUTLINE)
    for cell in range(number):
        image, mask = images[cell], known[cell].copy()
        valid = _valid(image, boxes[cell])
        if mask.any():
            valid |= mask
        elif find_object(image, valid, mask):
            found[cell] = 1
        _leave_out_gaps(image, mask)
        if not mask.any():
            found[cell] = 2
            continue
        outline(mask, out)
        values[cell, 0], values[cell, 1] = out[0], out[0] * pixel_size * pixel_size
        values[cell, 2:SHAPE] = out[1:]
        outside, deep = _outside(mask, valid), depths(mask)
        at = SHAPE
        for place in range(channels):
            channel(image[place], mask, valid, outside, deep, values[cell, at : at + OF_CHANNEL])
            at += OF_CHANNEL
        if paired:
            for one in range(channels):
                for two in range(one + 1, channels):
                    values[cell, at] = pair(image[one], image[two], mask)
                    at += 1


@compiled
def _leave_out_gaps(image: NDArray[Any], mask: NDArray[Any]) -> None:
    """Take pixels that are no numbers out of a mask."""
    for place in range(image.shape[0]):
        for y in range(mask.shape[0]):
            for x in range(mask.shape[1]):
                mask[y, x] &= math.isfinite(image[place, y, x])


@compiled
def _valid(image: NDArray[Any], box: NDArray[Any]) -> NDArray[Any]:
    """Return the pixels of the frame that come from the image."""
    channels, height, width = image.shape
    valid_box(image, box)
    valid = np.zeros((height, width), np.bool_)
    for y in range(box[0], box[1]):
        for x in range(box[2], box[3]):
            good = True
            for place in range(channels):
                good &= math.isfinite(image[place, y, x])
            valid[y, x] = good
    return valid


@compiled
def _outside(mask: NDArray[Any], valid: NDArray[Any]) -> NDArray[Any]:
    """Return the valid pixels that are further from the cell than the gap; without any, those right beside it."""
    height, width = mask.shape
    outside = np.zeros((height, width), np.bool_)
    for gap in (_GAP, 0):
        for y in range(height):
            for x in range(width):
                if not valid[y, x] or mask[y, x]:
                    continue
                free = True
                for v in range(max(0, y - gap), min(height, y + gap + 1)):
                    for u in range(max(0, x - gap), min(width, x + gap + 1)):
                        if mask[v, u]:
                            free = False
                            break
                    if not free:
                        break
                outside[y, x] = free
        if outside.any():
            break
    return outside
