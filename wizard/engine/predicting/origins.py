"""Where the cells came from: the original files behind the sources of a data set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.dataset import DataSet

_REFUSED = re.compile(r"[^\w.-]+")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{digit}" for name in ("com", "lpt") for digit in range(1, 10))}
_LONGEST = 80


def sources(data: DataSet) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each source with the rows of its cells, in the order of their names."""
    names, unit = np.unique(data.cells["source"].astype(str), return_inverse=True)
    order = np.argsort(unit, kind="stable")
    bounds = np.searchsorted(unit[order], np.arange(len(names) + 1))
    for index, name in enumerate(names.tolist()):
        yield name, order[bounds[index] : bounds[index + 1]]


def file_of(source: str, inputs: Sequence[str]) -> Path | None:
    """Return the original file of a source below one of the input folders, None when it is gone."""
    parts = Path(source)
    if parts.is_absolute() or ".." in parts.parts:
        return None
    for item in inputs:
        root = Path(item).expanduser().resolve()
        # Names count from the input itself, or from what several inputs share, which lies above each of them.
        for base in (root, *root.parents):
            place = base / parts
            if place.is_file() and (place == root or place.is_relative_to(root)):
                return place
    return None


class Names:
    """Gives out names that every file system takes: letters, digits, dots and dashes; none twice, whatever the case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wish: str, ending: str = "") -> str:
        """Return the nearest name that is allowed and free, with `ending` (e.g. `.csv`) behind it."""
        plain = safe(wish)
        name, number = plain, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{plain}-{number}"
        self._taken.add(name.casefold())
        return name + ending


def safe(text: str) -> str:
    """Return text as part of a file name: what some file system may refuse becomes `_`."""
    plain = _REFUSED.sub("_", text).strip("._ ")[:_LONGEST].rstrip("._ ") or "unnamed"
    return f"_{plain}" if plain.split(".")[0].casefold() in _RESERVED else plain
