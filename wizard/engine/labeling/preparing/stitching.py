"""One picture of overlapping tiles: shifts by normalised cross-correlation, places as springs settle them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal, sparse
from scipy.sparse.linalg import lsqr

from wizard.engine.errors import UserError

_LEAST_SCORE, _LEAST_SHARE = 0.3, 0.3
_ANCHOR = 1e-3
"""Strength of the springs that hold a tile at its nominal place, beside 1 of a sure pair."""
_FAR = 5.0
"""Px by which a pair may disagree with all others."""


@dataclass(frozen=True)
class Pair:
    """Where tile `second` lies seen from tile `first` (y, x in px), and how alike the two are there (-1 to 1)."""

    first: int
    second: int
    shift: tuple[float, float]
    score: float


def grid(rows: int, columns: int, shape: tuple[int, int], overlap: int, snake: bool = False) -> NDArray[np.float64]:
    """Return the nominal places (tile, 2) of tiles taken row by row; `snake` = every other row backwards."""
    places = []
    for row in range(rows):
        order = range(columns - 1, -1, -1) if snake and row % 2 else range(columns)
        places += [(row * (shape[0] - overlap), column * (shape[1] - overlap)) for column in order]
    return np.array(places, float)


def correlation(a: NDArray[Any], b: NDArray[Any], search: int) -> tuple[tuple[int, int], float]:
    """Return the shift (y, x) within `search` px at which `b` fits `a` best, and their Pearson correlation there.

    A shift of (2, 0) means that b[y] shows what a[y + 2] does (Padfield 2012, without masks).
    """
    a, b = (image.astype(np.float64) - float(image.mean()) for image in (a, b))
    turned = b[::-1, ::-1]
    ones_a, ones_b = np.ones(a.shape), np.ones(b.shape)
    number = np.maximum(np.round(signal.fftconvolve(ones_a, ones_b)), 1)
    sum_a, sum_b = signal.fftconvolve(a, ones_b), signal.fftconvolve(ones_a, turned)
    above = signal.fftconvolve(a, turned) - sum_a * sum_b / number
    spread_a = signal.fftconvolve(a**2, ones_b) - sum_a**2 / number
    spread_b = signal.fftconvolve(ones_a, turned**2) - sum_b**2 / number
    tiny = 1e-9 * max(float(spread_a.max() * spread_b.max()), 1e-30)
    below = spread_a * spread_b
    score = np.where(below > tiny, above / np.sqrt(np.maximum(below, tiny)), -1.0)
    score[number < _LEAST_SHARE * number.max()] = -1.0
    shifts = [np.arange(full) - (own - 1) for full, own in zip(score.shape, b.shape, strict=True)]
    score[np.abs(shifts[0]) > search] = -1.0
    score[:, np.abs(shifts[1]) > search] = -1.0
    y, x = (int(at) for at in np.unravel_index(int(np.argmax(score)), score.shape))
    return (int(shifts[0][y]), int(shifts[1][x])), float(score[y, x])


def pairs(tiles: Sequence[NDArray[Any]], nominal: NDArray[np.float64], search: int) -> list[Pair]:
    """Compare all tiles that overlap by their nominal places; shifts are looked for within `search` px of those."""
    found = []
    for first in range(len(tiles)):
        for second in range(first + 1, len(tiles)):
            away = np.round(nominal[second] - nominal[first]).astype(int)
            a, b = _overlap(tiles[first], tiles[second], away)
            if min(*a.shape, 10**9) < 8 or a.size < 0.02 * tiles[first].size:
                continue
            shift, score = correlation(a, b, search)
            found.append(Pair(first, second, (float(away[0] + shift[0]), float(away[1] + shift[1])), score))
    return found


def _overlap(a: NDArray[Any], b: NDArray[Any], away: NDArray[np.int_]) -> tuple[NDArray[Any], NDArray[Any]]:
    into, of = [], []
    for axis in (0, 1):
        low, high = max(0, int(away[axis])), min(a.shape[axis], int(away[axis]) + b.shape[axis])
        into.append(slice(low, max(low, high)))
        of.append(slice(low - int(away[axis]), max(low, high) - int(away[axis])))
    return a[tuple(into)], b[tuple(of)]


def settle(nominal: NDArray[np.float64], found: Sequence[Pair]) -> NDArray[np.float64]:
    """Return the places (tile, 2) that minimise the sum of squared differences to the shifts of all sure pairs.

    Pairs that are hardly alike do not count, and a pair that all others contradict is left out; weak springs to the
    nominal places hold tiles without pairs. The first tile stays where it was.
    """
    used = [pair for pair in found if pair.score >= _LEAST_SCORE]
    while True:
        places = _least_squares(nominal, used)
        if not used:
            return places
        off = [float(np.abs(places[pair.second] - places[pair.first] - pair.shift).max()) for pair in used]
        worst = int(np.argmax(off))
        if off[worst] <= _FAR:
            return places
        del used[worst]


def _least_squares(nominal: NDArray[np.float64], used: Sequence[Pair]) -> NDArray[np.float64]:
    count = len(nominal)
    matrix = sparse.lil_array((len(used) + count, count))
    wanted = np.zeros((len(used) + count, 2))
    for row, pair in enumerate(used):
        matrix[row, pair.first], matrix[row, pair.second] = -pair.score, pair.score
        wanted[row] = pair.score * np.array(pair.shift)
    for tile in range(count):
        weight = _ANCHOR if tile else 1e3
        matrix[len(used) + tile, tile] = weight
        wanted[len(used) + tile] = weight * nominal[tile]
    whole = matrix.tocsr()
    return np.stack([lsqr(whole, wanted[:, axis], atol=1e-12, btol=1e-12)[0] for axis in (0, 1)], axis=1)


def compose(tiles: Sequence[NDArray[Any]], places: NDArray[np.float64], feather: int = 64) -> NDArray[np.float32]:
    """Return the tiles laid into one picture, each fading within `feather` px of its border; gaps are 0."""
    corners = np.round(places - places.min(axis=0)).astype(int)
    height, width = (int(side) for side in (corners + [tile.shape for tile in tiles]).max(axis=0))
    total, weight = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for tile, (top, left) in zip(tiles, corners, strict=True):
        ramps = [np.minimum(np.arange(1, side + 1), np.arange(side, 0, -1)) for side in tile.shape]
        fade = np.minimum(np.minimum.outer(*ramps), feather).astype(np.float32)
        total[top : top + tile.shape[0], left : left + tile.shape[1]] += tile * fade
        weight[top : top + tile.shape[0], left : left + tile.shape[1]] += fade
    return (total / np.maximum(weight, 1e-6)).astype(np.float32)


def stitch(tiles: Sequence[NDArray[Any]], nominal: NDArray[np.float64], search: int = 40) -> NDArray[np.float64]:
    """Return the places of tiles; use them with `compose` for every channel of the same field.

    Raises UserError when tiles and places do not fit each other.
    """
    if len(tiles) != len(nominal) or not len(tiles):
        raise UserError(
            "The tiles cannot be stitched.",
            f"There are {len(tiles)} tiles for a grid of {len(nominal)} places.",
            "Check the numbers of rows and columns.",
        )
    return settle(nominal, pairs(tiles, nominal, search))
