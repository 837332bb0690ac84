"""Montage sheets: the cells of each class, n × n on a sheet, one sheet per channel, and an index of them."""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.data.dataset import DataSet, load_rows

_LOAD_BYTES = 32 * 2**20
"""Pixels that are held at once."""
_SPOOL_BYTES = 32 * 2**20
"""Compressed pixels of unfinished sheets that are held in memory; more go to a temporary file."""
_COLUMNS = ("group", "sheet", "row", "column", "cell_id", "source", "object")


def write_montages(
    folder: Path, data: DataSet, rows: Sequence[int] | NDArray[Any], n: int, groups: Sequence[str]
) -> list[dict[str, Any]]:
    """Write sheets of n × n cells, row by row, for each of `groups` (one per row) and channel into `folder`.

    A sheet `<group>_<channel>_<k>.tif` has the stored type, n times the frame on each side, and black
    where there is no cell; k counts from 1. `index.csv` says which cell lies where (sheet, row and
    column from 1). Returns one entry per sheet: file, group, channel, sheet, cells. The folder is
    written whole or not at all.
    """
    members: dict[str, list[int]] = {}
    for row, group in zip(np.asarray(rows).tolist(), groups, strict=True):
        members.setdefault(group, []).append(row)
    channels = [channel.shown for channel in data.channels]
    names = file_names([(group, channel) for group in members for channel in channels])
    sheets: list[dict[str, Any]] = []
    with fileio.fresh_folder(folder) as staging:
        for group, own in members.items():
            files = [names[group, channel] for channel in channels]
            for start in range(0, len(own), n * n):
                part = own[start : start + n * n]
                number = start // (n * n) + 1
                _write_sheets(staging, data, np.asarray(part), n, [f"{name}_{number}.tif" for name in files])
                sheets += [
                    {"file": f"{name}_{number}.tif", "group": group, "channel": channel, "sheet": number,
                     "cells": len(part)}
                    for name, channel in zip(files, channels, strict=True)
                ]  # fmt: skip
        fileio.write_csv(staging / "index.csv", _COLUMNS, _index(data, members, n))
    return sheets


def file_names(pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return a file name (without number and ending) for each (group, channel), different also without case."""
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for group, channel in pairs:
        wanted = name = f"{_safe(group)[:40] or 'no_class'}_{_safe(channel)[:30] or 'channel'}"
        count = 2
        # A number behind another one would look like a sheet's.
        while name.casefold() in taken:
            name, count = f"{wanted}-{count}", count + 1
        taken.add(name.casefold())
        names[group, channel] = name
    return names


def _safe(text: str) -> str:
    """Keep letters, digits, - and _; everything else, which some file system may refuse, becomes _."""
    return re.sub(r"[^\w-]+", "_", text).strip("_")


def _write_sheets(folder: Path, data: DataSet, rows: NDArray[np.int64], n: int, files: Sequence[str]) -> None:
    """Write one sheet per channel for at most n² cells; the cells are read once."""
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES, dir=str(folder)) as spool:
        lengths: list[list[int]] = [[] for _ in files]
        for strip in _strips(data, rows, n):
            for sizes, plane in zip(lengths, strip, strict=True):
                packed = zlib.compress(plane.tobytes(), 1)
                sizes.append(spool.write(packed))
        side = n * data.frame[0]
        # The strips of all channels lie one behind the other for each row of cells.
        in_file = np.array(lengths).T
        starts = (np.cumsum(in_file) - in_file.ravel()).reshape(in_file.shape).T
        for file, begins, counts in zip(files, starts.tolist(), lengths, strict=True):
            tifffile.imwrite(
                folder / file, _pieces(spool, begins, counts), shape=(side, n * data.frame[1]),
                dtype=data.images.dtype, rowsperstrip=data.frame[0], compression="zlib",
                photometric="minisblack", metadata=None, software="CytoWizard",
            )  # fmt: skip
            fileio.sync(folder / file)


def _strips(data: DataSet, rows: NDArray[np.int64], n: int) -> Iterator[NDArray[np.generic]]:
    """Yield n rows of cells of a sheet, each (channels, frame, n * frame)."""
    images = data.images
    _, depth, height, width = images.shape
    per_load = max(1, _LOAD_BYTES // max(1, n * depth * height * width * images.dtype.itemsize)) * n
    empty = np.zeros((depth, height, n * width), images.dtype)
    done = 0
    for start in range(0, len(rows), per_load):
        cells = load_rows(images, rows[start : start + per_load])
        for first in range(0, len(cells), n):
            line = cells[first : first + n]
            strip = empty.copy()
            strip[:, :, : len(line) * width] = line.transpose(1, 2, 0, 3).reshape(depth, height, -1)
            yield strip
            done += 1
    for _ in range(done, n):
        yield empty


def _pieces(spool: IO[Any], begins: Sequence[int], counts: Sequence[int]) -> Iterator[bytes]:
    for begin, count in zip(begins, counts, strict=True):
        spool.seek(begin)
        yield spool.read(count)


def _index(data: DataSet, members: dict[str, list[int]], n: int) -> Iterator[tuple[object, ...]]:
    ids, sources, objects = (data.cells[name] for name in ("cell_id", "source", "object"))
    for group, own in members.items():
        for position, row in enumerate(own):
            sheet, place = divmod(position, n * n)
            yield group, sheet + 1, place // n + 1, place % n + 1, ids[row], sources[row], int(objects[row])
