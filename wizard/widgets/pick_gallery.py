"""A gallery in which one cell can be picked: by a click, or with the Left and Right keys."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from typing_extensions import override

from wizard.results_base import Gallery
from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.gallery import _GAP, CellGallery
from wizard.widgets.gallery_panel import GalleryPanel


class PickGallery(CellGallery):
    """`on_pick` hears the index of the cell in the gallery; marked cells carry a small corner."""

    def __init__(self, master: tk.Misc, gallery: Gallery, folder: Path) -> None:
        super().__init__(master, gallery, folder)
        self.picked: int | None = None
        self.marked: set[int] = set()
        self.on_pick: Callable[[int], None] = lambda index: None
        self.bind("<Button-1>", self._clicked, add="+")
        for key, by in (("Left", -1), ("Right", 1)):
            self.bind(f"<{key}>", lambda _event, by=by: self._move(by))  # type: ignore[misc]

    def pick(self, index: int | None) -> None:
        """Pick a cell (None for none) and tell about it."""
        self.picked = index
        self.redraw()
        if index is not None:
            self.on_pick(index)

    @property
    def spoken_value(self) -> str:
        """What a screen reader says of the picked cell."""
        return self.gallery.cells[self.picked].caption if self.picked is not None else ""

    def mark(self, cells: set[int]) -> None:
        """Mark cells with a corner in the colour of warnings."""
        self.marked = cells
        self.redraw()

    def index_at(self, x: int, y: int) -> int | None:
        """Return the cell at a point of the canvas."""
        for index, left, top, width, height in self._boxes():
            if left <= x < left + width and top <= y < top + height:
                return index
        return None

    def sprite(self, index: int, side: int) -> Image.Image | None:
        """Return the picture of a cell in the shown channel, its longer side about `side` pixels."""
        if self.sheet is None:
            return None
        height, width = self.gallery.tile
        unit = side / max(height, width, 1)
        return self._sprite(self.sheet, index, max(1, round(width * unit)), max(1, round(height * unit)))

    def _boxes(self) -> list[tuple[int, int, int, int, int]]:
        """Return index, left, top, width and height of every cell in view."""
        width, height, across, _head = self._sizes()
        gap, view = px(self, _GAP), self.winfo_height()
        found = []
        for place in self.places:
            for at, index in enumerate(place.group.cells):
                row, column = divmod(at, across)
                top = place.tiles + row * (height + gap) - self.offset
                if -height < top < view:
                    found.append((index, column * (width + gap), top, width, height))
        return found

    @override
    def draw(self) -> None:
        super().draw()
        if self.sheet is None or self.problem:
            return
        corner = px(self, 12)
        for index, left, top, width, height in self._boxes():
            if index in self.marked:
                self.create_polygon(
                    left, top, left + corner, top, left, top + corner, fill=palette.now(palette.WARN), tags="mark"
                )
            if index == self.picked:
                self.create_rectangle(
                    left + 1, top + 1, left + width - 1, top + height - 1, outline=palette.SERIES[1],
                    width=px(self, 3), tags="picked",
                )  # fmt: skip

    def _clicked(self, event: tk.Event[Any]) -> None:
        self.focus_set()
        index = self.index_at(event.x, event.y)
        if index is not None:
            self.pick(index)

    def _move(self, by: int) -> str:
        cells = [index for group in self._groups for index in group.cells]
        if cells:
            at = cells.index(self.picked) + by if self.picked in cells else 0
            self.pick(cells[max(0, min(len(cells) - 1, at))])
            self._see()
        return "break"

    def _see(self) -> None:
        width, height, across, _head = self._sizes()
        for place in self.places:
            if self.picked in place.group.cells:
                row = place.group.cells.index(self.picked) // across
                top = place.tiles + row * (height + px(self, _GAP))
                if top < self.offset or top + height > self.offset + self.winfo_height():
                    self.scroll_to(top - px(self, 40))


class PickPanel(GalleryPanel):
    """A gallery panel in which a cell can be picked."""

    cells: PickGallery

    @override
    def make(self, gallery: Gallery, folder: Path) -> PickGallery:
        return PickGallery(self, gallery, folder)
