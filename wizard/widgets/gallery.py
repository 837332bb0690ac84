"""A gallery of cells on one canvas: only what is in view is drawn, as a single picture."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageTk
from typing_extensions import override

from wizard.results import Gallery
from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import ScrolledDrawing
from wizard.widgets.later import background

LEAST_TILE = 56
"""Smallest shown height and width of a tile, in design pixels."""

_HEAD = 32
_GAP = 4


def read_sheet(path: Path) -> Image.Image:
    """Read a sheet of tiles; meant for a thread."""
    with Image.open(path) as sheet:
        return sheet.convert("RGB")


@dataclass(frozen=True)
class Group:
    """Tiles under one heading: `cells` are indices into the gallery."""

    label: str
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """Where a group lies on the long page: top of its heading, top of its first row, rows."""

    group: Group
    top: int
    tiles: int
    rows: int


def groups_of(labels: Sequence[str], only: str | None = None) -> list[Group]:
    """Gather the indices of equal labels in order of first appearance; `only` keeps one label."""
    found: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        if only is None or label == only:
            found.setdefault(label, []).append(index)
    return [Group(label, tuple(cells)) for label, cells in found.items()]


def lay_out(groups: Sequence[Group], across: int, row_height: int, head: int) -> tuple[list[Place], int]:
    """Stack groups of `across` tiles a row; returns their places and the height of the page."""
    places, y = [], 0
    for group in groups:
        rows = -(-len(group.cells) // across)
        places.append(Place(group, y, y + head, rows))
        y += head + rows * row_height
    return places, y


class CellGallery(ScrolledDrawing):
    """Cells grouped by label; the wheel or Page keys scroll, hovering says which cell it is."""

    def __init__(self, master: tk.Misc, gallery: Gallery, folder: Path) -> None:
        super().__init__(master, 240, 160)
        self.gallery, self.folder = gallery, folder
        self.sheet: Image.Image | None = None
        self.problem = ""
        self.channel = ""
        self.tile = 72
        self.only: str | None = None
        self.on_hover: Callable[[str], None] = lambda caption: None
        self._photo: Any = None
        self._groups = groups_of([cell.label for cell in gallery.cells])
        self.places: list[Place] = []
        self.bind("<Motion>", lambda event: self.on_hover(self.caption_at(event.x, event.y)), add="+")
        self.bind("<Leave>", lambda _event: self.on_hover(""), add="+")
        if gallery.sheets:
            self.show_channel(next(iter(gallery.sheets)))

    def show_channel(self, name: str) -> None:
        """Read the sheet of a channel in the background and show it."""
        self.channel = name
        path = self.folder / self.gallery.sheets[name]
        background(self, lambda: read_sheet(path), lambda sheet: self._got(name, sheet), self._not_got)

    def _got(self, name: str, sheet: Image.Image) -> None:
        if name == self.channel:
            self.sheet, self.problem = sheet, ""
            self.redraw()

    def _not_got(self, error: Exception) -> None:
        self.problem = f"The pictures cannot be read ({error}). Run the step again."
        self.redraw()

    def show_only(self, label: str | None) -> None:
        """Show one label, or all with None."""
        self.only = label
        self._groups = groups_of([cell.label for cell in self.gallery.cells], label)
        self.offset = 0
        self.redraw()

    def show_groups(self, groups: Sequence[Group]) -> None:
        """Show these cells under these headings, in this order."""
        self.only, self._groups = None, list(groups)
        self.offset = 0
        self.redraw()

    def zoom(self, tile: float) -> None:
        """Set the shown size of a tile in design pixels."""
        self.tile = max(LEAST_TILE, round(tile))
        self.redraw()

    @property
    def shown(self) -> int:
        """Number of cells that the present choice shows."""
        return sum(len(group.cells) for group in self._groups)

    def _sizes(self) -> tuple[int, int, int, int]:
        """Return tile width, tile height, tiles across and heading height in screen pixels."""
        height, width = self.gallery.tile
        unit = px(self, self.tile) / max(1, min(height, width))
        shown_width, shown_height = round(width * unit), round(height * unit)
        across = max(1, self.winfo_width() // (shown_width + px(self, _GAP)))
        return shown_width, shown_height, across, px(self, _HEAD)

    @override
    def draw(self) -> None:
        if self.problem:
            self.write(8, px(self, 16), self.problem, anchor="nw", width=self.winfo_width() - 16, colour=palette.WARN)
            return
        if not self._groups:
            self.write(8, px(self, 16), "No cells to show here.", anchor="nw", colour=palette.MUTED)
            return
        width, height, across, head = self._sizes()
        gap = px(self, _GAP)
        self.places, total = lay_out(self._groups, across, height + gap, head)
        view = self.winfo_height()
        self.fit(total)
        if self.sheet is not None:
            picture = self._compose(self.sheet, width, height, across, gap)
            self._photo = ImageTk.PhotoImage(picture, master=self)
            self.create_image(0, 0, anchor="nw", image=self._photo, tags="cells")
        for place in self.places:
            y = place.top - self.offset + head * 0.55
            if -head < y < view + head:
                title = f"{place.group.label} ({len(place.group.cells):,})"
                self.write(0, y, title, size="body", weight="bold", anchor="w", tags="heading")
        self._stick_heading(head)
        self.say_place()

    def _stick_heading(self, head: int) -> None:
        """Keep the heading of the uppermost group in view."""
        for place, following in zip(self.places, [*self.places[1:], None], strict=True):
            end = following.top if following else self.total
            if place.top < self.offset < end - head:
                self.create_rectangle(0, 0, self.winfo_width(), head, fill=palette.now(palette.SURFACE), width=0)
                title = f"{place.group.label} ({len(place.group.cells):,})"
                self.write(0, head * 0.5, title, size="body", weight="bold", anchor="w", tags="heading")

    def _compose(self, sheet: Image.Image, width: int, height: int, across: int, gap: int) -> Image.Image:
        view = self.winfo_height()
        picture = Image.new("RGB", (self.winfo_width(), view), palette.now(palette.SURFACE))
        for place in self.places:
            for row in range(place.rows):
                y = place.tiles + row * (height + gap) - self.offset
                if y + height < 0 or y > view:
                    continue
                line = place.group.cells[row * across : (row + 1) * across]
                for column, index in enumerate(line):
                    picture.paste(self._sprite(sheet, index, width, height), (column * (width + gap), y))
        return picture

    def _sprite(self, sheet: Image.Image, index: int, width: int, height: int) -> Image.Image:
        tile_height, tile_width = self.gallery.tile
        row, column = divmod(index, self.gallery.columns)
        left, top = column * tile_width, row * tile_height
        box = (left, top, left + tile_width, top + tile_height)
        return sheet.resize((width, height), Image.Resampling.NEAREST, box)

    def caption_at(self, x: int, y: int) -> str:
        """Return the caption of the cell at a point of the canvas, or ""."""
        if not self.places:
            return ""
        width, height, across, _head = self._sizes()
        gap = px(self, _GAP)
        page_y, column = y + self.offset, x // (width + gap)
        for place in self.places:
            row = (page_y - place.tiles) // (height + gap)
            index = row * across + column
            if page_y >= place.tiles and 0 <= row < place.rows and column < across:
                inside = index < len(place.group.cells)
                return self.gallery.cells[place.group.cells[index]].caption if inside else ""
        return ""
