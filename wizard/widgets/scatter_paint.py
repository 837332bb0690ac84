"""Paints many points into one picture with NumPy: every point is a small stamp, later ones lie above."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

RING = "ring"
_PIXELS_AT_ONCE = 4_000_000
_NONE = np.iinfo(np.int32).min


@lru_cache(maxsize=256)
def stamp(shape: str, side: int) -> NDArray[np.bool_]:
    """Return the pixels (side, side) of a shape; shapes are named as matplotlib names its markers, or `ring`."""
    if side <= 2:
        return np.ones((side, side), bool)
    at = (np.arange(side) + 0.5) / side * 2 - 1
    x, y = np.meshgrid(at, at)
    far = np.hypot(x, y)
    if shape == RING:
        return np.asarray((far <= 1) & (far >= 1 - max(0.3, 3.2 / side)))
    made: dict[str, NDArray[np.bool_]] = {
        "s": np.maximum(abs(x), abs(y)) <= 0.84,
        "D": abs(x) + abs(y) <= 1.05,
        "^": (abs(x) <= (y + 1.0) / 2 + 0.02) & (y <= 0.8),
        "v": (abs(x) <= (1.0 - y) / 2 + 0.02) & (y >= -0.8),
        "P": (np.minimum(abs(x), abs(y)) <= 0.36) & (np.maximum(abs(x), abs(y)) <= 0.98),
        "X": (abs(abs(x) - abs(y)) <= 0.48) & (np.maximum(abs(x), abs(y)) <= 0.92),
    }
    return np.asarray(made.get(shape, far <= (1 if side > 3 else 1.2)))


def packed(colours: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return colours (n, 3) as one number each, as `Sheet` keeps them."""
    parts = colours.astype(np.uint32)
    return np.asarray(parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16)


class Sheet:
    """A picture under way, `width` by `height` pixels, painted `fine` times as large and then made smaller."""

    def __init__(self, width: int, height: int, back: tuple[int, int, int], fine: int = 1, margin: int = 16) -> None:
        self.width, self.height, self.fine, self.margin = width, height, fine, margin
        self.row = width * fine + 2 * margin
        self.rows = height * fine + 2 * margin
        self._back = back
        paper = int(packed(np.array([back], np.uint8))[0])
        # One pixel more: where the parts of a stamp go that are not painted.
        self._pixels = np.full(self.row * self.rows + 1, paper, np.uint32)

    def put(
        self,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        colours: NDArray[np.uint32],
        shapes: tuple[str, ...] = ("o",),
        kinds: NDArray[np.int8] | None = None,
        side: int = 2,
        rim: tuple[int, NDArray[np.uint32]] | None = None,
    ) -> None:
        """Paint points in their order; x and y in pixels of the picture, `kinds` their place in `shapes`.

        `side` is their diameter in painted pixels; `rim` a wider stamp below each: by how much, and its colour (1,).
        """
        base, inside = self._places(x, y, side)
        offsets = self._offsets(shapes, side, 0)
        below = self._offsets(shapes, side, rim[0]) if rim else offsets[:, :0]
        both = np.concatenate([below, offsets], axis=1)
        some = None if kinds is None else kinds[inside]
        tints = colours[inside]
        step = max(1, _PIXELS_AT_ONCE // both.shape[1])
        for start in range(0, len(base), step):
            part = slice(start, start + step)
            spread = self._spread(base[part], both, None if some is None else some[part])
            if rim is None:
                self._pixels[spread.ravel()] = np.repeat(tints[part], both.shape[1])
                continue
            each = np.empty(spread.shape, np.uint32)
            each[:, : below.shape[1]] = rim[1]
            each[:, below.shape[1] :] = tints[part, None]
            self._pixels[spread.ravel()] = each.ravel()

    def blend(
        self, x: NDArray[np.float32], y: NDArray[np.float32], colours: NDArray[np.uint32], side: int, share: float
    ) -> None:
        """Paint see-through points: where many lie the colour is their mean, and covers the more the more they are."""
        base, inside = self._places(x, y, side)
        spread = self._spread(base, self._offsets(("o",), side, 0), None).ravel()
        each = len(spread) // max(1, len(base))
        size = len(self._pixels)
        number = np.bincount(spread, minlength=size)
        at = np.flatnonzero(number)
        count = number[at]
        cover = 1 - (1 - share) ** count
        tints = np.repeat(colours[inside], each)
        mixed = np.zeros(len(at), np.uint32)
        for place in range(3):
            parts = ((tints >> (8 * place)) & 255).astype(np.float64)
            mean = np.bincount(spread, parts, minlength=size)[at] / count
            mixed |= np.rint(self._back[place] * (1 - cover) + mean * cover).astype(np.uint32) << (8 * place)
        self._pixels[at] = mixed

    def picture(self) -> Image.Image:
        """Return what is painted as an RGB picture."""
        whole = Image.frombuffer("RGBX", (self.row, self.rows), self._pixels[:-1], "raw", "RGBX", 0, 1)
        edge = self.margin
        part = whole.crop((edge, edge, self.row - edge, self.rows - edge))
        return (part.reduce(self.fine) if self.fine > 1 else part).convert("RGB")

    def _places(
        self, x: NDArray[np.float32], y: NDArray[np.float32], side: int
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return the first pixel of each stamp that is on the sheet, and which points these are."""
        half = side / 2
        left = np.floor(x * np.float32(self.fine) - np.float32(half - 0.5) + np.float32(self.margin)).astype(np.int32)
        top = np.floor(y * np.float32(self.fine) - np.float32(half - 0.5) + np.float32(self.margin)).astype(np.int32)
        edge = self.margin // 2
        across, down = self.row - side - edge, self.rows - side - edge
        inside = np.flatnonzero((left >= edge) & (left < across) & (top >= edge) & (top < down))
        return top[inside] * np.int32(self.row) + left[inside], inside

    def _offsets(self, shapes: tuple[str, ...], side: int, wider: int) -> NDArray[np.int32]:
        """Return for every shape (shape, k) the distance of its pixels from the first; `_NONE` for none."""
        masks = [stamp(shape, side + 2 * wider) for shape in shapes]
        longest = max(int(mask.sum()) for mask in masks)
        offsets = np.full((len(masks), longest), _NONE, np.int32)
        for line, mask in zip(offsets, masks, strict=True):
            rows, columns = np.nonzero(mask)
            line[: len(rows)] = (rows - wider) * self.row + columns - wider
        return offsets

    def _spread(
        self, base: NDArray[np.int32], offsets: NDArray[np.int32], kinds: NDArray[np.int8] | None
    ) -> NDArray[np.int32]:
        chosen = offsets[:1] if kinds is None else offsets[kinds]
        spread = base[:, None] + chosen
        if offsets.min() == _NONE:
            spread[np.broadcast_to(chosen == _NONE, spread.shape)] = len(self._pixels) - 1
        return spread


def side_of(number: int, scale: float) -> float:
    """Return the diameter in pixels of each of `number` points in view; `scale` is that of the window."""
    size = float(np.clip(9.0 - 2.7 * np.log10(max(number, 150) / 150), 2.0, 9.0))
    return size * scale
