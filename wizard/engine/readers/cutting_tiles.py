"""Where the tiles of a large picture lie, and which of them are marked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_BAND = 4_000_000
"""Positions whose marked pixels are counted at once."""


def grid(height: int, width: int, tile: int) -> NDArray[np.int32]:
    """Return the boxes (n, 4) top, left, height, width of the whole tiles of a picture, row by row."""
    tops, lefts = np.arange(height // tile) * tile, np.arange(width // tile) * tile
    boxes = np.empty((len(tops), len(lefts), 4), np.int32)
    boxes[..., 0], boxes[..., 1], boxes[..., 2:] = tops[:, None], lefts, tile
    return boxes.reshape(-1, 4)


def filled(sheet: NDArray[np.generic], tile: int) -> NDArray[np.bool_]:
    """Tell which whole tiles of a montage sheet (channels, y, x) hold a cell, row by row.

    A tile is empty when each channel is one value, and that is 0 or what the sheet's last tile is
    filled with.
    """
    down, across = sheet.shape[1] // tile, sheet.shape[2] // tile
    if not down or not across:
        return np.zeros(0, bool)
    shape = (len(sheet), down, tile, across, tile)
    tiles = sheet[:, : down * tile, : across * tile].reshape(shape)
    low, high = tiles.min(axis=(2, 4)), tiles.max(axis=(2, 4))
    flat = (low == high).all(axis=0)
    empty = flat & (low == 0).all(axis=0)
    if flat[-1, -1]:
        empty |= flat & (low == low[:, -1:, -1:]).all(axis=0)
    return ~empty.ravel()


def counts(marked: NDArray[np.bool_], tile: int) -> NDArray[np.int64]:
    """Return the number of marked pixels of each whole tile, row by row."""
    down, across = marked.shape[0] // tile, marked.shape[1] // tile
    whole = marked[: down * tile, : across * tile]
    return whole.reshape(down, tile, across, tile).sum(axis=(1, 3), dtype=np.int64).ravel()


def extra(
    marked: NDArray[np.bool_], tile: int, pixels: int, positive: bool, number: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw boxes (at most `number`, 4) of further tiles that are all positive or all negative.

    Every position outside of the grid that has `pixels` marked pixels or more (or, for negative
    tiles, fewer) is drawn with the same chance, none twice; they are returned from top to bottom.
    """
    total = sum(int(fits.sum()) for _, fits in _fitting(marked, tile, pixels, positive))
    chosen = np.sort(rng.choice(total, min(number, total), replace=False)) if total else np.zeros(0, np.int64)
    boxes = [np.zeros((0, 4), np.int32)]
    before = 0
    for first, fits in _fitting(marked, tile, pixels, positive):
        places = np.flatnonzero(fits)
        own = places[chosen[(chosen >= before) & (chosen < before + len(places))] - before]
        before += len(places)
        tops, lefts = np.divmod(own, fits.shape[1])
        size = np.full(len(own), tile)
        boxes.append(np.stack([tops + first, lefts, size, size], axis=1).astype(np.int32))
    return np.concatenate(boxes)


def _fitting(
    marked: NDArray[np.bool_], tile: int, pixels: int, positive: bool
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Yield, in bands, the first row and which positions of a tile's corner have the wanted class."""
    rows, columns = marked.shape[0] - tile + 1, marked.shape[1] - tile + 1
    if rows < 1 or columns < 1:
        return
    step = max(1, _BAND // columns)
    on_grid = np.arange(columns) % tile == 0
    for first in range(0, rows, step):
        last = min(rows, first + step)
        band = np.zeros((last - first + tile, marked.shape[1] + 1), np.int32)
        np.cumsum(marked[first : last + tile - 1], axis=0, dtype=np.int32, out=band[1:, 1:])
        np.cumsum(band, axis=1, out=band)
        inside = band[tile:, tile:] - band[:-tile, tile:] - band[tile:, :-tile] + band[:-tile, :-tile]
        fits = inside >= pixels if positive else inside < pixels
        fits[np.arange(first, last) % tile == 0] &= ~on_grid
        yield first, fits
