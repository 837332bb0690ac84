"""Figures of what was found in the maps: clusters, the progression with its film, batch effects, variance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from wizard.reports import style
from wizard.reports.words import known, natural, shorten, whole
from wizard.results import Estimate
from wizard.results_visualize import BatchEffect, BatchRow, Clusters, Progression

MOST_CLUSTERS, MOST_VALUES = 40, 12
PALE = "#e4e7eb"
"""Colour of all values beyond the most common ones."""
_OTHERS = "all others"
_VISIBLE = "\u200b"
"""An empty letter: the legend would leave out names that begin with an underscore."""


def colours_of(totals: Mapping[str, int]) -> dict[str, str]:
    """Return value → colour for the most common values, in natural order; all other values are grey."""
    common = [value for value, _ in Counter(totals).most_common(MOST_VALUES) if value]
    return {value: style.COLOURS[place] for place, value in enumerate(sorted(common, key=natural))}


def paint_clusters(found: Clusters, path: Path) -> None:
    """Draw one bar per cluster: the shares of the values of the tag with which they were compared."""
    shown = found.clusters[:MOST_CLUSTERS]
    mixes = [one.tags.get(found.tag, {}) for one in shown]
    totals: Counter[str] = Counter()
    for mix in mixes:
        totals.update(mix)
    colours = colours_of(totals)

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        _stacks(axis, mixes, colours)
        for place, one in enumerate(shown):
            axis.text(1.015, place, whole(one.cells), va="center", fontsize=9, transform=axis.get_yaxis_transform())
        axis.text(1.015, -0.85, "cells", va="center", fontsize=9, color=style.MUTED,
                  transform=axis.get_yaxis_transform())  # fmt: skip
        axis.set_yticks(range(len(shown)), [one.name for one in shown])
        axis.set(xlim=(0, 1), ylim=(len(shown) - 0.4, -1.1), xlabel="Share of the cluster", ylabel="Cluster")
        axis.tick_params(axis="y", length=0)
        legend(figure, colours, found.tag, others_in(totals, colours))

    style.paint(path, (7.6, min(16.0, max(3.0, 1.3 + 0.32 * len(shown)))), draw)


def _stacks(axis: Any, mixes: Sequence[Mapping[str, int]], colours: Mapping[str, str]) -> None:
    left = np.zeros(len(mixes))
    sums = np.asarray([max(1, sum(mix.values())) for mix in mixes], float)
    for value, colour in [*colours.items(), (None, PALE)]:
        counted = [
            mix.get(value, 0) if value is not None else sum(n for name, n in mix.items() if name not in colours)
            for mix in mixes
        ]
        wide = np.asarray(counted, float) / sums
        axis.barh(range(len(mixes)), wide, left=left, height=0.72, color=colour, edgecolor="white", linewidth=0.6)
        left += wide


def others_in(totals: Mapping[str, int], colours: Mapping[str, str]) -> bool:
    """Tell whether there are values without a colour of their own."""
    return any(value not in colours for value in totals)


def legend(figure: Figure, colours: Mapping[str, str], title: str, others: bool) -> None:
    """Name the colours of the values at the right side; `others` adds those in grey."""
    from matplotlib.patches import Patch

    rows = [Patch(color=colour, label=_VISIBLE + shorten(value, 24)) for value, colour in colours.items()]
    if others:
        rows.append(Patch(color=PALE, label=_OTHERS))
    if rows:
        figure.legend(handles=rows, title=shorten(title, 30), loc="outside right upper")


def paint_explained(shares: Sequence[float], path: Path) -> None:
    """Draw the share of the variance of each principal component, and of all up to it."""

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        places = np.arange(1, len(shares) + 1)
        axis.bar(places, shares, width=0.66, color="#9ecae9", edgecolor=style.BLUE, linewidth=0.8, label="Component")
        axis.plot(places, np.cumsum(shares), color=style.RED, marker="o", markersize=4, linewidth=1.4,
                  label="All up to it")  # fmt: skip
        axis.set(xlabel="Principal component", ylabel="Share of the variance", ylim=(0, min(1.02, sum(shares) * 1.15)))
        axis.set_xticks(places)
        axis.grid(axis="y")
        figure.legend(loc="outside right upper")

    style.paint(path, (6.4, 3.2), draw)


def paint_stages(found: Progression, pseudotime: NDArray[np.float64], values: Sequence[str], path: Path) -> None:
    """Draw where the cells of each value lie along the row: their density, half of them as a bar, and the median."""
    named = np.asarray(values, dtype=object)

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for place, stage in enumerate(found.stages):
            here = pseudotime[(named == stage.value) & np.isfinite(pseudotime)]
            _violin(axis, place, here)
            axis.plot([place, place], [stage.p25, stage.p75], color=style.INK, linewidth=5, solid_capstyle="butt")
            axis.plot([place, place], [stage.p5, stage.p95], color=style.INK, linewidth=1)
            axis.plot(place, stage.median, "o", color="white", markeredgecolor=style.INK, markersize=6)
        names = [f"{shorten(stage.value, 16)}\nn = {whole(stage.cells)}" for stage in found.stages]
        axis.set_xticks(range(len(names)), names, rotation=0 if len(names) <= 8 else 60)
        axis.set(xlabel=shorten(found.tag, 40), ylabel="Pseudotime", ylim=(-0.03, 1.03), xlim=(-0.7, len(names) - 0.3))
        axis.grid(axis="y")
        value = found.correlation.value
        title = f"Rank correlation {value:.2f}" if value is not None and known(value) else "Rank correlation not known"
        low, high = found.correlation.low, found.correlation.high
        axis.set_title(f"{title} (95 % interval {low:.2f} to {high:.2f})" if low is not None and high is not None
                       else title)  # fmt: skip

    style.paint(path, (min(14.0, max(5.2, 1.6 + 0.9 * len(found.stages))), 4.2), draw)


def _violin(axis: Any, place: int, values: NDArray[np.float64]) -> None:
    if len(values) < 3:
        axis.plot(np.full(len(values), place), values, "o", color=style.BLUE, markersize=4)
        return
    counted, edges = np.histogram(values, bins=48, range=(0, 1))
    kernel = np.exp(-(np.arange(-6, 7) ** 2) / 8.0)
    # Mirrored at the ends, so that the shape does not thin out there.
    padded = np.concatenate([counted[:6][::-1], counted, counted[-6:][::-1]]).astype(float)
    smooth = np.convolve(padded, kernel / kernel.sum(), "valid")
    half = 0.42 * smooth / max(smooth.max(), 1e-9)
    middle = (edges[:-1] + edges[1:]) / 2
    there = half > 0.004
    axis.fill_betweenx(middle, place - half, place + half, where=there, color="#9ecae9", edgecolor=style.BLUE,
                       linewidth=0.8)  # fmt: skip


def paint_batches(found: BatchEffect, path: Path) -> None:
    """Draw for each class how well its batches are told, before and after the correction, with chance as a line."""
    rows = found.rows

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for place, row in enumerate(rows):
            axis.plot([row.chance] * 2, [place - 0.38, place + 0.38], color=style.MUTED, linewidth=1.6, linestyle=":")
            ends = (row.before.value, row.after.value if row.after is not None else None)
            if ends[0] is not None and ends[1] is not None:
                axis.plot((ends[0], ends[1]), (place - 0.14, place + 0.14), color=style.GRID, linewidth=3, zorder=0)
            _point(axis, row.before, place - (0.14 if row.after else 0), style.RED, "o")
            _point(axis, row.after, place + 0.14, style.BLUE, "s")
        names = [f"{shorten(row.value, 24)} ({row.batches} batches, n = {whole(row.cells)})" for row in rows]
        axis.set_yticks(range(len(rows)), names)
        axis.set(xlim=(0, 1.02), ylim=(len(rows) - 0.4, -0.6), xlabel="Balanced accuracy of telling the batch")
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x")
        _batch_legend(figure, rows, found.correction)

    style.paint(path, (8.2, min(20.0, 1.7 + 0.46 * max(2, len(rows)))), draw)


def _point(axis: Any, estimate: Estimate | None, place: float, colour: str, marker: str) -> None:
    if estimate is None or estimate.value is None:
        return
    if estimate.low is not None and estimate.high is not None:
        axis.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=1.6)
    axis.plot(estimate.value, place, marker, color=colour, markersize=7)


def _batch_legend(figure: Figure, rows: Sequence[BatchRow], correction: str) -> None:
    from matplotlib.lines import Line2D

    title = {"harmony": "Harmony", "combat": "ComBat"}.get(correction, correction)
    before = "before" if any(row.after for row in rows) else "balanced accuracy"
    shown = [Line2D([], [], color=style.RED, marker="o", label=f"{before}, 95 % interval")]
    if any(row.after for row in rows):
        shown.append(Line2D([], [], color=style.BLUE, marker="s", label=f"after {title}"))
    shown.append(Line2D([], [], color=style.MUTED, linestyle=":", label="by chance"))
    figure.legend(handles=shown, loc="outside lower center", ncols=3)
