"""The compiled classical features of one cell: outline, intensity, texture, as scikit-image defines them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled

LEVELS = 16
"""Grey levels of the texture, between the darkest and the brightest pixel of the cell."""
OUTLINE = 6
"""Figures of `outline`: area, perimeter, eccentricity, solidity, major axis, minor axis."""
OF_CHANNEL = 15
"""Figures of `channel`, in the order of `naming.CHANNEL`."""


@compiled
def outline(mask: NDArray[Any], out: NDArray[Any]) -> None:
    """Fill `out` (6) from a mask (y, x) with at least one pixel."""
    height, width = mask.shape
    area, mean_y, mean_x = 0, 0.0, 0.0
    for y in range(height):
        for x in range(width):
            if mask[y, x]:
                area += 1
                mean_y += y
                mean_x += x
    mean_y, mean_x = mean_y / area, mean_x / area
    yy = xx = yx = 0.0
    for y in range(height):
        for x in range(width):
            if mask[y, x]:
                yy += (y - mean_y) ** 2
                xx += (x - mean_x) ** 2
                yx += (y - mean_y) * (x - mean_x)
    yy, xx, yx = yy / area, xx / area, yx / area
    half, root = (yy + xx) / 2, math.sqrt(((yy - xx) / 2) ** 2 + yx * yx)
    long, short = half + root, max(0.0, half - root)
    out[0] = area
    out[1] = _perimeter(mask)
    out[2] = math.sqrt(max(0.0, 1 - short / long)) if long > 0 else 0.0
    out[3] = area / _hull_area(mask)
    out[4], out[5] = 4 * math.sqrt(long), 4 * math.sqrt(short)


@compiled
def _on(mask: NDArray[Any], y: int, x: int) -> bool:
    return 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x]


@compiled
def _is_border(mask: NDArray[Any], y: int, x: int) -> bool:
    return _on(mask, y, x) and not (
        _on(mask, y - 1, x) and _on(mask, y + 1, x) and _on(mask, y, x - 1) and _on(mask, y, x + 1)
    )


@compiled
def _perimeter(mask: NDArray[Any]) -> float:
    """Return the length of the outline after Benkrid and Crookes (2000), as scikit-image does."""
    total = 0.0
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if not _is_border(mask, y, x):
                continue
            code = 1
            for v in range(-1, 2):
                for u in range(-1, 2):
                    if (v or u) and _is_border(mask, y + v, x + u):
                        code += 10 if v and u else 2
            if code in (5, 7, 15, 17, 25, 27):
                total += 1
            elif code in (21, 33):
                total += math.sqrt(2)
            elif code in (13, 23):
                total += (1 + math.sqrt(2)) / 2
    return total


@compiled
def _hull_area(mask: NDArray[Any]) -> int:
    """Return the pixels whose centre is in the convex hull of the middles of all pixels' edges."""
    height, width = mask.shape
    hull = _hull(_corners(mask), 2 * height + 4)
    inside = 0
    for y in range(height):
        for x in range(width):
            good = True
            for index in range(len(hull) - 1):
                if _turn(hull[index], hull[index + 1], 2 * x + 1, 2 * y + 1) < 0:
                    good = False
                    break
            inside += good
    return inside


@compiled
def _corners(mask: NDArray[Any]) -> NDArray[Any]:
    """Return the middles of the edges of the first and last pixel of every line, sorted by x, then y.

    Each is x * (2 * height + 4) + y of twice the coordinates and one more, so that all are whole and above zero.
    """
    height, width = mask.shape
    keys = np.empty(8 * height, np.int64)
    count = 0
    for y in range(height):
        left, right = -1, -1
        for x in range(width):
            if mask[y, x]:
                right = x
                if left < 0:
                    left = x
        if left < 0:
            continue
        for x in (left, right):
            for v, u in ((0, -1), (0, 1), (-1, 0), (1, 0)):
                keys[count] = (2 * x + u + 1) * (2 * height + 4) + (2 * y + v + 1)
                count += 1
    return np.sort(keys[:count])


@compiled
def _hull(points: NDArray[Any], span: int) -> NDArray[Any]:
    """Return the corners (x, y) of the convex hull, the first again as the last (Andrew 1979)."""
    count = len(points)
    hull = np.empty((2 * count + 2, 2), np.int64)
    size = 0
    for turn in range(2):
        least = max(1, size)
        for index in range(count):
            key = points[index] if turn == 0 else points[count - 1 - index]
            x, y = key // span, key % span
            while size > least and _turn(hull[size - 2], hull[size - 1], x, y) <= 0:
                size -= 1
            if size == 0 or hull[size - 1, 0] != x or hull[size - 1, 1] != y:
                hull[size, 0], hull[size, 1] = x, y
                size += 1
    return hull[:size]


@compiled
def _turn(one: NDArray[Any], two: NDArray[Any], x: int, y: int) -> int:
    return (two[0] - one[0]) * (y - one[1]) - (two[1] - one[1]) * (x - one[0])


