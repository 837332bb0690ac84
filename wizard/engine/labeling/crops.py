"""Draws training crops: from all places, but more often from those with something bright in them.

In a typical field nine tenths of the pixels are background. A share of the crops is therefore the best of several
places for one of the labels, taken in turn, so that rare and dim stains have their share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError
from wizard.engine.labeling.views import Region, View

Floats = NDArray[np.float32]
_BLOCK = 16
"""Brightness is counted in blocks of so many px; crops need it no finer."""


@dataclass
class Batch:
    """Crops: `light` (crop, y, x, plane), `stains` and `weights` (crop, y, x, label), 0 to 1; `places` where from."""

    light: Floats
    stains: Floats
    weights: Floats
    places: list[tuple[int, int, int]]


class Crops:
    """Crops of `size` px from the regions of views; `bright` is the share drawn as the best of `tries` places."""

    def __init__(
        self, views: Sequence[View], regions: Sequence[Region], size: int, bright: float = 0.5, tries: int = 4,
        seed: int = 0, labels: int = 0,
    ) -> None:  # fmt: skip
        """Look for bright things in the first `labels` stains (0 = all).

        Raise UserError, with the field's name, when a region is smaller than a crop.
        """
        for region in regions:
            if min(region.bottom - region.top, region.right - region.left) < size:
                raise UserError(
                    f"{views[region.view].name} is too small for training crops of {size} px.",
                    f"Its part for training is {region.right - region.left}×{region.bottom - region.top} px.",
                    "Choose smaller crops, or hold less of the picture out.",
                )
        if not regions:
            raise UserError("There is no field of view to train on.", "", "Add fields, or hold fewer of them out.")
        self.views, self.regions, self.size = views, list(regions), size
        self.bright, self.tries = bright, tries
        self.seed = seed
        self._rng = np.random.default_rng(seed)
        areas = np.array([region.area for region in regions], float)
        self._shares = areas / areas.sum()
        self._sums = [_running(view) for view in views]
        self._labels = labels or views[0].stains.shape[-1]
        self._turn = 0

    def at_step(self, step: int) -> None:
        """Begin the random choices of a step anew, so that they do not depend on those before."""
        self._rng = np.random.default_rng((self.seed, step))
        self._turn = step

    def draw(self, count: int) -> Batch:
        """Return the next `count` crops."""
        places = [self._place() for _ in range(count)]
        cut = [self._cut(*place) for place in places]
        light, stains, known = (np.stack(parts).astype(np.float32) for parts in zip(*cut, strict=True))
        return Batch(light, stains, known, places)

    def _cut(self, view: int, top: int, left: int) -> tuple[NDArray[np.generic], ...]:
        rows, columns = slice(top, top + self.size), slice(left, left + self.size)
        found = self.views[view]
        return found.light[rows, columns], found.stains[rows, columns], found.known[rows, columns]

    def _place(self) -> tuple[int, int, int]:
        if self._rng.random() >= self.bright:
            return self._anywhere()
        label = self._turn % self._labels
        self._turn += 1
        places = [self._anywhere() for _ in range(self.tries)]
        return max(places, key=lambda place: self._brightness(place, label))

    def _anywhere(self) -> tuple[int, int, int]:
        region = self.regions[int(self._rng.choice(len(self.regions), p=self._shares))]
        top = int(self._rng.integers(region.top, region.bottom - self.size + 1))
        left = int(self._rng.integers(region.left, region.right - self.size + 1))
        return region.view, top, left

    def _brightness(self, place: tuple[int, int, int], label: int) -> float:
        view, top, left = place
        sums = self._sums[view]
        ends = [
            (round(at / _BLOCK), max(round(at / _BLOCK) + 1, round((at + self.size) / _BLOCK))) for at in (top, left)
        ]
        (low, high), (first, last) = (
            (min(a, n - 2), min(b, n - 1)) for (a, b), n in zip(ends, sums.shape, strict=False)
        )
        return float(
            sums[high, last, label] - sums[low, last, label] - sums[high, first, label] + sums[low, first, label]
        )


def _running(view: View) -> NDArray[np.float64]:
    """Return running sums (block + 1, block + 1, label) of how far pixels stand out of their stain's background.

    The background is each label's median; pixels that are not known count nothing.
    """
    height, width = view.shape
    rows, columns = np.arange(0, height, _BLOCK), np.arange(0, width, _BLOCK)
    sums = np.zeros((len(rows) + 1, len(columns) + 1, view.stains.shape[-1]))
    for label in range(view.stains.shape[-1]):
        known = view.known[..., label]
        if not known.any():
            continue
        stain = view.stains[..., label].astype(np.float32)
        sparse = stain[known][:: max(1, known.sum() // 100_000)]
        above = np.where(known, np.maximum(stain - np.median(sparse), 0), 0)
        blocks = np.add.reduceat(np.add.reduceat(above, rows, axis=0), columns, axis=1)
        sums[1:, 1:, label] = blocks.cumsum(axis=0).cumsum(axis=1)
    return sums
