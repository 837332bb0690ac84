"""Where the cell lies in its frame: the compiled part of the classical features."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled

_BINS = 128
_LEAST_PIXELS = 4
_SIGNAL = 6.0
"""How many times the noise of the background a channel must reach to help in finding the cell."""
_LEFT = 19 / 81
"""What smoothing twice leaves of the noise of single pixels."""


@compiled
def valid_box(image: NDArray[Any], box: NDArray[Any]) -> None:
    """Shrink `box` (top, bottom, left, right) by lines at its edges that only padding gives, in place.

    A line is padding when all its pixels are equal in every channel, or when it repeats the line inside of it.
    """
    changed = True
    while changed and box[1] - box[0] > 0 and box[3] - box[2] > 0:
        changed = False
        for side in range(4):
            if box[1] - box[0] <= 0 or box[3] - box[2] <= 0:
                return
            upright = side > 1
            at = box[side] if side % 2 == 0 else box[side] - 1
            step = 1 if side % 2 == 0 else -1
            last = (box[3] - box[2] if upright else box[1] - box[0]) == 1
            if _is_padding(image, box, upright, at, at if last else at + step):
                box[side] += step
                changed = True


@compiled
def _is_padding(image: NDArray[Any], box: NDArray[Any], upright: bool, at: int, inner: int) -> bool:
    flat, same = True, at != inner
    first, end = (box[0], box[1]) if upright else (box[2], box[3])
    for channel in range(image.shape[0]):
        level = image[channel, first, at] if upright else image[channel, at, first]
        for place in range(first, end):
            value = image[channel, place, at] if upright else image[channel, at, place]
            beside = image[channel, place, inner] if upright else image[channel, inner, place]
            flat &= value == level
            same &= value == beside
            if not (flat or same):
                return False
    return True


@compiled
def find_object(image: NDArray[Any], valid: NDArray[Any], mask: NDArray[Any]) -> bool:
    """Fill `mask` (y, x) with the cell found by a threshold; False when nothing stands out.

    For each channel of image (channel, y, x): smoothed, distance from the median of the outermost two lines of
    valid pixels, as a share of the largest such distance; channels that do not rise above the noise do not count.
    The largest of these shares is cut by Otsu's threshold; the largest part is kept and its holes are filled.
    """
    channels, height, width = image.shape
    mask[:] = False
    strength = np.zeros((height, width), np.float32)
    rim = _rim(valid)
    found = False
    for channel in range(channels):
        smooth = _smoothed(_smoothed(image[channel], valid), valid)
        level = np.median(_inside(smooth, rim))
        # A rim that other cells reach into is no measure of noise; neighbouring pixels are, but not in smooth pictures.
        noise = min(1.4826 * np.median(np.abs(_inside(smooth, rim) - level)), _LEFT * _noise(image[channel], valid))
        away = np.abs(smooth - np.float32(level))
        peak = 0.0
        for y in range(height):
            for x in range(width):
                if valid[y, x]:
                    peak = max(peak, float(away[y, x]))
        if peak <= _SIGNAL * noise or peak <= 0:
            continue
        found = True
        for y in range(height):
            for x in range(width):
                if valid[y, x]:
                    strength[y, x] = max(strength[y, x], away[y, x] / np.float32(peak))
    if not found:
        return False
    limit = _otsu(_inside(strength, valid))
    for y in range(height):
        for x in range(width):
            mask[y, x] = valid[y, x] and strength[y, x] > limit
    _keep_largest(mask)
    _fill_holes(mask)
    return mask.sum() >= _LEAST_PIXELS


@compiled
def _noise(plane: NDArray[Any], valid: NDArray[Any]) -> float:
    """Return the standard deviation of a pixel's noise from the differences of neighbours."""
    height, width = plane.shape
    steps = np.empty(height * width, np.float32)
    count = 0
    for y in range(height):
        for x in range(width - 1):
            if valid[y, x] and valid[y, x + 1]:
                steps[count] = abs(plane[y, x + 1] - plane[y, x])
                count += 1
    return 1.4826 / math.sqrt(2) * np.median(steps[:count]) if count else 0.0


