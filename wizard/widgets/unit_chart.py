"""Curves of shares over shares (ROC, reliability, yield by threshold) on one canvas, with a legend below."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from dataclasses import dataclass, field

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.curves import line_style
from wizard.widgets.drawing import Drawing, nice_ticks

_LINE = 22


@dataclass(frozen=True)
class Line:
    """A line: its name, its (x, y) points, its look; `bars` are (x, low, high), `dots` draws every point."""

    name: str
    points: Sequence[tuple[float, float]]
    look: int = 0
    dots: bool = False
    bars: Sequence[tuple[float, float, float]] = field(default_factory=list)


class UnitChart(Drawing):
    """`x` runs from 0 to 1 and `y` from 0 to the highest value, at least 1."""

    def __init__(self, master: tk.Misc, height: int = 320) -> None:
        super().__init__(master, 320, height)
        self.lines: list[Line] = []
        self.names = ("", "")
        self.diagonal = False
        self.marker: float | None = None

    def show(self, lines: Sequence[Line], names: tuple[str, str], diagonal: bool = False) -> None:
        """Draw lines; `names` are the titles of the axes, `diagonal` adds a dashed one."""
        self.lines, self.names, self.diagonal = list(lines), names, diagonal
        self.redraw()

    def mark(self, x: float | None) -> None:
        """Draw an upright line at x."""
        self.marker = x
        self.redraw()

    @override
    def draw(self) -> None:
        rows = self._legend_rows()
        left, right = px(self, 52), self.winfo_width() - px(self, 16)
        upper = px(self, 34)
        lower = self.winfo_height() - px(self, 48 + _LINE * len(rows))
        if lower - upper < px(self, 40):
            return
        top = max([1.0, *(y for line in self.lines for _x, y in line.points)])
        ticks = nice_ticks(0.0, top, 6)
        self.write(px(self, 4), px(self, 12), self.names[1], anchor="w", weight="bold")

        def spot(x: float, y: float) -> tuple[float, float]:
            return left + (right - left) * x, lower - (lower - upper) * y / ticks[-1]

        for tick in ticks:
            y = spot(0, tick)[1]
            self.create_line(left, y, right, y, fill=palette.now(palette.LINE))
            self.write(left - px(self, 6), y, f"{tick:g}", anchor="e", colour=palette.MUTED)
        for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            x = spot(tick, 0)[0]
            self.create_line(x, lower, x, lower + px(self, 4), fill=palette.now(palette.FRAME))
            self.write(x, lower + px(self, 14), f"{tick:g}", colour=palette.MUTED)
        self.write((left + right) / 2, lower + px(self, 32), self.names[0], colour=palette.MUTED)
        if self.diagonal:
            self.create_line(*spot(0, 0), *spot(1, 1), fill=palette.now(palette.MUTED), dash=(3, 3))
        for line in self.lines:
            self._line(line, spot)
        if self.marker is not None:
            x = spot(self.marker, 0)[0]
            self.create_line(x, upper, x, lower, fill=palette.now(palette.WARN), width=px(self, 2), tags="marker")
        self._legend(rows, lower + px(self, 56))

    def _line(self, line: Line, spot: object) -> None:
        colour, dash = line_style(line.look)
        spots = [spot(x, y) for x, y in line.points]  # type: ignore[operator]
        if len(spots) > 1:
            flat = [part for one in spots for part in one]
            self.create_line(*flat, fill=colour, width=px(self, 2), dash=dash, tags=("series", line.name))
        for x, low, high in line.bars:
            self.create_line(*spot(x, low), *spot(x, high), fill=colour, width=px(self, 1))  # type: ignore[operator]
        if line.dots:
            r = px(self, 3.5)
            for x, y in spots:
                self.create_oval(x - r, y - r, x + r, y + r, fill=colour, width=0)

    def _legend_rows(self) -> list[list[Line]]:
        """Return the lines of the legend, as many names in each as have room."""
        rows: list[list[Line]] = []
        room, used = self.winfo_width() - px(self, 60), 0
        for line in self.lines:
            wide = px(self, 44) + px(self, 7) * len(line.name)
            if not rows or used + wide > room:
                rows.append([])
                used = 0
            rows[-1].append(line)
            used += wide
        return rows

    def _legend(self, rows: list[list[Line]], y: float) -> None:
        for row in rows:
            x = float(px(self, 52))
            for line in row:
                colour, dash = line_style(line.look)
                self.create_line(x, y, x + px(self, 22), y, fill=colour, width=px(self, 2), dash=dash)
                item = self.write(x + px(self, 28), y, line.name, anchor="w")
                x = self.bbox(item)[2] + px(self, 16)
            y += px(self, _LINE)
