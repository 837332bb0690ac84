"""Figures of an explanation: maps over cells, and how well subsets of the channels do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.cell_maps import Maps, contrast, grey, laid_over, planes_of
from wizard.explain_plan import METHODS
from wizard.reports import style
from wizard.reports.words import shorten
from wizard.results import ExplainResult
from wizard.results_explain import HOW, Ablation

MOST_ROWS, _MOST_CHANNELS, _MOST_SUBSETS = 16, 3, 40
_INCHES = 0.95
_LOOK = {
    "retrained": (style.BLUE, "o"),
    "mean": (style.ORANGE, "s"),
    "permuted": (style.GREEN, "^"),
}


def foremost(result: ExplainResult) -> list[int]:
    """Return the channels that are drawn: those with the largest share in the evidence, in their order."""
    count = len(result.channels)
    by_share = sorted(range(count), key=lambda place: -result.shares[place]) if result.shares else list(range(count))
    return sorted(by_share[:_MOST_CHANNELS])


def paint_maps(result: ExplainResult, rows: Sequence[tuple[str, Maps]], path: Path) -> None:
    """Draw one row per cell or class: for each channel the picture, then every method's map over it."""
    channels = foremost(result)
    heads = [(place, method) for place in channels for method in ("", *result.methods)]
    limits = [contrast(np.stack([maps["cell"][place] for _, maps in rows])) for place in range(len(result.channels))]

    def draw(figure: Any) -> None:
        axes = figure.subplots(len(rows), len(heads), squeeze=False)
        for line, (label, maps) in zip(axes, rows, strict=True):
            for axis, (place, method) in zip(line, heads, strict=True):
                axis.imshow(_tile(maps, place, method, limits[place]), cmap="gray", vmin=0, vmax=255)
                axis.set_xticks([])
                axis.set_yticks([])
                axis.spines[:].set_visible(False)
            line[0].set_ylabel(shorten(label, 30), rotation=0, ha="right", va="center", fontsize=9)
        for axis, (place, method) in zip(axes[0], heads, strict=True):
            name = shorten(result.channels[place].shown, 12)
            axis.set_title(
                f"{name}\n{METHODS[method].replace(' ', chr(10)) if method else ''}", fontsize=8, loc="center"
            )

    height, width = result.frame
    tall = _INCHES * min(2.0, height / max(1, width))
    style.paint(path, (1.6 + _INCHES * len(heads), 0.7 + (tall + 0.08) * len(rows)), draw)


def _tile(maps: Maps, place: int, method: str, limits: tuple[float, float]) -> NDArray[np.uint8]:
    picture = grey(maps["cell"][place], *limits)
    found = planes_of(maps, method, place) if method else None
    return picture if found is None else laid_over(picture, *found)


def paint_channels(result: ExplainResult, path: Path) -> None:
    """Draw accuracy and balanced accuracy of every subset with its interval, and the interval of all channels."""
    subsets = ordered(result.ablation)[:_MOST_SUBSETS]
    hows = [how for how in _LOOK if any(row.how == how and not row.failed for row in result.ablation)]

    def draw(figure: Any) -> None:
        axes = figure.subplots(1, 2, sharey=True)
        for axis, name in zip(axes, ("accuracy", "balanced_accuracy"), strict=True):
            for number, how in enumerate(hows):
                _points(axis, result, subsets, how, name, (number - (len(hows) - 1) / 2) * 0.22)
            _band(axis, result, hows[0], name, len(subsets))
            axis.set(xlim=(0, 1.02), title=name.replace("_", " ").capitalize(), xlabel="Share of the cells named right")
            axis.grid(axis="x")
        axes[1].set_xlabel("Mean over the classes")
        names = [shorten(result.names(list(subset)), 34) for subset in subsets]
        axes[0].set_yticks(range(len(subsets)), names)
        axes[0].set_ylim(len(subsets) - 0.4, -0.6)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)

    style.paint(path, (9.2, 1.9 + 0.46 * max(2, len(subsets))), draw)


def ordered(rows: Sequence[Ablation]) -> list[tuple[int, ...]]:
    """Return the subsets from many channels to few, of equally many the better first."""
    best: dict[tuple[int, ...], float] = {}
    for row in rows:
        value = row.accuracy.value if row.accuracy is not None and row.accuracy.value is not None else 0.0
        best[tuple(row.channels)] = max(value, best.get(tuple(row.channels), 0.0))
    return sorted(best, key=lambda subset: (-len(subset), -best[subset]))


def _points(
    axis: Any, result: ExplainResult, subsets: Sequence[tuple[int, ...]], how: str, name: str, lift: float
) -> None:
    colour, marker = _LOOK[how]
    label: str | None = HOW[how].capitalize()
    for row in result.ablation:
        one = getattr(row, name)
        if row.how != how or row.failed or one is None or one.value is None or tuple(row.channels) not in subsets:
            continue
        place = subsets.index(tuple(row.channels)) + lift
        reach = None if one.low is None else [[max(0, one.value - one.low)], [max(0, one.high - one.value)]]
        axis.errorbar(
            one.value, place, xerr=reach, color=colour, marker=marker, markersize=5.5, capsize=3, linewidth=1.2,
            linestyle="none", label=label,
        )  # fmt: skip
        label = None


def _band(axis: Any, result: ExplainResult, how: str, name: str, rows: int) -> None:
    whole = list(range(len(result.channels)))
    one = next((getattr(row, name) for row in result.ablation if row.how == how and row.channels == whole), None)
    if one is not None and one.low is not None and rows:
        axis.axvspan(one.low, one.high, color=style.GRID, zorder=0, label="95 % interval of all channels")
