"""The training curve, drawn while the training runs: accuracy above, loss below."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing, nice_ticks
from wizard.words import catalogue, numbers

_SHARES = ("accuracy", "f1", "auc", "precision", "recall")
_HUES = {"loss": 0, "accuracy": 0, "balanced_accuracy": 2}

Points = list[tuple[float, float]]


_LOW = 300
"""Below this height (design pixels) the charts stand side by side."""


@dataclass(frozen=True)
class Box:
    """A part of the canvas, in screen pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass
class Series:
    """One line: its name for the legend, its points, and whether it is of the training part."""

    name: str
    colour: str
    training: bool
    points: Points = field(default_factory=list)


def charts_of(rows: Iterable[Mapping[str, float]]) -> dict[str, list[Series]]:
    """Sort the figures of all epochs into the charts `Accuracy` and `Loss`.

    Rows hold `epoch` and figures such as `loss`, `val_loss`, `accuracy`; `val_` marks the
    validation part. Figures that are neither a loss nor a share are left out.
    """
    found: dict[str, dict[str, Series]] = {"Accuracy": {}, "Loss": {}}
    for index, row in enumerate(rows, start=1):
        epoch = float(row.get("epoch", index))
        for key, value in row.items():
            chart = chart_of(key)
            if chart and value is not None and math.isfinite(value):
                series = found[chart].setdefault(key, _series(key, len(found[chart])))
                series.points.append((epoch, float(value)))
    return {title: sorted(lines.values(), key=lambda line: not line.training) for title, lines in found.items()}


def chart_of(key: str) -> str:
    """Return the chart on which a figure is drawn, or "" (the classes' own recalls would hide the curves)."""
    if key.endswith("loss"):
        return "Loss"
    return "" if key.startswith("recall_") else "Accuracy" if any(word in key for word in _SHARES) else ""


def _series(key: str, place: int) -> Series:
    plain = key.removeprefix("val_")
    part = "Validation" if key.startswith("val_") else "Training"
    kind = plain.removesuffix("_accuracy").replace("_", " ")
    name = part if plain in ("loss", "accuracy") else f"{part}, {kind}"
    hue = _HUES.get(plain, 3 + place)
    colour = palette.SERIES[hue % len(palette.SERIES)]
    if plain in ("loss", "accuracy"):
        colour = palette.SERIES[1] if part == "Training" else palette.now(palette.ACCENT_TEXT)
    return Series(name, colour, part == "Training")


