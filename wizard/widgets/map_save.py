"""A map as a figure for a paper: PNG, SVG or PDF at 300 dpi, drawn anew with what is visible on the screen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.widgets.map_colour import SHAPES, Colouring, scale_table

DPI = 300
FORMATS = ("png", "svg", "pdf")
MOST_VECTORS = 20_000
"""With more points than this they are a picture inside of an SVG or PDF figure."""
_SHAPED = 8000
_ROUNDS = 5
_LOOK: dict[str, Any] = {
    "font.family": ["DejaVu Sans"], "font.size": 9.0, "text.parse_math": False, "svg.fonttype": "none",
    "pdf.fonttype": 42, "svg.hashsalt": "map",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What is on the screen: places (n) in the order of drawing, y upwards, and how they look."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    codes: NDArray[np.int16]
    placed: NDArray[np.bool_]
    selected: NDArray[np.bool_]
    colouring: Colouring
    hidden: frozenset[int]
    axes: tuple[str, ...]
    directions: tuple[tuple[float, float], ...]
    """Where the axes point to, right and down; drawn for maps in space only."""
    extent: tuple[float, float, float, float]
    """Left, right, lower and upper end of what is shown."""
    title: str
    note: str = ""


def path_for(text: str) -> Path:
    """Return where to save; a name without ending becomes a PNG. Raises UserError for another kind of file."""
    path = Path(text)
    if not path.suffix:
        return path.with_name(path.name + ".png")
    if path.suffix[1:].lower() not in FORMATS:
        raise UserError(
            f"The map cannot be saved as {path.suffix}.", "", "End the name with .png, .svg or .pdf."
        )  # fmt: skip
    return path


def save(shown: Shown | Sequence[Shown], path: Path) -> Path:
    """Draw a map, or several as one figure, and write it, whole or not at all; meant for a thread. Raises OSError."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kind = path.suffix[1:].lower()
    with matplotlib.rc_context(_LOOK), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; that is no reason to fail.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        every = [shown] if isinstance(shown, Shown) else list(shown)
        across = 1 if len(every) == 1 else 2
        down = -(-len(every) // across)
        size = (7.2, 5.0) if across == 1 else (2 * 4.6 + 1.8, 4.6 * down)
        figure = Figure(figsize=size, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        _draw(figure, every, (down, across))
        meta = {"Software": None} if kind == "png" else {"Creator": None, "Date": None} if kind == "svg" else {}
        return fileio.write_with(
            path, lambda place: figure.savefig(place, dpi=DPI, format=kind, metadata=meta, bbox_inches="tight")
        )


def _draw(figure: Any, every: Sequence[Shown], grid: tuple[int, int]) -> None:
    """Draw each map into its place; they share the legend, as they share the colours."""
    panels = [figure.add_subplot(*grid, place) for place in range(1, len(every) + 1)]
    for axes, shown in zip(panels, every, strict=True):
        _panel(axes, shown)
    _legend(figure, panels, every[0])
    notes = dict.fromkeys(shown.note for shown in every if shown.note)
    if len(every) == 1 and notes:
        figure.supxlabel(_line(every[0].note, 140), fontsize=7.5, color="#5f6c7b", x=0.01, ha="left")


def _panel(axes: Any, shown: Shown) -> None:
    axes.set_title(_line(shown.title), loc="left", fontweight="bold", fontsize=10.5)
    raster = len(shown.x) > MOST_VECTORS
    size = float(np.clip(18000 / max(1, len(shown.x)), 0.7, 26))
    plain = ~shown.placed & ~shown.selected
    shaped = len(shown.x) <= _SHAPED
    if shaped:
        _by_shape(axes, shown, np.flatnonzero(plain), size, ("white", 0.25))
    else:
        _dots(axes, shown, plain, size, raster)
    ring = shown.placed & ~shown.selected
    colours = shown.colouring.table[shown.codes] / 255
    if ring.any():
        axes.scatter(shown.x[ring], shown.y[ring], s=max(8.0, size), facecolors="none", edgecolors=colours[ring],
                     linewidths=0.7, rasterized=raster)  # fmt: skip
    if shaped:
        _by_shape(axes, shown, np.flatnonzero(shown.selected), size * 1.2, ("black", 0.5))
    elif shown.selected.any():
        axes.scatter(shown.x[shown.selected], shown.y[shown.selected], s=max(4.0, size * 1.3),
                     c=colours[shown.selected], edgecolors="black", linewidths=0.5, rasterized=raster)  # fmt: skip
    left, right, low, high = shown.extent
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color("#9aa5b1")
    if len(shown.axes) == 2:
        axes.set_xlabel(shown.axes[0])
        axes.set_ylabel(shown.axes[1])
    else:
        _tripod(axes, shown)


def _dots(axes: Any, shown: Shown, which: NDArray[np.bool_], size: float, raster: bool) -> None:
    axes.scatter(
        shown.x[which], shown.y[which], s=size, c=shown.colouring.table[shown.codes[which]] / 255, linewidths=0,
        rasterized=raster,
    )  # fmt: skip


def _by_shape(axes: Any, shown: Shown, which: NDArray[np.intp], size: float, edge: tuple[str, float]) -> None:
    """Draw in several rounds, so that no shape lies above all others."""
    for part in np.array_split(which, _ROUNDS):
        shapes = shown.colouring.shapes[shown.codes[part]]
        for shape in np.unique(shapes):
            mine = part[shapes == shape]
            axes.scatter(
                shown.x[mine], shown.y[mine], s=size, c=shown.colouring.table[shown.codes[mine]] / 255,
                marker=SHAPES[shape], edgecolors=edge[0], linewidths=edge[1],
            )  # fmt: skip


def _tripod(axes: Any, shown: Shown) -> None:
    for name, (right, down) in zip(shown.axes, shown.directions, strict=False):
        axes.annotate(
            "", xy=(0.09 + 0.07 * right, 0.09 - 0.07 * down), xytext=(0.09, 0.09), xycoords="axes fraction",
            textcoords="axes fraction", arrowprops={"arrowstyle": "->", "color": "#5f6c7b", "lw": 0.8},
        )  # fmt: skip
        axes.text(0.09 + 0.095 * right, 0.09 - 0.095 * down, name.rpartition(" ")[2], transform=axes.transAxes,
                  fontsize=7.5, color="#5f6c7b", ha="center", va="center")  # fmt: skip


def _legend(figure: Any, panels: Sequence[Any], shown: Shown) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize
    from matplotlib.lines import Line2D

    one = shown.colouring
    counts = np.bincount(shown.codes, minlength=len(one.table))
    first = 0 if one.limits is None else len(one.table) - 1
    handles = [
        Line2D([], [], color=entry.colour, marker=SHAPES[entry.shape], linestyle="", markersize=5.5,
               label=f"\u200b{_line(entry.name, 26)} ({int(counts[first + line]):,})")
        for line, entry in enumerate(one.entries) if line not in shown.hidden and counts[first + line]
    ]  # fmt: skip
    if shown.placed.any():
        handles.append(Line2D([], [], markerfacecolor="none", markeredgecolor="#1f2933", marker="o", linestyle="",
                              markersize=6, label=f"placed ({int(shown.placed.sum()):,})"))  # fmt: skip
    if one.limits is not None:
        scale = ScalarMappable(Normalize(*one.limits), ListedColormap(scale_table(one.palette) / 255))
        bar = figure.colorbar(scale, ax=list(panels), shrink=0.7, pad=0.02)
        bar.set_label(_line(one.title, 40))
        bar.outline.set_visible(False)
    if handles:
        title = _line(one.title, 30) if one.limits is None else ""
        figure.legend(handles=handles, title=title, loc="outside right upper", frameon=False, fontsize=8,
                      alignment="left")  # fmt: skip


def _line(text: str, most: int = 60) -> str:
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return clean if len(clean) <= most else clean[: most - 1] + "\u2026"


def formats() -> Sequence[tuple[str, str]]:
    """Return the kinds of files for a dialog: words and pattern."""
    return [("Picture (PNG)", "*.png"), ("Vector figure (SVG)", "*.svg"), ("Document (PDF)", "*.pdf")]
