"""Maps from covering a square of the cell and asking the network again (Zeiler and Fergus 2014)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from wizard.engine.explaining.score import log_odds

Floats = NDArray[np.float32]
Ask = Callable[[Floats], Floats]
"""Network input (cell, y, x, channel) → logits (cell, class)."""

_AT_ONCE = 128
_SHARE, _LEAST = 8, 3


def patch_side(frame: tuple[int, int], wanted: int) -> int:
    """Return the side of the covered square in px: the wanted one, else an eighth of the frame's shorter side."""
    return min(wanted or max(_LEAST, round(min(frame) / _SHARE)), *frame)


def occlusion(image: Floats, empty: Floats, number: int, side: int, ask: Ask, report: Callable[[], None]) -> Floats:
    """Return how far the log-odds of a class fall where a square is covered, as (1 + channel, y, x).

    `image` (y, x, channel) is network input, `empty` (1, 1, channel) what the square is filled with. The first plane
    is of all channels covered together, the others of one each; a pixel gets the mean over the squares that cover
    it. With one channel both planes are the same.
    """
    height, width, channels = image.shape
    sets = [list(range(channels)), *([[one] for one in range(channels)] if channels > 1 else [])]
    corners = [(top, left) for top in _starts(height, side) for left in _starts(width, side)]
    before = log_odds(ask(image[None]), np.array([number]))[0]
    tasks = [(plane, top, left) for plane in range(len(sets)) for top, left in corners]
    fallen = np.zeros((len(sets), height, width))
    often = np.zeros((len(sets), height, width))
    for some in _pieces(tasks, _AT_ONCE):
        covered = np.repeat(image[None], len(some), axis=0)
        for place, (plane, top, left) in enumerate(some):
            for channel in sets[plane]:
                covered[place, top : top + side, left : left + side, channel] = empty[0, 0, channel]
        after = log_odds(ask(covered), np.full(len(some), number))
        for value, (plane, top, left) in zip(before - after, some, strict=True):
            fallen[plane, top : top + side, left : left + side] += value
            often[plane, top : top + side, left : left + side] += 1
        report()
    found = (fallen / often).astype(np.float32)
    return found if channels > 1 else np.concatenate([found, found])


def _starts(length: int, side: int) -> list[int]:
    """Return where squares begin along a side: half a square apart, the last one at the end."""
    return sorted({*range(0, length - side + 1, max(1, side // 2)), length - side})


def _pieces(items: list[tuple[int, int, int]], size: int) -> Iterator[list[tuple[int, int, int]]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
