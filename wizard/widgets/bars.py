"""Counts as horizontal bars: one line per name."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Mapping

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing

_LINE = 28
_MOST = 40


class Bars(Drawing):
    """Names, bars and counts with their share of the whole."""

    def __init__(self, master: tk.Misc, counts: Mapping[str, int]) -> None:
        self.counts = dict(sorted(counts.items(), key=lambda pair: -pair[1])[:_MOST])
        self.total = sum(counts.values())
        super().__init__(master, 300, _LINE * max(1, len(self.counts)))

    @override
    def draw(self) -> None:
        longest = max((len(name) for name in self.counts), default=1)
        left = px(self, 16) + min(24, longest) * px(self, 7.5)
        room = max(px(self, 40), self.winfo_width() - left - px(self, 120))
        top = max(1, max(self.counts.values(), default=1))
        for row, (name, count) in enumerate(self.counts.items()):
            y = px(self, _LINE) * (row + 0.5)
            shown = name if len(name) <= 24 else name[:23] + "\u2026"
            self.write(0, y, shown, size="body", anchor="w")
            end = left + room * count / top
            half = px(self, 8)
            self.create_rectangle(left, y - half, end, y + half, fill=palette.SERIES[0], width=0, tags="bar")
            share = f"  ({100 * count / self.total:.0f} %)" if self.total else ""
            self.write(end + px(self, 8), y, f"{count:,}{share}", anchor="w", colour=palette.MUTED)
