"""ImageStream and FlowSight files (.cif, .rif) with images and masks, and the analysis (.daf) beside them.

Source: fact sheet ifc_formats.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import (
    Cell,
    Contents,
    Lost,
    OneFile,
    Reading,
    Source,
    Unreadable,
    planes_of,
    register,
    source_name,
)
from wizard.engine.readers.cif_chain import walk
from wizard.engine.readers.cif_metadata import read_about
from wizard.engine.readers.cif_objects import Index, Objects, Strips
from wizard.results import Skipped

_AT_ONCE, _MOST_BYTES = 256, 1 << 21


@register
class Cif(OneFile):
    """Every object of a file is a cell; channels have the instrument's numbers, pixels are int16 as in the file."""

    name = "ImageStream (.cif, .rif)"
    extensions: tuple[str, ...] = (".cif", ".rif")

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Make every file a source, together with the analysis of the same folder that fits it."""
        mine = [path for path in files if self.can_open(path)]
        if not mine:
            return [], []
        from wizard.engine.readers import ideas

        fitting = ideas.group(root, files)
        return [
            Source(source_name(root, path), root, (path, fitting[path]) if path in fitting else (path,))
            for path in mine
        ], []

    def check(self, source: Source, how: Reading) -> Contents:
        """Walk the chain of tables; objects that the tables show to be damaged are left out with a cue."""
        path = source.files[0]
        try:
            with path.open("rb", buffering=0) as file:
                chain = walk(file, os.fstat(file.fileno()).st_size)
                about = read_about(file, chain)
        except OSError as error:
            raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from None
        found = Objects.of(chain, about, how)
        contents = found.contents(path)
        contents.cues = found.cues(source.name, path)
        analysis = next((file for file in source.files[1:] if file.suffix.casefold() == ".daf"), None)
        if analysis is not None:
            from wizard.engine.readers import ideas

            ideas.join(contents, chain.offset[found.rows].astype(np.uint64), found.numbers, analysis, how)
        return contents

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Decode slices of the picked objects, in few reads and one call per slice."""
        slots = np.full(contents.index.channels, -1)
        slots[planes_of(contents, channels)] = np.arange(len(channels))
        try:
            with source.files[0].open("rb", buffering=0) as file:
                for rows in _slices(contents, np.asarray(picks, np.int64), len(channels)):
                    yield from _decoded(file, contents, slots, rows)
        except OSError as error:
            raise Unreadable(f"The file cannot be read any more: {error.strerror or error}.") from None


def _slices(contents: Contents, picks: NDArray[np.int64], channels: int) -> Iterator[NDArray[np.int64]]:
    """Divide picks so that the bytes and pixels of a slice stay small in memory; an object is never divided."""
    index: Index = contents.index
    pixels = contents.heights[picks].astype(np.int64) * contents.widths[picks] * channels
    needs = 3 * pixels + index.images.place[picks, 1] + np.maximum(index.masks.place[picks, 1], 0)
    begin, size = 0, 0
    for at, need in enumerate(needs.tolist()):
        if at > begin and (size + need > _MOST_BYTES or at - begin >= _AT_ONCE):
            yield picks[begin:at]
            begin, size = at, 0
        size += need
    if len(picks):
        yield picks[begin:]


def _decoded(
    file: BinaryIO, contents: Contents, slots: NDArray[np.int64], rows: NDArray[np.int64]
) -> Iterator[Cell | Lost]:
    """Decode the objects `rows`; views of one array hold their pixels."""
    from wizard.engine.readers import cif_decode as decode

    index: Index = contents.index
    depth = int((slots >= 0).sum())
    heights, widths = contents.heights[rows].astype(np.int64), contents.widths[rows].astype(np.int64)
    sizes = heights * widths * depth
    ends = np.cumsum(sizes)
    masked = np.flatnonzero(index.masks.place[rows, 1] >= 0)
    images, masks = np.empty(int(ends[-1]), np.int16), np.zeros(int(ends[-1]) if len(masked) else 0, np.uint8)
    data, parts, whole = _parts(file, index.images, rows, heights, widths, ends - sizes)
    status = np.zeros(len(rows), np.uint8)
    decode.images(data, parts, slots, index.swapped, images, status)
    status[~whole] = decode.CUT
    covered = np.zeros(len(rows), np.bool_)
    if len(masked):
        data, parts, whole = _parts(
            file, index.masks, rows[masked], heights[masked], widths[masked], (ends - sizes)[masked]
        )
        more = np.zeros(len(masked), np.uint8)
        decode.masks(data, parts, slots, masks, more)
        more[~whole] = decode.CUT
        status[masked] = np.maximum(status[masked], more)
        covered[masked] = True
    lists = (a.tolist() for a in (contents.objects[rows], status, covered, heights, widths, ends - sizes, ends))
    for number, wrong, has_mask, height, width, begin, end in zip(*lists, strict=True):
        if wrong:
            yield Lost(number, decode.WHY[wrong])
            continue
        shape = (depth, height, width)
        yield Cell(number, images[begin:end].reshape(shape), masks[begin:end].reshape(shape) if has_mask else None)


def _parts(
    file: BinaryIO, strips: Strips, rows: NDArray[np.int64],
    heights: NDArray[np.int64], widths: NDArray[np.int64], out: NDArray[np.int64],
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:  # fmt: skip
    """Read the strips of objects; return the bytes, the table that the decoder takes, and which are complete.

    An incomplete one gets the length 0, so that nothing beyond the bytes is looked at.
    """
    from wizard.engine.readers import cif_decode as decode

    place = strips.place[rows]
    data, at, whole = decode.load(file, place[:, 0], place[:, 1])
    if strips.pieces:
        for row in [row for row, number in enumerate(rows.tolist()) if number in strips.pieces]:
            pieces = strips.pieces[int(rows[row])]
            parts, begins, good = decode.load(file, pieces[:, 0], pieces[:, 1])
            joined = [parts[begin : begin + length] for begin, length in zip(begins, pieces[:, 1], strict=True)]
            at[row], whole[row] = len(data), good.all()
            data = np.concatenate([data, *joined])
    length = np.where(whole, place[:, 1], 0)
    return data, np.column_stack([at, length, strips.packed[rows], heights, widths, out]), whole
