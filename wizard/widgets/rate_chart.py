"""The loss by learning rate, on a logarithmic axis, with the rate that is suggested."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Sequence

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing, nice_ticks


class RateChart(Drawing):
    """`rates` rise and are above 0; `losses` are finite; the suggestion is marked."""

    def __init__(self, master: tk.Misc, rates: Sequence[float], losses: Sequence[float], suggestion: float) -> None:
        super().__init__(master, 320, 200)
        pairs = zip(rates, losses, strict=False)
        self.points = [(rate, loss) for rate, loss in pairs if rate > 0 and math.isfinite(loss)]
        self.suggestion = suggestion

    @override
    def draw(self) -> None:
        if len(self.points) < 2:
            self.write(px(self, 4), px(self, 12), "There are no figures to draw.", anchor="w", colour=palette.MUTED)
            return
        left, right = px(self, 52), self.winfo_width() - px(self, 20)
        upper, lower = px(self, 36), self.winfo_height() - px(self, 46)
        self.write(px(self, 4), px(self, 12), "Loss (smoothed)", anchor="w", size="body", weight="bold")
        losses = [loss for _rate, loss in self.points]
        ticks = nice_ticks(min(losses), max(losses), max(3, round((lower - upper) / px(self, 40))))
        first, last = (math.log10(self.points[at][0]) for at in (0, -1))

        def across(rate: float) -> float:
            return left + (right - left) * (math.log10(rate) - first) / max(last - first, 1e-9)

        def up(loss: float) -> float:
            return lower - (lower - upper) * (loss - ticks[0]) / (ticks[-1] - ticks[0])

        for tick in ticks:
            self.create_line(left, up(tick), right, up(tick), fill=palette.now(palette.LINE))
            self.write(left - px(self, 6), up(tick), f"{tick:g}", anchor="e", colour=palette.MUTED)
        for power in range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1):
            x = across(10.0**power)
            self.create_line(x, upper, x, lower + px(self, 4), fill=palette.now(palette.LINE))
            self.write(x, lower + px(self, 14), f"{10.0**power:g}", colour=palette.MUTED)
        self.write((left + right) / 2, lower + px(self, 34), "Learning rate", colour=palette.MUTED)
        flat = [part for rate, loss in self.points for part in (across(rate), up(loss))]
        self.create_line(*flat, fill=palette.now(palette.ACCENT_TEXT), width=px(self, 2), tags="series")
        self._suggest(across, upper, lower, (left + right) / 2)

    def _suggest(self, across: object, upper: float, lower: float, middle: float) -> None:
        if not self.points[0][0] <= self.suggestion <= self.points[-1][0]:
            return
        x = across(self.suggestion)  # type: ignore[operator]
        ink = palette.now(palette.WARN)
        self.create_line(x, upper, x, lower, fill=ink, width=px(self, 2), dash=(5, 4), tags="suggestion")
        near_right = x > middle
        self.write(
            x + px(self, -6 if near_right else 6), upper + px(self, 8), f"suggested: {self.suggestion:g}",
            anchor="e" if near_right else "w", weight="bold", fill=ink, tags="suggestion",
        )  # fmt: skip
