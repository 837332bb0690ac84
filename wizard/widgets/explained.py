"""Cells with maps of where the network looks: a row per cell or class, choosable by method and channel."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import customtkinter as ctk
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageTk
from typing_extensions import override

from wizard.cell_maps import AGAINST, FOR, Maps, contrast, grey, laid_over, planes_of, read_maps
from wizard.explain_plan import METHODS
from wizard.results import ExplainResult
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural, px
from wizard.widgets.choice import Choice
from wizard.widgets.drawing import ScrolledDrawing
from wizard.widgets.later import background
from wizard.words import catalogue

ALL, MISTAKEN, AVERAGES = "All cells", "Mistaken cells", "Class averages"
EVERY_METHOD, EVERY_CHANNEL, MAIN_CHANNELS = "All maps", "All channels", "Main channels"

_SHORT = {"gradcam": "CAM", "gradients": "IG", "occlusion": "Occl."}
"""Titles of narrow columns."""
_WIDE = 92
"""Design pixels from which a column takes the whole title."""
_MOST_COLUMNS = 14
"""More would be too small to see, or cut off."""

_LEAST_TILE, _MOST_TILE = 40, 128
_GAP, _HEAD, _ROW_HEAD, _FOOT = 4, 36, 22, 10


@dataclass(frozen=True)
class Row:
    """A cell or a class: what is written above it, which label it belongs to, and its maps."""

    text: str
    label: str
    right: bool
    maps: Maps


@dataclass(frozen=True)
class Column:
    """What a column shows: a channel, under the map of a method ("" = the bare picture)."""

    title: str
    channel: int
    method: str


@dataclass(frozen=True)
class Found:
    """Rows of cells and of classes, and what is black and white in each channel of each."""

    cells: list[Row]
    means: list[Row]
    limits: list[tuple[float, float]]
    mean_limits: list[tuple[float, float]]


def read_rows(path: Path, result: ExplainResult) -> Found:
    """Read the maps of all cells and classes; raises OSError or ValueError when the file cannot be read."""
    count = len(result.channels)
    cells = []
    for place, maps in read_maps(path, range(len(result.cells))).items():
        one = result.cells[place]
        named = one.label if one.right else catalogue.say(f"{one.label}, named {one.predicted}")
        if len(maps["cell"]) == count:
            cells.append(Row(f"{named} ({one.confidence:.0%} sure)   {one.source}", one.label, one.right, maps))
    means = []
    for place, maps in read_maps(path, range(len(result.averages)), "mean_").items():
        mean = result.averages[place]
        if len(maps["cell"]) == count:
            means.append(Row(f"{mean.label}: mean of {plural(mean.n_cells, 'cell')}", mean.label, True, maps))
    return Found(cells, means, _limits(cells, count), _limits(means, count))


def _limits(rows: Sequence[Row], channels: int) -> list[tuple[float, float]]:
    if not rows:
        return [(0.0, 1.0)] * channels
    return [
        contrast(np.concatenate([row.maps["cell"][channel].ravel() for row in rows])) for channel in range(channels)
    ]


class MapsCanvas(ScrolledDrawing):
    """The rows below their column titles; the wheel and the arrow and Page keys scroll. Only what is seen is drawn."""

    def __init__(self, master: tk.Misc) -> None:
        super().__init__(master, 240, 160)
        self.words = "Reading the maps\u2026"
        self.rows: list[Row] = []
        self.columns: list[Column] = []
        self.limits: list[tuple[float, float]] = []
        self.tile = 0
        self.picture: Image.Image | None = None
        self._photo: Any = None

    def show(self, rows: Sequence[Row], columns: Sequence[Column], limits: Sequence[tuple[float, float]]) -> None:
        """Show these rows and columns from the top."""
        self.rows, self.columns, self.limits = list(rows), list(columns), list(limits)
        self.offset = 0
        self.redraw()

    def say(self, words: str) -> None:
        """Say why nothing can be shown."""
        self.words, self.rows = words, []
        self.redraw()

    @override
    def draw(self) -> None:
        if not self.rows or not self.columns:
            self.write(8, px(self, 12), self.words, anchor="nw", width=self.winfo_width() - 16, colour=palette.MUTED)
            return
        width, height = self.winfo_width(), self.winfo_height()
        gap, head, foot = px(self, _GAP), px(self, _HEAD), px(self, _FOOT)
        room = (width - gap) // len(self.columns) - gap
        self.tile = tile = max(px(self, _LEAST_TILE), min(px(self, _MOST_TILE), room))
        step = px(self, _ROW_HEAD) + tile + foot
        self.fit(head + len(self.rows) * step)
        picture = Image.new("RGB", (width, height), palette.now(palette.SURFACE))
        for place, row in enumerate(self.rows):
            y = head + place * step - self.offset
            if -step < y < height:
                self._row(picture, row, y)
        picture.paste(palette.now(palette.SURFACE), (0, 0, width, head))
        self.picture = picture
        self._photo = ImageTk.PhotoImage(picture, master=self)
        self.tag_lower(self.create_image(0, 0, anchor="nw", image=self._photo, tags="maps"))
        self.create_rectangle(0, 0, width, head, fill=palette.now(palette.SURFACE), width=0)
        for place, column in enumerate(self.columns):
            short = tile < px(self, _WIDE) and column.title in METHODS.values()
            title = _SHORT[column.method] if short else column.title
            self.write(
                gap + place * (tile + gap) + tile / 2, head / 2, title, weight="bold", justify="center",
                width=tile + gap, tags="titles",
            )  # fmt: skip
        self.say_place()

    def _row(self, picture: Image.Image, row: Row, y: int) -> None:
        head = px(self, _ROW_HEAD)
        self.write(
            px(self, _GAP), y + head / 2, row.text, anchor="w", colour=palette.TEXT if row.right else palette.WARN
        )
        for place, column in enumerate(self.columns):
            pixels = self._pixels(row.maps, column)
            unit = self.tile / max(pixels.shape[:2])
            size = (max(1, round(pixels.shape[1] * unit)), max(1, round(pixels.shape[0] * unit)))
            image = Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST).convert("RGB")
            picture.paste(image, (px(self, _GAP) + place * (self.tile + px(self, _GAP)), y + head))

    def _pixels(self, maps: Maps, column: Column) -> NDArray[np.uint8]:
        plane = grey(maps["cell"][column.channel], *self.limits[column.channel])
        found = planes_of(maps, column.method, column.channel) if column.method else None
        return plane if found is None else laid_over(plane, *found)


class ExplainedView(Area):
    """The rows below the menus that choose them, and a line that says how to read the colours."""

    def __init__(self, master: tk.Misc, result: ExplainResult, path: Path, words: str) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(3, weight=1)
        self.result = result
        self.found: Found | None = None
        Text(self, words, colour=palette.MUTED).grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 8))
        controls = Area(self)
        controls.grid(row=1, column=0, columnspan=2, sticky="w", pady=(0, 6))
        labels = list(dict.fromkeys(cell.label for cell in result.cells))
        names = [METHODS[name] for name in result.methods]
        channels = [channel.shown for channel in result.channels]
        self.rows = self._menu(controls, "Show", [ALL, AVERAGES, MISTAKEN, *labels])
        self.method = self._menu(controls, "Map", [EVERY_METHOD, *names] if len(names) > 1 else names, 176)
        self.channel = self._menu(controls, "Channel", [*channels, self._every()] if len(channels) > 1 else channels)
        if len(result.shares) == len(channels) > 0:
            self.channel.set(channels[int(np.argmax(result.shares))])
        self._legend().grid(row=2, column=0, columnspan=2, sticky="w", pady=(0, 6))
        self.canvas = MapsCanvas(self)
        self.canvas.grid(row=3, column=0, sticky="nsew")
        bar = ctk.CTkScrollbar(self, command=self.canvas.obey, width=14)
        bar.grid(row=3, column=1, sticky="ns")
        self.canvas.on_scrolled = bar.set
        background(self, lambda: read_rows(path, result), self._got, self._not_got)

    def _menu(self, row: Area, title: str, values: list[str], width: int = 140) -> Any:
        Text(row, title, colour=palette.MUTED, wrap=False).pack(side="left", padx=(0, 6))
        menu = Choice(
            row, values, command=lambda _value: self.choose(), height=28, width=width, dynamic_resizing=False
        )  # fmt: skip
        menu.set(values[0])
        menu.pack(side="left", padx=(0, 14))
        return menu

    def _legend(self) -> Area:
        row = Area(self)
        for colour, words in ((FOR, "speaks for the class that was named"), (AGAINST, "speaks against it")):
            side = px(self, 13)
            shade = "#" + "".join(f"{part:02x}" for part in colour)
            tk.Frame(row, width=side, height=side, bg=shade).pack(side="left", padx=(0, px(self, 6)))
            Text(row, words, size="small", wrap=False).pack(side="left", padx=(0, 14))
        Text(row, "stronger colour: more", size="small", colour=palette.MUTED, wrap=False).pack(side="left")
        return row

    def _got(self, found: Found) -> None:
        self.found = found
        if not found.cells:
            self.canvas.say("There are no maps to show. Explain the model again.")
            return
        self.choose()

    def _not_got(self, error: Exception) -> None:
        self.canvas.say(f"The maps cannot be read ({error}). Explain the model again.")

    def choose(self, rows: str = "", method: str = "", channel: str = "") -> None:
        """Show what the menus say, after setting those that are given."""
        for menu, value in ((self.rows, rows), (self.method, method), (self.channel, channel)):
            if value:
                menu.set(value)
        if self.found is None or not self.found.cells:
            return
        means = self.rows.get() == AVERAGES
        chosen = self.found.means if means else [row for row in self.found.cells if self._wanted()(row)]
        if not chosen:
            nothing = "None of these cells was mistaken." if self.rows.get() == MISTAKEN else "There are none."
            self.canvas.say(nothing)
            return
        self.canvas.show(chosen, self._columns(), self.found.mean_limits if means else self.found.limits)

    def _wanted(self) -> Callable[[Row], bool]:
        name = self.rows.get()
        if name == MISTAKEN:
            return lambda row: not row.right
        return (lambda row: True) if name == ALL else (lambda row: row.label == name)

    def _every(self) -> str:
        return EVERY_CHANNEL if len(self.result.channels) <= _MOST_COLUMNS else MAIN_CHANNELS

    def _columns(self) -> list[Column]:
        """Return the columns: of each chosen channel the bare picture, then its maps.

        Where that is too many of all maps one is shown, then without the pictures.
        """
        names = [channel.shown for channel in self.result.channels]
        methods = list(self.result.methods)
        if self.method.get() != EVERY_METHOD:
            methods = [name for name in methods if METHODS[name] == self.method.get()]
        chosen = self.channel.get()
        channels = self._main() if chosen == self._every() and chosen not in names else [names.index(chosen)]
        if len(methods) > 1 and len(channels) * (1 + len(methods)) > _MOST_COLUMNS:
            methods = ["gradients"] if "gradients" in methods else methods[:1]
            self.method.set(METHODS[methods[0]])
        bare = len(channels) * (1 + len(methods)) <= _MOST_COLUMNS
        made = []
        for channel in channels:
            made += [Column(names[channel], channel, "")] if bare else []
            made += [Column(METHODS[name] if bare else names[channel], channel, name) for name in methods]
        return made

    def _main(self) -> list[int]:
        """Return the channels that are shown together: those that matter most, where there are too many."""
        places = list(range(len(self.result.channels)))
        if len(self.result.shares) == len(places):
            places.sort(key=lambda place: -self.result.shares[place])
        return sorted(places[:_MOST_COLUMNS])
