"""Fields of view: the planes of the transmitted-light stack, the stains, and their masks; and their pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError
from wizard.engine.readers.base import Contents, Lost, Reader, Reading, Source, Unreadable
from wizard.engine.readers.ome_zarr import OmeZarr
from wizard.engine.readers.pictures import Pictures
from wizard.engine.readers.tiff_files import TiffFiles

HOW = Reading(pages="cells", longest=65536)
"""Pages of a stack are its planes; pictures are whole fields, not cells."""

_PICTURES, _TIFF, _ZARR = Pictures(), TiffFiles(), OmeZarr()


@dataclass(frozen=True)
class Plane:
    """One picture of one channel: where it lies, and its size. `file` is the name that the user knows."""

    file: str
    source: Source
    pick: int
    channel: int
    height: int
    width: int


@dataclass(frozen=True)
class Field:
    """One field of view; a stain may have several planes (to be projected) and is missing where it was not taken.

    `masks` tell which pixels of a stain are known (not 0); a stain without mask is known everywhere.
    """

    name: str
    inputs: tuple[Plane, ...]
    targets: Mapping[str, tuple[Plane, ...]] = field(default_factory=dict)
    masks: Mapping[str, Plane] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    pixel_size: float = 0.0
    """In µm, 0 = unknown."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in px."""
        return self.inputs[0].height, self.inputs[0].width


def reader_for(path: Path) -> Reader | None:
    """Return the reader for a picture, a TIFF stack or a Zarr folder; None for other files."""
    ending = path.suffix.casefold()
    if ending in Pictures.extensions:
        return _PICTURES
    if ending in TiffFiles.extensions:
        return _TIFF
    return _ZARR if path.is_dir() and _ZARR.can_open(path) else None


def contents_of(source: Source) -> Contents:
    """Return what a file holds, from its headers; raises Unreadable."""
    return _contents(source, source.files[0].stat().st_mtime_ns)


@lru_cache(128)
def _contents(source: Source, changed: int) -> Contents:
    reader = reader_for(source.files[0])
    assert reader is not None
    return reader.check(source, HOW)


def pixels(plane: Plane) -> NDArray[np.generic]:
    """Return a picture (y, x) in the instrument's own type; raises UserError with the file's name."""
    reader = reader_for(plane.source.files[0])
    try:
        if reader is None:
            raise Unreadable("The file is missing.")
        contents = contents_of(plane.source)
        cell = next(iter(reader.cells(plane.source, contents, [plane.channel], [plane.pick])))
        if isinstance(cell, Lost):
            raise Unreadable(cell.why)
    except OSError as error:
        raise UserError(f"{plane.file} cannot be read.", f"{error.strerror or error}.", "Check the file.") from None
    except Unreadable as error:
        raise UserError(f"{plane.file} cannot be read.", str(error), "Check the file.") from None
    image = cell.image[0]
    if image.shape != (plane.height, plane.width):
        raise UserError(f"{plane.file} has changed since it was looked at.", "", "Read the pictures in again.")
    return image


def share(image: NDArray[Any]) -> NDArray[np.float32]:
    """Return grey levels as shares of the greatest that the type can hold (0 to 1); floats stay as they are."""
    if image.dtype.kind in "ui":
        return image.astype(np.float32) / np.float32(np.iinfo(image.dtype).max)
    return image.astype(np.float32)


def stack(planes: Sequence[Plane]) -> NDArray[np.generic]:
    """Return pictures as (plane, y, x), in the instrument's own type."""
    return np.stack([pixels(plane) for plane in planes])


def chosen_planes(count: int, wanted: int) -> list[int]:
    """Return which planes stand for `wanted` evenly spread depths of a stack of `count`; some twice if it has fewer."""
    if wanted < 1 or count < 1:
        raise ValueError(f"{wanted} of {count} planes")
    if wanted == 1:
        return [(count - 1) // 2]
    return [round((count - 1) * number / (wanted - 1)) for number in range(wanted)]


def from_centre(count: int, wanted: int) -> list[int]:
    """Return `wanted` planes of a stack around its centre plane, every other one while there is room (Figure S6)."""
    middle = (count - 1) // 2
    step = 2 if (wanted - 1) // 2 * 2 <= middle else 1
    order = [middle + sign * step * away for away in range(count) for sign in ((-1, 1) if away else (1,))]
    inside = [plane for plane in order if 0 <= plane < count]
    rest = [plane for plane in range(count) if plane not in inside]
    return sorted((inside + rest)[:wanted])
