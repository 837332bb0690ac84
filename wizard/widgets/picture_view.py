"""A picture file shown as large as the view, or larger and moved by scroll bars, wheel and keys."""

from __future__ import annotations

import tkinter as tk
from pathlib import Path
from typing import Any

from PIL import Image, ImageTk
from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import ScrolledDrawing
from wizard.widgets.later import background

MOST_ZOOM = 4.0
READING = "Reading the picture\u2026"


class PictureView(ScrolledDrawing):
    """`show` reads a file in the background; `zoom` 1 fits it into the view, more enlarges it."""

    def __init__(self, master: tk.Misc) -> None:
        super().__init__(master, 300, 200)
        self.path: Path | None = None
        self.picture: Image.Image | None = None
        self.problem = ""
        self.waiting = READING
        self.factor = 1.0
        self.across = 0.5
        """Which part is in view from left (0) to right (1), where the picture is wider than the view."""
        self._photo: Any = None
        self.bind("<Left>", lambda _event: self.move(-0.1))
        self.bind("<Right>", lambda _event: self.move(0.1))
        self.bind("<ButtonPress-1>", self._grab, add="+")
        self.bind("<B1-Motion>", self._drag, add="+")
        self._grabbed = (0, 0)

    def wait(self, words: str) -> None:
        """Say why there is no picture yet."""
        self.waiting = words
        self.redraw()

    def show(self, path: Path) -> None:
        """Show this file from now on."""
        self.waiting = READING
        self.path = path

        def read() -> Image.Image:
            with Image.open(path) as found:
                return found.convert("RGB")

        background(self, read, lambda found: self._got(path, found), self._not_got)

    def _got(self, path: Path, found: Image.Image) -> None:
        if path == self.path:
            self.picture, self.problem, self.offset = found, "", 0
            self.redraw()

    def _not_got(self, error: Exception) -> None:
        self.picture, self.problem = None, f"The picture cannot be read ({error}). Predict again."
        self.redraw()

    def zoom(self, scale: float) -> None:
        """Set how much larger than the view the picture is, 1 to 4."""
        self.factor = min(MOST_ZOOM, max(1.0, float(scale)))
        self.redraw()

    def move(self, by: float) -> None:
        """Move the view to the right by a share of the picture's width."""
        self.across = min(1.0, max(0.0, self.across + by))
        self.redraw()

    def _grab(self, event: tk.Event[Any]) -> None:
        self._grabbed = (event.x, event.y)

    def _drag(self, event: tk.Event[Any]) -> None:
        step_x, step_y = self._grabbed[0] - event.x, self._grabbed[1] - event.y
        self._grabbed = (event.x, event.y)
        room = max(1, self._size()[0] - self.winfo_width())
        self.move(step_x / room)
        self.scroll_to(self.offset + step_y)

    def _size(self) -> tuple[int, int]:
        if self.picture is None:
            return 1, 1
        width, height = self.picture.size
        unit = min(self.winfo_width() / width, self.winfo_height() / height) * self.factor
        return max(1, round(width * unit)), max(1, round(height * unit))

    @override
    def draw(self) -> None:
        if self.picture is None:
            words = self.problem or self.waiting
            colour = palette.WARN if self.problem else palette.MUTED
            self.write(8, px(self, 12), words, anchor="nw", width=self.winfo_width() - 16, colour=colour)
            return
        width, height = self._size()
        self.fit(height)
        view_width, view_height = self.winfo_width(), self.winfo_height()
        left = round(max(0, width - view_width) * self.across)
        unit = self.picture.width / width
        shown_width, shown_height = min(width, view_width), min(height, view_height)
        box = (left * unit, self.offset * unit, (left + shown_width) * unit, (self.offset + shown_height) * unit)
        box = (box[0], box[1], min(box[2], self.picture.width), min(box[3], self.picture.height))
        part = self.picture.resize((shown_width, shown_height), Image.Resampling.LANCZOS, box)
        self._photo = ImageTk.PhotoImage(part, master=self)
        x = max(0, view_width - width) // 2
        self.create_image(x, 0, anchor="nw", image=self._photo, tags="picture")
        self.say_place()
