"""Pixels of the preview: reading them, contrast, merged colours and outlines; no widgets."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.results import Channel

Plane = NDArray[np.generic]
Grey = NDArray[np.uint8]

MOST_CELLS, MOST_SIDE = 200, 2048
"""More cells, or larger ones, are not drawn."""

COLOURS = ("#FFFFFF", "#00FF66", "#FF3B3B", "#3399FF", "#FFB000", "#FF66FF", "#00E5FF", "#C8FF3D")
"""Colours of channels on black, in their order, where none was chosen; the first is for bright field."""

_BRIGHT = ("bright", "grey", "gray", "transmission")
_LOW, _HIGH = 0.5, 99.8
"""Percentiles that become black and white."""
_ROOM = 1.5
_MIDDLE = (0.25, 0.75)
_PRIMARY = {"red": "#FF0000", "green": "#00FF00", "blue": "#0000FF"}


@dataclass(frozen=True)
class Pair:
    """A cell as it is stored and as it is framed: (channels, y, x); masks likewise or None."""

    raw: Plane
    framed: Plane
    mask: Plane | None
    framed_mask: Plane | None


@dataclass(frozen=True)
class Pixels:
    """The cells of the preview by their position, and the range of grey levels of each channel."""

    cells: dict[int, Pair]
    ranges: list[tuple[float, float]]
    usual: list[tuple[float, float]]
    """Contrast that suits each channel, within `ranges`."""
    bright: list[bool]
    """True for a channel that looks like bright field: its background lies in the middle of its grey levels."""


def read_pixels(path: Path, n_cells: int) -> Pixels:
    """Read preview.npz; cells whose arrays are missing or odd are left out.

    Raises OSError or ValueError when the file cannot be read.
    """
    cells: dict[int, Pair] = {}
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            for index in range(min(n_cells, MOST_CELLS)):
                pair = _pair(arrays, index)
                if pair is not None:
                    cells[index] = pair
    except (zipfile.BadZipFile, EOFError, KeyError) as error:
        raise ValueError(f"it is damaged: {error}") from None
    n_channels = min((len(pair.raw) for pair in cells.values()), default=0)
    levels = [_levels(cells, channel) for channel in range(n_channels)]
    bright = [_looks_bright(cells, channel, *levels[channel][1]) for channel in range(n_channels)]
    return Pixels(cells, [level[0] for level in levels], [level[1] for level in levels], bright)


def _pair(arrays: Mapping[str, Any], index: int) -> Pair | None:
    found = {name: arrays[f"{name}_{index}"] for name in _NAMES if f"{name}_{index}" in arrays}
    raw, framed = found.get("raw"), found.get("framed")
    if raw is None or framed is None or not (_drawable(raw) and _drawable(framed)) or len(raw) != len(framed):
        return None
    mask, framed_mask = found.get("mask"), found.get("framed_mask")
    return Pair(
        raw, framed,
        mask if mask is not None and mask.shape[-2:] == raw.shape[-2:] and mask.ndim == 3 else None,
        framed_mask
        if framed_mask is not None and framed_mask.shape[-2:] == framed.shape[-2:] and framed_mask.ndim == 3
        else None,
    )  # fmt: skip


_NAMES = ("raw", "framed", "mask", "framed_mask")


def _drawable(array: Plane) -> bool:
    good = array.ndim == 3 and array.dtype.kind in "uif" and min(array.shape) > 0
    return good and max(array.shape[1:]) <= MOST_SIDE


def _levels(cells: Mapping[int, Pair], channel: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the range in which a channel's contrast can be set, and the contrast that suits its cells.

    The range ends where grey levels end, and before that where single bright pixels would
    make the rest of it useless.
    """
    values = np.concatenate([pair.raw[channel].ravel() for pair in cells.values()]).astype(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return (0.0, 1.0), (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if high <= low:
        high = low + 1.0
    first, last = (float(value) for value in np.percentile(values, (_LOW, _HIGH)))
    if last <= first:
        return (low, high), (low, high)
    room = _ROOM * (last - first)
    return (max(low, first - room), min(high, last + room)), (first, last)


def _looks_bright(cells: Mapping[int, Pair], channel: int, low: float, high: float) -> bool:
    places = [(float(np.median(pair.raw[channel])) - low) / (high - low) for pair in cells.values()]
    return bool(_MIDDLE[0] < np.median(places) < _MIDDLE[1])


def grey(plane: Plane, low: float, high: float) -> Grey:
    """Return a plane (y, x) as grey levels 0..255: `low` and less is black, `high` and more is white."""
    scale = 255.0 / max(high - low, 1e-12)
    stretched = (plane.astype(np.float32) - np.float32(low)) * np.float32(scale)
    return np.nan_to_num(stretched, nan=0.0).clip(0, 255).astype(np.uint8)


def merged(greys: Sequence[Grey], colours: Sequence[tuple[int, int, int]]) -> Grey:
    """Return an (y, x, 3) picture in which each grey plane shines in its colour; colours add up."""
    total = np.zeros((*greys[0].shape, 3), np.float32)
    for plane, colour in zip(greys, colours, strict=True):
        total += plane[..., None] * (np.asarray(colour, np.float32) / 255)
    return total.clip(0, 255).astype(np.uint8)


def outline(mask: NDArray[np.bool_], thick: int = 1) -> NDArray[np.bool_]:
    """Return the outermost `thick` pixels inside a mask (y, x); the picture's edge counts as outside."""
    inner = mask
    for _ in range(thick):
        padded = np.pad(inner, 1)
        inner = inner & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def usual_colours(channels: Sequence[Channel], bright: Sequence[bool]) -> list[str]:
    """Return a colour per channel: the chosen one, white for bright field, else those of `COLOURS` in turn.

    `bright` tells which channels look like bright field, for those whose name says nothing.
    """
    found: list[str] = []
    others = itertools.cycle(COLOURS[1:])
    for channel, looks_bright in zip(channels, bright, strict=True):
        words = f"{channel.name} {channel.label}".casefold()
        named = "bf" in words.split() or any(word in words for word in _BRIGHT)
        if channel.colour:
            found.append(channel.colour)
        elif channel.name.casefold() in _PRIMARY:
            found.append(_PRIMARY[channel.name.casefold()])
        elif len(channels) == 1 or named or (looks_bright and not channel.label):
            found.append(COLOURS[0])
        else:
            found.append(next(others))
    return found


def is_colour_picture(channels: Sequence[Channel]) -> bool:
    """Tell whether the channels are the red, green and blue of a colour picture."""
    return {channel.name.casefold() for channel in channels} == set(_PRIMARY)
