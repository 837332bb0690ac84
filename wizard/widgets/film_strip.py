"""Typical cells along a progression: a column per step, an arrow from first to last, the mix of values below."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageTk
from typing_extensions import override

from wizard.results_base import Gallery
from wizard.results_visualize import ProgressionStep
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, px
from wizard.widgets.choice import Choice
from wizard.widgets.drawing import Drawing
from wizard.widgets.focus import take_keys
from wizard.widgets.gallery import read_sheet
from wizard.widgets.later import background
from wizard.widgets.mix_bars import gradient, ink_on, letter, shares_in_words

_ARROW, _MIX, _NUMBERS, _GAP = 26, 44, 18, 2
_LEAST, _MOST = 20, 110
"""Shown width of a tile, in design pixels."""


class FilmStrip(Drawing):
    """`steps` are the equal parts of the row, `order` the tag's values from first to last.

    Pointing at a cell, or moving over the strip with the arrow keys, says which one it is.
    """

    def __init__(
        self, master: tk.Misc, film: Gallery, folder: Path, steps: Sequence[ProgressionStep], order: Sequence[str]
    ) -> None:
        super().__init__(master, 320, 200)
        self.film, self.folder, self.steps = film, folder, list(steps)
        self.columns = columns_of(film)
        self.down = max((len(places) for places in self.columns), default=1)
        shown = [value for value in order if any(value in step.values for step in steps)]
        self.colours = dict(zip(shown, gradient(len(shown)), strict=True))
        self.sheet: Image.Image | None = None
        self.problem = ""
        self.channel = ""
        self.at: tuple[int, int] | None = None
        """Column and row of the cell that the keys have reached."""
        self.on_hover: Callable[[str], None] = lambda words: None
        self._photo: Any = None
        take_keys(self)
        self.bind("<Motion>", lambda event: self.on_hover(self.words_at(event.x, event.y)), add="+")
        self.bind("<Leave>", lambda _event: self.on_hover(""), add="+")
        for key, (across, down) in {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}.items():
            self.bind(f"<{key}>", lambda _event, by=(across, down): self._step(*by))  # type: ignore[misc]
        if film.sheets:
            self.show_channel(next(iter(film.sheets)))

    @property
    def spoken_value(self) -> str:
        """What a screen reader says of the cell that the keys have reached."""
        return self._cell(*self.at) if self.at is not None else ""

    def show_channel(self, name: str) -> None:
        """Read the pictures of a channel in the background and show them."""
        self.channel = name
        path = self.folder / self.film.sheets[name]
        background(self, lambda: read_sheet(path), lambda sheet: self._got(name, sheet), self._not_got)

    def _got(self, name: str, sheet: Image.Image) -> None:
        if name == self.channel:
            self.sheet, self.problem = sheet, ""
            self.redraw()

    def _not_got(self, error: Exception) -> None:
        self.problem = f"The pictures cannot be read ({error}). Draw the maps again."
        self.redraw()

    def _tile(self) -> tuple[int, int]:
        """Return the shown width and height of a tile in screen pixels."""
        height, width = self.film.tile
        room = (self.winfo_width() - px(self, 2)) // max(1, len(self.columns)) - px(self, _GAP)
        wide = max(px(self, _LEAST), min(px(self, _MOST), room))
        return wide, max(1, round(wide * height / max(1, width)))

    @override
    def draw(self) -> None:
        if self.problem:
            self.write(8, px(self, 12), self.problem, anchor="nw", width=self.winfo_width() - 16, colour=palette.WARN)
            return
        wide, high = self._tile()
        gap = px(self, _GAP)
        strip = self.down * (high + gap)
        whole = strip + px(self, _ARROW + _MIX + _NUMBERS)
        if abs(int(self["height"]) - whole) > 1:
            self.configure(height=whole)
        if self.sheet is not None:
            self._photo = ImageTk.PhotoImage(self._compose(self.sheet, wide, high, gap), master=self)
            self.create_image(0, 0, anchor="nw", image=self._photo, tags="cells")
        if self.at is not None:
            x, y = self.at[0] * (wide + gap), self.at[1] * (high + gap)
            ink = palette.now(palette.RING)
            self.create_rectangle(x + 1, y + 1, x + wide - 1, y + high - 1, outline=ink, width=2, tags="reached")
        self._arrow(strip, len(self.columns) * (wide + gap))
        self._mixes(strip + px(self, _ARROW), wide, gap)

    def _compose(self, sheet: Image.Image, wide: int, high: int, gap: int) -> Image.Image:
        tall, broad = self.film.tile
        size = (max(1, len(self.columns) * (wide + gap)), max(1, self.down * (high + gap)))
        made = Image.new("RGB", size, palette.now(palette.SURFACE))
        for column, places in enumerate(self.columns):
            for row, place in enumerate(places):
                down, across = divmod(place, self.film.columns)
                box = (across * broad, down * tall, (across + 1) * broad, (down + 1) * tall)
                tile = sheet.resize((wide, high), Image.Resampling.NEAREST, box)
                made.paste(tile, (column * (wide + gap), row * (high + gap)))
        return made

    def _arrow(self, top: int, end: int) -> None:
        y = top + px(self, 8)
        self.create_line(0, y, end, y, fill=palette.now(palette.TEXT), width=max(1, px(self, 1.4)), arrow="last",
                         tags="arrow")  # fmt: skip
        words = top + px(self, 18)
        self.write(px(self, 3), words, "first", anchor="w", colour=palette.MUTED)
        self.write(end / 2, words, "pseudotime", colour=palette.MUTED)
        self.write(end, words, "last", anchor="e", colour=palette.MUTED)

    def _mixes(self, top: int, wide: int, gap: int) -> None:
        """Draw the shares of the values among all cells of each step, the first value at the bottom."""
        room = px(self, _MIX)
        for column, step in enumerate(self.steps):
            x, y = column * (wide + gap), float(top + room)
            rest = sum(number for value, number in step.values.items() if value not in self.colours)
            parts = [(colour, step.values.get(value, 0)) for value, colour in self.colours.items()]
            for place, (colour, number) in enumerate([*parts, (palette.now(palette.LINE), rest)]):
                high = room * number / max(1, step.cells)
                if high > 0:
                    self.create_rectangle(x, y - high, x + wide, y, fill=colour, width=0, tags="mix")
                    if high > px(self, 12) and place < len(parts):
                        sign = letter(place)
                        self.write(x + wide / 2, y - high / 2, sign, fill=ink_on(colour), tags="sign")
                    y -= high
            self.write(x + wide / 2, top + room + px(self, 9), str(column + 1), colour=palette.MUTED)

    def words_at(self, x: int, y: int) -> str:
        """Return what is at a point: a cell's caption, or what a step consists of; "" for nothing."""
        wide, high = self._tile()
        gap = px(self, _GAP)
        column, row = x // (wide + gap), y // (high + gap)
        if not 0 <= column < len(self.columns):
            return ""
        places = self.columns[column]
        if row < len(places):
            return self._cell(column, row)
        return self._said(column) if y > self.down * (high + gap) + px(self, _ARROW) else ""

    def _cell(self, column: int, row: int) -> str:
        return f"Step {column + 1}. {self.film.cells[self.columns[column][row]].caption}"

    def _said(self, column: int) -> str:
        if column >= len(self.steps):
            return ""
        step = self.steps[column]
        return (
            f"Step {column + 1}, pseudotime {step.low:.2f} to {step.high:.2f}, {step.cells:,} cells: "
            f"{shares_in_words(step.values)}"
        )

    def _step(self, across: int, down: int) -> str:
        if self.columns:
            column, row = self.at or (-across if across > 0 else 0, 0 if down <= 0 else -1)
            column = min(len(self.columns) - 1, max(0, column + across))
            row = min(len(self.columns[column]) - 1, max(0, row + down))
            self.at = column, row
            self.on_hover(self._cell(column, row))
            self.redraw()
        return "break"


