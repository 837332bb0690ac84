"""An existing data set (a `.cells` folder) as a source of cells: to merge several, or to take some out of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wizard.engine.data.dataset import BOX, OWN, SCHEMA
from wizard.engine.readers.base import (
    Cell,
    Contents,
    Lost,
    OneFile,
    Reading,
    Source,
    Unreadable,
    check_pixels,
    check_size,
    plain_pixels,
    planes_of,
    register,
    uniform,
)
from wizard.engine.readers.zarr_array import Cache, ZarrArray, open_array
from wizard.engine.readers.zarr_folder import Folder
from wizard.results import Channel, Cue

_MOST_CELLS, _MOST_CHANNELS, _MOST_TAGS = 50_000_000, 256, 1000
_MOST_BYTES = 2**30
"""Bytes of a table, as its header declares them and as they are read."""
_BROKEN = (OSError, ValueError, TypeError, KeyError, pa.ArrowException, MemoryError, OverflowError)


@dataclass(frozen=True, slots=True)
class Index:
    """What `cells` needs, and what the cells were called: `ids` (16 hex digits), `sources` and `numbers` there."""

    images: ZarrArray
    masks: ZarrArray | None
    ids: NDArray[np.object_]
    sources: NDArray[np.object_]
    numbers: NDArray[np.int64]


@register
class CellsFolder(OneFile):
    """Every row of the data set is a cell; its object number is its row."""

    name = "CytoWizard data set (.cells)"
    extensions: tuple[str, ...] = (".cells",)

    def can_open(self, path: Path) -> bool:
        """Tell by the ending of the folder or by the two files that every data set has."""
        if path.suffix.casefold() in self.extensions:
            return path.is_dir()
        # Every file of the input is asked: most have an ending, and only folders have none.
        return not path.suffix and (path / "dataset.json").is_file() and (path / "cells.parquet").is_file()

    def check(self, source: Source, how: Reading) -> Contents:
        """Read dataset.json, cells.parquet and the metadata of the images."""
        folder = Folder.of(source.files[0])
        info = folder.json("dataset.json")
        if info is None:
            raise Unreadable("dataset.json is missing; the folder is no data set or was not finished.")
        channels = _channels(info)
        images = _stack(folder, "images", len(channels), how)
        if images is None:
            raise Unreadable("images.zarr is missing.")
        check_pixels(images.dtype)
        masks = _stack(folder, "masks", len(channels), how)
        if masks is not None and (masks.shape != images.shape or masks.dtype != np.uint8):
            raise Unreadable("masks.zarr does not fit images.zarr.")
        count = images.shape[0]
        tags = _tag_names(info)
        table = _table(folder, count, tags)
        index = Index(images, masks, _texts(table, "cell_id"), _texts(table, "source"), _numbers(table))
        measurements, cues = _measurements(folder, index.ids, source.name)
        contents = uniform(
            channels, count, images.shape[2], images.shape[3], images.dtype.newbyteorder("="), masks=masks is not None,
            tags={name: _texts(table, name) for name in tags} | _origin(index, tags), measurements=measurements,
            boxes=_boxes(table), pixel_size=_pixel_size(info), facts=_facts(info), index=index,
            ids=index.ids,
        )  # fmt: skip
        contents.cues = cues + _cropped(table, source.name)
        return contents

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Yield the frames of the data set as they are stored."""
        if not Folder.of(source.files[0]).into("images.zarr").exists():
            raise Unreadable("images.zarr is missing.")
        index: Index = contents.index
        planes = planes_of(contents, channels)
        cache = Cache()
        for pick in picks:
            try:
                image, stored = _frame(index.images, pick, planes, cache)
                if not stored:
                    raise Unreadable("None of its pixels are stored; a part of images.zarr is missing.")
                mask = None if index.masks is None else _frame(index.masks, pick, planes, cache)[0]
                yield Cell(pick, plain_pixels(image), mask)
            except Unreadable as error:
                yield Lost(pick, str(error))


