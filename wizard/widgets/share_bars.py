"""Shares of classes as bars with 95 % intervals: as counted, and corrected for wrong predictions."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Mapping

from typing_extensions import override

from wizard.results_base import Estimate
from wizard.results_predict import ClassShare
from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing

_HEAD, _LINE, _LINE_TWO = 26, 30, 48
_MOST = 40


class ShareBars(Drawing):
    """One line per class, the largest first: name, bar with interval, figures; below it the corrected share."""

    def __init__(self, master: tk.Misc, shares: Mapping[str, ClassShare]) -> None:
        self.shares = dict(sorted(shares.items(), key=lambda pair: -pair[1].cells)[:_MOST])
        self.corrected = any(share.corrected is not None for share in shares.values())
        line = _LINE_TWO if self.corrected else _LINE
        super().__init__(master, 360, _HEAD + line * max(1, len(self.shares)))

    @override
    def draw(self) -> None:
        longest = max((len(name) for name in self.shares), default=1)
        left = px(self, 16) + min(22, longest) * px(self, 7.5)
        room = max(px(self, 60), self.winfo_width() - left - px(self, 236))
        top = max([item.high or 0.0 for share in self.shares.values() for item in _both(share)] + [0.01])
        self._legend(left)
        line = px(self, _LINE_TWO if self.corrected else _LINE)
        for row, (name, share) in enumerate(self.shares.items()):
            y = px(self, _HEAD) + line * row + px(self, 15)
            self.write(0, y, name if len(name) <= 22 else name[:21] + "\u2026", size="body", anchor="w")
            self._bar(left, y, room / top, share.share, 0, f"{share.cells:,}  ({_words(share.share)})")
            if share.corrected is not None:
                words = f"{_words(share.corrected)} corrected"
                self._bar(left, y + px(self, 19), room / top, share.corrected, 1, words)

    def _legend(self, left: float) -> None:
        y = px(self, 9)
        names = ["as predicted", "corrected for wrong predictions"] if self.corrected else ["as predicted"]
        x = left
        for index, name in enumerate([*names, "95 % interval"]):
            if name == "95 % interval":
                self._whisker(x, x + px(self, 18), y)
            else:
                self._box(x, x + px(self, 18), y, index)
            item = self.write(x + px(self, 24), y, name, anchor="w", colour=palette.MUTED, tags="legend")
            x = self.bbox(item)[2] + px(self, 18)

    def _box(self, start: float, end: float, y: float, index: int) -> None:
        half = px(self, 7 if index == 0 else 5)
        self.create_rectangle(start, y - half, end, y + half, fill=palette.SERIES[index], width=0, tags="bar")

    def _bar(self, left: float, y: float, unit: float, share: Estimate, index: int, words: str) -> None:
        end = left + unit * (share.value or 0.0)
        self._box(left, max(end, left + 1), y, index)
        far = end
        if share.low is not None and share.high is not None:
            far = max(end, left + unit * share.high)
            self._whisker(left + unit * share.low, left + unit * share.high, y)
        self.write(far + px(self, 10), y, words, anchor="w", colour=palette.MUTED, tags="figure")

    def _whisker(self, start: float, end: float, y: float) -> None:
        colour, half = palette.now(palette.TEXT), px(self, 4)
        self.create_line(start, y, end, y, fill=colour, width=max(1, px(self, 1.4)), tags="interval")
        for x in (start, end):
            self.create_line(x, y - half, x, y + half, fill=colour, width=max(1, px(self, 1.4)), tags="interval")


def _both(share: ClassShare) -> list[Estimate]:
    return [share.share] if share.corrected is None else [share.share, share.corrected]


def _words(share: Estimate) -> str:
    if share.value is None:
        return "\u2013"
    if share.low is None or share.high is None:
        return f"{100 * share.value:.1f} %"
    return f"{100 * share.value:.1f} %, {100 * share.low:.1f} to {100 * share.high:.1f}"
