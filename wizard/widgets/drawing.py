"""A canvas that draws itself anew when its size or its data change."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Scaled, px, tk_font
from wizard.widgets.focus import take_keys
from wizard.widgets.later import later
from wizard.widgets.palette import Pair
from wizard.words import catalogue


class Drawing(Scaled, tk.Canvas):  # type: ignore[misc]
    """Subclasses fill `draw`; `width` and `height` are the smallest wanted size in design pixels."""

    def __init__(self, master: tk.Misc, width: int, height: int, back: Pair = palette.SURFACE, **options: Any) -> None:
        super().__init__(
            master, width=px(master, width), height=px(master, height), bg=palette.now(back), bd=0,
            highlightthickness=0, **options,
        )  # fmt: skip
        self._waiting = False
        self.bind("<Configure>", lambda _event: self.redraw(), add="+")

    def redraw(self) -> None:
        """Draw soon; many calls in a row draw once."""
        if not self._waiting:
            self._waiting = True
            later(self, 1, self._now)

    def _now(self) -> None:
        self._waiting = False
        if self.winfo_width() > 2 and self.winfo_height() > 2:
            self.delete("all")
            self.draw()

    def draw(self) -> None:
        """Draw everything; the canvas is empty."""
        raise NotImplementedError

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: str = "small",
        weight: str = "normal",
        colour: Pair = palette.TEXT,
        **options: Any,
    ) -> int:
        """Write a line of text and return the item."""
        options.setdefault("fill", palette.now(colour))
        return self.create_text(x, y, text=catalogue.say(text), font=tk_font(self, size, weight), **options)


class ScrolledDrawing(Drawing):
    """A drawing higher than its canvas: the wheel, the arrow and Page keys and a scroll bar move `offset`.

    `draw` calls `fit` with the height of the whole, in screen pixels.
    """

    def __init__(self, master: tk.Misc, width: int, height: int) -> None:
        super().__init__(master, width, height)
        self.offset = self.total = 0
        self.on_scrolled: Callable[[float, float], None] = lambda first, last: None
        take_keys(self)
        for key, part in (("Prior", -0.9), ("Next", 0.9), ("Up", -0.1), ("Down", 0.1)):
            self.bind(f"<{key}>", lambda _event, by=part: self._page(by))  # type: ignore[misc]

    def fit(self, total: int) -> None:
        """Take the height of the whole and keep the view inside it."""
        self.total = total
        self.offset = max(0, min(self.offset, self.total - self.winfo_height()))

    def say_place(self) -> None:
        """Tell a scroll bar which part of the whole is in view."""
        end = self.offset + self.winfo_height()
        self.on_scrolled(self.offset / max(1, self.total), min(1.0, end / max(1, self.total)))

    def on_wheel(self, steps: int) -> bool:
        """Scroll by wheel steps."""
        return self.scroll_to(self.offset + steps * px(self, 60))

    def _page(self, part: float) -> str:
        self.scroll_to(self.offset + round(part * self.winfo_height()))
        return "break"

    def scroll_to(self, offset: int) -> bool:
        """Move the view; returns False when everything is in view anyway."""
        room = self.total - self.winfo_height()
        if room <= 0:
            return False
        self.offset = max(0, min(room, offset))
        self.redraw()
        return True

    def obey(self, action: str, amount: str, unit: str = "") -> None:
        """Obey a scroll bar."""
        if action == "moveto":
            self.scroll_to(round(float(amount) * self.total))
        else:
            self.scroll_to(self.offset + int(float(amount)) * px(self, 40))


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers that cover `low`..`high`, at most about `most` of them."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        high = low + 1.0
    raw = (high - low) / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]
