"""The canvas of the preview: every cell as it is stored and as it is framed, side by side."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageTk
from typing_extensions import override

from wizard.results import PreviewCell
from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import ScrolledDrawing
from wizard.widgets.preview_data import Grey, Pair, Pixels, Plane, grey, merged, outline

LEAST_TILE, MOST_TILE = 64, 320
"""Smallest and largest shown side of a cell in design pixels."""

OUTLINE = "#FFB000"
"""Colour of the mask's outline; it stands out on grey and on most channel colours."""

_GAP, _SPACE, _HEAD, _FOOT = 4, 24, 24, 22


@dataclass
class Look:
    """How the cells are shown: by channel index the contrast (grey levels) and the colour.

    `channel` is shown in grey, or with `merge` all channels of `shining` in their colours.
    """

    contrast: list[tuple[float, float]] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    channel: int = 0
    merge: bool = False
    shining: set[int] = field(default_factory=set)
    outlined: bool = True

    @property
    def used(self) -> list[int]:
        """The channels that are seen."""
        return sorted(self.shining) if self.merge else [self.channel]


class PreviewCanvas(ScrolledDrawing):
    """All pairs in rows; the wheel and the arrow and Page keys scroll. Only what is in view is drawn."""

    def __init__(self, master: tk.Misc, cells: Sequence[PreviewCell]) -> None:
        super().__init__(master, 240, 120)
        self.cells = list(cells)
        self.look = Look()
        self.pixels: Pixels | None = None
        self.words = "Reading the pictures\u2026"
        self.tile = 148
        self.picture: Image.Image | None = None
        self._photo: Any = None

    def show(self, pixels: Pixels) -> None:
        """Show these cells from now on."""
        self.pixels = pixels
        self.words = "" if pixels.cells else "There are no pictures to show. Look through the images again."
        room = round(self.winfo_height() / px(self, 100) * 100) - _HEAD - _FOOT
        self.tile = max(LEAST_TILE, min(self.tile, room))
        self.redraw()

    def fail(self, words: str) -> None:
        """Say why nothing can be shown."""
        self.words = words
        self.redraw()

    def zoom(self, tile: float) -> None:
        """Set the shown side of a cell in design pixels."""
        self.tile = round(min(MOST_TILE, max(LEAST_TILE, tile)))
        self.redraw()

    # Drawing.

    @override
    def draw(self) -> None:
        if self.pixels is None or not self.pixels.cells:
            self.write(8, px(self, 12), self.words, anchor="nw", width=self.winfo_width() - 16, colour=palette.MUTED)
            return
        width, height = self.winfo_width(), self.winfo_height()
        tile, gap, space, head = px(self, self.tile), px(self, _GAP), px(self, _SPACE), px(self, _HEAD)
        step_x, step_y = 2 * tile + gap + space, head + tile + px(self, _FOOT)
        across = max(1, (width - 2 * gap + space) // step_x)
        shown = list(self.pixels.cells)
        self.fit(-(-len(shown) // across) * step_y)
        picture = Image.new("RGB", (width, height), palette.now(palette.SURFACE))
        for place, index in enumerate(shown):
            x, y = gap + place % across * step_x, place // across * step_y - self.offset
            if y + step_y < 0 or y > height:
                continue
            self._paste(picture, self.pixels.cells[index], x, y + head, tile, gap)
            self._label(self.cells[index], self.pixels.cells[index], x, y, tile, gap)
        self.picture = picture
        self._photo = ImageTk.PhotoImage(picture, master=self)
        self.tag_lower(self.create_image(0, 0, anchor="nw", image=self._photo, tags="cells"))
        self.say_place()

    def _paste(self, picture: Image.Image, pair: Pair, x: int, y: int, tile: int, gap: int) -> None:
        """Draw both images of a cell in the same scale, each in the middle of its square."""
        longest = max(*pair.raw.shape[1:], *pair.framed.shape[1:])
        unit = tile / longest
        for left, planes, mask in ((x, pair.raw, pair.mask), (x + tile + gap, pair.framed, pair.framed_mask)):
            size = (max(1, round(planes.shape[2] * unit)), max(1, round(planes.shape[1] * unit)))
            image = Image.fromarray(self._pixels(planes)).resize(size, Image.Resampling.NEAREST).convert("RGB")
            if self.look.outlined and mask is not None:
                image.paste(OUTLINE, (0, 0), self._outline(mask, size))
            picture.paste(palette.now(palette.SUNKEN), (left, y, left + tile, y + tile))
            picture.paste(image, (left + (tile - size[0]) // 2, y + (tile - size[1]) // 2))

    def _pixels(self, planes: Plane) -> Grey:
        look = self.look
        if not look.merge:
            return grey(planes[look.channel], *look.contrast[look.channel])
        if not look.shining:
            return np.zeros(planes.shape[1:], np.uint8)
        greys = [grey(planes[channel], *look.contrast[channel]) for channel in look.used]
        return merged(greys, [palette.rgb(look.colours[channel]) for channel in look.used])

    def _outline(self, mask: Plane, size: tuple[int, int]) -> Image.Image:
        """Return where the outline of the seen channels' masks lies, in screen pixels."""
        wanted = [min(channel, len(mask) - 1) for channel in self.look.used] or [0]
        inside: NDArray[np.bool_] = (np.asarray(mask)[wanted] != 0).any(axis=0)
        large = Image.fromarray(inside.astype(np.uint8) * 255).resize(size, Image.Resampling.NEAREST)
        line = outline(np.asarray(large) > 0, max(1, px(self, 1.4)))
        return Image.fromarray(line.astype(np.uint8) * 255)

    def _label(self, cell: PreviewCell, pair: Pair, x: int, y: int, tile: int, gap: int) -> None:
        middle, foot = px(self, _HEAD) / 2, y + px(self, _HEAD) + tile + px(self, 10)
        letters = max(6, round((2 * tile) / px(self, 7)))
        title = f"{cell.label}  {cell.source}" if cell.label else cell.source
        title += f" ({cell.object})" if cell.object else ""
        self.write(x, y + middle, _short(title, letters), anchor="w")
        for left, name, planes in ((x, "stored", pair.raw), (x + tile + gap, "framed", pair.framed)):
            height, width = planes.shape[1:]
            words = f"{name} {width} \u00d7 {height}"
            self.write(left, foot, words, anchor="w", colour=palette.MUTED)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"
