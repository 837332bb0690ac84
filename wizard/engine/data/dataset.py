"""The data set on disk: images in sharded Zarr, cells in Parquet, the rest in dataset.json."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zarr
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.results import Channel

SCHEMA = 1
FIXED = ("cell_id", "source", "object", "height", "width", "flags", "split")
"""Columns of cells.parquet that every data set has; the tags stand beside them."""
BOX = ("box_top", "box_left", "box_height", "box_width")
"""Columns of cells that were cut out of a larger picture: where they lie in it, in px."""
OWN = (*FIXED, *BOX, "digest", "fold")
"""All columns of cells.parquet that are no tags."""
_CHUNK, _SHARD, _SHARD_BYTES = 64, 4096, 64 * 2**20
_LOAD_BYTES = 32 * 2**20
"""About the most that is read from the images at once."""


def cell_id(source: str, number: int) -> str:
    """Return 16 hex digits that name a cell: the same for the same source name and object number."""
    return hashlib.blake2b(f"{source}\n{number}".encode(), digest_size=8).hexdigest()


def create_images(
    folder: Path, cells: int, channels: int, frame: int | tuple[int, int], dtype: np.dtype[Any], name: str = "images"
) -> zarr.Array:
    """Make an empty images.zarr (or masks.zarr) of shape (cell, channel, y, x) and return it for filling.

    `frame` is (height, width) in px, or one number for a square. A shard holds at most 4096 cells or
    64 MB, so that writing one needs little memory.
    """
    size = (channels, frame, frame) if isinstance(frame, int) else (channels, *frame)
    each = math.prod(size) * np.dtype(dtype).itemsize
    chunk = max(1, min(_CHUNK, cells, _SHARD_BYTES // each))
    shard = chunk * max(1, min(_SHARD, cells, _SHARD_BYTES // each) // chunk)
    return zarr.create_array(
        store=folder / f"{name}.zarr",
        shape=(cells, *size),
        chunks=(chunk, *size),
        shards=(shard, *size),
        dtype=dtype,
        zarr_format=3,
        dimension_names=("cell", "channel", "y", "x"),
    )


def shard_size(images: zarr.Array) -> int:
    """Return the number of cells in one shard: the amount to write at once."""
    shards = images.shards
    return int(shards[0]) if shards else int(images.chunks[0])


def load_rows(images: zarr.Array, rows: NDArray[np.int64]) -> NDArray[np.generic]:
    """Return the images of `rows` in their order; neighbours are read as one slice, 20 times faster than by index."""
    loaded: NDArray[np.generic] = np.empty((len(rows), *images.shape[1:]), images.dtype)
    order = np.argsort(rows, kind="stable")
    in_order = rows[order]
    longest = max(1, _LOAD_BYTES // max(1, loaded[:1].nbytes))
    first = 0
    while first < len(rows):
        start, last = int(in_order[first]), first
        while (
            last + 1 < len(rows)
            and in_order[last + 1] - in_order[last] <= images.chunks[0]
            and (in_order[last + 1] - start < longest)
        ):
            last += 1
        block = np.asarray(images[start : int(in_order[last]) + 1])
        loaded[order[first : last + 1]] = block[in_order[first : last + 1] - start]
        first = last + 1
    return loaded


def write_cells(folder: Path, columns: Mapping[str, Sequence[Any] | NDArray[Any]], name: str = "cells") -> None:
    """Write cells.parquet: the fixed columns and the tags, one entry per cell (or another table of that folder)."""
    fileio.write_with(folder / f"{name}.parquet", lambda path: pq.write_table(pa.table(dict(columns)), path))


@dataclass(frozen=True)
class DataSet:
    """A data set opened for reading; the images stay on disk until they are asked for."""

    path: Path
    info: dict[str, Any]
    cells: dict[str, NDArray[Any]]
    """Columns of cells.parquet as arrays, one entry per cell."""
    inside: tuple[int, int] | None = None
    """Height and width of the middle of the frame that is used; None = the whole frame."""

    @classmethod
    def open(cls, path: Path) -> DataSet:
        """Open a `.cells` folder; raises UserError when it is missing, damaged or too new."""
        try:
            info = fileio.read_json(path / "dataset.json")
            table = pq.read_table(path / "cells.parquet")
            if info["schema"] > SCHEMA:
                raise UserError(f"The data set {path.name} was made by a newer CytoWizard.", "", "Update this program.")
            cells = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
            data = cls(path, info, cells)
            if data.images.shape[0] != len(data):
                raise ValueError("the number of images and of cells differ")
        except (OSError, KeyError, ValueError, TypeError, pa.ArrowException) as error:
            raise UserError(f"The data set {path.name} cannot be opened.", f"{error}.", "Run Parse again.") from None
        return data

    def __len__(self) -> int:
        return len(self.cells["cell_id"])

    @cached_property
    def images(self) -> zarr.Array:
        """The images on disk, (cell, channel, y, x); opened once, read when they are asked for."""
        return zarr.open_array(self.path / "images.zarr", mode="r")

    @cached_property
    def masks(self) -> zarr.Array | None:
        """The masks on disk, uint8 (cell, channel, y, x): 0 background, 1 the cell, above 1 cut away; None if none."""
        place = self.path / "masks.zarr"
        return zarr.open_array(place, mode="r") if place.is_dir() else None

    def measurements(self) -> dict[str, NDArray[Any]]:
        """Return the instrument's measurements: `cell_id` and one float column each; empty when there are none."""
        place = self.path / "measurements.parquet"
        if not place.is_file():
            return {}
        table = pq.read_table(place)
        return {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}

    @property
    def channels(self) -> list[Channel]:
        """Name and number of each channel, in the order of the images."""
        return [Channel(**channel) for channel in self.info["channels"]]

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width of the frames in pixels, as they are used."""
        height, width = self.inside or self.info["frame"]
        return height, width

    def middle(self, frame: tuple[int, int] | None) -> DataSet:
        """Return the same cells of which only the middle (height, width) is loaded; None = the whole frame.

        Raises UserError when it is not inside of the frame, or not in its middle by whole pixels.
        """
        height, width = self.info["frame"]
        if frame is None or tuple(frame) == (height, width):
            return replace(self, inside=None)
        if frame[0] > height or frame[1] > width or (height - frame[0]) % 2 or (width - frame[1]) % 2:
            raise UserError(
                f"The middle of {frame[1]}×{frame[0]} px cannot be cut out of the cells.",
                f"Their frame is {width}×{height} px, and on all sides the same number of whole pixels must go.",
                "Choose a smaller size that differs by an even number, or parse with a larger frame.",
            )
        return replace(self, inside=(int(frame[0]), int(frame[1])))

    @property
    def tags(self) -> list[str]:
        """Names of the tags."""
        return list(self.info["tags"])

    def where(self, *splits: str) -> NDArray[np.int64]:
        """Return the rows whose split is one of `splits`."""
        return np.flatnonzero(np.isin(self.cells["split"].astype(str), splits))

    def values(self, tag: str) -> NDArray[np.str_]:
        """Return a tag's value for every cell as text; raises UserError for an unknown tag."""
        if tag not in self.info["tags"]:
            known = ", ".join(self.tags) or "none"
            raise UserError(
                f"The cells have no tag called {tag!r}.", f"Their tags are: {known}.", "Choose one of these."
            )
        values: NDArray[np.str_] = self.cells[tag].astype(str)
        return values

    def load(self, rows: NDArray[np.int64]) -> NDArray[np.generic]:
        """Return the images of `rows` as (cell, channel, y, x) in the stored type."""
        return cut(load_rows(self.images, np.asarray(rows)), self.frame)

    def batches(self, rows: NDArray[np.int64], size: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.generic]]]:
        """Yield (rows, images) in pieces of `size` cells, so that memory stays bounded."""
        images = self.images
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            yield part, cut(load_rows(images, part), self.frame)


def cut(images: NDArray[Any], frame: tuple[int, int], axis: int = 2) -> NDArray[Any]:
    """Return the middle (height, width) of images whose y is `axis` and whose x is the next one."""
    starts = [(whole - part) // 2 for whole, part in zip(images.shape[axis : axis + 2], frame, strict=True)]
    window = [slice(start, start + part) for start, part in zip(starts, frame, strict=True)]
    return images[(slice(None),) * axis + tuple(window)]
