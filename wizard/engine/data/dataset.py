"""The data set on disk: images in sharded Zarr, cells in Parquet, the rest in dataset.json."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
_CHUNK, _SHARD = 64, 4096


def cell_id(source: str, number: int) -> str:
    """Return 16 hex digits that name a cell: the same for the same source name and object number."""
    return hashlib.blake2b(f"{source}\n{number}".encode(), digest_size=8).hexdigest()


def create_images(folder: Path, cells: int, channels: int, frame: int, dtype: np.dtype[Any]) -> zarr.Array:
    """Make an empty images.zarr of shape (cell, channel, y, x) and return it for filling."""
    chunk = max(1, min(_CHUNK, cells))
    shard = chunk * max(1, min(_SHARD, cells) // chunk)
    return zarr.create_array(
        store=folder / "images.zarr",
        shape=(cells, channels, frame, frame),
        chunks=(chunk, channels, frame, frame),
        shards=(shard, channels, frame, frame),
        dtype=dtype,
        zarr_format=3,
        dimension_names=("cell", "channel", "y", "x"),
    )


def shard_size(images: zarr.Array) -> int:
    """Return the number of cells in one shard: the amount to write at once."""
    shards = images.shards
    return int(shards[0]) if shards else int(images.chunks[0])


def write_cells(folder: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write cells.parquet; `columns` holds the fixed columns and the tags, one entry per cell."""
    fileio.write_with(folder / "cells.parquet", lambda path: pq.write_table(pa.table(dict(columns)), path))


@dataclass(frozen=True)
class DataSet:
    """A data set opened for reading; the images stay on disk until they are asked for."""

    path: Path
    info: dict[str, Any]
    cells: dict[str, NDArray[Any]]
    """Columns of cells.parquet as arrays, one entry per cell."""

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

    @property
    def channels(self) -> list[Channel]:
        """Name and number of each channel, in the order of the images."""
        return [Channel(**channel) for channel in self.info["channels"]]

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width of the frames in pixels."""
        height, width = self.info["frame"]
        return height, width

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
        return np.asarray(self.images.oindex[np.asarray(rows)])

    def batches(self, rows: NDArray[np.int64], size: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.generic]]]:
        """Yield (rows, images) in pieces of `size` cells, so that memory stays bounded."""
        images = self.images
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            yield part, np.asarray(images.oindex[part])
