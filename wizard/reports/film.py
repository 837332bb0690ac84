"""The film strip of a progression as a figure: typical cells of each step, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from wizard.reports import style
from wizard.reports.analysis_charts import PALE, legend
from wizard.reports.gallery import open_sheets
from wizard.reports.words import shorten
from wizard.results_base import Gallery
from wizard.results_visualize import Progression

_GAP = 2
_WIDE = 10.5
_LEGEND = 14
_MOST_CHANNELS = 14


def steps_of(film: Gallery) -> list[list[int]]:
    """Return the places of the cells of each step in the gallery, in the order of the steps."""
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(film.cells):
        found.setdefault(cell.label, []).append(place)
    return [found[label] for label in sorted(found, key=lambda text: (not text.isdigit(), int(text or 0)
            if text.isdigit() else 0, text))]  # fmt: skip


def strip(film: Gallery, sheet: NDArray[np.uint8], most: int = 4) -> NDArray[np.uint8]:
    """Return one channel of the film (y, x, RGB): a column per step, up to `most` of its cells below each other."""
    height, width = film.tile
    steps = [places[:most] for places in steps_of(film)]
    down = max(len(places) for places in steps)
    made = np.full((down * (height + _GAP), len(steps) * (width + _GAP), 3), 255, np.uint8)
    for column, places in enumerate(steps):
        for row, place in enumerate(places):
            top, left = place // film.columns * height, place % film.columns * width
            tile = sheet[top : top + height, left : left + width]
            y, x = row * (height + _GAP), column * (width + _GAP)
            made[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
    return made


def paint(found: Progression, folder: Path, path: Path) -> None:
    """Draw a strip per channel, an arrow from first to last, and the mix of the tag's values in each step."""
    film = found.film
    assert film is not None
    sheets = open_sheets(film, folder)
    # A coloured picture says all that its three parts would say.
    sheets = {"Colour": sheets["Colour"]} if "Colour" in sheets else dict(list(sheets.items())[:_MOST_CHANNELS])
    each_step = 4 if len(sheets) <= 3 else 2 if len(sheets) <= 6 else 1
    strips = {name: strip(film, sheet, each_step) for name, sheet in sheets.items()}
    high, wide = next(iter(strips.values())).shape[:2]
    each = _WIDE * high / wide

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(strips) + 2, 1, height_ratios=[*[each] * len(strips), 0.3, 0.9], squeeze=False)
        for axis, (name, picture) in zip(axes.ravel(), strips.items(), strict=False):
            axis.imshow(picture, interpolation="nearest", aspect="auto", extent=(0, 1, 0, 1))
            axis.set_ylabel(shorten(name, 16), fontsize=9)
            _bare(axis)
        _arrow(axes[-2][0])
        _mixes(figure, axes[-1][0], found)

    style.paint(path, (_WIDE + 1.6, each * len(strips) + 2.0), draw)


def _bare(axis: Any) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    axis.spines[:].set_visible(False)


def _arrow(axis: Any) -> None:
    axis.set(xlim=(0, 1), ylim=(0, 1))
    axis.annotate("", (1, 0.7), (0, 0.7), arrowprops={"arrowstyle": "-|>", "color": style.INK, "linewidth": 1.4})
    axis.text(0, 0, "first", fontsize=9, ha="left", va="bottom")
    axis.text(0.5, 0, "pseudotime", fontsize=9, ha="center", va="bottom")
    axis.text(1, 0, "last", fontsize=9, ha="right", va="bottom")
    _bare(axis)


def _mixes(figure: Figure, axis: Any, found: Progression) -> None:
    """Draw under each step the shares of the values among all its cells, not only among those that are shown."""
    colours = ordered_colours([value for value in found.order if any(value in step.values for step in found.steps)])
    others = False
    for place, step in enumerate(found.steps):
        below = 0.0
        rest = sum(number for value, number in step.values.items() if value not in colours)
        others = others or rest > 0
        for colour, number in [*((colours[value], step.values.get(value, 0)) for value in colours), (PALE, rest)]:
            high = number / max(1, step.cells)
            axis.bar(place, high, bottom=below, width=0.86, color=colour, edgecolor="white", linewidth=0.5)
            below += high
    axis.set(xlim=(-0.5, len(found.steps) - 0.5), ylim=(0, 1), xlabel="Step", ylabel="Share")
    axis.set_xticks(range(len(found.steps)), [str(place + 1) for place in range(len(found.steps))])
    axis.tick_params(length=0)
    names = list(colours)
    chosen = names if len(names) <= _LEGEND else [names[int(at)] for at in np.linspace(0, len(names) - 1, _LEGEND)]
    legend(figure, {name: colours[name] for name in chosen}, found.tag, others)


def ordered_colours(order: Sequence[str]) -> dict[str, str]:
    """Return value → colour, from dark to light along the order."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    places = np.linspace(0, 0.95, max(2, len(order)))
    return {value: to_hex(colormaps["viridis"](place)) for value, place in zip(order, places, strict=False)}