def columns_of(film: Gallery) -> list[list[int]]:
    """Return the places of the cells of each step, in the order of the steps."""
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(film.cells):
        found.setdefault(cell.label, []).append(place)
    numbers = {label: int(label) if label.isdecimal() else len(film.cells) for label in found}
    return [found[label] for label in sorted(found, key=lambda label: numbers[label])]


class FilmPanel(Area):
    """The strip with its channel menu, a legend of the values, and what the pointed-at cell is."""

    def __init__(
        self, master: tk.Misc, film: Gallery, folder: Path, steps: Sequence[ProgressionStep], order: Sequence[str]
    ) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        top = Area(self)
        top.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        self.strip = FilmStrip(self, film, folder, steps, order)
        if len(film.sheets) > 1:
            Text(top, "Channel", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
            self.menu = Choice(top, list(film.sheets), (), command=self.strip.show_channel, height=28, width=140)
            self.menu.set(self.strip.channel)
            self.menu.pack(side="left")
        self.strip.grid(row=1, column=0, sticky="ew")
        Legend(self, self.strip.colours).grid(row=2, column=0, sticky="ew", pady=(4, 0))
        self.words = Text(self, "", size="small", colour=palette.MUTED)
        self.words.grid(row=3, column=0, sticky="ew", pady=(4, 0))
        self.strip.on_hover = self._said
        self._said("")
        tk.Misc.lift(self.strip, top)

    def _said(self, words: str) -> None:
        self.words.say(words or "Point at a cell to see which one it is, or at a bar to see the mix of its step.")


class Legend(Drawing):
    """Coloured squares with names, in as many lines as they need."""

    def __init__(self, master: tk.Misc, colours: dict[str, str]) -> None:
        self.colours = colours
        super().__init__(master, 200, 20)

    @override
    def draw(self) -> None:
        x, line, each = 0, 0, px(self, 20)
        for place, (name, colour) in enumerate(self.colours.items()):
            cut = name if len(name) <= 24 else name[:23] + "\u2026"
            shown = f"{letter(place)}  {cut}"
            if x and x + px(self, 34 + 7 * len(shown)) > self.winfo_width():
                x, line = 0, line + 1
            y, side = each * (line + 0.5), px(self, 6)
            self.create_rectangle(x, y - side, x + 2 * side, y + side, fill=colour, width=0, tags="legend")
            item = self.write(x + 3 * side, y, shown, anchor="w", colour=palette.MUTED)
            x = self.bbox(item)[2] + px(self, 14)
        if abs(int(self["height"]) - each * (line + 1)) > 1:
            self.configure(height=each * (line + 1))
