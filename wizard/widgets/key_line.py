"""Drawing a lasso or a box on a map by keys: a cross to move, corners to put, Enter to end the line."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import px

_STEP, _FINE = 16, 3
"""How far a key moves the cross, in design pixels; the smaller one with Shift."""
_SHIFT = 0x1
Place = tuple[float, float]


class KeyLine:
    """The cross on a canvas; `on_moved(x, y)` hears where it is, `on_corner` and `on_end` what is to be done there."""

    def __init__(self, canvas: tk.Canvas) -> None:
        self.canvas = canvas
        self.at: Place | None = None
        self.on_moved: Callable[[Place], object] = lambda place: None
        self.on_corner: Callable[[Place], object] = lambda place: None
        self.on_end: Callable[[Place, int], object] = lambda place, state: None
        canvas.bind("<space>", lambda _event: self._corner(), add="+")
        for key in ("<Return>", "<KP_Enter>"):
            canvas.bind(key, lambda event: self._end(int(event.state)), add="+")
        for sequence in ("<FocusOut>", "<ButtonPress>"):
            canvas.bind(sequence, lambda _event: self.forget(), add="+")

    def step(self, right: int, down: int, state: int) -> str:
        """Move the cross; the first time it comes to the middle."""
        width, height = self.canvas.winfo_width(), self.canvas.winfo_height()
        if self.at is None:
            self.at = (width / 2, height / 2)
        else:
            far = px(self.canvas, _FINE if state & _SHIFT else _STEP)
            x, y = self.at[0] + right * far, self.at[1] + down * far
            self.at = (min(width - 1, max(0, x)), min(height - 1, max(0, y)))
        self.draw()
        self.on_moved(self.at)
        return "break"

    def draw(self) -> None:
        """Draw the cross where it is: dark with a light edge, to be seen on every colour."""
        self.canvas.delete("cross")
        if self.at is None:
            return
        (x, y), arm = self.at, px(self.canvas, 11)
        for ink, wide in ((palette.SURFACE, 5), (palette.RING, 2)):
            look: dict[str, Any] = {"fill": palette.now(ink), "width": px(self.canvas, wide), "tags": "cross"}
            self.canvas.create_line(x - arm, y, x + arm, y, **look)
            self.canvas.create_line(x, y - arm, x, y + arm, **look)

    def _corner(self) -> str | None:
        if self.at is None:
            return None
        self.on_corner(self.at)
        return "break"

    def _end(self, state: int) -> str | None:
        if self.at is None:
            return None
        self.on_end(self.at, state)
        self.draw()
        return "break"

    def forget(self) -> None:
        """Take the cross away."""
        self.at = None
        self.canvas.delete("cross")
