"""Augmented cells: each row is a cell as it is stored and what the network is shown of it, on one grey scale."""

from __future__ import annotations

import tkinter as tk
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import customtkinter as ctk
import numpy as np
from PIL import Image, ImageTk
from typing_extensions import override

from wizard.results import AugmentPreviewResult, Channel, PreviewCell
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, px, quiet_button
from wizard.widgets.choice import Choice
from wizard.widgets.drawing import ScrolledDrawing
from wizard.widgets.later import background
from wizard.widgets.preview_data import Grey, Plane, grey, is_colour_picture, merged, usual_colours

_MOST_CELLS, _MOST_COPIES, _MOST_SIDE = 200, 12, 2048
_LOW, _HIGH = 0.5, 99.8
"""Percentiles of the stored cells that become black and white, in the copies as well."""
_BRIGHT = (0.25, 0.75)
_LEAST_TILE, _MOST_TILE = 24, 132
_GAP, _APART, _HEAD, _FOOT = 4, 16, 22, 12


@dataclass(frozen=True)
class Row:
    """A cell (channel, y, x) and its copies (copy, channel, y, x)."""

    cell: Plane
    copies: Plane


@dataclass(frozen=True)
class Rows:
    """The rows by their position; per channel what is shown black and white, and whether it looks like bright field."""

    rows: dict[int, Row]
    contrast: list[tuple[float, float]]
    bright: list[bool]


def read_rows(path: Path, n_cells: int) -> Rows:
    """Read preview.npz; cells whose arrays are missing or odd are left out.

    Raises OSError or ValueError when the file cannot be read.
    """
    rows: dict[int, Row] = {}
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            for index in range(min(n_cells, _MOST_CELLS)):
                if f"cell_{index}" in arrays and f"copies_{index}" in arrays:
                    row = Row(arrays[f"cell_{index}"], arrays[f"copies_{index}"])
                    if _drawable(row):
                        rows[index] = row
    except (zipfile.BadZipFile, EOFError, KeyError) as error:
        raise ValueError(f"it is damaged: {error}") from None
    channels = min((len(row.cell) for row in rows.values()), default=0)
    contrast = [_contrast(rows, channel) for channel in range(channels)]
    bright = [_looks_bright(rows, channel, *contrast[channel]) for channel in range(channels)]
    return Rows(rows, contrast, bright)


def _drawable(row: Row) -> bool:
    cell, copies = row.cell, row.copies
    good = cell.ndim == 3 and copies.ndim == 4 and cell.dtype.kind in "uif" and copies.dtype.kind in "uif"
    alike = copies.shape[1:] == cell.shape and min(copies.shape) > 0
    return good and alike and max(cell.shape[1:]) <= _MOST_SIDE and len(copies) <= _MOST_COPIES


def _contrast(rows: dict[int, Row], channel: int) -> tuple[float, float]:
    values = np.concatenate([row.cell[channel].ravel() for row in rows.values()]).astype(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(values, (_LOW, _HIGH)))
    return (low, high) if high > low else (low, low + 1.0)


def _looks_bright(rows: dict[int, Row], channel: int, low: float, high: float) -> bool:
    places = [(float(np.median(row.cell[channel])) - low) / (high - low) for row in rows.values()]
    return bool(_BRIGHT[0] < np.median(places) < _BRIGHT[1])


