"""Puts small controls side by side, as many in a row as there is room for."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Area, px
from wizard.widgets.later import later
from wizard.widgets.palette import Pair

_GAP = 8


def side_by_side(frame: tk.Misc, items: Sequence[Any], most: int = 2, pady: int = 4) -> None:
    """Lay out `items` in `frame` in columns of one width: `most` of them, or fewer where the words are too long."""
    shown = 0

    def arrange(width: int) -> None:
        nonlocal shown
        widest = max((item.winfo_reqwidth() for item in items), default=1) + px(frame, _GAP)
        columns = max(1, min(most, (width + px(frame, _GAP)) // widest))
        if columns != shown:
            shown = columns
            for place, item in enumerate(items):
                item.grid(row=place // columns, column=place % columns, sticky="w", padx=(0, _GAP), pady=pady)

    arrange(0)
    frame.bind("<Configure>", lambda event: arrange(event.width), add="+")


def tiles_in_rows(frame: tk.Misc, tiles: Sequence[Any], most: int) -> None:
    """Lay out figures in `frame` in columns of one width: `most` of them, or fewer where a figure would be cut."""
    shown = 0

    def widest(tile: tk.Misc) -> int:
        # Only what does not wrap into lines needs its room: the figure itself.
        fixed = [part for part in _labels(tile) if not int(str(part.cget("wraplength")))]
        return max((part.winfo_reqwidth() for part in fixed), default=0) + 2 * px(frame, 12)

    def arrange(width: int) -> None:
        nonlocal shown
        gap = px(frame, _GAP)
        least = max((widest(tile) for tile in tiles), default=1) + gap
        columns = max(1, min(most, (width + gap) // least)) if width > 1 else most
        if columns == shown:
            return
        for column in range(max(columns, shown)):
            frame.columnconfigure(column, weight=int(column < columns), uniform="tiles" if column < columns else "")
        shown = columns
        for place, tile in enumerate(tiles):
            row, column = divmod(place, columns)
            right = _GAP if column < columns - 1 else 0
            tile.grid(row=row, column=column, sticky="nsew", padx=(0, right), pady=(0, _GAP))

    arrange(1)
    frame.bind("<Configure>", lambda event: arrange(event.width), add="+")


def _labels(widget: tk.Misc) -> list[tk.Label]:
    found = [widget] if isinstance(widget, tk.Label) else []
    for child in widget.winfo_children():
        found += _labels(child)
    return found


class Line(Area):
    """A row of controls that goes on below where it is too narrow; put them in with `pack(side="left")`."""

    def __init__(self, master: tk.Misc, back: Pair = palette.SURFACE, below: int = 6) -> None:
        super().__init__(master, back)
        self._below = px(self, below)
        self._items: list[tuple[Any, int, int]] = []
        self._words: list[tk.Label] = []
        self._shown: tuple[Any, ...] = ()
        self._waiting = False
        self.pack_propagate(False)
        self.configure(height=px(self, 28))
        self.bind("<Configure>", lambda _event: self._soon(), add="+")

    def _soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            later(self, 1, self._arrange)

    def _take(self) -> None:
        """Take over what was packed since the last time; from now on it has a place in lines."""
        for item in self.pack_slaves():
            left, right = _pads(item.pack_info()["padx"])
            item.pack_forget()
            self._items.append((item, left, right))
            if isinstance(item, tk.Label) and int(str(item.cget("wraplength"))):
                # Words that break at their own width would keep the width of their first text.
                item.unbind("<Configure>")
                self._words.append(item)
            item.bind("<Configure>", lambda _event: self._soon(), add="+")

    def _arrange(self) -> None:
        self._waiting = False
        self._take()
        self._items = [entry for entry in self._items if entry[0].winfo_exists()]
        room = max(1, self.winfo_width())
        for words in self._words:
            if words.winfo_exists() and int(str(words.cget("wraplength"))) != room:
                words.configure(wraplength=room)
        lines = self._lines(room)
        shown = (room, *((str(item), x, high) for line in lines for item, x, _wide, high in line))
        if shown == self._shown:
            return
        self._shown = shown
        top = 0
        for line in lines:
            height = max(high for _item, _x, _wide, high in line)
            for item, x, wide, high in line:
                # Past customtkinter, which would scale the pixels once more.
                self.tk.call("place", "configure", str(item), "-x", x, "-y", top + (height - high) // 2, *_width(wide))
            top += height + self._below
        self.configure(height=max(1, top - self._below))

    def _lines(self, room: int) -> list[list[tuple[Any, int, int, int]]]:
        """Return item, left edge, width (0 for its own) and height of each, line by line."""
        lines: list[list[tuple[Any, int, int, int]]] = [[]]
        x = 0
        for place, (item, left, right) in enumerate(self._items):
            wide, high = item.winfo_reqwidth(), item.winfo_reqheight()
            more = right + self._items[place + 1][0].winfo_reqwidth() if self._names_next(place) else 0
            if lines[-1] and x + left + wide + more > room:
                lines.append([])
                x = 0
            at = x + (left if lines[-1] else 0)
            lines[-1].append((item, at, room if wide > room else 0, high))
            x = at + wide + right
        return [line for line in lines if line]

    def _names_next(self, place: int) -> bool:
        """Tell whether an item is the name of the control behind it: they stay together."""
        if place + 1 >= len(self._items):
            return False
        return isinstance(self._items[place][0], tk.Label) and not isinstance(self._items[place + 1][0], tk.Label)


def _width(wide: int) -> tuple[Any, ...]:
    return ("-width", wide) if wide else ("-width", "")


def _pads(found: Any) -> tuple[int, int]:
    both = found if isinstance(found, (tuple, list)) else (found, found)
    return int(both[0]), int(both[1])
