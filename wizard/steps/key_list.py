"""The keys over the page: those that work everywhere, and those of the page."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import customtkinter as ctk

from wizard.help import keys
from wizard.help.keys import Key
from wizard.widgets.basics import Area, Text, px, scale
from wizard.widgets.panels import heading
from wizard.widgets.scroll import BAR, Scroll

WIDTH = 790
"""Of two lists side by side, in design pixels."""

_NAMES, _WORDS = 136, 230
_AROUND = 226
"""What title, buttons and edges of the card take in height; the rest is for the lists."""
_BESIDE = 48
_LEAST_BAR = 40


def bind(window: tk.Misc, acts: Mapping[str, Callable[[Any], object]]) -> None:
    """Bind the keys that are written down for these acts of the window; an act takes the event."""
    for name, sequences in keys.acts().items():
        for sequence in sequences if name in acts else ():
            with contextlib.suppress(tk.TclError):  # some names of keys are known to some systems only
                window.bind(sequence, acts[name], add="+")


def width_for(root: tk.Misc) -> int:
    """Return the width of the card in design pixels: less where the window has no room for two lists."""
    return min(WIDTH, round(root.winfo_width() / scale(root)) - 2 * _BESIDE)


def key_lists(parent: tk.Misc, root: tk.Misc, lists: Sequence[tuple[str, Sequence[Key]]]) -> Scroll:
    """Return the lists, each with its heading; they scroll where the window is too low for them."""
    view = Scroll(parent)
    width = width_for(root)
    for place, (title, found) in enumerate(lists):
        beside = width == WIDTH
        view.inner.columnconfigure(place if beside else 0, weight=1, uniform="keys")
        _list(view.inner, title, found).grid(
            row=0 if beside else place, column=place if beside else 0, sticky="new", padx=(6, 16), pady=(2, 12)
        )
    view.update_idletasks()
    needed, room = view.inner.winfo_reqheight(), root.winfo_height() - px(root, _AROUND)
    view.canvas.configure(width=px(root, width - BAR), height=max(px(root, 80), min(needed, room)))
    if needed > room:
        for bar in view.winfo_children():
            if isinstance(bar, ctk.CTkScrollbar):
                bar.configure(height=_LEAST_BAR)  # the bar must not make a low list higher
    return view


def _list(parent: tk.Misc, title: str, found: Sequence[Key]) -> Area:
    frame = Area(parent)
    frame.columnconfigure(1, weight=1)
    heading(frame, title).grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 4))
    for row, key in enumerate(found, start=1):
        shown = Text(frame, key.shown, size="small", weight="bold", wrap=False)
        shown.configure(wraplength=px(parent, _NAMES))
        shown.grid(row=row, column=0, sticky="nw", padx=(0, 12), pady=2)
        does = Text(frame, key.does, size="small")
        # Breaks the line early, so that the card does not grow with its words; there it takes all the room it gets.
        does.configure(wraplength=px(parent, _WORDS))
        does.grid(row=row, column=1, sticky="ew", pady=2)
    return frame
