"""Reads the images of a roster's rows in pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.channels import COLOUR, GREY, numbers_to_read
from wizard.engine.data.frames_pixels import recolour
from wizard.engine.data.roster import Roster
from wizard.engine.readers.base import Cell, Lost, Unreadable
from wizard.results import Channel

_CELLS, _BYTES = 256, 16 * 2**20
"""Most cells and most decoded bytes that are read at once."""


def pieces(roster: Roster, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Cut rows into pieces that are read at once: at most 256 cells and about 16 MB of pixels each."""
    if not len(rows):
        return []
    depth = [len(entry.contents.channels) * entry.contents.dtype.itemsize for entry in roster.entries]
    each = np.asarray(depth)[roster.entry[rows]] * roster.column("heights")[rows] * roster.column("widths")[rows]
    filled = np.cumsum(each) // _BYTES
    by_count = np.arange(len(rows)) // _CELLS
    cuts = np.flatnonzero((np.diff(filled) > 0) | (np.diff(by_count) > 0)) + 1
    return np.split(rows, cuts)


def read(
    roster: Roster, rows: NDArray[np.int64], kept: Sequence[Channel], colour: str
) -> Iterator[tuple[int, Cell | Lost]]:
    """Yield (row, cell) for `rows` in their order, with the channels `kept` in their order.

    A cell that cannot be read is answered by Lost with the reason.
    """
    position = 0
    while position < len(rows):
        entry = roster.entry[rows[position]]
        end = position
        while end < len(rows) and roster.entry[rows[end]] == entry:
            end += 1
        part = rows[position:end]
        yield from zip(part.tolist(), _of_entry(roster, int(entry), roster.pick[part], kept, colour), strict=True)
        position = end


def _of_entry(
    roster: Roster, index: int, picks: NDArray[np.int64], kept: Sequence[Channel], colour: str
) -> list[Cell | Lost]:
    """Read some cells of one source; when the source fails in the middle, the rest of them is lost."""
    entry = roster.entries[index]
    objects = entry.contents.objects[picks].tolist()
    numbers = numbers_to_read(entry.contents.channels, kept, colour)
    if numbers is None:
        return [Lost(number, "A channel is missing.") for number in objects]
    names = tuple(channel.name for channel in entry.contents.channels)
    answers: list[Cell | Lost] = []
    try:
        for cell in entry.reader.cells(entry.source, entry.contents, numbers, picks.tolist()):
            answers.append(cell if isinstance(cell, Lost) else _converted(cell, names, kept, colour))
    except Unreadable as error:
        why = str(error)
        answers += [Lost(number, why) for number in objects[len(answers) :]]
    return answers


def _converted(cell: Cell, names: tuple[str, ...], kept: Sequence[Channel], colour: str) -> Cell:
    """Turn a colour cell to grey or a grey cell to colour, if that is wanted."""
    if (colour == "grey" and names == COLOUR) or (colour == "rgb" and names == GREY):
        image, mask = recolour(cell.image, cell.mask, colour)
        wanted = [0] if colour == "grey" else [channel.number - 1 for channel in kept]
        return Cell(cell.object, image[wanted], None if mask is None else mask[wanted])
    return cell
