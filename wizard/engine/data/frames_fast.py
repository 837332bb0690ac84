"""The compiled part of framing: many cells of one type at once, without holding up other threads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled

_RULES = {"constant": 0, "background": 1, "edge": 2, "reflect": 3}


def place(
    flat: NDArray[Any], sides: NDArray[Any], corners: NDArray[Any], padding: str, value: Any, out: NDArray[Any]
) -> None:
    """Cut frames out of images that lie end to end in `flat`, in its type, with padding outside of them.

    `sides` (n, 2) heights and widths, `corners` (n, 2) top and left of the frames in the images,
    `value` the level of constant padding, `out` (n, channels, height, width). Raises ValueError when the
    images do not fill `flat`.
    """
    sides = np.ascontiguousarray(sides, np.int64)
    if int((sides.prod(axis=1) * out.shape[1]).sum()) != flat.size or len(sides) != len(out):
        raise ValueError("The images have other numbers of channels than their frames.")
    border = np.empty(int((2 * sides.sum(axis=1)).max()), flat.dtype)
    level = np.full(1, value, flat.dtype)
    _place_all(flat, sides, np.ascontiguousarray(corners, np.int64), _RULES[padding],
               flat.dtype.kind in "ui", border, level, out)  # fmt: skip


@compiled
def _inside(place: int, side: int, rule: int) -> int:
    """Map a position outside of a line of `side` px to one inside, by nearest or by mirror; -1 = fill."""
    if 0 <= place < side:
        return place
    if rule < 2:
        return -1
    if rule == 2:
        return 0 if place < 0 else side - 1
    if side == 1:
        return 0
    period = 2 * (side - 1)
    place %= period
    return min(place, period - place)


@compiled
def _middle_pair(values: NDArray[Any], count: int) -> tuple[Any, Any]:
    """Return the two middle ones of an even number of values; reorders them (Hoare's selection)."""
    wanted = count // 2
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if wanted <= right:
            high = right
        elif wanted >= left:
            low = left
        else:
            break
    lower = values[0]
    for index in range(1, wanted):
        lower = max(lower, values[index])
    return lower, values[wanted]


@compiled
def _border_level(
    flat: NDArray[Any], start: int, height: int, width: int, border: NDArray[Any], level: NDArray[Any], whole: bool
) -> None:
    """Put the median of an image's border into `level`, rounded down for whole numbers."""
    count = 0
    last = start + (height - 1) * width
    for x in range(width):
        border[count] = flat[start + x]
        border[count + 1] = flat[last + x]
        count += 2
    for y in range(1, height - 1):
        border[count] = flat[start + y * width]
        border[count + 1] = flat[start + y * width + width - 1]
        count += 2
    low, high = _middle_pair(border, count)
    middle = (np.float64(low) + np.float64(high)) / 2
    level[0] = np.floor(middle) if whole else middle


@compiled
def _place_all(
    flat: NDArray[Any], sides: NDArray[Any], corners: NDArray[Any], rule: int, whole: bool, border: NDArray[Any],
    level: NDArray[Any], out: NDArray[Any],
) -> None:  # fmt: skip
    tall, wide = out.shape[2], out.shape[3]
    start = 0
    for cell in range(out.shape[0]):
        height, width = sides[cell, 0], sides[cell, 1]
        top, left = corners[cell, 0], corners[cell, 1]
        within = top >= 0 and left >= 0 and top + tall <= height and left + wide <= width
        x0 = min(max(0, -left), wide)
        x1 = max(x0, min(wide, width - left))
        for channel in range(out.shape[1]):
            if rule == 1 and not within:
                _border_level(flat, start, height, width, border, level, whole)
            for y in range(tall):
                row = _inside(y + top, height, rule)
                line = out[cell, channel, y]
                if row < 0:
                    line[:] = level[0]
                    continue
                first = start + row * width
                # Indices from range(len()) are known not to be negative: the copy is vectorised.
                source, target = flat[first + left + x0 : first + left + x1], line[x0:x1]
                for x in range(len(target)):
                    target[x] = source[x]
                for side in range(2):
                    for x in range(x1 if side else 0, wide if side else x0):
                        column = _inside(x + left, width, rule)
                        line[x] = level[0] if column < 0 else flat[first + column]
            start += height * width
