"""Curves and bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from wizard.reports import style
from wizard.reports.words import known, percent, shorten, whole
from wizard.results import Estimate

_LINES = {
    "loss": ("Training", style.BLUE, "-", "o"),
    "val_loss": ("Validation", style.RED, "--", "s"),
    "accuracy": ("Training accuracy", style.BLUE, "-", "o"),
    "val_accuracy": ("Validation accuracy", style.RED, "--", "s"),
    "balanced_accuracy": ("Training balanced accuracy", style.GREEN, "-.", "^"),
    "val_balanced_accuracy": ("Validation balanced accuracy", style.INK, ":", "D"),
}
_PANELS = (
    ("Loss", ("loss", "val_loss")),
    ("Accuracy", ("accuracy", "val_accuracy", "balanced_accuracy", "val_balanced_accuracy")),
)


def curves(history: Sequence[Mapping[str, float | None]], best_epoch: int, path: Path) -> None:
    """Draw loss and accuracy over the epochs of a training, with its best epoch marked."""
    panels = [
        (title, names) for title, names in _PANELS
        if any(known(row.get(name)) for row in history for name in names)
    ]  # fmt: skip

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, max(1, len(panels)), squeeze=False)[0]
        for axis, (title, names) in zip(axes, panels, strict=False):
            for name in names:
                _curve(axis, history, name)
            axis.set(title=title, xlabel="Epoch", ylabel=title)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
            axis.grid(axis="y")
            if title == "Accuracy":
                axis.set_ylim(top=1.02)
            if best_epoch:
                axis.axvline(best_epoch, color=style.MUTED, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
                axis.plot([], [], color=style.MUTED, linewidth=1, linestyle=(0, (2, 2)),
                          label=f"Best epoch ({best_epoch})")  # fmt: skip
            axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=1 if len(names) < 3 else 2)

    style.paint(path, (4.8 * max(1, len(panels)), 4.1), draw)


def _curve(axis: Any, history: Sequence[Mapping[str, float | None]], name: str) -> None:
    points = [
        (float(row.get("epoch") or place), value)
        for place, row in enumerate(history, 1)
        if (value := row.get(name)) is not None and math.isfinite(value)
    ]
    if not points:
        return
    label, colour, line, marker = _LINES[name]
    axis.plot(
        *zip(*points, strict=True), label=label, color=colour, linestyle=line, linewidth=1.6,
        marker=marker, markersize=3.5, markevery=max(1, len(points) // 15),
    )  # fmt: skip


def intervals(
    title: str, estimates: Mapping[str, Estimate], notes: Mapping[str, str], mean: float | None, path: Path
) -> None:
    """Draw one bar per class, 0..1, with its 95 % interval and a note at its right end."""
    names = list(estimates)

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for place, name in enumerate(names):
            _bar_with_interval(axis, place, estimates[name])
            axis.text(1.03, place, notes.get(name, ""), va="center", fontsize=9, transform=axis.get_yaxis_transform())
        if mean is not None and known(mean):
            axis.axvline(mean, color=style.INK, linewidth=1, linestyle="--", label=f"Mean over classes {mean:.2f}")
            axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
        _class_axis(axis, names)
        axis.set(xlim=(0, 1.0), xlabel=title, ylabel="True class")
        axis.grid(axis="x")

    style.paint(path, (7.4, _bars_height(len(names))), draw)


def _bar_with_interval(axis: Any, place: int, estimate: Estimate) -> None:
    if estimate.value is None or not known(estimate.value):
        axis.text(0.01, place, "no cells", va="center", fontsize=9, color=style.MUTED)
        return
    axis.barh(place, estimate.value, height=0.62, color="#9ecae9", edgecolor=style.BLUE, linewidth=0.8)
    if estimate.low is None or estimate.high is None:
        return
    reach = [[max(0.0, estimate.value - estimate.low)], [max(0.0, estimate.high - estimate.value)]]
    axis.errorbar(estimate.value, place, xerr=reach, color=style.INK, capsize=4, linewidth=1.3, clip_on=False)


def counts(title: str, axis_title: str, values: Mapping[str, int], path: Path) -> None:
    """Draw one bar per class with its count and share."""
    names, total = list(values), sum(values.values())

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        axis.barh(range(len(names)), list(values.values()), height=0.62, color="#9ecae9", edgecolor=style.BLUE,
                  linewidth=0.8)  # fmt: skip
        for place, name in enumerate(names):
            share = f"  {whole(values[name])}  ({percent(values[name] / total if total else None)})"
            axis.text(values[name], place, share, va="center", fontsize=9)
        _class_axis(axis, names)
        axis.set(xlabel=title, ylabel=axis_title, xlim=(0, max([1, *values.values()]) * 1.25))
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        axis.grid(axis="x")

    style.paint(path, (7.4, _bars_height(len(names))), draw)


def _class_axis(axis: Any, names: Sequence[str]) -> None:
    axis.set_yticks(range(len(names)), [shorten(name, 28) for name in names])
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)


def _bars_height(number: int) -> float:
    return min(24.0, 1.3 + 0.42 * max(2, number))
