"""Pictures of cells, cut from the sprite sheets that a step has written."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from wizard.reports import style
from wizard.reports.words import shorten
from wizard.results import Gallery

MOST_LABELS = 24
_TILE_INCHES = 0.52
_WIDTH_INCHES = 11.0
_GAP = 2


def paint(gallery: Gallery, folder: Path, each: int, how: Literal["spread", "first"], path: Path) -> None:
    """Draw up to `each` cells per label: one panel per label, one row per cell, one column per channel.

    They are the label's first cells, or spread evenly over them. A percentage at the end of a cell's
    caption stands beside its row.
    """
    sheets = open_sheets(gallery, folder)
    groups = {label: _some(places, each, how == "first") for label, places in _groups(gallery).items()}
    captions = any(_beside(cell.caption) for cell in gallery.cells)
    wide, high = _tile_inches(gallery.tile)
    panel = len(sheets) * wide + (0.95 if captions else 0.35)
    across = max(1, min(len(groups), int(_WIDTH_INCHES / panel)))
    down = math.ceil(len(groups) / across)
    tall = max(len(places) for places in groups.values()) * high

    def draw(figure: Figure) -> None:
        grid = figure.subplots(down, across, squeeze=False).ravel()
        for axis in grid[len(groups) :]:
            axis.set_axis_off()
        for axis, (label, places) in zip(grid, groups.items(), strict=False):
            _panel(axis, gallery, sheets, places)
            axis.set_title(_heading(label, max(14, int(panel * 8))), fontsize=9.5)
            if captions:
                axis.set_yticks(
                    [(row + 0.5) * (gallery.tile[0] + _GAP) for row in range(len(places))],
                    [_beside(gallery.cells[place].caption) for place in places], fontsize=7.5,
                )  # fmt: skip

    style.paint(path, (max(3.0, across * panel + 0.3), down * (tall + 0.9) + 0.2), draw)


def _tile_inches(tile: tuple[int, int]) -> tuple[float, float]:
    """Return width and height of a drawn tile: wide ones are drawn wider, very high ones smaller."""
    height, width = tile
    wide = _TILE_INCHES * max(1.0, width / height) ** 0.5
    return wide, min(wide * height / width, 3 * _TILE_INCHES)


def _heading(label: str, letters: int) -> str:
    """Return a label for the head of a panel; `true → predicted` takes two lines."""
    true, arrow, predicted = label.partition(" → ")
    return f"{shorten(true, letters)}\n→ {shorten(predicted, letters)}" if arrow else shorten(label, letters)


def _beside(caption: str) -> str:
    found = re.search(r"\((\d+) ?%\)$", caption)
    return f"{found[1]} %" if found else ""


def open_sheets(gallery: Gallery, folder: Path) -> dict[str, NDArray[np.uint8]]:
    """Return each sheet as a picture (y, x, RGB)."""
    opened: dict[str, NDArray[np.uint8]] = {}
    for channel, name in gallery.sheets.items():
        with Image.open(folder / name) as picture:
            opened[channel] = np.asarray(picture.convert("RGB"))
    return opened


def _groups(gallery: Gallery) -> dict[str, list[int]]:
    """Return label → places of its cells, in the gallery's own order."""
    groups: dict[str, list[int]] = {}
    for place, cell in enumerate(gallery.cells):
        if cell.label in groups or len(groups) < MOST_LABELS:
            groups.setdefault(cell.label, []).append(place)
    return groups


def _some(places: list[int], each: int, first: bool) -> list[int]:
    if first or len(places) <= each:
        return places[:each]
    return [places[round(step)] for step in np.linspace(0, len(places) - 1, each)]


def canvas(gallery: Gallery, sheets: dict[str, NDArray[np.uint8]], places: Sequence[int]) -> NDArray[np.uint8]:
    """Return the tiles at `places` as one picture (y, x, RGB): a row per cell, a column per sheet."""
    height, width = gallery.tile
    made = np.full((len(places) * (height + _GAP), len(sheets) * (width + _GAP), 3), 255, np.uint8)
    for row, place in enumerate(places):
        top, left = place // gallery.columns * height, place % gallery.columns * width
        for column, sheet in enumerate(sheets.values()):
            tile = sheet[top : top + height, left : left + width]
            y, x = row * (height + _GAP), column * (width + _GAP)
            made[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
    return made


def _panel(axis: Any, gallery: Gallery, sheets: dict[str, NDArray[np.uint8]], places: Sequence[int]) -> None:
    picture = canvas(gallery, sheets, places)
    axis.imshow(picture, interpolation="nearest", extent=(0, picture.shape[1], picture.shape[0], 0))
    width = gallery.tile[1] + _GAP
    axis.set_xticks(
        [(column + 0.5) * width for column in range(len(sheets))],
        [shorten(name, 9) for name in sheets],
        fontsize=7.5,
    )
    axis.xaxis.tick_top()
    axis.set_yticks([])
    axis.tick_params(length=0, pad=2)
    axis.spines[:].set_visible(False)
