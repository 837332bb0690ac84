"""How true and predicted grey levels of each stain go together, of 1,000 pixels, in bins of 0.1."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Sequence

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing
from wizard.widgets.mix_bars import ink_on
from wizard.words import catalogue, numbers

_LEAST, _HIGH = 210, 62
_FEWEST = 0.05
"""Of 1,000 pixels; below it a bin is as good as empty."""


class HeatMaps(Drawing):
    """One square for each stain; `maps` holds (name, rows), rows = true from 0 up, columns = predicted."""

    def __init__(self, master: tk.Misc, maps: Sequence[tuple[str, Sequence[Sequence[float]]]]) -> None:
        self.maps = [(name, rows) for name, rows in maps if rows]
        super().__init__(master, 320, _LEAST + _HIGH)

    def _across(self) -> int:
        """Return how many squares stand beside each other: as many as make them largest."""
        width, height, count = self.winfo_width(), self.winfo_height(), max(1, len(self.maps))

        def side(columns: int) -> float:
            return min(width / columns, height / -(-count // columns))

        return max(range(1, count + 1), key=side)

    @override
    def draw(self) -> None:
        columns = self._across()
        rows = -(-len(self.maps) // columns)
        wide, high = self.winfo_width() / columns, self.winfo_height() / max(1, rows)
        for index, (name, found) in enumerate(self.maps):
            self._map(name, found, (index % columns) * wide, (index // columns) * high, wide, high)

    def _map(
        self, name: str, found: Sequence[Sequence[float]], left: float, top: float, wide: float, high: float
    ) -> None:
        left, upper = left + px(self, 46), top + px(self, 28)
        size = min(wide - px(self, 58), high - px(self, _HIGH + 8))
        side = size / len(found)
        self.write(left + size / 2, top + px(self, 14), catalogue.own(name), weight="bold")
        for row, values in enumerate(found):
            for column, value in enumerate(values):
                self._bin(value, left + column * side, upper + (len(found) - 1 - row) * side, side)
        self.create_line(left, upper + size, left + size, upper, fill=palette.now(palette.MUTED), dash=(3, 3))
        for tick in (0.0, 0.5, 1.0):
            shown = numbers.shown(f"{tick:g}")
            self.write(left + tick * size, upper + size + px(self, 10), shown, colour=palette.MUTED)
            self.write(left - px(self, 5), upper + (1 - tick) * size, shown, anchor="e", colour=palette.MUTED)
        self.write(left + size / 2, upper + size + px(self, 26), "Predicted", colour=palette.MUTED)
        self.write(left - px(self, 36), upper + size / 2, "True", angle=90, colour=palette.MUTED)

    def _bin(self, value: float, x: float, y: float, side: float) -> None:
        # On a logarithmic scale, since the background outnumbers all else.
        share = max(0.0, math.log10(max(value, 1e-9) / _FEWEST) / math.log10(1000 / _FEWEST))
        fill = palette.mix(palette.now(palette.SUNKEN), palette.SERIES[0], share)
        self.create_rectangle(x, y, x + side, y + side, fill=fill, outline=palette.now(palette.LINE), tags="bin")
        if value >= 0.5 and side >= px(self, 24):
            self.write(x + side / 2, y + side / 2, f"{value:.0f}", fill=ink_on(fill))