@compiled
def depths(mask: NDArray[Any]) -> NDArray[Any]:
    """Return how far each pixel of the mask is from the outline, 0..1 of the largest depth (chamfer distance)."""
    height, width = mask.shape
    deep = np.zeros((height + 2, width + 2), np.float32)
    far = np.float32(4 * (height + width))
    for y in range(height):
        for x in range(width):
            if mask[y, x]:
                deep[y + 1, x + 1] = far
    for y in range(1, height + 1):
        for x in range(1, width + 1):
            if deep[y, x] > 0:
                straight = min(deep[y - 1, x], deep[y, x - 1]) + 3
                slanted = min(deep[y - 1, x - 1], deep[y - 1, x + 1]) + 4
                deep[y, x] = min(deep[y, x], straight, slanted)
    for y in range(height, 0, -1):
        for x in range(width, 0, -1):
            if deep[y, x] > 0:
                straight = min(deep[y + 1, x], deep[y, x + 1]) + 3
                slanted = min(deep[y + 1, x + 1], deep[y + 1, x - 1]) + 4
                deep[y, x] = min(deep[y, x], straight, slanted)
    most = deep.max()
    return deep[1:-1, 1:-1] / max(most, np.float32(1))


@compiled
def channel(
    plane: NDArray[Any], mask: NDArray[Any], valid: NDArray[Any], outside: NDArray[Any], deep: NDArray[Any],
    out: NDArray[Any],
) -> None:  # fmt: skip
    """Fill `out` (15) from one channel (y, x); `outside` marks the background, `deep` is that of `depths`."""
    height, width = plane.shape
    values = np.empty(mask.sum(), np.float64)
    around = np.empty(outside.sum(), np.float64)
    count = beside = 0
    for y in range(height):
        for x in range(width):
            if mask[y, x]:
                values[count] = plane[y, x]
                count += 1
            elif outside[y, x]:
                around[beside] = plane[y, x]
                beside += 1
    back = np.median(around) if beside else np.min(values)
    mean, spread = np.mean(values), np.std(values)
    out[0], out[1], out[2] = mean - back, np.median(values) - back, spread
    out[3], out[4], out[5] = np.max(values) - back, np.sum(values) - back * count, back
    _sharpness(plane, mask, valid, spread, out)
    _texture(plane, mask, np.min(values), np.max(values), out)
    sums, numbers = np.zeros(3), np.zeros(3)
    for y in range(height):
        for x in range(width):
            if mask[y, x]:
                ring = min(2, int((1 - deep[y, x]) * 3))
                sums[ring] += plane[y, x]
                numbers[ring] += 1
    for ring in range(3):
        if numbers[ring] == 0:
            out[12 + ring] = np.nan
        else:
            out[12 + ring] = (sums[ring] / numbers[ring] - mean) / spread if spread > 0 else 0.0


@compiled
def _sharpness(plane: NDArray[Any], mask: NDArray[Any], valid: NDArray[Any], spread: float, out: NDArray[Any]) -> None:
    """Fill gradient and focus from the pixels whose four neighbours are in the image."""
    height, width = plane.shape
    squares = total = curved = 0.0
    count = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if not (mask[y, x] and valid[y - 1, x] and valid[y + 1, x] and valid[y, x - 1] and valid[y, x + 1]):
                continue
            up, down = float(plane[y - 1, x]), float(plane[y + 1, x])
            left, right = float(plane[y, x - 1]), float(plane[y, x + 1])
            squares += ((down - up) / 2) ** 2 + ((right - left) / 2) ** 2
            bend = up + down + left + right - 4 * float(plane[y, x])
            total += bend
            curved += bend * bend
            count += 1
    if count == 0:
        out[6] = out[7] = np.nan
        return
    out[6] = math.sqrt(squares / count)
    variance = max(0.0, curved / count - (total / count) ** 2)
    out[7] = variance / (spread * spread) if spread > 0 else 0.0


@compiled
def _texture(plane: NDArray[Any], mask: NDArray[Any], low: float, high: float, out: NDArray[Any]) -> None:
    """Fill contrast, homogeneity, energy, correlation (Haralick 1973) of neighbours in four directions."""
    height, width = plane.shape
    pairs = np.zeros((LEVELS, LEVELS))
    step = LEVELS / (high - low) if high > low else 0.0
    for y in range(height):
        for x in range(width):
            if not mask[y, x]:
                continue
            one = min(LEVELS - 1, int((plane[y, x] - low) * step))
            for v, u in ((0, 1), (1, 1), (1, 0), (1, -1)):
                if _on(mask, y + v, x + u):
                    two = min(LEVELS - 1, int((plane[y + v, x + u] - low) * step))
                    pairs[one, two] += 1
                    pairs[two, one] += 1
    total = pairs.sum()
    if total == 0:
        out[8:12] = np.nan
        return
    pairs /= total
    mean = contrast = alike = squares = 0.0
    for one in range(LEVELS):
        for two in range(LEVELS):
            share = pairs[one, two]
            mean += one * share
            contrast += share * (one - two) ** 2
            alike += share / (1.0 + (one - two) ** 2)
            squares += share * share
    variance = together = 0.0
    for one in range(LEVELS):
        for two in range(LEVELS):
            variance += pairs[one, two] * (one - mean) ** 2
            together += pairs[one, two] * (one - mean) * (two - mean)
    out[8], out[9], out[10] = contrast, alike, math.sqrt(squares)
    out[11] = together / variance if variance > 1e-15 else 1.0


@compiled
def pair(one: NDArray[Any], two: NDArray[Any], mask: NDArray[Any]) -> float:
    """Return Pearson's correlation of two channels over a mask; NaN where one of them is constant."""
    count, mean_one, mean_two = 0, 0.0, 0.0
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x]:
                count += 1
                mean_one += one[y, x]
                mean_two += two[y, x]
    mean_one, mean_two = mean_one / count, mean_two / count
    first = second = both = 0.0
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x]:
                away, beside = one[y, x] - mean_one, two[y, x] - mean_two
                first += away * away
                second += beside * beside
                both += away * beside
    return both / math.sqrt(first * second) if first > 0 and second > 0 else np.nan
