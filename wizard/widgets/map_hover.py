"""The card that shows the cell under the pointer: its picture in all channels, and what is known of it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageTk

from wizard.engine.errors import UserError
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, px
from wizard.widgets.later import background, later
from wizard.widgets.map_cells import CellPictures

_WAIT_MS = 70
_SIDE = 76
_MOST_WIDE = 300


class HoverCard(Area):
    """Placed over `master` near the pointer; the picture is read in the background and comes a moment later."""

    def __init__(self, master: tk.Misc, pictures: CellPictures | None) -> None:
        super().__init__(master)
        self.configure(highlightthickness=1, highlightbackground=palette.now(palette.FRAME))
        self.pictures = pictures
        self.cell: int | None = None
        self.picture = tk.Label(self, bg=palette.now(palette.SURFACE), bd=0)
        self.words = Text(self, "", size="small", wrap=False)
        self.words.configure(wraplength=px(self, 280))
        self.words.grid(row=1, column=0, sticky="ew", padx=8, pady=6)
        self._photo: Any = None
        self._cancel: Callable[[], None] = lambda: None
        self._where = (0, 0)

    def show(self, cell: int, name: str, lines: list[str], x: int, y: int) -> None:
        """Show a cell (row, cell id, lines of text) beside a place of the master."""
        self._where = (x, y)
        if cell != self.cell:
            self.cell = cell
            self.words.say("\n".join(lines))
            self.picture.grid_forget()
            self._cancel()
            if self.pictures is not None:
                self._cancel = later(self, _WAIT_MS, lambda: self._read(cell, name))
        self._place()

    def hide(self) -> None:
        """Take the card away."""
        if self.cell is not None:
            self.cell = None
            self._cancel()
            self.place_forget()

    def _place(self) -> None:
        self.update_idletasks()
        wide, high = self.winfo_reqwidth(), self.winfo_reqheight()
        room, down = self.master.winfo_width(), self.master.winfo_height()
        x, y = self._where
        far = px(self, 18)
        left = x + far if x + far + wide <= room else max(0, x - far - wide)
        top = y + far if y + far + high <= down else max(0, min(down - high, y - far - high))
        self.place(x=left, y=top)
        tk.Misc.lift(self)

    def _read(self, cell: int, name: str) -> None:
        pictures, height = self.pictures, px(self, _SIDE)
        most = px(self, _MOST_WIDE)
        assert pictures is not None

        def read() -> tuple[Image.Image, str] | None:
            try:
                tiles = pictures.read([name])
            except (UserError, OSError):
                return None
            if tiles is None:
                return None
            strip = tiles.strip(0, height)
            if strip.width > most:
                strip = strip.resize((most, max(1, strip.height * most // strip.width)))
            return strip, " | ".join(tiles.channels)

        background(self, read, lambda found: self._got(cell, found), lambda _error: None)

    def _got(self, cell: int, found: tuple[Image.Image, str] | None) -> None:
        if cell == self.cell and found is not None:
            strip, channels = found
            self.words.say(f"{channels}\n{self.words.cget('text')}")
            self._photo = ImageTk.PhotoImage(strip, master=self)
            self.picture.configure(image=self._photo)
            self.picture.grid(row=0, column=0, sticky="w", padx=px(self, 8), pady=(px(self, 8), 0))
            self._place()