def _frame(array: ZarrArray, row: int, planes: Sequence[int], cache: Cache) -> tuple[NDArray[Any], bool]:
    _, depth, height, width = array.shape
    pixels, stored = array.read((row, 0, 0, 0), (row + 1, depth, height, width), cache)
    return pixels[0][list(planes)], stored


def _channels(info: dict[str, Any]) -> tuple[Channel, ...]:
    schema = info.get("schema")
    if not isinstance(schema, int) or schema < 1:
        raise Unreadable("dataset.json names no version; it is damaged.")
    if schema > SCHEMA:
        raise Unreadable("The data set was made by a newer CytoWizard; update this program.")
    try:
        channels = tuple(Channel.model_validate(about) for about in info["channels"][: _MOST_CHANNELS + 1])
    except (KeyError, TypeError, ValueError):
        raise Unreadable("dataset.json is damaged: its channels cannot be understood.") from None
    if not 1 <= len(channels) <= _MOST_CHANNELS or len({channel.number for channel in channels}) < len(channels):
        raise Unreadable("dataset.json is damaged: its channels are missing or named twice.")
    return channels


def _tag_names(info: dict[str, Any]) -> list[str]:
    tags = info.get("tags")
    if not isinstance(tags, list) or len(tags) > _MOST_TAGS or not all(isinstance(name, str) for name in tags):
        raise Unreadable("dataset.json is damaged: its tags cannot be understood.")
    return [name for name in dict.fromkeys(tags) if name not in OWN]


def _stack(folder: Folder, name: str, channels: int, how: Reading) -> ZarrArray | None:
    """Open images.zarr or masks.zarr; None when the folder is not there."""
    place = folder.into(f"{name}.zarr")
    if not place.exists():
        return None
    array = open_array(place)
    if len(array.shape) != 4 or array.shape[1] != channels or not 1 <= array.shape[0] <= _MOST_CELLS:
        raise Unreadable(f"{name}.zarr does not fit dataset.json.")
    check_size(array.shape[2:], how.longest)
    array.check_pieces(array.shape[2] * array.shape[3])
    return array


def _read(folder: Folder, name: str, wanted: Sequence[str] | None, most_rows: int) -> pa.Table | None:
    """Read the columns `wanted` that a table has (None = all); None when it is missing.

    Raises Unreadable when the table is damaged or beyond the limits; the header is looked at first.
    """
    path = folder.file(name)
    if path is None:
        return None
    limits = {"thrift_string_size_limit": 64 * 2**20, "thrift_container_size_limit": 2**20}
    try:
        with pq.ParquetFile(path, **limits) as file:
            about = file.metadata
            size = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
            if max(size, path.stat().st_size) > _MOST_BYTES or about.num_rows > most_rows:
                raise Unreadable(f"{name} is larger than it can be.")
            columns = [title for title in file.schema_arrow.names if wanted is None or title in wanted]
            texts = [title for title in columns if pa.types.is_string(file.schema_arrow.field(title).type)]
        # Texts are kept as numbers of a dictionary, so that a small file cannot become a large table.
        with pq.ParquetFile(path, read_dictionary=texts, page_checksum_verification=True, **limits) as file:
            table = file.read(columns)
        table.validate(full=True)
        if table.num_rows != about.num_rows or table.nbytes > _MOST_BYTES:
            raise ValueError("its size is not the declared one")
    except _BROKEN as error:
        raise Unreadable(f"{name} is damaged: {error}.") from None
    return table


def _table(folder: Folder, count: int, tags: list[str]) -> pa.Table:
    needed = ["cell_id", "source", "object", *tags]
    table = _read(folder, "cells.parquet", [*needed, "flags", *BOX], _MOST_CELLS)
    if table is None:
        raise Unreadable("cells.parquet is missing.")
    if table.num_rows != count:
        raise Unreadable(f"It has {count:,} images but {table.num_rows:,} rows in cells.parquet.")
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise Unreadable(f"cells.parquet has no column {missing[0]!r:.60}.")
    return table


