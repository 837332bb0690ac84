"""The Map tab of Predict: the classes drawn over the original pictures."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping
from pathlib import Path

import customtkinter as ctk

from wizard.engine.errors import UserError
from wizard.widgets import opener, palette
from wizard.widgets.basics import Area, Text, quiet_button
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.picture_view import MOST_ZOOM, PictureView


class MapsView(Area):
    """A menu of the pictures, the size, and the map; `maps` maps a picture's name to a file in `folder`."""

    def __init__(
        self, master: tk.Misc, maps: Mapping[str, str], folder: Path, refuse: Callable[[UserError], None]
    ) -> None:
        super().__init__(master)
        self.maps, self.folder, self.refuse = dict(maps), folder, refuse
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        top = Line(self)
        top.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 8))
        names = list(self.maps)
        Text(top, "Picture", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
        self.menu = Choice(top, names, (), command=self.show, height=28, width=200, dynamic_resizing=False)
        self.menu.pack(side="left", padx=(0, 16))
        Text(top, "Size", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
        self.view = PictureView(self)
        self.slider = ctk.CTkSlider(top, from_=1, to=MOST_ZOOM, number_of_steps=30, width=110, command=self.view.zoom)
        self.slider.set(1)
        self.slider.pack(side="left", padx=(0, 16))
        quiet_button(top, "Open the file", self._open, height=28).pack(side="left")
        self.view.grid(row=1, column=0, sticky="nsew")
        bar = ctk.CTkScrollbar(self, command=self.view.obey, width=14)
        bar.grid(row=1, column=1, sticky="ns")
        self.view.on_scrolled = bar.set
        tk.Misc.lift(self.view, top)
        self.name = names[0]
        self.show(self.name)

    def show(self, name: str) -> None:
        """Show the map of a picture."""
        self.name = name
        self.view.show(self.folder / self.maps[name])

    def _open(self) -> None:
        try:
            opener.open_path(self.folder / self.maps[self.name])
        except UserError as error:
            self.refuse(error)
