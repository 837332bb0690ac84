"""The preview with its controls: channel, merged colours, outline, size, contrast, name and colour."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tkinter import colorchooser
from typing import Any

import customtkinter as ctk

from wizard.results import Channel, PreviewCell
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, font, px, quiet_button
from wizard.widgets.choice import Choice
from wizard.widgets.later import background
from wizard.widgets.preview import LEAST_TILE, MOST_TILE, Look, PreviewCanvas
from wizard.widgets.preview_data import Pixels, is_colour_picture, read_pixels, usual_colours
from wizard.words import catalogue

_STEPS = 200
_MERGED = 3
"""Channels that shine in the merged picture at first: the eye tells no more apart."""

Store = Callable[[Channel, str], object]
"""Stores a channel's new name or colour."""


class PreviewPanel(Area):
    """Shows the cells of a preview file; `rename` and `recolour` hear what the user chose for a channel."""

    def __init__(
        self,
        master: tk.Misc,
        cells: Sequence[PreviewCell],
        channels: Sequence[Channel],
        path: Path,
        rename: Store,
        recolour: Store,
    ) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self.channels = list(channels)
        self._rename, self._recolour = rename, recolour
        self.pixels: Pixels | None = None
        self.sliders: dict[str, Any] = {}
        self._levels: dict[str, Text] = {}
        self._typed = ""
        self.canvas = PreviewCanvas(self, cells)
        self._first_row().grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 6))
        self._second_row().grid(row=1, column=0, columnspan=2, sticky="ew", pady=(0, 8))
        self.canvas.grid(row=2, column=0, sticky="nsew")
        bar = ctk.CTkScrollbar(self, command=self.canvas.obey, width=14)
        bar.grid(row=2, column=1, sticky="ns")
        self.canvas.on_scrolled = bar.set
        tk.Misc.lift(self.canvas)
        bar.lift(self.canvas)
        n_cells = len(cells)
        background(self, lambda: read_pixels(path, n_cells), self._got, self._not_got)

    # Controls.

    def _first_row(self) -> Area:
        row = Area(self)
        _word(row, "Channel")
        self.menu = Choice(
            row, self._titles() or ["\u2013"], command=self._chosen, height=28, width=150,
            dynamic_resizing=False,
        )  # fmt: skip
        self.menu.pack(side="left", padx=(0, 14))
        self.merge = _switch(row, "Merged", self._look_changed)
        self.outline = _switch(row, "Outline", self._look_changed)
        self.outline.select()
        _word(row, "Size")
        self.zoom = ctk.CTkSlider(
            row, from_=LEAST_TILE, to=MOST_TILE, number_of_steps=32, width=90, command=self.canvas.zoom
        )
        self.zoom.set(self.canvas.tile)
        self.zoom.pack(side="left")
        return row

    def _second_row(self) -> Area:
        rows = Area(self)
        row = Area(rows)
        row.grid(row=0, column=0, sticky="w")
        for name, title in (("low", "Black from"), ("high", "White from")):
            _word(row, title)
            slider = ctk.CTkSlider(
                row, from_=0.0, to=1.0, number_of_steps=_STEPS, width=110, command=partial(self._slid, name)
            )
            slider.pack(side="left")
            self.sliders[name] = slider
            self._levels[name] = Text(row, "", size="small", colour=palette.MUTED, wrap=False, width=7)
            self._levels[name].pack(side="left", padx=(4, 10))
        self.auto = quiet_button(row, "Auto", self.fit_contrast, height=28, width=56)
        self.auto.pack(side="left")
        self._third_row(rows).grid(row=1, column=0, sticky="w", pady=(6, 0))
        return rows

    def _third_row(self, rows: Area) -> Area:
        row = Area(rows)
        _word(row, "Name")
        self.entry = ctk.CTkEntry(row, height=28, width=150, font=font(), placeholder_text=catalogue.say("e.g. DNA"))
        for sequence in ("<FocusOut>", "<Return>", "<KP_Enter>"):
            self.entry.bind(sequence, lambda _event: self.flush())
        self.entry.pack(side="left", padx=(0, 14))
        self.swatch = Area(row, width=px(self, 28), height=px(self, 28))
        self.swatch.configure(highlightthickness=1, highlightbackground=palette.now(palette.FRAME))
        self.swatch.pack(side="left", padx=(0, 6))
        self.colour = quiet_button(row, "Colour\u2026", self._ask_colour, height=28)
        self.colour.pack(side="left", padx=(0, 14))
        self.shine = ctk.CTkCheckBox(
            row,
            text=catalogue.say("In the merged picture"),
            font=font(),
            checkbox_width=20,
            checkbox_height=20,
            command=self._shone,
        )
        self.shine.pack(side="left")
        return row

    def _titles(self) -> list[str]:
        return [channel.shown for channel in self.channels]

    # The pictures.

    def _got(self, pixels: Pixels) -> None:
        self.pixels = pixels
        count = len(pixels.ranges)
        self.channels = (self.channels + [Channel(name=f"Ch{n}", number=n) for n in range(1, count + 1)])[:count]
        look = self.canvas.look
        look.contrast = [self._usual(index) for index in range(count)]
        look.colours = usual_colours(self.channels, pixels.bright)
        coloured = [index for index, colour in enumerate(look.colours) if colour.upper() != "#FFFFFF"]
        look.shining = set((coloured or list(range(count)))[:_MERGED])
        if is_colour_picture(self.channels):
            self.merge.select()
        if not any(pair.mask is not None for pair in pixels.cells.values()):
            self.outline.deselect()
            self.outline.configure(state="disabled", text=catalogue.say("No masks"))
        if count:
            self.menu.configure(values=self._titles())
            self._choose(0)
        self._look_changed()
        self.canvas.show(pixels)
        self.zoom.set(self.canvas.tile)

    def _not_got(self, error: Exception) -> None:
        self.canvas.fail(f"The pictures cannot be read ({error}). Look through the images again.")

    def _usual(self, index: int) -> tuple[float, float]:
        assert self.pixels is not None
        # Colours keep their balance only if all three are shown alike.
        return (0.0, 255.0) if self._is_photo() else self.pixels.usual[index]

    def _range(self, index: int) -> tuple[float, float]:
        assert self.pixels is not None
        return (0.0, 255.0) if self._is_photo() else self.pixels.ranges[index]

    def _is_photo(self) -> bool:
        assert self.pixels is not None
        first = next(iter(self.pixels.cells.values()), None)
        return first is not None and first.raw.dtype == "uint8" and is_colour_picture(self.channels)

    @property
    def look(self) -> Look:
        """How the cells are shown now."""
        return self.canvas.look

    # What the controls do.

    def _chosen(self, title: str) -> None:
        titles = self._titles()
        if title in titles:
            self.flush()
            self._choose(titles.index(title))

    def _choose(self, index: int) -> None:
        """Make a channel the one that is shown in grey, and that the controls are about."""
        self.look.channel = index
        channel = self.channels[index]
        self.menu.set(channel.shown)
        self._write_name(channel.label)
        self.swatch.configure(bg=self.look.colours[index])
        (self.shine.select if index in self.look.shining else self.shine.deselect)()
        self._show_contrast()
        self.canvas.redraw()

    def _write_name(self, text: str) -> None:
        self._typed = text
        self.entry.delete(0, "end")
        if text:
            self.entry.insert(0, text)
        else:
            # customtkinter shows the hint again only where an entry is left.
            self.entry.configure(placeholder_text=catalogue.say("e.g. DNA"))

    def _look_changed(self) -> None:
        self.look.merge, self.look.outlined = bool(self.merge.get()), bool(self.outline.get())
        self.shine.configure(state="normal" if self.look.merge else "disabled")
        self.canvas.redraw()

    def _shone(self) -> None:
        (self.look.shining.add if self.shine.get() else self.look.shining.discard)(self.look.channel)
        self.canvas.redraw()

    def _show_contrast(self) -> None:
        index = self.look.channel
        low, high = self._range(index)
        for name, value in zip(("low", "high"), self.look.contrast[index], strict=True):
            self.sliders[name].set((value - low) / (high - low))
            self._levels[name].say(_level(value, high - low))

    def _slid(self, name: str, part: float) -> None:
        if self.pixels is None or not self.pixels.cells:
            return
        low, high = self._range(self.look.channel)
        value, least = low + part * (high - low), (high - low) / _STEPS
        first, last = self.look.contrast[self.look.channel]
        # The other end gives way, so that black always lies below white.
        if name == "low":
            self.set_contrast(min(value, high - least), max(last, min(value, high - least) + least))
        else:
            self.set_contrast(min(first, max(value, low + least) - least), max(value, low + least))

    def set_contrast(self, low: float, high: float) -> None:
        """Show grey levels up to `low` black and from `high` on white, in the chosen channel."""
        self.look.contrast[self.look.channel] = (low, high)
        self._show_contrast()
        self.canvas.redraw()

    def fit_contrast(self) -> None:
        """Go back to the contrast that suits the cells."""
        if self.pixels is not None and self.pixels.cells:
            self.set_contrast(*self._usual(self.look.channel))

    def flush(self) -> None:
        """Store the channel's name if it was changed."""
        text = " ".join(self.entry.get().replace(";", ",").split())
        if text == self._typed or not self.channels:
            return
        index = self.look.channel
        self._typed = text
        self.channels[index] = self.channels[index].model_copy(update={"label": text})
        self.menu.configure(values=self._titles())
        self.menu.set(self.channels[index].shown)
        self._rename(self.channels[index], text)

    def _ask_colour(self) -> None:
        if self.look.colours:
            _parts, found = colorchooser.askcolor(
                self.look.colours[self.look.channel], parent=self, title=catalogue.say(f"Colour of {self.menu.get()}")
            )
            if found:
                self.set_colour(found)

    def set_colour(self, colour: str) -> None:
        """Give the chosen channel a colour (`#rrggbb`) and store it."""
        index = self.look.channel
        self.look.colours[index] = colour
        self.channels[index] = self.channels[index].model_copy(update={"colour": colour})
        self.swatch.configure(bg=colour)
        self.canvas.redraw()
        self._recolour(self.channels[index], colour)


def _word(row: Area, text: str) -> None:
    Text(row, text, colour=palette.MUTED, wrap=False).pack(side="left", padx=(0, 6))


def _switch(row: Area, text: str, command: Callable[[], object]) -> Any:
    switch = ctk.CTkSwitch(row, text=catalogue.say(text), font=font(), command=command, width=92)
    switch.pack(side="left", padx=(0, 12))
    return switch


def _level(value: float, span: float) -> str:
    return f"{value:,.0f}" if span >= 20 else f"{value:.3g}"
