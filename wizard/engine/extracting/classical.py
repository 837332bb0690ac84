"""Classical features: outline, intensity and texture of every cell in every channel, without any network.

The definitions are those of scikit-image (`regionprops`, `graycomatrix`), compiled so that thousands of cells a
second are measured; names, units and meanings are in `wizard.engine.extracting.naming`.

Which pixels are the cell: those of its mask (of any channel) where the data set has masks, else those found by
a threshold (`object_fast.find_object`). Pixels that only fill up the frame count neither as cell nor as background.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.dataset import DataSet, cut, load_rows
from wizard.engine.data.normalisation_fast import plain
from wizard.engine.data.threads import side_by_side
from wizard.engine.extracting import naming

Floats = NDArray[np.float32]
FOUND = ("mask", "threshold", "nothing")
"""How the pixels of a cell were found."""
_BLIND = ("noise", "reflect")
"""Paddings that cannot be seen in the pixels."""
_BYTES = 8 * 2**20


@dataclass
class Classical:
    """Measures the cells of a data set; `counts` tells afterwards how many were found in which way."""

    data: DataSet
    pixel_size: float
    """Side of a pixel in µm; 0 = unknown."""

    def __post_init__(self) -> None:
        channels = naming.channel_names([channel.name for channel in self.data.channels])
        every = naming.classical(channels)
        self._kept = [place for place, item in enumerate(every) if self.pixel_size or item.name != "area um2"]
        self.features = [every[place] for place in self._kept]
        self._all = len(every)
        self._paired = len(channels) <= naming.MOST_PAIRED
        self.counts = dict.fromkeys(FOUND, 0)

    def measure(self, parts: Sequence[slice]) -> Iterator[Floats]:
        """Yield the features (cell, feature) of each stretch of cells in order; NaN where no cell was found."""
        channels, (height, width) = len(self.data.channels), self.data.frame
        most = max(16, _BYTES // (4 * channels * height * width))
        pieces, ends = [], []
        for part in parts:
            pieces += [slice(at, min(at + most, part.stop)) for at in range(part.start, part.stop, most)]
            ends.append(part.stop)
        waiting: list[Floats] = []
        for piece, (values, found) in zip(pieces, side_by_side(self._piece, pieces), strict=True):
            for place, name in enumerate(FOUND):
                self.counts[name] += int((found == place).sum())
            waiting.append(values)
            if piece.stop == ends[0]:
                ends.pop(0)
                yield np.concatenate(waiting)
                waiting = []

    def _piece(self, piece: slice) -> tuple[Floats, NDArray[np.int8]]:
        rows = np.arange(piece.start, piece.stop)
        masks = None
        if self.data.masks is not None:
            masks = cut(load_rows(self.data.masks, rows), self.data.frame)
        values, found = measure(self.data.load(rows), masks, self._boxes(piece), self.pixel_size, self._paired)
        return values[:, self._kept], found

    def _boxes(self, piece: slice) -> NDArray[np.int64]:
        """Return top, bottom, left, right of the image in each frame (cell, 4), as far as it can be known."""
        height, width = self.data.frame
        boxes = np.tile(np.array([0, height, 0, width], np.int64), (piece.stop - piece.start, 1))
        framing = self.data.info.get("parse", {})
        if framing.get("padding") not in _BLIND:
            return boxes
        sides = np.stack([self.data.cells[name][piece].astype(float) for name in ("height", "width")], axis=1)
        scaled = np.maximum(1, np.rint(sides * float(framing.get("scale", 1.0))))
        whole = np.array(self.data.info["frame"], float)
        if framing.get("larger") == "shrink":
            scaled = np.maximum(1, np.rint(scaled * np.minimum(1, (whole / scaled).min(axis=1, keepdims=True))))
        # As frames are made: around the middle, the odd pixel at the right and bottom.
        before = np.maximum(0, np.ceil((whole - scaled) / 2 - 0.5))
        start = (whole - np.array([height, width])) // 2
        for axis, side in enumerate((height, width)):
            first = np.clip(before[:, axis] - start[axis], 0, side)
            boxes[:, 2 * axis] = first
            boxes[:, 2 * axis + 1] = np.clip(before[:, axis] + scaled[:, axis] - start[axis], first, side)
        return boxes


def measure(
    images: NDArray[Any],
    masks: NDArray[Any] | None = None,
    boxes: NDArray[np.int64] | None = None,
    pixel_size: float = 0.0,
    paired: bool = True,
) -> tuple[Floats, NDArray[np.int8]]:
    """Return the features (cell, feature) in the order of `naming.classical`, float32, and how cells were found.

    `images` (cell, channel, y, x); `masks` uint8 of the same shape, 1 = the cell; `boxes` (cell, 4) where the image
    lies in its frame. The second answer holds positions in `FOUND`; cells without any pixel are NaN.
    """
    from wizard.engine.extracting import cells_fast

    number, channels, height, width = images.shape
    if boxes is None:
        boxes = np.tile(np.array([0, height, 0, width], np.int64), (number, 1))
    pixels = plain(images).astype(np.float32, copy=False)
    known = np.zeros((number, height, width), bool) if masks is None else (masks == 1).any(axis=1)
    pairs = channels * (channels - 1) // 2 if paired else 0
    width_out = cells_fast.SHAPE + channels * cells_fast.OF_CHANNEL + pairs
    values = np.full((number, width_out), np.nan, np.float64)
    found = np.zeros(number, np.int8)
    cells_fast.measure(pixels, known, boxes.copy(), float(pixel_size), paired, values, found)
    with np.errstate(over="ignore"):
        return values.astype(np.float32), found