def _texts(table: pa.Table, name: str) -> NDArray[np.object_]:
    """Return a column as text per cell, "" where there is none; each different text is in memory once."""
    try:
        column = table.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
        if not pa.types.is_dictionary(column.type):
            column = pc.cast(column, pa.string()).dictionary_encode()
        words = pc.cast(column.dictionary, pa.string()).to_pylist()
        values = np.array([*("" if word is None else word for word in words), ""], dtype=object)
        places = pc.fill_null(column.indices, len(words)).to_numpy(zero_copy_only=False)
        return np.asarray(values[places])
    except (*_BROKEN, IndexError, UnicodeDecodeError) as error:
        raise Unreadable(f"A table is damaged: column {name!r:.60}: {error}.") from None


def _numbers(table: pa.Table) -> NDArray[np.int64]:
    column = table.column("object")
    if not pa.types.is_integer(column.type) or column.null_count:
        raise Unreadable("cells.parquet is damaged: the object numbers are no whole numbers.")
    return np.asarray(column.to_numpy().astype(np.int64))


def _boxes(table: pa.Table) -> NDArray[np.int32] | None:
    """Return where the cells lay in larger pictures, if that is known of all of them."""
    if not set(BOX) <= set(table.column_names):
        return None
    columns = [table.column(name) for name in BOX]
    if any(column.null_count or not pa.types.is_integer(column.type) for column in columns):
        return None
    found = np.stack([column.to_numpy() for column in columns], axis=1)
    return found.astype(np.int32) if (np.abs(found) < 2**31).all() else None


def _origin(index: Index, tags: list[str]) -> dict[str, NDArray[np.object_]]:
    """Return the former source as the tag `origin`, where it groups cells and no tag `file` does so already."""
    sources = len(set(index.sources.tolist()))
    useful = "file" not in tags and "origin" not in tags and 1 < sources <= len(index.sources) / 2
    return {"origin": index.sources} if useful else {}


def _measurements(
    folder: Folder, ids: NDArray[np.object_], name: str
) -> tuple[dict[str, NDArray[np.float64]], list[Cue]]:
    """Return the measurements in the order of the cells; a table that cannot be used is left out with a cue."""
    try:
        table = _read(folder, "measurements.parquet", None, len(ids))
        if table is None:
            return {}, []
        keys = _texts(table, "cell_id")
        position = {key: row for row, key in enumerate(keys.tolist())}
        if len(position) < len(keys):
            raise Unreadable("a cell has two rows")
        rows = np.array([position.get(key, -1) for key in ids.tolist()], np.int64)
        found = {}
        for title in table.column_names:
            kind = table.schema.field(title).type
            if title != "cell_id" and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
                values = table.column(title).to_numpy(zero_copy_only=False).astype(np.float64)
                found[title] = np.append(values, np.nan)[rows]
        return found, []
    except (*_BROKEN, Unreadable) as error:
        return {}, [
            Cue(level="warning", subject="Measurements", files=[name], count=1,
                text=f"The measurements of the data set are left out: {error}.".replace("..", "."))
        ]  # fmt: skip


def _pixel_size(info: dict[str, Any]) -> float:
    size = info.get("pixel_size")
    return float(size) if isinstance(size, (int, float)) and 0 < size < 1e6 else 0.0


def _facts(info: dict[str, Any]) -> dict[str, str]:
    facts = info.get("facts")
    if not isinstance(facts, dict):
        return {}
    return {str(title)[:60]: str(text)[:200] for title, text in list(facts.items())[:50]}


def _cropped(table: pa.Table, name: str) -> list[Cue]:
    if "flags" not in table.column_names:
        return []
    count = sum("larger" in flags.split() for flags in _texts(table, "flags").tolist())
    if not count:
        return []
    text = f"{count:,} cells were larger than the frames of the data set; only what is in the frames can be taken over."
    return [Cue(level="note", subject="Frame size", text=text, files=[name], count=count)]
