"""Small round-edged symbols, drawn once per size and colour."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw, ImageTk

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.palette import Pair

_OVER = 4
_Draw = Callable[[ImageDraw.ImageDraw, float, str, str], None]


def _dot(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    draw.ellipse((s * 0.06, s * 0.06, s * 0.94, s * 0.94), fill=ink)


def _done(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    _dot(draw, s, ink, paper)
    draw.line([(s * 0.28, s * 0.52), (s * 0.44, s * 0.68), (s * 0.73, s * 0.35)], fill=paper, width=round(s * 0.11))


def _ready(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    draw.ellipse((s * 0.08, s * 0.08, s * 0.92, s * 0.92), outline=ink, width=round(s * 0.1))


def _current(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    _ready(draw, s, ink, paper)
    draw.ellipse((s * 0.32, s * 0.32, s * 0.68, s * 0.68), fill=ink)


def _running(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    _dot(draw, s, ink, paper)
    draw.polygon([(s * 0.4, s * 0.3), (s * 0.4, s * 0.7), (s * 0.74, s * 0.5)], fill=paper)


def _stale(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    draw.polygon([(s * 0.5, s * 0.05), (s * 0.98, s * 0.92), (s * 0.02, s * 0.92)], fill=ink)
    draw.line([(s * 0.5, s * 0.36), (s * 0.5, s * 0.62)], fill=paper, width=round(s * 0.11))
    draw.ellipse((s * 0.44, s * 0.7, s * 0.56, s * 0.82), fill=paper)


def _blocked(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    draw.arc((s * 0.28, s * 0.1, s * 0.72, s * 0.62), 180, 360, fill=ink, width=round(s * 0.1))
    draw.line([(s * 0.33, s * 0.34), (s * 0.33, s * 0.5)], fill=ink, width=round(s * 0.1))
    draw.line([(s * 0.67, s * 0.34), (s * 0.67, s * 0.5)], fill=ink, width=round(s * 0.1))
    draw.rounded_rectangle((s * 0.17, s * 0.46, s * 0.83, s * 0.92), s * 0.08, fill=ink)


def _problem(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    draw.rounded_rectangle((s * 0.06, s * 0.06, s * 0.94, s * 0.94), s * 0.2, fill=ink)
    for ends in ([(0.32, 0.32), (0.68, 0.68)], [(0.68, 0.32), (0.32, 0.68)]):
        draw.line([(x * s, y * s) for x, y in ends], fill=paper, width=round(s * 0.11))


def _info(draw: ImageDraw.ImageDraw, s: float, ink: str, paper: str) -> None:
    _dot(draw, s, ink, paper)
    draw.line([(s * 0.5, s * 0.44), (s * 0.5, s * 0.74)], fill=paper, width=round(s * 0.11))
    draw.ellipse((s * 0.43, s * 0.22, s * 0.57, s * 0.36), fill=paper)


_SHAPES: dict[str, tuple[_Draw, Pair]] = {
    "done": (_done, palette.ACCENT_TEXT),
    "current": (_current, palette.ACCENT_TEXT),
    "running": (_running, palette.ACCENT_TEXT),
    "ready": (_ready, palette.MUTED),
    "stale": (_stale, palette.WARN),
    "blocked": (_blocked, palette.MUTED),
    "ok": (_done, palette.ACCENT_TEXT),
    "note": (_info, palette.MUTED),
    "info": (_info, palette.MUTED),
    "warning": (_stale, palette.WARN),
    "problem": (_problem, palette.WARN),
    "error": (_problem, palette.WARN),
}

NAMES = tuple(_SHAPES)
"""The names of all symbols."""


def draw(name: str, size: int, paper: str) -> Image.Image:
    """Return a symbol as an image of `size` pixels; its inside has the colour `paper`."""
    shape, ink = _SHAPES[name]
    large = Image.new("RGBA", (size * _OVER, size * _OVER), (*palette.rgb(paper), 0))
    shape(ImageDraw.Draw(large), float(size * _OVER), palette.now(ink), paper)
    return large.resize((size, size), Image.Resampling.LANCZOS)


def symbol(widget: tk.Misc, name: str, size: int = 20, back: Pair = palette.SURFACE) -> Any:
    """Return a symbol for a label or canvas, `size` in design pixels; kept by the window for reuse."""
    root: Any = widget.winfo_toplevel()
    kept: dict[tuple[object, ...], ImageTk.PhotoImage] = root.__dict__.setdefault("kept_symbols", {})
    key = (name, px(widget, size), palette.now(back), palette.dark())
    if key not in kept:
        kept[key] = ImageTk.PhotoImage(draw(name, key[1], key[2]), master=root)
    return kept[key]


class Symbol(tk.Label):
    """A symbol as a label."""

    def __init__(self, master: tk.Misc, name: str, size: int = 20, back: Pair = palette.SURFACE) -> None:
        super().__init__(master, image=symbol(master, name, size, back), bg=palette.now(back), bd=0, padx=0, pady=0)
