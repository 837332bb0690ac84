"""All cells that were found, as a table in memory, before any image is decoded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.dataset import cell_id
from wizard.engine.readers.base import Contents, Reader, Source


@dataclass(frozen=True, slots=True)
class Entry:
    """A source with its reader and what it holds."""

    reader: Reader
    source: Source
    contents: Contents


@dataclass
class Roster:
    """One row per cell (n rows); `entry` and `pick` say where it lies: entries[entry], position in its contents."""

    entries: list[Entry]
    entry: NDArray[np.int64]
    pick: NDArray[np.int64]
    tags: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    """Tag → text per cell, "" = none."""
    origins: dict[str, str] = field(default_factory=dict)
    """Tag → where it comes from, in words."""

    def __len__(self) -> int:
        return len(self.entry)

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Roster:
        """List all cells of all sources, in their order."""
        sizes = [len(entry.contents) for entry in entries]
        picks = [np.arange(size) for size in sizes]
        return cls(
            list(entries),
            np.repeat(np.arange(len(entries)), sizes),
            np.concatenate(picks) if picks else np.zeros(0, np.int64),
        )

    def column(self, name: str) -> NDArray[Any]:
        """Return a column of the sources' contents (`objects`, `heights`, `widths`) for every row."""
        return self.gather([np.asarray(getattr(entry.contents, name)) for entry in self.entries])

    def optional(self, name: str, width: int) -> NDArray[np.float64] | None:
        """Return `centres`, `boxes` (width 2, 4) or `extents` (width 1) for every row, NaN where there is none."""
        if all(getattr(entry.contents, name) is None for entry in self.entries):
            return None
        parts = []
        for entry in self.entries:
            found = getattr(entry.contents, name)
            blank = np.full((len(entry.contents), width), np.nan)
            parts.append(blank if found is None else np.asarray(found, float).reshape(-1, width))
        return self.gather(parts)

    def measurement(self, name: str) -> NDArray[np.float64]:
        """Return a measurement for every row, NaN where there is none."""
        parts = []
        for entry in self.entries:
            found = entry.contents.measurements.get(name)
            parts.append(np.full(len(entry.contents), np.nan) if found is None else np.asarray(found, float))
        return self.gather(parts)

    @property
    def measurements(self) -> list[str]:
        """Names of all measurements, in the order in which they were found."""
        return list(dict.fromkeys(name for entry in self.entries for name in entry.contents.measurements))

    def gather(self, parts: list[NDArray[Any]]) -> NDArray[Any]:
        """Lay the sources' columns end to end and pick the rows' values."""
        if not parts:
            return np.zeros(0)
        starts = np.cumsum([0] + [len(part) for part in parts[:-1]])
        return np.concatenate(parts)[starts[self.entry] + self.pick]

    @property
    def used(self) -> list[Entry]:
        """The sources that still have cells."""
        return [self.entries[index] for index in np.unique(self.entry).tolist()]

    @property
    def sources(self) -> NDArray[np.object_]:
        """The name of the source of every row."""
        return self.of_entries([entry.source.name for entry in self.entries])

    def cell_ids(self) -> list[str]:
        """Return the 16 hex digits that name each cell: its own ones, else those of its source and number."""
        names = zip(self.entry.tolist(), self.pick.tolist(), strict=True)
        known = [entry.contents.ids for entry in self.entries]
        objects = [entry.contents.objects for entry in self.entries]
        found = []
        for entry, pick in names:
            own = known[entry]
            number = int(objects[entry][pick])
            found.append(own[pick] if own is not None else cell_id(self.entries[entry].source.name, number))
        return found

    def of_entries(self, values: Sequence[str]) -> NDArray[np.object_]:
        """Spread one text per source over the rows."""
        return np.asarray(values, dtype=object)[self.entry] if len(values) else np.zeros(0, object)

    def select(self, keep: NDArray[Any]) -> Roster:
        """Return the roster of some rows (a mask or positions)."""
        tags = {name: values[keep] for name, values in self.tags.items()}
        return replace(self, entry=self.entry[keep], pick=self.pick[keep], tags=tags)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return tag → value → number of cells, values in alphabetical order."""
        return {name: dict(sorted(Counter(values.tolist()).items())) for name, values in self.tags.items()}
