"""Which points lie inside of a line drawn by hand, or of a box."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Places = tuple[NDArray[np.float32], NDArray[np.float32]]


def inside_line(places: Places, line: Sequence[tuple[float, float]], width: int, height: int) -> NDArray[np.bool_]:
    """Tell which places (x, y in pixels) a closed line encloses; the line is filled on a picture and looked up."""
    x, y = places
    if len(line) < 3:
        return np.zeros(len(x), bool)
    area = Image.new("L", (width, height), 0)
    ImageDraw.Draw(area).polygon([(float(one), float(other)) for one, other in line], fill=1, outline=1)
    filled = np.asarray(area, dtype=bool)
    column, row = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    there = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    found = np.zeros(len(x), bool)
    found[there] = filled[row[there], column[there]]
    return found


def inside_box(places: Places, one: tuple[float, float], other: tuple[float, float]) -> NDArray[np.bool_]:
    """Tell which places (x, y in pixels) lie in the box between two corners."""
    (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    x, y = places
    return np.asarray((x >= left) & (x <= right) & (y >= top) & (y <= bottom))


def combined(before: NDArray[np.bool_], cells: NDArray[np.intp], how: str) -> NDArray[np.bool_]:
    """Return a selection (n) after `cells` took its place (`new`), were added (`add`) or removed (`remove`)."""
    after = np.zeros_like(before) if how == "new" else before.copy()
    after[cells] = how != "remove"
    return after
