"""Writes the images of a data set: read and framed by several threads, in bounded memory, resumable by shard."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import zarr
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.data import dataset
from wizard.engine.data.frames import Framing, frame_many
from wizard.engine.data.measuring import Sampled, measure
from wizard.engine.data.reading import pieces, read
from wizard.engine.data.roster import Roster
from wizard.engine.data.threads import side_by_side
from wizard.engine.errors import Cancelled, Paused, UserError
from wizard.engine.readers.base import Cell
from wizard.results import Channel

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Job:
    """What is written: all rows of a roster, framed alike, into `folder` behind `start` cells that are there."""

    folder: Path
    roster: Roster
    channels: list[Channel]
    framing: Framing
    colour: str
    dtype: np.dtype[Any]
    masks: bool
    start: int = 0


@dataclass
class Written:
    """What came of the rows, in their order: the cells that were written, and those that were lost."""

    sampled: list[Sampled] = field(default_factory=list)
    lost: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: Written) -> None:
        """Take over what another piece brought."""
        self.sampled += other.sampled
        self.lost += other.lost

    @property
    def rows(self) -> list[int]:
        """The rows of the roster that were written."""
        return [item.row for item in self.sampled]

    @property
    def digests(self) -> list[str]:
        """The digest of each cell."""
        return [item.digest for item in self.sampled]

    @property
    def flat(self) -> list[bool]:
        """Whether all pixels of each cell are equal."""
        return [item.flat for item in self.sampled]


@dataclass
class _Piece:
    """A few cells, read and framed."""

    last: int
    written: Written
    images: NDArray[Any]
    masks: NDArray[np.uint8] | None


def write_images(job: Job, report: Report, should_stop: Callable[[], bool] = lambda: False) -> Written:
    """Read, frame and write all rows; goes on where a run that was stopped or killed stood.

    Rows that cannot be read are listed in `lost` and leave no gap. Raises Paused when the user stops it,
    OSError when the disk fails.
    """
    total = len(job.roster)
    images, masks = _arrays(job, total)
    writer = _Writer(job, images, masks)
    done = writer.resume()
    rows = np.arange(done, total)
    position = done
    for piece in side_by_side(lambda part: _read(job, part), pieces(job.roster, rows)):
        writer.add(piece)
        position = piece.last + 1
        report(position / total, f"Reading cell {position:,} of {total:,}")
        if should_stop() and position < total:
            raise Paused
    return writer.finish()


def _arrays(job: Job, total: int) -> tuple[zarr.Array, zarr.Array | None]:
    """Open what a killed run or an older data set left in the folder, or make new arrays."""
    shape = (job.start + total, len(job.channels), *job.framing.size)
    made: list[zarr.Array | None] = []
    for name, dtype, wanted in (("images", job.dtype, True), ("masks", np.dtype(np.uint8), job.masks)):
        if not wanted:
            made.append(None)
        elif (job.folder / f"{name}.zarr").is_dir():
            array = zarr.open_array(job.folder / f"{name}.zarr", mode="r+")
            array.resize(shape)
            made.append(array)
        else:
            made.append(dataset.create_images(job.folder, shape[0], shape[1], job.framing.size, dtype, name))
    assert made[0] is not None
    return made[0], made[1]


def _read(job: Job, rows: NDArray[np.int64]) -> _Piece:
    """Read and frame some rows; runs in a thread."""
    written = Written()
    cells: list[Cell] = []
    for row, cell in read(job.roster, rows, job.channels, job.colour):
        if not isinstance(cell, Cell):
            written.lost.append((row, cell.why))
            continue
        written.sampled.append(measure(cell, row))
        cells.append(cell)
    images, masks = _frame(job, cells, written)
    return _Piece(int(rows[-1]), written, images, masks)


def _frame(job: Job, cells: Sequence[Cell], written: Written) -> tuple[NDArray[Any], NDArray[np.uint8] | None]:
    shape = (len(cells), len(job.channels), *job.framing.size)
    images = np.empty(shape, job.dtype)
    masks = np.zeros(shape, np.uint8) if job.masks else None
    centres = job.roster.select(np.asarray(written.rows, np.int64)).optional("centres", 2)
    seeds = [int(digest[:8], 16) for digest in written.digests]
    frame_many(
        [cell.image for cell in cells], [cell.mask for cell in cells], job.framing, centres, seeds, images, masks
    )
    return images, masks


class _Writer:
    """Collects framed cells to whole shards and writes them; a line in progress.jsonl says how far it got."""

    def __init__(self, job: Job, images: zarr.Array, masks: zarr.Array | None) -> None:
        self.job, self.images, self.masks = job, images, masks
        self.size = dataset.shard_size(images)
        self.written = Written()
        self._unsaved = Written()
        self._next = job.start
        self._buffer: list[tuple[NDArray[Any], NDArray[np.uint8] | None]] = []
        self._held = 0
        self._log = job.folder / "progress.jsonl"

    def resume(self) -> int:
        """Take over what a killed run had written; return the first row that is still to do."""
        row = 0
        if self._log.is_file():
            for line in self._log.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                    table = pq.read_table(self.job.folder / entry["file"]).to_pylist()
                except (OSError, ValueError, KeyError, TypeError):
                    break
                lost = [(int(where), str(why)) for where, why in entry["lost"]]
                sampled = [Sampled(**line | {"flat_channels": tuple(line["flat_channels"])}) for line in table]
                self.written.add(Written(sampled, lost))
                row, self._next = entry["next_row"], entry["cells"]
        return row

    def add(self, piece: _Piece) -> None:
        """Take a piece; write a shard as soon as it is full."""
        taken = 0
        room = self.size - (self._next + self._held) % self.size
        while len(piece.images) - taken >= room:
            self._hold(piece, taken, taken + room)
            taken += room
            last = piece.written.sampled[taken - 1].row
            self._unsaved.lost += [item for item in piece.written.lost if item[0] < last]
            piece.written.lost = [item for item in piece.written.lost if item[0] > last]
            self._write(last + 1)
            room = self.size
        self._hold(piece, taken, len(piece.images))
        self._unsaved.lost += piece.written.lost

    def _hold(self, piece: _Piece, start: int, end: int) -> None:
        if start == end:
            return
        own = piece.written
        self._buffer.append((piece.images[start:end], None if piece.masks is None else piece.masks[start:end]))
        self._unsaved.add(Written(own.sampled[start:end]))
        self._held += end - start

    def _write(self, next_row: int) -> None:
        end = self._next + self._held
        if self._held:
            self.images[self._next : end] = np.concatenate([images for images, _ in self._buffer])
            if self.masks is not None:
                self.masks[self._next : end] = np.concatenate([masks for _, masks in self._buffer if masks is not None])
        name = f"progress-{end}.parquet"
        columns = {item.name: [getattr(cell, item.name) for cell in self._unsaved.sampled] for item in fields(Sampled)}
        dataset.write_cells(self.job.folder, columns, name.removesuffix(".parquet"))
        entry = {"file": name, "next_row": next_row, "cells": end, "lost": self._unsaved.lost}
        with self._log.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")
        self.written.add(self._unsaved)
        self._unsaved, self._next, self._held = Written(), end, 0
        self._buffer.clear()

    def finish(self) -> Written:
        """Write what is left, cut the arrays to the cells that came, and drop the notes of the progress."""
        self._write(len(self.job.roster))
        shape = (self._next, *self.images.shape[1:])
        for array in (self.images, self.masks):
            if array is not None:
                array.resize(shape)
        for note in self.job.folder.glob("progress*"):
            note.unlink()
        return self.written


class Keeping:
    """Guards a growing data set: a cancel or a refusal drops it, a kill or a fault keeps it for the next run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, (Cancelled, UserError, KeyboardInterrupt)) and kind is not Paused:
            fileio.remove_folder(self._folder)


def prepare_folder(place: Path, key: str) -> Path:
    """Return the folder in which a data set grows: what a killed run with the same key left, or an empty one."""
    part = place.with_name(f".{place.name}.part")
    mark = part / "key.txt"
    if not (mark.is_file() and mark.read_text(encoding="utf-8") == key):
        fileio.remove_folder(part)
        part.mkdir(parents=True)
        fileio.write_text(mark, key)
    return part
