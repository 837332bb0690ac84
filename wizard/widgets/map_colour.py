"""What colour and shape each point of a map has, and what the legend says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.widgets import palette
from wizard.widgets.map_data import MOST_CLASSES, Column

GREY = ("#8C96A0", "#6E7883")
"""Of values that are not known, in the light and in the dark theme."""
LEVELS = 256
"""Steps of a colour scale."""
UNKNOWN, OTHERS = "not known", "others"

_OKABE = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#332288",
    "#999933", "#882255", "#44AA99", "#CC6677", "#117733", "#DDCC77", "#AA4499", "#88CCEE",
)  # fmt: skip
_TOL = (
    "#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#EE8866", "#332288",
    "#999933", "#882255", "#44AA99", "#CC6677", "#117733", "#DDCC77", "#AA4499", "#77AADD",
)  # fmt: skip
CLASS_PALETTES = {"Okabe and Ito": _OKABE, "Tol": _TOL}
"""Colours of classes that colour-blind readers tell apart, by the name of the palette."""
_ON_DARK = {"#332288": "#8F82E0", "#882255": "#D0679A", "#117733": "#4FB572"}
"""Stand-ins for colours that are too dark for the dark theme."""

SCALES = {
    "Viridis": "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
    "Cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
    "Magma": "000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf",
}
"""Ten points of scales whose lightness rises evenly (Smith and van der Walt; Nunez and others 2018)."""
SHAPES = ("o", "s", "^", "D", "v", "P", "X")
"""Shapes of classes, named as matplotlib names its markers."""


@dataclass(frozen=True)
class Entry:
    """One line of the legend."""

    name: str
    count: int
    colour: str
    shape: int
    """Place in `SHAPES`."""


@dataclass(frozen=True)
class Colouring:
    """`codes` (int16, n) is each cell's line of the legend; on a scale its level from 0, and 256 where not known."""

    title: str
    entries: tuple[Entry, ...]
    codes: NDArray[np.int16]
    table: NDArray[np.uint8]
    """Colour of every code (code, 3)."""
    shapes: NDArray[np.int8]
    """Place in `SHAPES` of every code."""
    limits: tuple[float, float] | None = None
    """Numbers at the ends of the scale; None when there is no scale."""
    palette: str = ""

    def names(self) -> NDArray[np.object_]:
        """Return the name of every code, for counting: on a scale all known numbers are one."""
        if self.limits is None:
            return np.array([entry.name for entry in self.entries], object)
        return np.array([self.title] * LEVELS + [UNKNOWN], object)


def colouring(column: Column | None, total: int, choice: str = "", title: str = "") -> Colouring:
    """Return the colours of a column; None stands for one colour of all `total` cells."""
    if column is None:
        entry = Entry("all cells", total, _themed(_OKABE[0]), 0)
        return _of_entries("", [entry], np.zeros(total, np.int16), choice)
    name = title or column.name
    if column.scaled and column.numbers is not None:
        return _scaled(name, column.numbers, choice)
    return _classes(name, column, choice)


def palettes(one: Colouring) -> list[str]:
    """Return the palettes that can be chosen for a colouring."""
    return list(CLASS_PALETTES if one.limits is None else SCALES)


def _classes(title: str, column: Column, choice: str) -> Colouring:
    codes = column.codes if column.codes is not None else np.full(len(column.numbers or ()), -1, np.int32)
    counts = np.bincount(codes[codes >= 0], minlength=len(column.values))
    there = [index for index in range(len(column.values)) if counts[index]]
    common = sorted(there, key=lambda index: -counts[index])
    kept = common if len(common) <= MOST_CLASSES else common[: MOST_CLASSES - 1]
    kept = sorted(kept, key=lambda index: natural(column.values[index]))
    lookup = np.full(len(column.values) + 1, len(kept), np.int16)
    lookup[kept] = np.arange(len(kept))
    colours = CLASS_PALETTES.get(choice, _OKABE)
    entries = [
        Entry(column.values[index], int(counts[index]), _themed(colours[place % len(colours)]), _shape(place))
        for place, index in enumerate(kept)
    ]
    rest = sum(int(counts[index]) for index in there) - sum(entry.count for entry in entries)
    if rest:
        entries.append(Entry(f"{len(common) - len(kept)} {OTHERS}", rest, _themed("#A79A8A"), 0))
    unknown = int((codes < 0).sum())
    if unknown:
        entries.append(Entry(UNKNOWN, unknown, palette.now(GREY), 6))
        lookup[-1] = len(entries) - 1
    return _of_entries(title, entries, lookup[codes], choice or next(iter(CLASS_PALETTES)))


def _shape(place: int) -> int:
    return (place + place // len(SHAPES)) % len(SHAPES)


def _of_entries(title: str, entries: Sequence[Entry], codes: NDArray[np.int16], choice: str) -> Colouring:
    table = np.array([palette.rgb(entry.colour) for entry in entries], np.uint8).reshape(-1, 3)
    return Colouring(title, tuple(entries), codes, table, np.array([one.shape for one in entries], np.int8),
                     None, choice)  # fmt: skip


def _scaled(title: str, numbers: NDArray[np.float32], choice: str) -> Colouring:
    known = np.isfinite(numbers)
    low, high = limits_of(numbers[known])
    level = np.clip((np.where(known, numbers, low) - low) / max(high - low, 1e-30) * (LEVELS - 1), 0, LEVELS - 1)
    codes = np.where(known, np.rint(level), LEVELS).astype(np.int16)
    chosen = choice if choice in SCALES else next(iter(SCALES))
    table = np.vstack([scale_table(chosen), [palette.rgb(palette.now(GREY))]]).astype(np.uint8)
    unknown = int((~known).sum())
    entries = (Entry(UNKNOWN, unknown, palette.now(GREY), 6),) if unknown else ()
    return Colouring(title, entries, codes, table, np.array([0] * LEVELS + [6], np.int8), (low, high), chosen)


def limits_of(known: NDArray[np.float32]) -> tuple[float, float]:
    """Return the ends of the scale: all numbers, but for one in 200 at either end where these lie far off."""
    if not len(known):
        return 0.0, 1.0
    least, low, high, most = (float(one) for one in np.percentile(known, (0, 0.5, 99.5, 100)))
    if most - least <= 2 * (high - low):
        low, high = least, most
    return (low, high) if high > low else (least, max(most, least + 1e-6))


def scale_table(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours (256, 3) of a scale."""
    points = np.array([palette.rgb(f"#{part}") for part in SCALES[name].split()], float)
    at = np.linspace(0, len(points) - 1, LEVELS)
    parts = [np.interp(at, np.arange(len(points)), points[:, part]) for part in range(3)]
    return np.rint(np.stack(parts, axis=1)).astype(np.uint8)


def _themed(colour: str) -> str:
    return _ON_DARK.get(colour, colour) if palette.dark() else colour


def natural(text: str) -> tuple[int, float, str]:
    """Return what sorts texts as people do: numbers by their size, then words."""
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text.casefold()
