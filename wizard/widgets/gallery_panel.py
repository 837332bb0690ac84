"""A gallery with its controls: channel menu, zoom, scroll bar and the caption of the hovered cell."""

from __future__ import annotations

import tkinter as tk
from pathlib import Path

import customtkinter as ctk

from wizard.results import Gallery
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.gallery import LEAST_TILE, CellGallery


class GalleryPanel(Area):
    """Shows a `Gallery`; `filters` adds a menu of its labels."""

    def __init__(self, master: tk.Misc, gallery: Gallery, folder: Path, filters: bool = False) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self.cells = self.make(gallery, folder)
        self.controls = Line(self)
        self.controls.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 8))
        self._controls(gallery, filters)
        self.cells.grid(row=1, column=0, sticky="nsew")
        bar = ctk.CTkScrollbar(self, command=self.cells.obey, width=14)
        bar.grid(row=1, column=1, sticky="ns")
        self.cells.on_scrolled = bar.set
        self.caption = Text(self, "", size="small", colour=palette.MUTED, wrap=False)
        self.caption.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(4, 0))
        self.caption.bind("<Configure>", lambda _event: self._hovered(""), add="+")
        self.cells.on_hover = self._hovered
        self._hovered("")
        tk.Misc.lift(self.cells, self.controls)
        bar.lift(self.cells)

    def make(self, gallery: Gallery, folder: Path) -> CellGallery:
        """Return the canvas of the cells."""
        return CellGallery(self, gallery, folder)

    def _controls(self, gallery: Gallery, filters: bool) -> None:
        if len(gallery.sheets) > 1:
            Text(self.controls, "Channel", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
            self.channel = Choice(
                self.controls, list(gallery.sheets), (), command=self.cells.show_channel, height=28, width=130
            )  # fmt: skip
            self.channel.set(self.cells.channel)
            self.channel.pack(side="left", padx=(0, 16))
        labels = list(dict.fromkeys(cell.label for cell in gallery.cells))
        if filters and len(labels) > 1:
            Text(self.controls, "Show", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
            self.filter = Choice(
                self.controls, ["all", *labels], ("all",), height=28, width=130,
                command=lambda label: self.show_only(None if label == "all" else label),
            )  # fmt: skip
            self.filter.pack(side="left", padx=(0, 16))
        Text(self.controls, "Size", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
        self.zoom = ctk.CTkSlider(
            self.controls, from_=LEAST_TILE, to=200, number_of_steps=18, width=110, command=self.cells.zoom
        )
        self.zoom.set(self.cells.tile)
        self.zoom.pack(side="left")

    def show_only(self, label: str | None) -> None:
        """Show the cells of one label, or all."""
        self.cells.show_only(label)
        self._hovered("")

    def tell_number(self) -> None:
        """Say below the cells how many are shown."""
        self._hovered("")

    def _hovered(self, caption: str) -> None:
        calm = f"{plural(self.cells.shown, 'cell')} shown. Point at a cell to see which one it is."
        self.caption.say(caption or calm)
        if not caption and 1 < self.caption.winfo_width() < self.caption.winfo_reqwidth():
            self.caption.say(f"{plural(self.cells.shown, 'cell')} shown.")
