"""A gallery of cells whose pictures are in memory, with its channel menu."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from wizard.results_base import Gallery, GalleryCell
from wizard.widgets.choice import Choice
from wizard.widgets.gallery import CellGallery
from wizard.widgets.gallery_panel import GalleryPanel
from wizard.widgets.map_cells import Tiles

_COLUMNS = 10


class TileGallery(CellGallery):
    """Shows `Tiles` in place of sheets on the disk."""

    tiles: Tiles | None = None

    @override
    def show_channel(self, name: str) -> None:
        self.channel = name
        if self.tiles is not None:
            self.sheet = self.tiles.sheet(name, _COLUMNS)
            self.redraw()


class TilePanel(GalleryPanel):
    """`labels` and `captions` have one entry per picture."""

    cells: TileGallery

    def __init__(self, master: tk.Misc, tiles: Tiles, labels: Sequence[str], captions: Sequence[str]) -> None:
        self._tiles = tiles
        cells = [
            GalleryCell(cell_id="", label=label, caption=caption)
            for label, caption in zip(labels, captions, strict=True)
        ]
        gallery = Gallery(sheets=dict.fromkeys(tiles.channels, ""), tile=tiles.size, columns=_COLUMNS, cells=cells)
        super().__init__(master, gallery, Path())

    @override
    def _controls(self, gallery: Gallery, filters: bool) -> None:
        self.channel = Choice(
            self.controls, list(gallery.sheets), (), command=self.cells.show_channel, height=26, width=120
        )
        self.channel.set(self.cells.channel)
        self.channel.pack(side="left")

    @override
    def make(self, gallery: Gallery, folder: Path) -> TileGallery:
        cells = TileGallery(self, gallery, folder)
        cells.tiles = self._tiles
        cells.tile = 56
        cells.show_channel(cells.channel or next(iter(self._tiles.channels)))
        return cells
