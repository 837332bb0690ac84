"""The last batch of a training as the network sees it: a grid of augmented cells, each channel on one grey scale."""

from __future__ import annotations

import tkinter as tk
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import customtkinter as ctk
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageTk
from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, px
from wizard.widgets.choice import Choice
from wizard.widgets.drawing import ScrolledDrawing
from wizard.widgets.later import background
from wizard.widgets.preview_data import grey

_MOST_CELLS, _MOST_SIDE = 64, 2048
_LOW, _HIGH = 0.5, 99.8
"""Percentiles of a channel over all pictures that become black and white."""
_TILE, _GAP, _HEAD = 104, 8, 18


@dataclass(frozen=True)
class Batch:
    """Pictures (cell, y, x, channel), the caption of each, the channels' names, and what is black and white in each."""

    images: NDArray[np.float32]
    captions: list[str]
    channels: list[str]
    contrast: list[tuple[float, float]]


def read_batch(path: Path) -> Batch:
    """Read a file of arrays images, classes, names and channels; raises OSError or ValueError when that fails."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            images, classes = arrays["images"], arrays["classes"]
            names, channels = arrays["names"], arrays["channels"]
    except (zipfile.BadZipFile, EOFError, KeyError) as error:
        raise ValueError(f"it is damaged: {error}") from None
    good = images.ndim == 4 and images.dtype.kind in "uif" and min(images.shape) > 0
    if not good or max(images.shape[1:3]) > _MOST_SIDE or len(classes) != len(images):
        raise ValueError("it holds no pictures")
    images = np.nan_to_num(np.asarray(images[:_MOST_CELLS], np.float32))
    captions = [str(names[number]) if 0 <= number < len(names) else "" for number in classes[:_MOST_CELLS].tolist()]
    titles = [str(name) for name in channels.tolist()][: images.shape[3]]
    titles += [f"Ch{number}" for number in range(len(titles) + 1, images.shape[3] + 1)]
    return Batch(images, captions, titles, [_contrast(images[..., channel]) for channel in range(images.shape[3])])


def _contrast(planes: NDArray[np.float32]) -> tuple[float, float]:
    low, high = (float(value) for value in np.percentile(planes, (_LOW, _HIGH)))
    return (low, high) if high > low else (low, low + 1.0)


class BatchCanvas(ScrolledDrawing):
    """The grid; the wheel and the arrow and Page keys scroll."""

    def __init__(self, master: tk.Misc) -> None:
        super().__init__(master, 240, 120)
        self.batch: Batch | None = None
        self.channel = 0
        self.words = "The pictures come with the first cells that the network learns from."
        self.across = 0
        self.picture: Image.Image | None = None
        self._photo: Any = None

    def say(self, words: str) -> None:
        """Say why nothing can be shown."""
        self.batch, self.words = None, words
        self.redraw()

    @override
    def draw(self) -> None:
        batch = self.batch
        if batch is None:
            self.write(8, px(self, 12), self.words, anchor="nw", width=self.winfo_width() - 16, colour=palette.MUTED)
            return
        width, height = self.winfo_width(), self.winfo_height()
        gap, head = px(self, _GAP), px(self, _HEAD)
        self.across = max(1, (width + gap) // (px(self, _TILE) + gap))
        tile = min(px(self, _TILE) * 2, (width - (self.across - 1) * gap) // self.across)
        unit = tile / max(batch.images.shape[1:3])
        size = (max(1, round(batch.images.shape[2] * unit)), max(1, round(batch.images.shape[1] * unit)))
        step = size[1] + head + gap
        self.fit(-(-len(batch.images) // self.across) * step)
        picture = Image.new("RGB", (width, height), palette.now(palette.SURFACE))
        for index, cell in enumerate(batch.images):
            row, column = divmod(index, self.across)
            x, y = column * (tile + gap), row * step - self.offset
            if -step < y < height:
                plane = grey(cell[..., self.channel], *batch.contrast[self.channel])
                image = Image.fromarray(plane).resize(size, Image.Resampling.NEAREST).convert("RGB")
                picture.paste(image, (x, y))
                self._caption(x, y + size[1] + head / 2, batch.captions[index], tile)
        self.picture = picture
        self._photo = ImageTk.PhotoImage(picture, master=self)
        self.tag_lower(self.create_image(0, 0, anchor="nw", image=self._photo, tags="cells"))
        self.say_place()

    def _caption(self, x: float, y: float, text: str, room: int) -> None:
        item = self.write(x, y, text, anchor="w", tags="caption")
        while text and self.bbox(item)[2] - self.bbox(item)[0] > room:
            text = text[:-1]
            self.itemconfigure(item, text=f"{text}\u2026")


class BatchView(Area):
    """The grid below one line of words and the choice of the channel; `show` reads the file anew."""

    def __init__(self, master: tk.Misc) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        Text(
            self,
            "Some cells of the last batch after normalisation and augmentation, as the network sees them. "
            "One grey scale for all pictures of a channel.",
        ).grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 8))
        row = Area(self)
        row.grid(row=1, column=0, columnspan=2, sticky="w", pady=(0, 8))
        Text(row, "Channel", colour=palette.MUTED, wrap=False).pack(side="left", padx=(0, 6))
        self.menu: Any = Choice(
            row, ["\u2013"], command=self.choose, height=28, width=150,
            dynamic_resizing=False,
        )  # fmt: skip
        self.menu.pack(side="left")
        self.canvas = BatchCanvas(self)
        self.canvas.grid(row=2, column=0, sticky="nsew")
        bar = ctk.CTkScrollbar(self, command=self.canvas.obey, width=14)
        bar.grid(row=2, column=1, sticky="ns")
        self.canvas.on_scrolled = bar.set
        self._reading = self._again = False

    def show(self, path: Path) -> None:
        """Show what the file holds now; while it is read, further calls count as one more."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        background(self, lambda: read_batch(path), lambda found: self._got(found, path), self._not_got)

    def _got(self, batch: Batch, path: Path) -> None:
        self._reading = False
        self.canvas.batch = batch
        if list(self.menu.cget("values")) != batch.channels:
            self.menu.configure(values=batch.channels)
            self.choose(batch.channels[0])
        self.canvas.redraw()
        if self._again:
            self._again = False
            self.show(path)

    def _not_got(self, error: Exception) -> None:
        self._reading = self._again = False
        if self.canvas.batch is None:
            self.canvas.say(f"The pictures cannot be read ({error}); they come again with one of the next batches.")

    def choose(self, title: str) -> None:
        """Show a channel by its title."""
        batch = self.canvas.batch
        if batch is not None and title in batch.channels:
            self.menu.set(title)
            self.canvas.channel = batch.channels.index(title)
            self.canvas.redraw()
