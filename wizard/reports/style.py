"""How all figures look: colours for every eye, readable letters, 200 dpi; PNG for reports, SVG to edit."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

DPI = 200
MOST_SHAPES = 20_000
"""Points that an SVG holds as shapes."""
INK, MUTED, GRID = "#1f2933", "#5f6c7b", "#d9dee5"
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#9aa5b1"

COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442",
    "#332288", "#999933", "#882255", "#44AA99", "#CC6677", "#117733", "#DDCC77", "#AA4499",
)  # fmt: skip
"""Okabe and Ito's eight colours, then eight of Tol's muted ones."""

MARKERS = ("o", "^", "s", "D", "v", "P", "X", "<", "*", ">", "p")
"""Shapes, so that no group is told by its colour alone; 11 and 16 have no common factor."""

_LOOK: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10.0,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "cytowizard",
}
_SVG_FACTS: dict[str, Any] = {"Date": None, "Creator": "CytoWizard. Research use only.", "Format": None, "Type": None}


def paint(path: Path, size: tuple[float, float], draw: Callable[[Figure], None]) -> None:
    """Let `draw` fill a figure of `size` (width, height in inches) and save it as PNG, or as SVG by the path's ending.

    The same figure always gives the same bytes. Texts of an SVG stay texts; more than 20,000 points become a picture
    inside it.
    """
    with matplotlib.rc_context(_LOOK), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; that is no reason to fail or to print.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        tight: dict[str, Any] = {"dpi": DPI, "bbox_inches": "tight", "pad_inches": 0.1}
        if path.suffix != ".svg":
            figure.savefig(path, format="png", metadata={"Software": None}, **tight)
            return
        _rasterise(figure)
        figure.savefig(path, format="svg", metadata=_SVG_FACTS, **tight)


def _rasterise(figure: Figure) -> None:
    """Let clouds of very many points become a picture: no program draws so many shapes in reasonable time."""
    clouds: list[Any] = figure.findobj(lambda artist: isinstance(artist, PathCollection))
    if sum(len(cloud.get_offsets()) for cloud in clouds) > MOST_SHAPES:
        for cloud in clouds:
            cloud.set_rasterized(True)


def look(index: int) -> tuple[str, str]:
    """Return the colour and the marker of the `index`-th group; 176 groups differ."""
    return COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