@compiled
def _rim(valid: NDArray[Any]) -> NDArray[Any]:
    """Return the valid pixels that lie at most two pixels from one that is not, or from the frame's edge."""
    height, width = valid.shape
    rim = np.zeros((height, width), np.bool_)
    for y in range(height):
        for x in range(width):
            if not valid[y, x]:
                continue
            near = y < 2 or x < 2 or y >= height - 2 or x >= width - 2
            if not near:
                near = not (valid[y - 2, x] and valid[y + 2, x] and valid[y, x - 2] and valid[y, x + 2])
            rim[y, x] = near
    return rim


@compiled
def _inside(plane: NDArray[Any], where: NDArray[Any]) -> NDArray[Any]:
    found = np.empty(where.sum(), np.float32)
    count = 0
    for y in range(plane.shape[0]):
        for x in range(plane.shape[1]):
            if where[y, x]:
                found[count] = plane[y, x]
                count += 1
    return found


@compiled
def _smoothed(plane: NDArray[Any], valid: NDArray[Any]) -> NDArray[Any]:
    """Return the mean of the valid pixels among 3 by 3."""
    height, width = plane.shape
    out = np.zeros((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            if not valid[y, x]:
                continue
            total, count = np.float32(0), np.float32(0)
            for v in range(max(0, y - 1), min(height, y + 2)):
                for u in range(max(0, x - 1), min(width, x + 2)):
                    if valid[v, u]:
                        total += plane[v, u]
                        count += np.float32(1)
            out[y, x] = total / count
    return out


@compiled
def _otsu(values: NDArray[Any]) -> float:
    """Return Otsu's threshold (1979) of values in 0..1."""
    counts = np.zeros(_BINS, np.float64)
    for value in values:
        counts[min(_BINS - 1, int(value * _BINS))] += 1
    total = weighted = 0.0
    for place in range(_BINS):
        total += counts[place]
        weighted += counts[place] * place
    below = sums = most = 0.0
    best = 0
    for place in range(_BINS - 1):
        below += counts[place]
        sums += counts[place] * place
        if below == 0 or below == total:
            continue
        gap = sums / below - (weighted - sums) / (total - below)
        between = below * (total - below) * gap * gap
        if between > most:
            most, best = between, place
    return (best + 1) / _BINS


@compiled
def _flood(
    free: NDArray[Any], seen: NDArray[Any], y: int, x: int, mark: int, corners: bool, stack: NDArray[Any]
) -> int:
    """Mark in `seen` what is connected to y, x through `free` pixels; return how many these are."""
    height, width = free.shape
    stack[0, 0], stack[0, 1] = y, x
    seen[y, x] = mark
    size, top = 0, 1
    while top:
        top -= 1
        row, column = stack[top, 0], stack[top, 1]
        size += 1
        for v in range(max(0, row - 1), min(height, row + 2)):
            for u in range(max(0, column - 1), min(width, column + 2)):
                if free[v, u] and not seen[v, u] and (corners or v == row or u == column):
                    seen[v, u] = mark
                    stack[top, 0], stack[top, 1] = v, u
                    top += 1
    return size


@compiled
def _keep_largest(mask: NDArray[Any]) -> None:
    height, width = mask.shape
    seen = np.zeros((height, width), np.int32)
    stack = np.empty((height * width + 1, 2), np.int32)
    best = most = mark = 0
    for y in range(height):
        for x in range(width):
            if mask[y, x] and not seen[y, x]:
                mark += 1
                size = _flood(mask, seen, y, x, mark, True, stack)
                if size > most:
                    most, best = size, mark
    for y in range(height):
        for x in range(width):
            mask[y, x] = best > 0 and seen[y, x] == best


@compiled
def _fill_holes(mask: NDArray[Any]) -> None:
    height, width = mask.shape
    free = ~mask
    seen = np.zeros((height, width), np.int32)
    stack = np.empty((height * width + 1, 2), np.int32)
    for y in range(height):
        for x in range(width):
            if (y in (0, height - 1) or x in (0, width - 1)) and free[y, x] and not seen[y, x]:
                _flood(free, seen, y, x, 1, False, stack)
    for y in range(height):
        for x in range(width):
            mask[y, x] |= seen[y, x] == 0