class LiveChart(Drawing):
    """Two charts on one canvas; `show` replaces the data."""

    def __init__(self, master: tk.Misc, height: int = 380) -> None:
        super().__init__(master, 320, height)
        self.charts: dict[str, list[Series]] = {}
        self.epochs = 1
        self.best: int | None = None

    def show(self, rows: Iterable[Mapping[str, float]], epochs: int, best: int | None = None) -> None:
        """Draw the figures of the epochs so far; `epochs` sets the axis, `best` is marked."""
        self.charts = charts_of(rows)
        self.epochs, self.best = max(1, epochs), best
        self.redraw()

    @override
    def draw(self) -> None:
        width, height = self.winfo_width(), self.winfo_height()
        beside = height < px(self, _LOW)
        if beside:
            width //= 2
        else:
            height //= 2
        for place, (title, lines) in enumerate(self.charts.items()):
            box = Box(place * width, 0, width, height) if beside else Box(0, place * height, width, height)
            self._chart(title, lines, box, beside)

    def _chart(self, title: str, lines: list[Series], box: Box, beside: bool) -> None:
        left, right = box.left + px(self, 44), box.left + box.width - px(self, 16)
        upper, lower = box.top + px(self, 52 if beside else 34), box.top + box.height - px(self, 30)
        head = self.write(box.left + px(self, 4), box.top + px(self, 12), title, size="body", weight="bold", anchor="w")
        least = box.left if beside else self.bbox(head)[2] + px(self, 8)
        height = box.top + px(self, 32 if beside else 12)
        if self._legend(lines, right, height, short=beside) < least and not beside:
            self.delete("legend")
            self._legend(lines, right, height, short=True)
        values = [value for line in lines for _epoch, value in line.points]
        ticks = _value_ticks(title, values, max(2, round((lower - upper) / px(self, 26))))
        low, high = ticks[0], ticks[-1]

        def across(epoch: float) -> float:
            return left + (right - left) * (epoch - 1) / max(1, self.epochs - 1)

        def up(value: float) -> float:
            return lower - (lower - upper) * (value - low) / (high - low)

        self._grid(ticks, up, left, right)
        self._epochs(across, lower, max(5, round((right - left) / px(self, 80))))
        if self.best is not None:
            label_y = lower - px(self, 8) if title == "Accuracy" else upper + px(self, 8)
            self._best(across(self.best), (upper, lower), label_y, left + 0.7 * (right - left))
        for line in lines:
            self._line(line, [(across(epoch), up(value)) for epoch, value in line.points])

    def _grid(self, ticks: list[float], up: object, left: float, right: float) -> None:
        for tick in ticks:
            y = up(tick)  # type: ignore[operator]
            self.create_line(left, y, right, y, fill=palette.now(palette.LINE))
            self.write(left - px(self, 6), y, f"{tick:g}", anchor="e", colour=palette.MUTED)

    def _epochs(self, across: object, lower: float, most: int) -> None:
        ticks = [tick for tick in nice_ticks(1, self.epochs, most) if 1 < tick <= self.epochs and tick % 1 == 0]
        for tick in [1.0, *ticks]:
            x = across(tick)  # type: ignore[operator]
            self.create_line(x, lower, x, lower + px(self, 4), fill=palette.now(palette.FRAME))
            name = f"Epoch {tick:g}" if tick == 1 else f"{tick:g}"
            self.write(x, lower + px(self, 14), name, colour=palette.MUTED, anchor="w" if tick == 1 else "center")

    def _best(self, x: float, ends: tuple[float, float], y: float, turn: float) -> None:
        ink = palette.now(palette.MUTED)
        self.create_line(x, ends[0], x, ends[1], fill=ink, dash=(3, 3), tags="best")
        near_right = x > turn
        self.write(
            x + px(self, -5 if near_right else 5), y, f"best: epoch {self.best}",
            anchor="e" if near_right else "w", colour=palette.MUTED, tags="best",
        )  # fmt: skip

    def _line(self, line: Series, spots: Points) -> None:
        width = px(self, 2)
        dash = (5, 4) if line.training else ()
        if len(spots) > 1:
            flat = [part for spot in spots for part in spot]
            self.create_line(*flat, fill=line.colour, width=width, dash=dash, tags=("series", line.name))
        if spots:
            (x, y), r = spots[-1], px(self, 3.5)
            self.create_oval(x - r, y - r, x + r, y + r, fill=line.colour, width=0, tags="end")

    def _legend(self, lines: list[Series], right: float, y: float, short: bool) -> float:
        """Write the names of the lines from the right on; returns the left edge of what was written."""
        left = right
        for line in reversed(lines):
            name = catalogue.say(line.name)
            if short:
                name = name.rpartition(", ")[2]
            last = numbers.shown(f" {line.points[-1][1]:.3f}") if line.points and not short else ""
            item = self.write(right, y, catalogue.own(name + last), anchor="e", tags="legend")
            right = self.bbox(item)[0] - px(self, 6)
            self.create_line(
                right - px(self, 22), y, right, y, fill=line.colour, width=px(self, 2),
                dash=(5, 4) if line.training else (), tags="legend",
            )  # fmt: skip
            left = right - px(self, 22)
            right -= px(self, 38)
        return left


def _value_ticks(title: str, values: list[float], most: int) -> list[float]:
    if title == "Accuracy":
        low = min([*values, 1.0])
        return nice_ticks(max(0.0, min(0.5, low)), 1.0, min(6, most))
    return nice_ticks(0.0, max([*values, 0.1]), min(5, most))
