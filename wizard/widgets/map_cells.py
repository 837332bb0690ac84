"""Pictures of the cells of a map, read from the project's data sets; meant for a thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from wizard.engine.data.dataset import DataSet

_SAMPLE = 200
"""Cells from which the contrast of a channel is taken."""


@dataclass(frozen=True)
class Tiles:
    """Pictures by channel, uint8 (n, y, x) or (n, y, x, 3); `found` are the places of the n cells in the request."""

    channels: dict[str, NDArray[np.uint8]]
    found: list[int]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a picture."""
        first = next(iter(self.channels.values()))
        return int(first.shape[1]), int(first.shape[2])

    def strip(self, cell: int, height: int) -> Image.Image:
        """Return all channels of a cell side by side, about `height` pixels high."""
        parts = [Image.fromarray(tiles[cell]).convert("RGB") for tiles in self.channels.values()]
        tall, wide = self.size
        each = max(1, round(wide * height / tall))
        whole = Image.new("RGB", (len(parts) * (each + 2) - 2, height), "#808080")
        for place, part in enumerate(parts):
            whole.paste(part.resize((each, height), Image.Resampling.NEAREST), (place * (each + 2), 0))
        return whole

    def sheet(self, channel: str, columns: int) -> Image.Image:
        """Return the pictures of one channel in rows of `columns`."""
        tiles = self.channels[channel]
        tall, wide = self.size
        whole = Image.new("RGB", (columns * wide, -(-len(tiles) // columns) * tall))
        for place, tile in enumerate(tiles):
            whole.paste(Image.fromarray(tile).convert("RGB"), (place % columns * wide, place // columns * tall))
        return whole


class CellPictures:
    """Reads pictures by cell id from some data sets, which are opened at the first call; safe in several threads.

    The contrast of a channel is the same for all cells.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = list(folders)
        self._lock = threading.Lock()
        self._sets: list[DataSet] = []
        self._at: dict[str, tuple[int, int]] = {}
        self._limits: list[list[tuple[float, float]]] = []
        self._opened = False

    def read(self, ids: Sequence[str]) -> Tiles | None:
        """Return the pictures of the cells that are there, None when none is; raises UserError or OSError."""
        with self._lock:
            self._open()
            places = [self._at.get(name) for name in ids]
            kept = [(index, place) for index, place in enumerate(places) if place is not None]
            if not kept:
                return None
            first = kept[0][1][0]
            names = [channel.shown for channel in self._sets[first].channels]
            kept = [(index, place) for index, place in kept
                    if [channel.shown for channel in self._sets[place[0]].channels] == names]  # fmt: skip
            height, width = self._sets[first].frame
            tiles = np.zeros((len(kept), len(names), height, width), np.uint8)
            for number in {place[0] for _index, place in kept}:
                mine = [at for at, (_index, place) in enumerate(kept) if place[0] == number]
                rows = np.array([kept[at][1][1] for at in mine], np.int64)
                tiles[mine] = self._scaled(number, _fitted(self._sets[number].load(rows), height, width))
            return Tiles(_by_channel(names, tiles), [index for index, _place in kept])

    def _open(self) -> None:
        from wizard.engine.data.dataset import DataSet

        if self._opened:
            return
        self._opened = True
        for folder in self._folders:
            if not folder.is_dir():
                continue
            data = DataSet.open(folder)
            number = len(self._sets)
            self._sets.append(data)
            for row, name in enumerate(data.cells["cell_id"].tolist()):
                self._at.setdefault(str(name), (number, row))
            some = np.unique(np.linspace(0, len(data) - 1, min(_SAMPLE, len(data))).round().astype(np.int64))
            images = data.load(some)
            self._limits.append(
                [_ends(images[:, channel]) for channel in range(images.shape[1])]
                if [channel.shown for channel in data.channels] != ["Red", "Green", "Blue"]
                else [(0.0, 255.0 if images.dtype == np.uint8 else float(images.max() or 1))] * 3
            )

    def _scaled(self, number: int, images: NDArray[Any]) -> NDArray[np.uint8]:
        scaled = np.empty(images.shape, np.uint8)
        for channel, (low, high) in enumerate(self._limits[number]):
            part = (images[:, channel].astype(np.float32) - low) / max(high - low, 1e-6)
            scaled[:, channel] = np.clip(part, 0, 1) * 255
        return scaled


def _ends(plane: NDArray[Any]) -> tuple[float, float]:
    low, high = np.percentile(plane, (0.5, 99.8))
    return float(low), float(high)


def _fitted(images: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Return the middle of images, or the images in the middle of a larger frame."""
    if images.shape[2:] == (height, width):
        return images
    fitted = np.zeros((*images.shape[:2], height, width), images.dtype)
    tall, wide = min(height, images.shape[2]), min(width, images.shape[3])
    top, left = (images.shape[2] - tall) // 2, (images.shape[3] - wide) // 2
    down, right = (height - tall) // 2, (width - wide) // 2
    fitted[:, :, down : down + tall, right : right + wide] = images[:, :, top : top + tall, left : left + wide]
    return fitted


def _by_channel(names: Sequence[str], tiles: NDArray[np.uint8]) -> dict[str, NDArray[np.uint8]]:
    planes = {name: tiles[:, index] for index, name in enumerate(names)}
    if list(planes) == ["Red", "Green", "Blue"]:
        return {"Colour": np.stack(list(planes.values()), axis=-1), **planes}
    return planes


def evenly(cells: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return at most `most` cells, evenly drawn from all of them in their order."""
    if len(cells) <= most:
        return cells
    return cells[np.unique(np.linspace(0, len(cells) - 1, most).round().astype(np.int64))]
