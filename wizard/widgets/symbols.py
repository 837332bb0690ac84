"""The marks of state, each an icon with its colour: what the rail, the pages and the notices show."""

from __future__ import annotations

import tkinter as tk
from typing import Any

from PIL import Image

from wizard.widgets import icons, palette
from wizard.widgets.palette import Pair

_MARKS: dict[str, tuple[str, bool, Pair]] = {
    "done": ("done", True, palette.ACCENT_TEXT),
    "current": ("here", False, palette.ACCENT_TEXT),
    "running": ("running", True, palette.ACCENT_TEXT),
    "ready": ("ready", False, palette.MUTED),
    "stale": ("stale", False, palette.WARN),
    "blocked": ("locked", False, palette.MUTED),
    "ok": ("done", True, palette.ACCENT_TEXT),
    "note": ("info", True, palette.MUTED),
    "info": ("info", True, palette.MUTED),
    "warning": ("warning", True, palette.WARN),
    "problem": ("error", True, palette.WARN),
    "error": ("error", True, palette.WARN),
}
"""Name → icon, whether it is filled, colour."""

NAMES = tuple(_MARKS)
"""The names of all symbols."""


def draw(name: str, size: int) -> Image.Image:
    """Return a symbol as an image of `size` pixels on no ground."""
    icon, solid, ink = _MARKS[name]
    return icons.paint(icon, size, palette.now(ink), solid)


def symbol(widget: tk.Misc, name: str, size: int = 20) -> Any:
    """Return a symbol for a label or canvas, `size` in design pixels; kept by the window for reuse."""
    icon, solid, ink = _MARKS[name]
    return icons.picture(widget, icon, size, ink, solid)


class Symbol(tk.Label):
    """A symbol as a label."""

    def __init__(self, master: tk.Misc, name: str, size: int = 20, back: Pair = palette.SURFACE) -> None:
        super().__init__(master, image=symbol(master, name, size), bg=palette.now(back), bd=0, padx=0, pady=0)
