"""Judges a network while it is trained, on crops of the check pixels that are always the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.labeling.heads import INTERVAL, by_label, head
from wizard.engine.labeling.losses import of_labels
from wizard.engine.labeling.networks.base import PictureNetwork
from wizard.engine.labeling.panels import Colours, panel
from wizard.engine.labeling.scores import pearson
from wizard.engine.labeling.views import Region, View

_MOST, _SIDE = 16, 256
Answers = list[NDArray[np.float32]]
"""What is told of each crop: (y, x, label, given)."""
_WIDEST = (0.2, 5.0)


class Judge:
    """Crops of the check regions, as large as the regions allow (256 px at most), 16 at most, evenly spread."""

    def __init__(
        self, views: Sequence[View], regions: Sequence[Region], entry: PictureNetwork, told: str, labels: Sequence[str]
    ) -> None:
        """Raise UserError when no region is as large as the network's smallest picture."""
        self.labels, self.told, self.entry = list(labels), told, entry
        self.views = views
        places = [place for region in regions for place in _places(region, entry)]
        if not places:
            least = entry.smallest
            raise UserError(
                "The pixels on which the best weights are chosen are too few.",
                f"They make no square of {least} px.",
                "Add fields, or raise the check share.",
            )
        at = np.unique(np.linspace(0, len(places) - 1, min(_MOST, len(places))).round().astype(int))
        self.places = [places[number] for number in at]
        self.pixels = sum(region.area for region in regions)

    def crop(self, place: tuple[int, int, int, int]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return light (y, x, plane), stains and whether they are known (y, x, label) of a place, as answered."""
        view, top, left, side = place
        rows, columns = slice(top, top + side), slice(left, left + side)
        lost = self.entry.lost
        inner = slice(top + lost, top + side - lost), slice(left + lost, left + side - lost)
        found = self.views[view]
        return found.light[rows, columns], found.stains[inner], found.known[inner]

    def losses(self, net: Any) -> NDArray[np.float64]:
        """Return each label's mean loss over the crops where it is known, NaN where it never is."""
        sums, counts = np.zeros(len(self.labels)), np.zeros(len(self.labels))
        for light, stains, known in self._batches():
            raw = net(light.astype(np.float32), training=False)
            found = of_labels(self.told, stains, raw, known.astype(np.float32))
            number = known.sum(axis=(0, 1, 2))
            sums += np.where(number > 0, np.nan_to_num(found) * number, 0)
            counts += number
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)

    def _batches(self) -> Iterator[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
        """Yield crops of one size together, as many as make about one of the largest size."""
        for side in sorted({place[3] for place in self.places}):
            same = [place for place in self.places if place[3] == side]
            size = max(1, (_SIDE // side) ** 2)
            for first in range(0, len(same), size):
                crops = [self.crop(place) for place in same[first : first + size]]
                light, stains, known = (np.stack(parts) for parts in zip(*crops, strict=True))
                yield light, stains, known

    def answers(self, net: Any) -> Answers:
        """Return what a network tells of each crop."""
        return [self._told(net, place) for place in self.places]

    def pearsons(self, answers: Answers) -> list[float]:
        """Return each label's correlation over the crops."""
        crops = [self.crop(place)[1:] for place in self.places]
        found = []
        for label in range(len(self.labels)):
            known = np.concatenate([part[1][..., label].ravel() for part in crops])
            truth = np.concatenate([part[0][..., label].ravel() for part in crops])
            told = np.concatenate([part[..., label, 0].ravel() for part in answers])
            found.append(pearson(truth, told, known.astype(bool)) if known.any() else float("nan"))
        return found

    def picture(self, net: Any, most: int = 4) -> Colours:
        """Return the error panel of the crop with the most variation in its stains."""
        place = max(self.places, key=lambda one: float(np.sum(self.crop(one)[1].std(axis=(0, 1)))))
        light, stains, known = self.crop(place)
        told = self._answer(net, place)
        lost = self.entry.lost
        inner = light[lost : light.shape[0] - lost, lost : light.shape[1] - lost, (light.shape[-1] - 1) // 2]
        chosen = [at for at in range(len(self.labels)) if known[..., at].any()] or [0]
        rows = {self.labels[at]: (stains[..., at], told[..., at]) for at in chosen[:most]}
        return panel(rows, inner)

    def widths(self, answers: Answers) -> list[float]:
        """Return for each label the factor by which its interval holds 80 % of the pixels of the crops.

        1 for a head without interval (after Angelopoulos et al. 2022, arXiv 2202.05265).
        """
        ratios: list[list[NDArray[np.float32]]] = [[] for _ in self.labels]
        for place, told in zip(self.places, answers, strict=True):
            _, stains, known = self.crop(place)
            if told.shape[-1] != 3:
                return [1.0] * len(self.labels)
            middle, low, high = (told[..., at] for at in range(3))
            away = stains - middle
            room = np.maximum(np.where(away > 0, high - middle, middle - low), 1e-4)
            for label, kept in enumerate(ratios):
                kept.append((np.abs(away) / room)[..., label][known[..., label]])
        whole = [np.concatenate(kept) for kept in ratios]
        promised = INTERVAL[1] - INTERVAL[0]
        return [float(np.clip(np.quantile(one, promised), *_WIDEST)) if one.size else 1.0 for one in whole]

    def _answer(self, net: Any, place: tuple[int, int, int, int]) -> NDArray[np.float32]:
        """Return the grey levels (y, x, label) of a place."""
        return self._told(net, place)[..., 0]

    def _told(self, net: Any, place: tuple[int, int, int, int]) -> NDArray[np.float32]:
        """Return what the head gives of a place, (y, x, label, given)."""
        light = self.crop(place)[0][None].astype(np.float32)
        entry = head(self.told)
        told = np.asarray(
            keras.ops.convert_to_numpy(entry.decode(by_label(net(light, training=False), entry.channels)))
        )
        return told[0, ..., None] if told.ndim == 4 else told[0]


def _places(region: Region, entry: PictureNetwork) -> list[tuple[int, int, int, int]]:
    """Return (view, top, left, side) of squares that cover a region side by side."""
    least = min(region.bottom - region.top, region.right - region.left)
    if least < entry.smallest:
        return []
    most = max(entry.smallest, min(least, _SIDE))
    side = entry.smallest + (most - entry.smallest) // entry.step * entry.step
    tops, lefts = range(region.top, region.bottom - side + 1, side), range(region.left, region.right - side + 1, side)
    return [(region.view, top, left, side) for top in tops for left in lefts]
