"""What a network sees around each place: the features of its trunk, averaged over nuclei or squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.labeling.answering import fastest
from wizard.engine.labeling.model import StainModel, entry_of
from wizard.engine.labeling.networks.base import trunk_of
from wizard.engine.labeling.tiling import Floats, Net, Tiles, predict_into, tiles_for
from wizard.engine.labeling.views import Pixels


class Trunk:
    """A model's trunk as a function from tiles to features (tile, y, x, feature) at full resolution."""

    def __init__(self, model: StainModel, most: int = 512) -> None:
        self.model, self.entry, self._most = model, entry_of(model), most
        self.layer = self.entry.trunk
        self._made: dict[int, Net] = {}
        self.count = int(model.network().get_layer(self.layer).output.shape[-1])

    def tiles(self, shape: tuple[int, int]) -> Tiles:
        """Return how a picture is cut."""
        return tiles_for(self.entry, shape, self._most)

    def net(self, tile: int) -> Net:
        """Return the function for tiles of one size."""
        if tile not in self._made:
            # The first set of weights serves most stains.
            part = trunk_of(self.model.network(0, (tile, tile)), self.model.manifest["network"])
            grown = (tile - 2 * self.entry.lost) // int(part.output.shape[1])
            if grown > 1:
                whole = keras.layers.UpSampling2D(grown, interpolation="nearest", name="grown")(part.output)
                part = keras.Model(part.input, whole)
            self._made[tile] = fastest(part)[0]
        return self._made[tile]


@dataclass
class Means:
    """Features averaged over each object: `values` (object, feature), centres (object, y x), `areas` in px."""

    values: Floats
    centres: NDArray[np.float64]
    areas: NDArray[np.int64]


def squares(shape: tuple[int, int], side: int) -> NDArray[np.int32]:
    """Return a picture (y, x) of whole squares numbered from 1; what is left at the border is 0."""
    rows, columns = shape[0] // side, shape[1] // side
    made = np.zeros(shape, np.int32)
    if rows and columns:
        numbers = np.arange(1, rows * columns + 1, dtype=np.int32).reshape(rows, columns)
        made[: rows * side, : columns * side] = np.kron(numbers, np.ones((side, side), np.int32))
    return made


def averaged(trunk: Trunk, light: Pixels, objects: NDArray[np.int32], tell: Callable[[float], None]) -> Means:
    """Return the features of a picture (y, x, plane) averaged over each object (y, x; 0 = none, 1.. objects)."""
    count = int(objects.max(initial=0))
    sums = np.zeros((count + 1, trunk.count))
    shape = objects.shape[0], objects.shape[1]
    how = trunk.tiles(shape)

    def take(top: int, left: int, part: Floats) -> None:
        numbers = objects[top : top + part.shape[0], left : left + part.shape[1]].ravel()
        if not numbers.any():
            return
        flat = part.reshape(-1, part.shape[-1])
        for feature in range(part.shape[-1]):
            sums[:, feature] += np.bincount(numbers, flat[:, feature], count + 1)

    def read(top: int, left: int, bottom: int, right: int) -> Floats:
        return light[top:bottom, left:right]

    predict_into(trunk.net(how.tile), read, shape, take, how, tell)
    areas = np.bincount(objects.ravel(), minlength=count + 1)
    rows, columns = np.indices(shape, sparse=True)
    middle = [
        np.bincount(objects.ravel(), np.broadcast_to(axis, shape).ravel(), count + 1) / np.maximum(areas, 1)
        for axis in (rows, columns)
    ]
    values = sums / np.maximum(areas, 1)[:, None]
    return Means(values[1:].astype(np.float32), np.stack(middle, axis=1)[1:], areas[1:])
