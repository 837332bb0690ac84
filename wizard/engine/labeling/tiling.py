"""Predicts pictures of any size tile by tile, in a memory that does not grow with them, without seams.

A tile is answered with its surroundings: `lost` and `halo` px at each border are thrown away, neighbours overlap by
`overlap` px and fade into each other. Beyond the picture's border it is mirrored. Tiles start at multiples of the
network's step, so that every pixel is met at the same phase as in one pass over the whole picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.labeling.changes import turned, turned_back
from wizard.engine.labeling.networks.base import PictureNetwork

Floats = NDArray[np.float32]
Read = Callable[[int, int, int, int], NDArray[Any]]
"""Top, left, bottom, right (inside of the picture) → light (y, x, plane), 0 to 1."""
Write = Callable[[int, int, Floats], None]
"""Top, left, finished part of the answer (y, x, channel)."""
Net = Callable[[Floats], Any]
"""Pictures (n, y, x, plane) → answers (n, y - 2 lost, x - 2 lost, channel)."""


@dataclass(frozen=True)
class Tiles:
    """How pictures are cut: `tile` px go into the network, `batch` tiles at once."""

    tile: int = 256
    halo: int = 32
    overlap: int = 32
    lost: int = 0
    step: int = 16
    batch: int = 4

    @property
    def core(self) -> int:
        """Side of the part of a tile that is used."""
        return self.tile - 2 * (self.lost + self.halo)

    @property
    def stride(self) -> int:
        """Px from one tile to the next."""
        return (self.core - self.overlap) // self.step * self.step

    @property
    def fade(self) -> int:
        """Px over which neighbours fade into each other."""
        return self.core - self.stride


def tiles_for(
    entry: PictureNetwork, shape: tuple[int, int] = (1024, 1024), most: int = 640, overlap: int = 32, batch: int = 1
) -> Tiles:
    """Return the tiles, of about `most` px at most, with which a picture of `shape` costs least.

    A tile is larger than `most` only where too little of a smaller one would be left.
    """
    least = entry.side(2 * (entry.lost + entry.halo) + 2 * (overlap + entry.step))
    sides = range(least, max(least, most) + 1, entry.step)
    made = [Tiles(side, entry.halo, overlap, entry.lost, entry.step, batch) for side in sides]
    return min(
        made, key=lambda how: (len(_starts(shape[0], how)) * len(_starts(shape[1], how)) * how.tile**2, how.tile)
    )


def predict(net: Net, light: NDArray[Any], how: Tiles) -> Floats:
    """Return the whole answer (y, x, channel) for a picture (y, x, plane) that is in memory."""
    made: list[Floats] = []

    def write(top: int, left: int, part: Floats) -> None:
        if not made:
            made.append(np.empty((*light.shape[:2], part.shape[-1]), np.float32))
        made[0][top : top + part.shape[0], left : left + part.shape[1]] = part

    predict_into(net, lambda *box: light[box[0] : box[2], box[1] : box[3]], light.shape[:2], write, how)
    return made[0]


def predict_into(
    net: Net, read: Read, shape: tuple[int, int], write: Write, how: Tiles, tell: Callable[[float], None] | None = None
) -> None:
    """Predict a picture of `shape` from `read` to `write`; every pixel is written once, in parts from top to bottom.

    Beside the tiles of a batch, only the strips of `fade` px along one row and one column of tiles are kept.
    `tell` hears the share done.
    """
    if how.stride < 1 or how.core < 2 * how.fade:
        raise ValueError(f"tiles of {how.tile} px leave too little")
    tops, lefts = (_starts(side, how) for side in shape)
    below: Floats | None = None
    done = 0
    for row, top in enumerate(tops):
        above, below = below, None
        beside: Floats | None = None
        for column, core in _row(net, read, shape, top, lefts, how):
            if below is None:
                below = np.zeros((how.fade, shape[1], core.shape[-1]), np.float32)
            beside = _lay(core, shape, (row, column), (tops, lefts), (above, below, beside), write, how)
            done += 1
            if tell is not None:
                tell(done / (len(tops) * len(lefts)))


def _starts(side: int, how: Tiles) -> list[int]:
    """Return where the used parts of tiles begin; the last one may reach beyond the picture."""
    count = 1 + max(0, -(-(side - how.core) // how.stride))
    return [number * how.stride for number in range(count)]


def _row(
    net: Net, read: Read, shape: tuple[int, int], top: int, lefts: list[int], how: Tiles
) -> Iterator[tuple[int, Floats]]:
    """Yield the used parts of one row of tiles, a batch at a time; every batch has the same shape."""
    border = how.lost + how.halo
    for first in range(0, len(lefts), how.batch):
        group = lefts[first : first + how.batch]
        given = [_mirrored(read, shape, top - border, left - border, how.tile) for left in group]
        given += [given[-1]] * (how.batch - len(group))
        found = np.asarray(net(np.stack(given)), np.float32)
        inner = found[:, how.halo : how.halo + how.core, how.halo : how.halo + how.core]
        for number in range(len(group)):
            yield first + number, inner[number]


def _mirrored(read: Read, shape: tuple[int, int], top: int, left: int, side: int) -> Floats:
    """Return a square that may reach beyond the picture, where it is mirrored, as often as needed."""
    rows, columns = (
        _reflect(np.arange(start, start + side), most) for start, most in zip((top, left), shape, strict=True)
    )
    low, first = int(rows.min()), int(columns.min())
    part = read(low, first, int(rows.max()) + 1, int(columns.max()) + 1)
    return part[np.ix_(rows - low, columns - first)].astype(np.float32)


def _reflect(places: NDArray[np.int_], side: int) -> NDArray[np.int_]:
    """Return places beyond 0..side - 1 as their mirror images; the border pixel itself is not doubled."""
    if side == 1:
        return np.zeros_like(places)
    places = np.abs(places) % (2 * (side - 1))
    return np.minimum(places, 2 * (side - 1) - places)


def _ramp(length: int) -> Floats:
    """Return weights that rise from near 0 to near 1; with the falling ones of the neighbour they make 1."""
    return ((np.arange(length) + 0.5) / max(length, 1)).astype(np.float32)


def _lay(
    core: Floats,
    shape: tuple[int, int],
    place: tuple[int, int],
    starts: tuple[list[int], list[int]],
    strips: tuple[Floats | None, Floats, Floats | None],
    write: Write,
    how: Tiles,
) -> Floats:
    """Weigh a tile's part, add what its neighbours left, write what is finished; return what the next one needs.

    `strips` are what the row above left, what this row leaves for the one below, and what the tile before left.
    """
    above, below, beside = strips
    (row, column), (tops, lefts) = place, starts
    top, left = tops[row], lefts[column]
    core = core * _weights(row, len(tops), how)[:, None, None] * _weights(column, len(lefts), how)[None, :, None]
    if beside is not None:
        core[:, : how.fade] += beside
    width = min(how.core if column == len(lefts) - 1 else how.stride, shape[1] - left)
    if above is not None:
        core[: how.fade, :width] += above[:, left : left + width]
    if row < len(tops) - 1:
        below[:, left : left + width] = core[how.stride :, :width]
    height = min(how.core if row == len(tops) - 1 else how.stride, shape[0] - top)
    if height > 0 and width > 0:
        write(top, left, core[:height, :width])
    # What the row above left for these columns is added by the next tile, when they are finished.
    return core[:, how.stride :]


def _weights(number: int, count: int, how: Tiles) -> Floats:
    """Return the weights along one axis of a tile's part: rising at the start and falling at the end, where shared."""
    weights = np.ones(how.core, np.float32)
    if how.fade and number:
        weights[: how.fade] *= _ramp(how.fade)
    if how.fade and number < count - 1:
        weights[how.stride :] *= _ramp(how.fade)[::-1]
    return weights


def all_ways(net: Net) -> Net:
    """Return a network whose answer is the mean over the eight turned and mirrored views; eight times as slow."""

    def mean(pictures: Floats) -> Floats:
        total: Floats | None = None
        for turns in range(4):
            for flip in (False, True):
                given = np.stack([turned(picture, turns, flip) for picture in pictures])
                found = np.stack([turned_back(answer, turns, flip) for answer in np.asarray(net(given), np.float32)])
                total = found if total is None else total + found
        assert total is not None
        return total / np.float32(8)

    return mean
