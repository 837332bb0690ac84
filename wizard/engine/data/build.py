"""Writes a data set from what was found: cells framed, intensities kept, in bounded memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.data import dataset, frames
from wizard.engine.data.discover import Found
from wizard.engine.errors import UserError
from wizard.engine.readers import Cell
from wizard.engine.readers.base import Unreadable, readable
from wizard.results import Channel, Skipped

_CACHE_BYTES = 256 * 2**20
"""Images kept from the first reading to the second; beyond, files are read twice."""


@dataclass(frozen=True)
class Framing:
    """How cells become frames of one size; `frame` 0 fits it to the cells."""

    channels: list[Channel]
    frame: int
    padding: str
    larger: str


@dataclass
class Survey:
    """The first reading: one entry per readable cell."""

    where: list[tuple[int, int]] = field(default_factory=list)
    """(source index, object number)."""
    shapes: list[tuple[int, int]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    dtypes: set[np.dtype[Any]] = field(default_factory=set)
    flat: list[bool] = field(default_factory=list)
    cache: dict[tuple[int, int], NDArray[np.generic]] = field(default_factory=dict)
    cached_bytes: int = 0


def survey(
    found: Found, channels: list[Channel], skipped: list[Skipped], report: Callable[[float, str], None]
) -> Survey:
    """Read every cell once: sizes, types, digests; cells that cannot be used go to `skipped` with the reason.

    Raises UserError when no cell is left.
    """
    seen = Survey()
    total = len(found.sources)
    for index in range(total):
        report(index / total, f"Reading {index + 1} of {total}")
        for cell in _read(found, index, channels, skipped):
            _note(seen, index, cell)
    if not seen.where:
        first = skipped[0]
        raise UserError(
            "No cell could be read.",
            f"The first that failed is {Path(first.file).name}: {first.why}",
            "Check the files, or the choice of channels.",
        )
    return seen


def _read(found: Found, index: int, channels: list[Channel], skipped: list[Skipped]) -> Iterator[Cell]:
    reader, source = found.sources[index]
    wanted = [(channel.name, channel.number) for channel in channels]
    missing = [name for name, number in wanted if (name, number) not in
               {(channel.name, channel.number) for channel in source.channels}]  # fmt: skip
    if missing:
        skipped.append(Skipped(file=readable(source.files[0]), why=f"Channel {', '.join(missing)} is missing."))
        return
    try:
        yield from reader.cells(source, [number for _, number in wanted])
    except Unreadable as error:
        skipped.append(Skipped(file=readable(source.files[0]), why=str(error)))


def _note(seen: Survey, index: int, cell: Cell) -> None:
    key = (index, cell.object)
    pixels = np.ascontiguousarray(cell.image)
    digest = hashlib.blake2b(f"{pixels.shape}{pixels.dtype.str}".encode(), digest_size=16)
    digest.update(pixels.data)
    seen.where.append(key)
    seen.shapes.append((pixels.shape[1], pixels.shape[2]))
    seen.digests.append(digest.hexdigest())
    seen.dtypes.add(pixels.dtype)
    seen.flat.append(bool((pixels == pixels[:, :1, :1]).all()))
    if seen.cached_bytes + pixels.nbytes <= _CACHE_BYTES:
        seen.cache[key] = pixels
        seen.cached_bytes += pixels.nbytes


def write_images(
    folder: Path, found: Found, seen: Survey, how: Framing, report: Callable[[float, str], None]
) -> tuple[int, np.dtype[Any]]:
    """Frame all surveyed cells into images.zarr; return the frame size and the stored type."""
    frame = how.frame or frames.fitting_frame([max(shape) for shape in seen.shapes])
    dtype = np.result_type(*seen.dtypes)
    if dtype.kind == "f":
        dtype = np.dtype(np.float32)
    number = len(seen.where)
    images = dataset.create_images(folder, number, len(how.channels), frame, dtype)
    size = dataset.shard_size(images)
    buffer = np.empty((min(size, number), len(how.channels), frame, frame), dtype)
    for row, image in enumerate(_images(found, seen, how.channels)):
        buffer[row % size] = frames.frame_cell(image, frame, how.padding, how.larger)
        if row % size == size - 1 or row == number - 1:
            start = row - row % size
            images[start : row + 1] = buffer[: row + 1 - start]
        report((row + 1) / number, f"Writing cell {row + 1} of {number}")
    return frame, dtype


def _images(found: Found, seen: Survey, channels: list[Channel]) -> Iterator[NDArray[np.generic]]:
    """Yield the surveyed images in order, from memory or read again."""
    position = 0
    while position < len(seen.where):
        index, _ = seen.where[position]
        if seen.where[position] in seen.cache:
            yield seen.cache.pop(seen.where[position])
            position += 1
            continue
        again = {cell.object: cell.image for cell in _read(found, index, channels, [])}
        while position < len(seen.where) and seen.where[position][0] == index:
            key = seen.where[position]
            image = seen.cache.pop(key, again.get(key[1]))
            if image is None or image.shape[1:] != seen.shapes[position]:
                name = found.sources[index][1].name
                raise UserError(f"{name} changed while it was read.", "", "Start again when the files are at rest.")
            yield image
            position += 1


def columns(found: Found, seen: Survey, frame: int, split: NDArray[np.str_]) -> dict[str, list[Any]]:
    """Return the columns of cells.parquet: origin, size, flags, digest, split and every tag."""
    sources = [found.sources[index][1].name for index, _ in seen.where]
    objects = [number for _, number in seen.where]
    table: dict[str, list[Any]] = {
        "cell_id": [dataset.cell_id(name, number) for name, number in zip(sources, objects, strict=True)],
        "source": sources,
        "object": objects,
        "height": [height for height, _ in seen.shapes],
        "width": [width for _, width in seen.shapes],
        "flags": _flags(seen, frame),
        "digest": seen.digests,
        "split": split.tolist(),
    }
    for name in found.tags[0]:
        table[name] = [found.tags[index][name] for index, _ in seen.where]
    return table


def _flags(seen: Survey, frame: int) -> list[str]:
    repeated: set[str] = set()
    flags = []
    for shape, digest, flat in zip(seen.shapes, seen.digests, seen.flat, strict=True):
        words = ["larger"] * (max(shape) > frame) + ["flat"] * flat + ["duplicate"] * (digest in repeated)
        repeated.add(digest)
        flags.append(" ".join(words))
    return flags


def write_info(
    folder: Path, found: Found, seen: Survey, how: Framing, frame: int, dtype: np.dtype[Any], extra: dict[str, Any]
) -> dict[str, Any]:
    """Write dataset.json and return its content."""
    info = {
        "schema": dataset.SCHEMA,
        "channels": [channel.model_dump() for channel in how.channels],
        "frame": [frame, frame],
        "dtype": dtype.name,
        "padding": how.padding,
        "larger": how.larger,
        "tags": list(found.tags[0]),
        "n_cells": len(seen.where),
        "fingerprint": hashlib.sha256("".join(sorted(seen.digests)).encode()).hexdigest(),
        "sources": _sources(found, seen),
        **extra,
    }
    fileio.write_json(folder / "dataset.json", info)
    return info


def _sources(found: Found, seen: Survey) -> list[dict[str, Any]]:
    """One entry per folder of images: its cells, and a hash over them in their order."""
    folders: dict[str, list[str]] = {}
    for (index, _), digest in zip(seen.where, seen.digests, strict=True):
        folder = found.sources[index][1].files[0].parent
        folders.setdefault(readable(folder), []).append(digest)
    return [
        {"path": path, "n_cells": len(each), "sha256": hashlib.sha256("".join(each).encode()).hexdigest()}
        for path, each in folders.items()
    ]
