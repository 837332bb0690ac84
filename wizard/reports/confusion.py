"""The confusion matrix as a figure that can be read from two to many classes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from wizard.reports import style
from wizard.reports.words import one_line, shorten

_SHARES_UP_TO = 16
_COUNTS_UP_TO = 30


def shares(matrix: Sequence[Sequence[int]]) -> list[list[float | None]]:
    """Return each count as a share of its row (true class); None where the class has no cell."""
    totals = [sum(row) for row in matrix]
    return [[value / total if total else None for value in row] for row, total in zip(matrix, totals, strict=True)]


def paint(matrix: Sequence[Sequence[int]], classes: Sequence[str], path: Path) -> None:
    """Draw counts over row shares; rows are true classes, columns predicted ones."""
    number = len(classes)
    tile = max(0.34, min(1.05, 8.5 / max(number, 1)))
    longest = min(max((len(one_line(name)) for name in classes), default=1), 24 if number > 6 else 16)
    side = tile * number + 0.09 * longest
    by_row = shares(matrix)

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        picture = axis.imshow([[value or 0.0 for value in row] for row in by_row], cmap="Blues", vmin=0, vmax=1)
        if number <= _COUNTS_UP_TO:
            _write_tiles(axis, matrix, by_row, tile)
        _name_axes(axis, classes, tile)
        bar = figure.colorbar(picture, ax=axis, fraction=0.046, pad=0.03, shrink=0.8,
                              format=PercentFormatter(1.0, symbol=" %"))  # fmt: skip
        bar.set_label("Share of the cells of the true class", fontsize=_label_size(tile, number))
        bar.outline.set_visible(False)

    style.paint(path, (max(4.6, side + 2.3), max(3.6, side + 0.9)), draw)


def _label_size(tile: float, number: int) -> float:
    """Return the size of axis titles, which grow with the figure."""
    return max(10.0, tile * number * 1.3)


def _write_tiles(
    axis: Any, matrix: Sequence[Sequence[int]], by_row: Sequence[Sequence[float | None]], tile: float
) -> None:
    with_share = len(matrix) <= _SHARES_UP_TO
    longest = max(len(str(value)) for row in matrix for value in row)
    size = min(13.0, tile * 72 * (0.30 if with_share else 0.40), tile * 72 / (0.8 * longest))
    for row, (numbers, parts) in enumerate(zip(matrix, by_row, strict=True)):
        for column, (value, part) in enumerate(zip(numbers, parts, strict=True)):
            ink = "white" if (part or 0.0) > 0.55 else style.INK
            weight = "bold" if row == column else "normal"
            lift = -0.13 if with_share else 0.0
            axis.text(column, row + lift, str(value), ha="center", va="center", color=ink, fontsize=size,
                      fontweight=weight)  # fmt: skip
            if with_share:
                text = f"{100 * part:.0f} %" if part is not None else "–"
                axis.text(column, row + 0.22, text, ha="center", va="center", color=ink,
                          fontsize=min(size * 0.72, tile * 72 / 4.2))  # fmt: skip


def _name_axes(axis: Any, classes: Sequence[str], tile: float) -> None:
    number = len(classes)
    turn = number > 6 or any(len(one_line(name)) * 0.085 > 2 * tile for name in classes)
    size = max(6.0, min(10.0, tile * 24))
    below = [shorten(name, 24) if turn else "\n".join(textwrap.wrap(shorten(name, 24), 11)) for name in classes]
    beside = ["\n".join(textwrap.wrap(shorten(name, 48), 20)) if number <= 8 else shorten(name, 24) for name in classes]
    axis.set_xticks(range(number), below, fontsize=size, rotation=45 if turn else 0, ha="right" if turn else "center",
                    rotation_mode="anchor" if turn else "default")  # fmt: skip
    axis.set_yticks(range(number), beside, fontsize=size)
    axis.set_xlabel("Predicted class", labelpad=8, fontsize=_label_size(tile, number))
    axis.set_ylabel("True class", labelpad=8, fontsize=_label_size(tile, number))
    axis.set_xticks([place - 0.5 for place in range(1, number)], minor=True)
    axis.set_yticks([place - 0.5 for place in range(1, number)], minor=True)
    axis.grid(which="minor", color="white", linewidth=1.5)
    axis.tick_params(which="both", length=0)
    axis.spines[:].set_visible(False)
