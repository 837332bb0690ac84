"""A reader whose cells are known: pixel values tell the cell, the channel and the place."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wizard.engine.data.roster import Entry, Roster
from wizard.engine.readers.base import Cell, Contents, Lost, Source, Unreadable
from wizard.results import Channel


class FakeReader:
    name = "Made up"
    extensions = (".made",)

    def __init__(self, lost=(), breaks_at=None, masks=False):
        self.lost, self.breaks_at, self.masks = set(lost), breaks_at, masks
        self.calls = []

    def image(self, number, channels=(1, 2), side=20):
        base = np.arange(side * side).reshape(side, side) % 50
        return np.stack([base + 100 * (number % 300) + channel for channel in channels]).astype(np.uint16)

    def cells(self, source, contents, channels, picks):
        self.calls.append(list(picks))
        for pick in picks:
            number = int(contents.objects[pick])
            if number in self.lost:
                yield Lost(number, "The pixels are damaged.")
                continue
            if self.breaks_at is not None and number >= self.breaks_at:
                raise Unreadable("The file ends here.")
            side = int(contents.heights[pick])
            mask = np.ones((len(channels), side, side), np.uint8) if self.masks else None
            yield Cell(number, self.image(number, channels, side), mask)


def make_roster(count=100, reader=None, side=20, name="a.made", tags=None, masks=False, parts=1):
    reader = reader or FakeReader(masks=masks)
    entries = []
    for part in range(parts):
        path = Path(f"/nowhere/{part}{name}")
        contents = Contents(
            (Channel(name="Ch1", number=1), Channel(name="Ch2", number=2)), np.arange(count),
            np.full(count, side, np.int32), np.full(count, side, np.int32), np.dtype(np.uint16), masks=masks,
        )  # fmt: skip
        entries.append(Entry(reader, Source(f"{part}{name}", path.parent, (path,)), contents))
    roster = Roster.of(entries)
    roster.tags = {key: np.asarray(values, object) for key, values in (tags or {}).items()}
    return roster
