"""A canvas that draws itself anew when its size or its data change."""

from __future__ import annotations

import math
import tkinter as tk
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Scaled, px, tk_font
from wizard.widgets.later import later
from wizard.widgets.palette import Pair


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
        return self.create_text(x, y, text=text, font=tk_font(self, size, weight), **options)


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
