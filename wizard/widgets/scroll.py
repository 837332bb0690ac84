"""A page that scrolls: one canvas, one frame, a scroll bar that shows only when needed."""

from __future__ import annotations

import sys
import tkinter as tk
from collections.abc import Callable
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import Area, px
from wizard.widgets.later import later
from wizard.widgets.palette import Pair

BAR = 14
"""Width of a scroll bar in design pixels."""
_WHOLE = 0.008
"""What rounding may hide of a page that fits."""


class AutoBar:
    """A scroll bar that is there only while there is something to scroll.

    `place` are the options of `grid`; `follow` is what the scrolled widget reports to.
    """

    def __init__(self, master: tk.Misc, command: Callable[..., object], back: Pair, **place: Any) -> None:
        level = place["sticky"] == "ew"
        size = {"height": BAR, "orientation": "horizontal"} if level else {"width": BAR}
        self._bar = ctk.CTkScrollbar(master, command=command, fg_color=back, bg_color=back, **size)
        self._master, self._place = master, place
        self._view = (0.0, 1.0)
        self._waiting = False
        self.shown = False

    def follow(self, first: float | str, last: float | str) -> None:
        """Show which part is in view, soon: drawing at once would let waiting calls of this function in."""
        self._view = (float(first), float(last))
        if not self._waiting:
            self._waiting = True
            later(self._master, 1, self._show)

    def _show(self) -> None:
        self._waiting = False
        needed = self._view[0] > _WHOLE or self._view[1] < 1.0 - _WHOLE
        if needed != self.shown:
            self.shown = needed
            if needed:
                self._bar.grid(**self._place)
            else:
                self._bar.grid_forget()
        if needed:
            self._bar.set(*self._view)


class Scroll(Area):
    """Put widgets into `inner`; the width follows the window, the height scrolls.

    With `least` (design pixels) the first row fills the view but is never lower than that.
    """

    def __init__(self, master: tk.Misc, back: Pair = palette.SURFACE, least: int = 0) -> None:
        super().__init__(master, back)
        self._least = px(master, least)
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self.columnconfigure(1, minsize=px(self, BAR))
        self.canvas = tk.Canvas(self, bg=palette.now(back), bd=0, highlightthickness=0, takefocus=0, height=10)
        self.canvas.grid(row=0, column=0, sticky="nsew")
        self.bar = AutoBar(self, self.canvas.yview, back, row=0, column=1, sticky="ns")
        self.canvas.configure(yscrollcommand=self.bar.follow, yscrollincrement=px(self, 24))
        self.inner = Area(self.canvas, back)
        self.inner.columnconfigure(0, weight=1)
        self.inner.rowconfigure(0, weight=1 if least else 0)
        self._window = self.canvas.create_window(0, 0, window=self.inner, anchor="nw")
        self.inner.bind("<Configure>", self._fit, add="+")
        self.canvas.bind("<Configure>", self._fit, add="+")

    def _fit(self, _event: tk.Event[Any]) -> None:
        width, height = self.canvas.winfo_width(), self.inner.winfo_reqheight()
        if self._least:
            height = max(self._least, self.canvas.winfo_height())
            self.canvas.itemconfigure(self._window, height=height)
        self.canvas.itemconfigure(self._window, width=width)
        self.canvas.configure(scrollregion=(0, 0, width, max(height, self.canvas.winfo_height())))

    def on_wheel(self, steps: int) -> bool:
        """Scroll by wheel steps; returns False when there is nothing to scroll."""
        if not self.bar.shown:
            return False
        self.canvas.yview_scroll(steps * 3, "units")
        return True

    def take_keys(self) -> None:
        """Scroll by the arrow keys while the page itself has the focus; a ring is around it then."""
        calm, ring = str(self.canvas.cget("bg")), palette.now(palette.RING)
        # Around the page, not around its canvas, which is covered by what it shows.
        line = px(self, 2)

        def edge(_event: object = None) -> None:
            # What is inside tells its parents, too, that it has the focus.
            colour = ring if str(self.tk.call("focus")) == str(self.canvas) else calm
            self.configure(highlightthickness=line, highlightbackground=colour, highlightcolor=colour)

        edge()
        self.canvas.bind("<FocusIn>", edge, add="+")
        self.canvas.bind("<FocusOut>", edge, add="+")
        self.canvas.bind("<Up>", lambda _event: self.canvas.yview_scroll(-1, "units"), add="+")
        self.canvas.bind("<Down>", lambda _event: self.canvas.yview_scroll(1, "units"), add="+")

    def see(self, widget: tk.Misc) -> None:
        """Bring a widget inside into view."""
        self.update_idletasks()
        top = widget.winfo_rooty() - self.inner.winfo_rooty()
        height, total = self.canvas.winfo_height(), max(1, self.inner.winfo_reqheight())
        first = self.canvas.canvasy(0)
        if top < first:
            self.canvas.yview_moveto(max(0, top - px(self, 32)) / total)
        elif top + widget.winfo_height() > first + height:
            self.canvas.yview_moveto((top + widget.winfo_height() - height + px(self, 32)) / total)


def install_wheel(root: tk.Tk) -> None:
    """Send the mouse wheel to the nearest thing under the pointer that has `on_wheel`."""

    def dispatch(event: tk.Event[Any]) -> None:
        widget: Any = event.widget
        if event.num in (4, 5):
            steps = -1 if event.num == 4 else 1
        else:
            steps = -round(event.delta / (1 if sys.platform == "darwin" else 120)) or 0
        while isinstance(widget, tk.Misc):
            if hasattr(widget, "on_wheel") and widget.on_wheel(steps):
                return
            widget = widget.master

    for sequence in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
        root.bind_all(sequence, dispatch, add="+")


def nearest_scroll(widget: Any) -> Scroll | None:
    """Return the scrolling page that holds a widget, or None."""
    while isinstance(widget, tk.Misc):
        widget = widget.master
        if isinstance(widget, Scroll):
            return widget
    return None
