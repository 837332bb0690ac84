"""A threshold on the probability of a class, and what it does to yield and purity, live."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Sequence

import customtkinter as ctk
import numpy as np

from wizard.sorting import LEVELS, sort_out
from wizard.steps.evaluate_cells import JudgedCells
from wizard.steps.page import percent
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.choice import Choice
from wizard.widgets.columns import tiles_in_rows
from wizard.widgets.unit_chart import Line, UnitChart

_TILES = ("Yield", "Purity", "Enrichment", "Sorted out", "Accuracy")
_ABOUT = (
    "Sorted out is what reaches the threshold. Yield: share of the class that is sorted out. Purity: share of the "
    "class among the sorted cells. Enrichment: purity over the concentration before. Accuracy: of all cells, when "
    "those below the threshold get their next likely class."
)


class ThresholdView(Area):
    """Choose a class, move the slider; the figures and the line in the chart follow."""

    def __init__(self, master: tk.Misc, cells: JudgedCells, classes: Sequence[str]) -> None:
        super().__init__(master)
        self.cells, self.classes = cells, list(classes)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        present = [name for index, name in enumerate(self.classes) if (cells.true == index).any()]
        self.name, self.level = present[0], 0.5
        row = Area(self)
        row.grid(row=0, column=0, sticky="ew", pady=(0, 10))
        row.columnconfigure(3, weight=1)
        Text(row, "Class", wrap=False, colour=palette.MUTED).grid(row=0, column=0, padx=(0, 8))
        self.menu = Choice(row, present, (), command=self.choose, height=28, width=150)
        self.menu.grid(row=0, column=1, padx=(0, 20))
        self.said = Text(row, "", wrap=False, weight="bold")
        self.said.grid(row=0, column=2, padx=(0, 12))
        self.slider = ctk.CTkSlider(row, from_=0.0, to=1.0, number_of_steps=100, command=self.move)
        self.slider.grid(row=0, column=3, sticky="ew")
        tiles = Area(self)
        tiles.grid(row=1, column=0, sticky="ew", pady=(0, 10))
        self.tiles: dict[str, tuple[Text, Text]] = {}
        made: list[Area] = []
        for title in _TILES:
            tile = Area(tiles, palette.SUNKEN)
            made.append(tile)
            tile.columnconfigure(0, weight=1)
            Text(tile, title, size="small", colour=palette.MUTED, back=palette.SUNKEN).grid(
                row=0, column=0, sticky="ew", padx=10, pady=(6, 0)
            )
            value = Text(tile, "", size="figure", weight="bold", back=palette.SUNKEN, wrap=False)
            value.grid(row=1, column=0, sticky="ew", padx=10)
            below = Text(tile, "", size="small", colour=palette.MUTED, back=palette.SUNKEN)
            below.grid(row=2, column=0, sticky="ew", padx=10, pady=(0, 6))
            self.tiles[title] = (value, below)
        tiles_in_rows(tiles, made, len(_TILES))
        self.chart = UnitChart(self, 220)
        self.chart.grid(row=2, column=0, sticky="nsew")
        Text(self, _ABOUT, size="small", colour=palette.MUTED).grid(row=3, column=0, sticky="ew", pady=(6, 0))
        self.choose(self.name)

    def choose(self, name: str) -> None:
        """Show another class."""
        self.name = name
        self.menu.set(name)
        self._index = self.classes.index(name)
        found = sort_out(self.cells.shares, self.cells.true, self._index)
        lines = [
            Line(title, [(float(x), float(y)) for x, y in zip(LEVELS, values, strict=True) if np.isfinite(y)], place)
            for place, (title, values) in enumerate(
                (("Yield", found.gain), ("Purity", found.purity), ("Accuracy", found.accuracy))
            )
        ]
        self.chart.show(lines, (f"Threshold on the probability of {name}", "Share"))
        self.move(self.level)

    def move(self, level: float) -> None:
        """Set the threshold (0 to 1)."""
        self.level = round(float(level), 2)
        self.slider.set(self.level)
        self.said.say(f"Threshold {self.level:.2f}")
        found = sort_out(self.cells.shares, self.cells.true, self._index, np.array([self.level]))
        times = float(found.enrichment[0])
        cells, own = int(found.cells[0]), int(found.own[0])
        whole = int((self.cells.true == self._index).sum())
        figures = {
            "Yield": (percent(float(found.gain[0])), f"{own:,} of {whole:,} cells of {self.name}"),
            "Purity": (_percent(float(found.purity[0])), f"{own:,} of {cells:,} sorted out"),
            "Enrichment": ("\u2013" if math.isnan(times) else f"{times:.2f} x", f"before: {percent(found.before)}"),
            "Sorted out": (f"{cells:,}", f"of {len(self.cells.true):,} cells"),
            "Accuracy": (percent(float(found.accuracy[0])), "of all cells"),
        }
        for title, (value, below) in figures.items():
            self.tiles[title][0].say(value)
            self.tiles[title][1].say(below)
        self.chart.mark(self.level)


def _percent(value: float) -> str:
    return percent(None if math.isnan(value) else value)
