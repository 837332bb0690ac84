"""Curves of several trainings over each other in one chart, smoothed by a rolling median."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing, nice_ticks

_DASHES: tuple[tuple[int, ...], ...] = ((), (8, 4), (2, 4), (10, 3, 2, 3))
"""Line patterns: neighbours differ in pattern as well as in colour."""

_NAMES = {
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
    "val_balanced_accuracy": "Balanced accuracy",
    "loss": "Training loss",
    "accuracy": "Training accuracy",
    "learning_rate": "Learning rate",
}
_RECALL = "recall_"
_USUAL, _FAR = 0.85, 3.0
"""Losses beyond `_FAR` times that below which this share of them lies are cut off."""
_UNSHOWN = ("epoch", "seconds")


@dataclass(frozen=True)
class Curve:
    """A line: its name, its (epoch, value) points in order, the epoch that is marked (0 = none), its `line_style`."""

    name: str
    points: Sequence[tuple[float, float]] = field(default_factory=list)
    best: int = 0
    look: int = 0


def line_style(index: int) -> tuple[str, tuple[int, ...]]:
    """Return colour and dash pattern of the index-th curve."""
    colours = len(palette.SERIES) - 2  # yellow and grey are hard to see as lines
    return palette.SERIES[index % colours], dash_of(index, colours)


def dash_of(index: int, colours: int) -> tuple[int, ...]:
    """Return the pattern of the index-th line where so many colours take turns."""
    return _DASHES[(index + index // colours) % len(_DASHES)]


def rolling_median(values: Sequence[float], width: int) -> list[float]:
    """Return the median over `width` values around each; at the ends over those that are there."""
    if width <= 1:
        return list(values)
    before = (width - 1) // 2
    return [median(values[max(0, at - before) : at - before + width]) for at in range(len(values))]


def figure_names(histories: Sequence[Sequence[Mapping[str, float]]]) -> dict[str, str]:
    """Return the figures that some history has: key → name, the usual ones first, recalls after them."""
    keys = dict.fromkeys(key for rows in histories for row in rows for key in row if key not in _UNSHOWN)
    first = {key: name for key, name in _NAMES.items() if key in keys}
    recalls = {key: f"Recall of {key.removeprefix(_RECALL)}" for key in keys if key.startswith(_RECALL)}
    rest = {key: key.replace("_", " ").capitalize() for key in keys if key not in first and key not in recalls}
    usual = {key: name for key, name in first.items() if key.startswith("val_")}
    return {**usual, **recalls, **{key: name for key, name in first.items() if key not in usual}, **rest}


def points_of(rows: Sequence[Mapping[str, float]], key: str) -> list[tuple[float, float]]:
    """Return (epoch, value) of a figure where a history has it."""
    return [
        (float(row.get("epoch", index)), float(row[key]))
        for index, row in enumerate(rows, start=1)
        if row.get(key) is not None and row[key] == row[key]
    ]


class Curves(Drawing):
    """One figure of several trainings; thin lines are the values themselves, thick ones their rolling median."""

    def __init__(self, master: tk.Misc, height: int = 240) -> None:
        super().__init__(master, 320, height)
        self.title = ""
        self.curves: list[Curve] = []
        self.width = 1

    def show(self, title: str, curves: Sequence[Curve], width: int) -> None:
        """Draw curves; `width` epochs go into each median (1 = the values as they are)."""
        self.title, self.curves, self.width = title, list(curves), max(1, width)
        self.redraw()

    @override
    def draw(self) -> None:
        left, right = px(self, 52), self.winfo_width() - px(self, 14)
        lower = self.winfo_height() - px(self, 26)
        upper = self._legend(px(self, 4), right) + px(self, 10)
        points = [point for curve in self.curves for point in curve.points]
        if not points:
            self.write((left + right) / 2, (upper + lower) / 2, "These trainings have no such figure.",
                       colour=palette.MUTED)  # fmt: skip
            return
        epochs = max(2.0, max(epoch for epoch, _value in points))
        ticks = self._ticks([value for _epoch, value in points], max(2, round((lower - upper) / px(self, 30))))
        low, high = ticks[0], ticks[-1]
        scale = _Scale(left, right, lower, upper, epochs, low, high)
        self._axes(scale, ticks)
        if max(value for _epoch, value in points) > high:
            words = f"Values above {high:g} are not shown"
            self.write(right, upper + px(self, 10), words, anchor="e", colour=palette.MUTED)
        for curve in self.curves:
            self._curve(scale, curve)

    def _ticks(self, values: Sequence[float], most: int) -> list[float]:
        low, high = min(values), max(values)
        if all(0.0 <= value <= 1.0 for value in values) and "loss" not in self.title and "rate" not in self.title:
            return nice_ticks(max(0.0, low - 0.02), min(1.0, high + 0.02), min(6, most))
        usual = sorted(values)[int(_USUAL * (len(values) - 1))]
        if "loss" in self.title and high > _FAR * usual:
            # The first epochs of a training must not press the rest to the ground.
            high = _FAR / 2 * usual
        return nice_ticks(0.0 if low < 0.4 * high else low, high, min(6, most))

    def _legend(self, left: int, right: int) -> int:
        """Write title and names in as many lines as they need; return where the chart can begin."""
        top = px(self, 12)
        title = self.write(left, top, self.title, size="body", weight="bold", anchor="w")
        x = self.bbox(title)[2] + px(self, 18)
        for curve in self.curves:
            colour, dash = line_style(curve.look)
            name = self.write(x + px(self, 30), top, curve.name, anchor="w", tags="legend")
            if self.bbox(name)[2] > right and x > left:
                self.move(name, left - x, px(self, 20))
                x, top = left, top + px(self, 20)
            self.create_line(x, top, x + px(self, 24), top, fill=colour, width=px(self, 3), dash=dash)
            x = self.bbox(name)[2] + px(self, 16)
        return top + px(self, 10)

    def _axes(self, scale: _Scale, ticks: Sequence[float]) -> None:
        for tick in ticks:
            y = scale.up(tick)
            self.create_line(scale.left, y, scale.right, y, fill=palette.now(palette.LINE))
            self.write(scale.left - px(self, 6), y, f"{tick:g}", anchor="e", colour=palette.MUTED)
        most = max(4, round((scale.right - scale.left) / px(self, 80)))
        marks = [tick for tick in nice_ticks(1, scale.epochs, most) if 1 < tick <= scale.epochs and tick % 1 == 0]
        for tick in [1.0, *marks]:
            x = scale.across(tick)
            self.create_line(x, scale.lower, x, scale.lower + px(self, 4), fill=palette.now(palette.FRAME))
            name = "Epoch 1" if tick == 1 else f"{tick:g}"
            first = tick == 1
            if first or x - scale.left > px(self, 60):
                self.write(x, scale.lower + px(self, 14), name, colour=palette.MUTED, anchor="w" if first else "center")

    def _curve(self, scale: _Scale, curve: Curve) -> None:
        colour, dash = line_style(curve.look)
        smooth = rolling_median([value for _epoch, value in curve.points], self.width)
        spots = [(scale.across(epoch), scale.up(value)) for epoch, value in curve.points]
        line = [(spot[0], scale.up(value)) for spot, value in zip(spots, smooth, strict=True)]
        if self.width > 1:
            pale = palette.mix(colour, palette.now(palette.SURFACE), 0.6)
            self._trace(spots, fill=pale, width=1, tags=("raw",))
        self._trace(line, fill=colour, width=px(self, 2), dash=dash, tags=("curve",))
        if len(line) == 1:
            self._dot(*line[0], colour)
        for (epoch, _value), (x, y) in zip(curve.points, line, strict=True):
            if epoch == curve.best:
                self._dot(x, y, colour)

    def _dot(self, x: float, y: float, colour: str) -> None:
        r = px(self, 4)
        self.create_oval(
            x - r,
            y - r,
            x + r,
            y + r,
            fill=colour,
            outline=palette.now(palette.SURFACE),
            width=px(self, 1),
            tags="best",
        )

    def _trace(self, spots: Sequence[tuple[float, float]], **look: Any) -> None:
        if len(spots) > 1:
            self.create_line(*[part for spot in spots for part in spot], **look)


@dataclass(frozen=True)
class _Scale:
    """Where epochs and values lie on the canvas."""

    left: float
    right: float
    lower: float
    upper: float
    epochs: float
    low: float
    high: float

    def across(self, epoch: float) -> float:
        return self.left + (self.right - self.left) * (epoch - 1) / max(1.0, self.epochs - 1)

    def up(self, value: float) -> float:
        inside = min(self.high, max(self.low, value))
        return self.lower - (self.lower - self.upper) * (inside - self.low) / ((self.high - self.low) or 1.0)
