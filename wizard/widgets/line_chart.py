"""Lines over a common axis, e.g. the loss over the minutes of a training, with a legend above."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing, nice_ticks
from wizard.words import catalogue, numbers

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """One line: its name and its points (x, y), all finite; `dots` marks each point."""

    name: str
    points: Points
    dots: bool = False


class LineChart(Drawing):
    """`show` replaces the lines; `across` and `up` say what the axes are, `ends` fixes the upper axis."""

    def __init__(
        self, master: tk.Misc, across: str, up: str, ends: tuple[float, float] | None = None, height: int = 280
    ) -> None:
        super().__init__(master, 320, height)
        self.across, self.up, self.ends = across, up, ends
        self.lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these lines from now on."""
        self.lines = [line for line in lines if line.points]
        self.redraw()

    @override
    def draw(self) -> None:
        if not self.lines:
            self.write(px(self, 4), px(self, 12), "There are no figures to draw yet.", anchor="w", colour=palette.MUTED)
            return
        left, right = px(self, 52), self.winfo_width() - px(self, 20)
        self.write(px(self, 4), px(self, 12), self.up, anchor="w", size="body", weight="bold")
        upper = self._legend(left, right) + px(self, 22)
        lower = self.winfo_height() - px(self, 46)
        xs = [x for line in self.lines for x, _y in line.points]
        ys = [y for line in self.lines for _x, y in line.points]
        low, high = self.ends or (min(ys), most(ys))
        ticks = nice_ticks(low, high, max(3, round((lower - upper) / px(self, 40))))
        first, last = min(xs), max(max(xs), min(xs) + 1e-6)

        def place(x: float, y: float) -> tuple[float, float]:
            height = (min(y, ticks[-1]) - ticks[0]) / (ticks[-1] - ticks[0])
            return left + (right - left) * (x - first) / (last - first), lower - (lower - upper) * height

        for tick in ticks:
            y = place(first, tick)[1]
            self.create_line(left, y, right, y, fill=palette.now(palette.LINE))
            self.write(left - px(self, 6), y, numbers.shown(f"{tick:g}"), anchor="e", colour=palette.MUTED)
        for tick in nice_ticks(first, last, max(3, round((right - left) / px(self, 80)))):
            if first <= tick <= last:
                x = place(tick, ticks[0])[0]
                self.create_line(x, lower, x, lower + px(self, 4), fill=palette.now(palette.FRAME))
                self.write(x, lower + px(self, 14), numbers.shown(f"{tick:g}"), colour=palette.MUTED)
        self.write((left + right) / 2, lower + px(self, 34), self.across, colour=palette.MUTED)
        for index, line in enumerate(self.lines):
            self._line(index, [place(x, y) for x, y in line.points], line)

    def _legend(self, left: float, right: float) -> float:
        """Write the names below the title, in as many rows as they need; return the lowest y that was used."""
        x, y = left, px(self, 34)
        for index, line in enumerate(self.lines):
            colour, dash = _look(index)
            item = self.write(x + px(self, 28), y, catalogue.own(line.name), anchor="w", tags="legend")
            if self.bbox(item)[2] > right and x > left:
                y += px(self, 18)
                self.move(item, left - x, px(self, 18))
                x = left
            self.create_line(x, y, x + px(self, 22), y, fill=colour, width=px(self, 2), dash=dash, tags="legend")
            x = self.bbox(item)[2] + px(self, 18)
        return y

    def _line(self, index: int, spots: Points, line: Line) -> None:
        colour, dash = _look(index)
        if len(spots) > 1:
            flat = [part for spot in spots for part in spot]
            self.create_line(*flat, fill=colour, width=px(self, 2), dash=dash, tags=("series", line.name))
        radius = px(self, 3.5)
        for x, y in spots if line.dots or len(spots) == 1 else spots[-1:]:
            self.create_oval(x - radius, y - radius, x + radius, y + radius, fill=colour, width=0, tags="dot")


def most(values: Sequence[float]) -> float:
    """Return how far an axis goes up: to three times the middle value, for a single outlier would hide all else."""
    ordered = sorted(values)
    return min(ordered[-1], max(3 * ordered[len(ordered) // 2], ordered[0]))


def _look(index: int) -> tuple[str, tuple[int, ...]]:
    """Return colour and dashes of a line: the first in the theme's own colour."""
    colour = palette.now(palette.ACCENT_TEXT) if index == 0 else palette.SERIES[index % len(palette.SERIES)]
    return colour, ((), (6, 4), (2, 3), (8, 3, 2, 3))[index % 4]