class CopiesCanvas(ScrolledDrawing):
    """The rows; the wheel and the arrow and Page keys scroll. Only what is in view is drawn."""

    def __init__(self, master: tk.Misc, cells: Sequence[PreviewCell]) -> None:
        super().__init__(master, 240, 120)
        self.cells = list(cells)
        self.found: Rows | None = None
        self.words = "Reading the pictures\u2026"
        self.channel = 0
        self.colours: list[str] = []
        self.contrast: list[tuple[float, float]] = []
        """What is black and white by channel: the same for every picture."""
        self.merge: list[int] = []
        """Channels that are shown together in their colours; none shows the chosen one in grey."""
        self.tile = 0
        self.picture: Image.Image | None = None
        self._photo: Any = None

    def say(self, words: str) -> None:
        """Say why nothing can be shown."""
        self.words = words
        self.redraw()

    @override
    def draw(self) -> None:
        if self.found is None or not self.found.rows:
            self.write(8, px(self, 12), self.words, anchor="nw", width=self.winfo_width() - 16, colour=palette.MUTED)
            return
        width, height = self.winfo_width(), self.winfo_height()
        most = max(len(row.copies) for row in self.found.rows.values())
        gap, apart, head = px(self, _GAP), px(self, _APART), px(self, _HEAD)
        room = (width - 2 * gap - apart - (most - 1) * gap) // (most + 1)
        self.tile = tile = max(px(self, _LEAST_TILE), min(px(self, _MOST_TILE), room))
        step = head + tile + px(self, _FOOT)
        self.fit(len(self.found.rows) * step)
        picture = Image.new("RGB", (width, height), palette.now(palette.SURFACE))
        for place, (index, row) in enumerate(self.found.rows.items()):
            y = place * step - self.offset
            if -step < y < height:
                self._row(picture, index, row, y)
        self.picture = picture
        self._photo = ImageTk.PhotoImage(picture, master=self)
        self.tag_lower(self.create_image(0, 0, anchor="nw", image=self._photo, tags="cells"))
        self.say_place()

    def _row(self, picture: Image.Image, index: int, row: Row, y: int) -> None:
        gap, apart, head = px(self, _GAP), px(self, _APART), px(self, _HEAD)
        cell = self.cells[index]
        self.write(gap, y + head / 2, f"{cell.label}  {cell.source}".strip(), anchor="w")
        for place, planes in enumerate((row.cell, *row.copies)):
            left = gap + place * (self.tile + gap) + (apart if place else 0)
            unit = self.tile / max(planes.shape[1:])
            size = (max(1, round(planes.shape[2] * unit)), max(1, round(planes.shape[1] * unit)))
            image = Image.fromarray(self._pixels(planes)).resize(size, Image.Resampling.NEAREST).convert("RGB")
            picture.paste(image, (left, y + head))
            if not place:
                line = left + self.tile + gap + apart // 2 - gap // 2
                picture.paste(palette.now(palette.LINE), (line, y + head, line + 1, y + head + size[1]))

    def _pixels(self, planes: Plane) -> Grey:
        if not self.merge:
            return grey(planes[self.channel], *self.contrast[self.channel])
        greys = [grey(planes[channel], *self.contrast[channel]) for channel in self.merge]
        return merged(greys, [palette.rgb(self.colours[channel]) for channel in self.merge])


class AugmentView(Area):
    """The rows below one line of words and controls; without a result, only the button that makes one.

    `explain` is said above; `again` makes the pictures anew.
    """

    def __init__(
        self, master: tk.Misc, result: AugmentPreviewResult | None, path: Path, again: Callable[[], object]
    ) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self.channels: list[Channel] = list(result.channels) if result is not None else []
        self._all = "All channels"
        self.words = Text(self)
        self.words.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 8))
        row = Area(self)
        row.grid(row=1, column=0, columnspan=2, sticky="w", pady=(0, 8))
        self.button = quiet_button(row, "Show augmented cells", again, height=28)
        self.button.pack(side="left", padx=(0, 16))
        self.menu: Any = None
        self.canvas: CopiesCanvas | None = None
        if result is None:
            return
        self.button.configure(text="Show again")
        Text(row, "Channel", colour=palette.MUTED, wrap=False).pack(side="left", padx=(0, 6))
        self.menu = Choice(
            row, self._titles() or ["\u2013"], command=self.choose, height=28, width=150,
            dynamic_resizing=False,
        )  # fmt: skip
        self.menu.pack(side="left")
        self.canvas = CopiesCanvas(self, result.cells)
        self.canvas.grid(row=2, column=0, sticky="nsew")
        bar = ctk.CTkScrollbar(self, command=self.canvas.obey, width=14)
        bar.grid(row=2, column=1, sticky="ns")
        self.canvas.on_scrolled = bar.set
        n_cells = len(result.cells)
        background(self, lambda: read_rows(path, n_cells), self._got, self._not_got)

    def show(self, words: str, on: bool) -> None:
        """Say what is shown, and whether the pictures can be made anew now."""
        if str(self.words.cget("text")) != words:
            self.words.say(words)
        enable(self.button, on)

    def _titles(self) -> list[str]:
        return [channel.shown for channel in self.channels] + ([self._all] if len(self.channels) > 1 else [])

    def _got(self, found: Rows) -> None:
        assert self.canvas is not None
        canvas = self.canvas
        count = len(found.contrast)
        self.channels = (self.channels + [Channel(name=f"Ch{n}", number=n) for n in range(1, count + 1)])[:count]
        canvas.found, canvas.contrast = found, found.contrast
        canvas.colours = usual_colours(self.channels, found.bright)
        if not count:
            canvas.say("There are no pictures to show. Show them again.")
            return
        photo = is_colour_picture(self.channels) and next(iter(found.rows.values())).cell.dtype == np.uint8
        if photo:
            canvas.contrast = [(0.0, 255.0)] * count
        self.menu.configure(values=self._titles())
        self.choose(self._all if photo else self.channels[0].shown)

    def _not_got(self, error: Exception) -> None:
        assert self.canvas is not None
        self.canvas.say(f"The pictures cannot be read ({error}). Show them again.")

    def choose(self, title: str) -> None:
        """Show a channel by its title, or all of them together in their colours."""
        titles = self._titles()
        if self.canvas is None or title not in titles:
            return
        self.menu.set(title)
        together = title == self._all
        self.canvas.merge = list(range(len(self.channels))) if together else []
        self.canvas.channel = 0 if together else titles.index(title)
        self.canvas.redraw()
