"""One map with its menu above and its quality beneath."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from wizard.results_visualize import Map
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.choice import Choice
from wizard.widgets.map_data import MapData
from wizard.widgets.map_save import Shown
from wizard.widgets.scatter import Scatter
from wizard.widgets.scatter_layers import Look
from wizard.widgets.tooltip import Tooltip
from wizard.words import catalogue

QUALITY = (
    "Trustworthiness: 1 when no cell lies beside cells on the map that are far from it in the features; below about "
    "0.9, do not trust single neighbours. Neighbours kept: the share of each cell's nearest neighbours in the features "
    "that are also its nearest on the map. A flat map of many features cannot keep them all."
)


class MapFrame(Area):
    """Shows one of `maps`; `on_map` hears that another was chosen."""

    def __init__(self, master: tk.Misc, maps: Sequence[Map], look: Look) -> None:
        super().__init__(master)
        self.maps = {item.title: item for item in maps}
        self.map = maps[0]
        self.data: MapData | None = None
        self.brief = False
        self.on_map: Callable[[], object] = lambda: None
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        top = Area(self)
        top.grid(row=0, column=0, sticky="ew", pady=(0, 4))
        self.menu = Choice(
            top, list(self.maps), height=26, width=130,
            command=lambda title: self.show_map(self.maps[title]),
        )  # fmt: skip
        self.menu.spoken_name = catalogue.say("Map")
        self.menu.pack(side="left")
        self.edge = Area(self, palette.LINE)
        self.edge.grid(row=1, column=0, sticky="nsew")
        self.edge.columnconfigure(0, weight=1)
        self.edge.rowconfigure(0, weight=1)
        self.scatter = Scatter(self.edge, look)
        self.scatter.grid(row=0, column=0, sticky="nsew", padx=1, pady=1)
        self.quality = Text(self, "", size="small", colour=palette.MUTED)
        self.quality.grid(row=2, column=0, sticky="ew", pady=(3, 0))
        self.tip = Tooltip(self.quality, QUALITY)
        self.menu.set(self.map.title)

    def put(self, data: MapData) -> None:
        """Take the coordinates and show the map."""
        self.data = data
        self.show_map(self.map)

    def show_map(self, item: Map) -> None:
        """Show another map."""
        self.map = item
        self.menu.set(item.title)
        if self.data is not None:
            self.scatter.show(self.data.coordinates(item.columns), axis_names(item))
            self.say(self.brief)
            self.on_map()

    def say(self, brief: bool) -> None:
        """Say how far the map can be trusted; `brief` leaves its note to the tooltip."""
        self.brief = brief
        self.quality.say(quality_words(self.map.model_copy(update={"note": ""}) if brief else self.map))
        self.tip.text = f"{QUALITY} {self.map.note}".strip() if brief else QUALITY

    @property
    def missing(self) -> int:
        """Number of cells without a place on the map."""
        return 0 if self.data is None or self.scatter.view is None else self.data.total - len(self.scatter.view.rows)

    def shown(self) -> Shown | None:
        """Return what is on the screen, for saving it."""
        view, layers, look = self.scatter.view, self.scatter.layers, self.scatter.look
        if view is None or layers is None:
            return None
        x, y, cells = layers.spots()
        inside = (x >= 0) & (x <= view.width) & (y >= 0) & (y <= view.height)
        order: NDArray[np.intp] = np.flatnonzero(inside)
        cells = cells[order]
        words = quality_words(self.map)
        return Shown(
            x[order], view.height - y[order], look.colouring.codes[cells], look.placed[cells], look.selected[cells],
            look.colouring, frozenset(look.hidden), tuple(axis_names(self.map)), tuple(view.axes()),
            (0.0, float(view.width), 0.0, float(view.height)), self.map.title, f"{len(cells):,} cells. {words}".strip(),
        )  # fmt: skip


def axis_names(item: Map) -> list[str]:
    """Return the names of a map's axes, e.g. `UMAP 1`."""
    name = item.title.split(",")[0].removesuffix("2-D").removesuffix("3-D").strip() or item.method
    return [f"{name} {axis + 1}" for axis in range(item.dimensions)]


def quality_words(item: Map) -> str:
    """Say how far a map can be trusted."""
    words = []
    if item.trustworthiness is not None:
        words.append(f"Trustworthiness {item.trustworthiness:.3f}.")
    if item.preservation is not None:
        words.append(f"Neighbours kept: {100 * item.preservation:.0f} %.")
    said = " ".join(words)
    return f"{said} {item.note}".strip()
