"""The icons of the window: one set of line drawings, painted smooth at any size in any colour."""

from __future__ import annotations

import math
import tkinter as tk
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import customtkinter as ctk
from PIL import Image, ImageDraw, ImageTk
from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.palette import Pair

GRID = 24
"""Units of the square that an icon is drawn on."""
STROKE = 2.0
"""Width of every line, in units."""
SMALL, BODY, LARGE = 16, 18, 40
"""The sizes of icons in design pixels: in buttons, beside titles, on empty pages."""

_FILE = Path(__file__).parents[1] / "assets" / "icons.toml"
_OVER = 4
_SEAM = 1.6

Part = tuple[str, tuple[float, ...]]
"""A letter for the kind of line and its numbers."""


@cache
def shapes() -> dict[str, tuple[Part, ...]]:
    """Return the parts of all icons by name."""
    texts = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: tuple(_part(part) for part in text.split(";")) for name, text in texts.items()}


def _part(text: str) -> Part:
    kind, *numbers = text.replace(",", " ").split()
    return kind, tuple(map(float, numbers))


class _Pen:
    """Paints parts on a mask; `unit` are its pixels per unit of the grid."""

    def __init__(self, side: int) -> None:
        self.mask = Image.new("L", (side, side), 0)
        self.unit = side / GRID
        self._draw = ImageDraw.Draw(self.mask)

    def part(self, part: Part, ink: int, width: float = STROKE, filled: bool = False) -> None:
        """Paint one part, or wipe it out with `ink` 0."""
        kind, numbers = part
        values = [number * self.unit for number in numbers]
        wide = width * self.unit
        if kind == "C":
            self._circle(values[0], values[1], values[2], wide, ink, filled)
        elif kind == "D":
            self._disc(values[0], values[1], values[2] + (width - STROKE) / 2 * self.unit, ink)
        elif kind == "A":
            self._arc(values[0], values[1], values[2], numbers[3], numbers[4], wide, ink)
        elif kind == "R":
            self._box(values, wide, ink, filled)
        else:
            self._line(values, wide, ink, closed=kind == "Z", filled=filled)

    def _disc(self, x: float, y: float, radius: float, ink: int) -> None:
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)

    def _circle(self, x: float, y: float, radius: float, wide: float, ink: int, filled: bool) -> None:
        outer = radius + wide / 2
        box = (x - outer, y - outer, x + outer, y + outer)
        if filled:
            self._draw.ellipse(box, fill=ink)
        else:
            self._draw.ellipse(box, outline=ink, width=round(wide))

    def _arc(self, x: float, y: float, radius: float, first: float, last: float, wide: float, ink: int) -> None:
        outer = radius + wide / 2
        self._draw.arc((x - outer, y - outer, x + outer, y + outer), first, last, fill=ink, width=round(wide))
        for angle in (math.radians(first), math.radians(last)):
            self._disc(x + radius * math.cos(angle), y + radius * math.sin(angle), wide / 2, ink)

    def _box(self, values: list[float], wide: float, ink: int, filled: bool) -> None:
        x, y, width, height, corner = values
        half = wide / 2
        box = (x - half, y - half, x + width + half, y + height + half)
        if filled:
            self._draw.rounded_rectangle(box, corner + half, fill=ink)
        else:
            self._draw.rounded_rectangle(box, corner + half, outline=ink, width=round(wide))

    def _line(self, values: list[float], wide: float, ink: int, *, closed: bool, filled: bool) -> None:
        points = list(zip(values[::2], values[1::2], strict=True))
        if filled:
            self._draw.polygon(points, fill=ink)
        path = [*points, points[0]] if closed else points
        self._draw.line(path, fill=ink, width=round(wide))
        for x, y in path:
            self._disc(x, y, wide / 2, ink)


@lru_cache(maxsize=512)
def paint(name: str, size: int, colour: str, solid: bool = False) -> Image.Image:
    """Return an icon of `size` screen pixels; `solid` fills its first part and cuts the others out of it."""
    pen = _Pen(size * _OVER)
    first, *others = shapes()[name]
    pen.part(first, 255, filled=solid)
    for part in others:
        pen.part(part, 0 if solid else 255, STROKE + (_SEAM - 1 if solid else 0), filled=solid and part[0] == "Z")
    image = Image.new("RGBA", (size, size), (*palette.rgb(colour), 0))
    image.putalpha(pen.mask.resize((size, size), Image.Resampling.LANCZOS))
    return image


def picture(
    widget: tk.Misc, name: str, size: int = BODY, colour: Pair = palette.TEXT, solid: bool = False
) -> ImageTk.PhotoImage:
    """Return an icon for a label or a canvas, `size` in design pixels; the window keeps it for reuse."""
    root: Any = widget.winfo_toplevel()
    kept: dict[tuple[object, ...], ImageTk.PhotoImage] = root.__dict__.setdefault("kept_icons", {})
    pixels = round(size * float(ctk.ScalingTracker.get_widget_scaling(widget.nametowidget("."))))
    key = (name, pixels, palette.now(colour), solid)
    if key not in kept:
        kept[key] = ImageTk.PhotoImage(paint(name, pixels, palette.now(colour), solid), master=root)
    return kept[key]


class Icon(ctk.CTkImage):
    """An icon for a customtkinter button, painted at the very size that the screen needs."""

    def __init__(self, widget: tk.Misc, name: str, size: int = SMALL, colour: Pair = palette.TEXT) -> None:
        self.name, self.colour = name, colour
        self._widget = widget
        super().__init__(Image.new("RGBA", (1, 1)), size=(size, size))

    @override
    def create_scaled_photo_image(self, widget_scaling: float, appearance_mode: str) -> ImageTk.PhotoImage:
        return picture(self._widget, self.name, self._size[0], self.colour)
