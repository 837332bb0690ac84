"""How well subsets of the channels do: a dot with its interval for each, against the interval of all channels."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing

_LINE, _TOP, _BELOW = 26, 30, 40


@dataclass(frozen=True)
class Bar:
    """A subset: its name, its accuracy with interval (0..1), and whether it is the suggested one."""

    name: str
    value: float
    low: float
    high: float
    chosen: bool = False


class ChannelChart(Drawing):
    """One line per subset; `band` is the interval of all channels."""

    def __init__(self, master: tk.Misc, title: str, bars: Sequence[Bar], band: tuple[float, float] | None) -> None:
        super().__init__(master, 320, _TOP + _LINE * max(1, len(bars)) + _BELOW)
        self.title, self.bars, self.band = title, list(bars), band

    @override
    def draw(self) -> None:
        self.write(px(self, 4), px(self, 12), self.title, anchor="w", size="body", weight="bold")
        longest = max((len(bar.name) for bar in self.bars), default=0)
        left = min(round(self.winfo_width() * 0.4), px(self, 24 + 7 * longest))
        right = self.winfo_width() - px(self, 64)
        top, step = px(self, _TOP), px(self, _LINE)
        low = top + step * len(self.bars)

        def across(value: float) -> float:
            return left + (right - left) * min(1.0, max(0.0, value))

        if self.band is not None:
            self.create_rectangle(
                across(self.band[0]),
                top,
                across(self.band[1]),
                low,
                fill=palette.now(palette.OFF),
                width=0,
                tags="band",
            )
        for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            self.create_line(across(tick), top, across(tick), low, fill=palette.now(palette.LINE))
            self.write(across(tick), low + px(self, 12), f"{tick:.0%}", colour=palette.MUTED)
        self.write((left + right) / 2, low + px(self, 30), "Grey: 95 % interval with all channels",
                   colour=palette.MUTED)  # fmt: skip
        for place, bar in enumerate(self.bars):
            self._bar(bar, top + step * (place + 0.5), left, across)

    def _bar(self, bar: Bar, y: float, left: int, across: object) -> None:
        at = across
        weight = "bold" if bar.chosen else "normal"
        colour = palette.now(palette.WARN if bar.chosen else palette.ACCENT_TEXT)
        self.write(left - px(self, 10), y, bar.name, anchor="e", weight=weight)
        start, middle, end = (at(value) for value in (bar.low, bar.value, bar.high))  # type: ignore[operator]
        self.create_line(start, y, end, y, fill=colour, width=px(self, 2))
        for x in (start, end):
            self.create_line(x, y - px(self, 4), x, y + px(self, 4), fill=colour, width=px(self, 2))
        side = px(self, 5)
        self.create_oval(middle - side, y - side, middle + side, y + side, fill=colour, width=0, tags="dot")
        self.write(self.winfo_width() - px(self, 4), y, f"{bar.value:.1%}", anchor="e", weight=weight)
