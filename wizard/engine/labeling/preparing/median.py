"""The median filter, repeated until nothing changes: it takes away specks and leaves edges where they are."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

_PASSES = 32


def median_to_rest(image: NDArray[Any], size: int = 5, passes: int = _PASSES) -> NDArray[Any]:
    """Return a picture (y, x) after a median of `size` x `size` px until it changes no more, at most `passes` times.

    Beyond the border the picture is mirrored. Only where a pass changed something is the next one made.
    """
    if image.dtype.kind not in "uif" or image.dtype == np.float16:
        image = image.astype(np.float32)
    old = np.ascontiguousarray(image, image.dtype.newbyteorder("="))
    active = np.ones(old.shape, np.bool_)
    for _ in range(passes):
        new = old.copy()
        following = np.zeros_like(active)
        if not _pass(old, new, active, following, size // 2):
            return new
        old, active = new, following
    return old


def _pass(
    old: NDArray[Any], new: NDArray[Any], active: NDArray[np.bool_], following: NDArray[np.bool_], radius: int
) -> int:
    """Fill `new` where `active`, mark in `following` what may change next; return the number of changes."""
    height, width = old.shape
    count = (2 * radius + 1) ** 2
    values = np.empty(count, old.dtype)
    changes = 0
    for y in range(height):
        for x in range(width):
            if not active[y, x]:
                continue
            filled = 0
            for dy in range(-radius, radius + 1):
                row = y + dy
                while row < 0 or row >= height:
                    row = -row - 1 if row < 0 else 2 * height - 1 - row
                for dx in range(-radius, radius + 1):
                    column = x + dx
                    while column < 0 or column >= width:
                        column = -column - 1 if column < 0 else 2 * width - 1 - column
                    value = old[row, column]
                    place = filled
                    while place > 0 and values[place - 1] > value:
                        values[place] = values[place - 1]
                        place -= 1
                    values[place] = value
                    filled += 1
            middle = values[count // 2]
            if middle != old[y, x]:
                new[y, x] = middle
                changes += 1
                for row in range(max(0, y - radius), min(height, y + radius + 1)):
                    for column in range(max(0, x - radius), min(width, x + radius + 1)):
                        following[row, column] = True
    return changes


try:
    _pass = numba.njit(nogil=True, cache=True)(_pass)
except RuntimeError:
    _pass = numba.njit(nogil=True)(_pass)
