"""Lines with marks on a scale from 0 to 1: boxes of stages along a row, or figures before and after with intervals."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing

_LINE, _TWO, _TOP, _BELOW = 26, 40, 24, 42


@dataclass(frozen=True)
class Mark:
    """A value with its interval; `series` is its place in the legend."""

    value: float
    low: float
    high: float
    series: int = 0
    box: tuple[float, float] | None = None
    """The middle half, drawn thick."""


@dataclass(frozen=True)
class Line:
    """A name, its marks, a word at the right end, and where chance stands (None = nowhere)."""

    name: str
    marks: tuple[Mark, ...]
    note: str = ""
    chance: float | None = None


class IntervalChart(Drawing):
    """One line per name; `legend` names the series, `below` says what the scale is."""

    def __init__(self, master: tk.Misc, lines: Sequence[Line], legend: Sequence[str], below: str) -> None:
        self.lines, self.legend, self.below = list(lines), list(legend), below
        self.each = _TWO if any(len(line.marks) > 1 for line in self.lines) else _LINE
        super().__init__(master, 320, _TOP + self.each * max(1, len(self.lines)) + _BELOW)

    @override
    def draw(self) -> None:
        longest = max((len(line.name) for line in self.lines), default=1)
        left = px(self, 20) + min(22, longest) * px(self, 7.5)
        right = max(left + px(self, 60), self.winfo_width() - px(self, 84))
        top, step = px(self, _TOP), px(self, self.each)
        low = top + step * len(self.lines)
        for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = left + (right - left) * tick
            self.create_line(x, top, x, low, fill=palette.now(palette.LINE))
            self.write(x, low + px(self, 10), f"{tick:g}", colour=palette.MUTED)
        self.write((left + right) / 2, low + px(self, 30), self.below, colour=palette.MUTED)
        self._names(left)
        for place, line in enumerate(self.lines):
            y = top + step * (place + 0.5)
            name = line.name if len(line.name) <= 22 else line.name[:21] + "\u2026"
            self.write(left - px(self, 12), y, name, anchor="e")
            self.write(right + px(self, 10), y, line.note, anchor="w", colour=palette.MUTED, tags="note")
            self._line(line, y, left, right)

    def _names(self, left: float) -> None:
        x, y = left, px(self, 9)
        for place, name in enumerate(self.legend):
            self._shape(x + px(self, 6), y, place)
            item = self.write(x + px(self, 18), y, name, anchor="w", colour=palette.MUTED, tags="legend")
            x = self.bbox(item)[2] + px(self, 16)
        if any(line.chance is not None for line in self.lines):
            self.create_line(
                x + 6, y - px(self, 7), x + 6, y + px(self, 7), dash=(3, 3), fill=palette.now(palette.TEXT)
            )
            self.write(x + px(self, 14), y, "by chance", anchor="w", colour=palette.MUTED, tags="legend")

    def _line(self, line: Line, y: float, left: float, right: float) -> None:
        half = px(self, self.each) / 2 - px(self, 4)

        def across(value: float) -> float:
            return left + (right - left) * min(1.0, max(0.0, value))

        if line.chance is not None:
            x = across(line.chance)
            self.create_line(x, y - half, x, y + half, dash=(3, 3), fill=palette.now(palette.TEXT), tags="chance")
        for place, mark in enumerate(line.marks):
            at = y + px(self, 14) * (place - (len(line.marks) - 1) / 2)
            colour = palette.now(palette.ACCENT_TEXT) if mark.series == 0 else palette.now(palette.WARN)
            self.create_line(across(mark.low), at, across(mark.high), at, fill=colour, width=px(self, 2),
                             tags="interval")  # fmt: skip
            if mark.box is not None:
                self.create_rectangle(across(mark.box[0]), at - px(self, 6), across(mark.box[1]), at + px(self, 6),
                                      fill=palette.now(palette.ACCENT_SOFT), outline=colour, tags="box")  # fmt: skip
            self._shape(across(mark.value), at, mark.series)

    def _shape(self, x: float, y: float, series: int) -> None:
        side = px(self, 5)
        colour = palette.now(palette.ACCENT_TEXT) if series == 0 else palette.now(palette.WARN)
        make = self.create_oval if series == 0 else self.create_rectangle
        make(x - side, y - side, x + side, y + side, fill=colour, width=0, tags="dot")
