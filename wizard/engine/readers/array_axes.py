"""Which axes of a bare array are cells, channels, y and x; its labels and channel names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable, check_pixels, plain_pixels
from wizard.results import Channel, Cue

MOST_CHANNELS = 16
_NUMBERED = re.compile(r"[Cc][Hh](?:annel)?[ _-]?0*(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes of cells and of channels, None where the array has none; the others are y and x in this order."""

    cells: int | None = None
    channel: int | None = None

    def picture(self, shape: Sequence[int]) -> tuple[int, int]:
        """Return height and width."""
        height, width = (side for axis, side in enumerate(shape) if axis not in (self.cells, self.channel))
        return height, width

    def count(self, shape: Sequence[int]) -> int:
        """Return the number of cells."""
        return 1 if self.cells is None else shape[self.cells]

    def planes(self, shape: Sequence[int]) -> int:
        """Return the number of channels."""
        return 1 if self.channel is None else shape[self.channel]

    def cell(self, values: NDArray[Any], number: int) -> NDArray[Any]:
        """Return a cell as (channels, y, x)."""
        if self.cells is None:
            return values[None] if self.channel is None else np.moveaxis(values, self.channel, 0)
        return self.below().cell(values[(slice(None),) * self.cells + (number,)], 0)

    def below(self) -> Axes:
        """Return the axes of one cell."""
        if self.cells is None or self.channel is None:
            return Axes(None, self.channel)
        return Axes(None, self.channel - (self.channel > self.cells))

    def without_channels(self) -> Axes:
        """Return the axes of an array that lacks that of the channels."""
        if self.cells is None or self.channel is None:
            return Axes(self.cells)
        return Axes(self.cells - (self.cells > self.channel))


def axes_of(shape: Sequence[int], pages: str = "auto", matlab: bool = False) -> Axes:
    """Tell the axes by their lengths; channels are an axis of at most 16, the last before the first.

    `pages` = `channels` or `cells` decides where the lengths leave it open. MATLAB (`matlab`) lays cells
    last, (y, x, channels, cells), NumPy first, (cells, y, x, channels) or (cells, channels, y, x).
    Raises Unreadable for arrays of other than 2 to 4 axes.
    """
    if 0 in shape:
        raise Unreadable("The array is empty.")
    if len(shape) == 2:
        return Axes()
    if len(shape) == 3:
        return _three(shape, pages, matlab)
    if len(shape) == 4:
        order = [(3, 2), (0, 3), (0, 1)] if matlab else [(0, 3), (0, 1)]
        for cells, channel in order:
            if shape[channel] <= MOST_CHANNELS:
                return Axes(cells, channel)
        raise Unreadable(f"No axis of the array ({_times(shape)}) has 1 to {MOST_CHANNELS} channels.")
    raise Unreadable(f"The array has {len(shape)} axes; images have 2, 3 or 4.")


def _three(shape: Sequence[int], pages: str, matlab: bool) -> Axes:
    if pages == "cells":
        return Axes(2 if matlab else 0)
    if shape[2] <= MOST_CHANNELS:
        return Axes(None, 2)
    if shape[0] <= MOST_CHANNELS:
        return Axes(None, 0)
    if pages == "channels":
        raise Unreadable(f"No axis of the array ({_times(shape)}) has 1 to {MOST_CHANNELS} channels.")
    return Axes(2 if matlab else 0)


def _times(shape: Sequence[int]) -> str:
    return " × ".join(str(side) for side in shape)


def pixel_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type in which pixels are given out; raises Unreadable for types that are no pixels."""
    if dtype.kind in "ui" and dtype.itemsize == 8:
        raise Unreadable(
            "Its numbers have 64 bits; save the images with 8, 16 or 32 bits, e.g. image.astype('uint16')."
        )
    if dtype.kind not in "buif":
        raise Unreadable(f"It holds {_kinds(dtype)}, not images.")
    check_pixels(dtype)
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.kind == "f" and dtype.itemsize > 4:
        return np.dtype(np.float32)
    return dtype.newbyteorder("=")


def _kinds(dtype: np.dtype[Any]) -> str:
    return {"c": "complex numbers", "U": "text", "S": "text", "M": "dates", "m": "times"}.get(dtype.kind, str(dtype))


def as_image(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[np.generic]:
    """Return a copy of a cell in the type given; raises Unreadable for values that are not finite."""
    with np.errstate(over="ignore"):
        image = plain_pixels(np.array(values, order="C"))
    return image.astype(dtype, copy=False)


def channels_of(count: int, names: NDArray[Any] | None, cues: list[Cue]) -> list[Channel]:
    """Return the channels: `Grey` for one, else `Ch1`, `Ch2` …; names of the form `Ch5` give the numbers."""
    plain = [Channel(name="Grey", number=1)] if count == 1 else [
        Channel(name=f"Ch{number}", number=number) for number in range(1, count + 1)
    ]  # fmt: skip
    if names is None:
        return plain
    texts = [_text(value) for value in np.ravel(names).tolist()] if names.dtype.kind in "SUui" else []
    if len(texts) != count or len(set(texts)) != count or "" in texts:
        text = f"The names of the channels are not used: there must be {count} different ones."
        cues.append(Cue(level="warning", subject="Channel names", text=text))
        return plain
    numbers = [int(match[1]) if (match := _NUMBERED.fullmatch(text)) else 0 for text in texts]
    if all(numbers) and len(set(numbers)) == count:
        return [Channel(name=f"Ch{number}", number=number) for number in numbers]
    return [Channel(name=f"Ch{at}", number=at, label=text) for at, text in enumerate(texts, 1)]


def labels_of(values: NDArray[Any] | None, count: int, cues: list[Cue]) -> dict[str, Sequence[str]]:
    """Return the tag `class` from labels, one per cell: text or whole numbers."""
    if values is None:
        return {}
    flat = np.ravel(values)
    why = ""
    if len(flat) != count:
        why = f"there are {len(flat)} for {count} cells"
    elif flat.dtype.kind == "f" and not (np.isfinite(flat).all() and (flat == np.round(flat)).all()):
        why = "they are not whole numbers"
    elif flat.dtype.kind not in "buifSU":
        why = "they are neither text nor numbers"
    if why:
        cues.append(Cue(level="warning", subject="Labels left out", text=f"The labels are not used: {why}."))
        return {}
    return {"class": [_text(value) for value in flat.tolist()]}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, (bool, float)):
        value = int(value)
    return str(value).encode("utf-8", "replace").decode("utf-8").strip()
