"""Sprite sheets of cells for the window and the reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wizard import fileio
from wizard.engine.data.dataset import DataSet
from wizard.results import Gallery, GalleryCell

PER_LABEL = 48
"""Tiles of one label."""


def pick(labels: Sequence[str], per_label: int = PER_LABEL) -> NDArray[np.int64]:
    """Return positions, grouped by label in sorted order, evenly spaced within each label."""
    names = np.asarray(labels, dtype=str)
    chosen = []
    for label in sorted(set(names.tolist())):
        members = np.flatnonzero(names == label)
        places = np.linspace(0, len(members) - 1, min(per_label, len(members))).round().astype(int)
        chosen.append(members[np.unique(places)])
    return np.concatenate(chosen) if chosen else np.zeros(0, np.int64)


def pick_by_order(
    labels: NDArray[np.str_], values: NDArray[np.float64], per_label: int = PER_LABEL
) -> NDArray[np.int64]:
    """Return positions, grouped by label in sorted order, from the highest value down, evenly spaced in that order."""
    chosen = []
    for label in np.unique(labels).tolist():
        members = np.flatnonzero(labels == label)
        members = members[np.argsort(-values[members], kind="stable")]
        places = np.linspace(0, len(members) - 1, min(per_label, len(members))).round().astype(int)
        chosen.append(members[np.unique(places)])
    return np.concatenate(chosen) if chosen else np.zeros(0, np.int64)


def write_gallery(
    folder: Path, data: DataSet, rows: NDArray[np.int64], labels: Sequence[str], captions: Sequence[str]
) -> Gallery | None:
    """Write one sheet per channel (and one in colour for RGB cells) for `rows` of a data set.

    The contrast of a channel is the same for all tiles, so that bright cells look brighter.
    """
    if len(rows) == 0:
        return None
    images = data.load(rows)
    columns = min(16, len(rows))
    planes = {channel.shown: to_bytes(images[:, index]) for index, channel in enumerate(data.channels)}
    if any(channel.colour for channel in data.channels):
        planes["Merged"] = _merged(list(planes.values()), [channel.colour for channel in data.channels])
    if list(planes) == ["Red", "Green", "Blue"]:
        colour = np.stack([_clip(images[:, index], 0, _white(images)) for index in range(3)], axis=-1)
        planes = {"Colour": colour, **planes}
    sheets = {}
    for name, tiles in planes.items():
        sheets[name] = f"gallery_{_plain(name)}.png"
        _save(_sheet(tiles, columns), folder / sheets[name])
    cells = [
        GalleryCell(cell_id=str(data.cells["cell_id"][row]), label=label, caption=caption)
        for row, label, caption in zip(rows, labels, captions, strict=True)
    ]
    return Gallery(sheets=sheets, tile=data.frame, columns=columns, cells=cells)


def _merged(planes: Sequence[NDArray[np.uint8]], colours: Sequence[str]) -> NDArray[np.uint8]:
    """Add up the channels that have a colour, each in its colour."""
    total = np.zeros((*planes[0].shape, 3), np.float32)
    for plane, colour in zip(planes, colours, strict=True):
        if colour:
            total += plane[..., None] * (np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255)
    return np.clip(total, 0, 255).astype(np.uint8)


def to_bytes(plane: NDArray[Any]) -> NDArray[np.uint8]:
    """Map a channel of many cells (cell, y, x) to 0..255 between its 0.5th and 99.8th percentile."""
    low, high = np.percentile(plane, (0.5, 99.8))
    return _clip(plane, float(low), float(high))


def _clip(plane: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    scaled = (plane.astype(np.float32) - low) / max(high - low, 1e-6)
    return (np.clip(scaled, 0, 1) * 255).astype(np.uint8)


def _white(images: NDArray[Any]) -> float:
    return float(np.iinfo(images.dtype).max) if images.dtype == np.uint8 else float(images.max())


def _sheet(tiles: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    count, height, width = tiles.shape[:3]
    lines = -(-count // columns)
    sheet = np.zeros((lines * height, columns * width, *tiles.shape[3:]), np.uint8)
    for index, tile in enumerate(tiles):
        top, left = index // columns * height, index % columns * width
        sheet[top : top + height, left : left + width] = tile
    return sheet


def _save(sheet: NDArray[np.uint8], path: Path) -> None:
    fileio.write_with(path, lambda place: Image.fromarray(sheet).save(place, format="PNG"))


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name) or "channel"
