"""Predicted cells in the order of their certainty, filtered by class and by what is doubtful."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

from wizard.results_base import Gallery
from wizard.results_predict import CellMark
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.gallery import Group
from wizard.widgets.gallery_panel import GalleryPanel

EVERY = "all classes"
ORDERS = ("most certain first", "least certain first")
KINDS: dict[str, Callable[[CellMark], bool]] = {
    "all": lambda mark: True,
    "sure": lambda mark: not (mark.unsure or mark.unfamiliar),
    "unsure": lambda mark: mark.unsure,
    "unlike training": lambda mark: mark.unfamiliar,
}
"""Which cells may be shown, by the word in the menu."""


class PredictionGallery(Area):
    """Menus above, cells below; `marks` holds one entry per cell of the gallery."""

    def __init__(self, master: tk.Misc, gallery: Gallery, folder: Path, marks: Sequence[CellMark]) -> None:
        super().__init__(master)
        self.gallery, self.marks = gallery, list(marks)
        self.label, self.kind, self.order = EVERY, next(iter(KINDS)), ORDERS[0]
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        top = Line(self)
        top.grid(row=0, column=0, sticky="ew", pady=(0, 6))
        labels = list(dict.fromkeys(cell.label for cell in gallery.cells))
        self.menus = {
            "Class": self._menu(top, "Class", [EVERY, *labels], "label"),
            "Cells": self._menu(top, "Cells", list(KINDS), "kind"),
            "Order": self._menu(top, "Order", list(ORDERS), "order"),
        }
        self.panel = GalleryPanel(self, gallery, folder)
        self.panel.grid(row=1, column=0, sticky="nsew")
        self.choose()

    def _menu(self, parent: tk.Misc, title: str, values: list[str], field: str) -> Choice:
        Text(parent, title, wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 6))
        menu = Choice(
            parent, values, (EVERY, *KINDS, *ORDERS), command=lambda value: self.choose(**{field: value}),
            height=28, width=128,
        )  # fmt: skip
        menu.pack(side="left", padx=(0, 12))
        return menu

    def choose(self, label: str = "", kind: str = "", order: str = "") -> None:
        """Show the cells of a class (or `EVERY`), of one of `KINDS`, in one of `ORDERS`; "" leaves it as it is."""
        self.label, self.kind, self.order = label or self.label, kind or self.kind, order or self.order
        wanted = KINDS[self.kind]
        found: dict[str, list[int]] = {}
        for index, (cell, mark) in enumerate(zip(self.gallery.cells, self.marks, strict=False)):
            if self.label in (EVERY, cell.label) and wanted(mark):
                found.setdefault(cell.label, []).append(index)
        down = -1 if self.order == ORDERS[0] else 1
        for each in found.values():
            each.sort(key=lambda index: down * self.marks[index].confidence)
        self.panel.cells.show_groups([Group(name, tuple(each)) for name, each in found.items()])
        self.panel.tell_number()
