"""OME-Zarr folders (images, series, plates) and bare Zarr arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wizard.engine.readers import ome_zarr_layout as layout
from wizard.engine.readers.base import (
    Cell,
    Contents,
    Lost,
    Reading,
    Source,
    Unreadable,
    check_pixels,
    check_size,
    plain_pixels,
    planes_of,
    readable,
    register,
    source_name,
    uniform,
)  # fmt: skip
from wizard.engine.readers.ome_zarr_layout import MOST_CHANNELS, Picture
from wizard.engine.readers.zarr_array import Cache, open_array
from wizard.engine.readers.zarr_folder import Folder
from wizard.results import Channel, Cue, Skipped

_MARKS = ("zarr.json", ".zattrs", ".zgroup", ".zarray")
_FILES = frozenset(
    ".tif .tiff .png .jpg .jpeg .bmp .cif .rif .daf .rtdc .npy .npz .mat .csv .txt .xml .json .xlsx .md".split()
)
"""Endings of plain files, which need not be asked whether they are folders."""
_SURELY_STORED, _MOST_CELLS = 4096, 20_000_000
_GREY = (Channel(name="Grey", number=1),)
_TAGS = {"t": "time", "z": "z"}


@dataclass(frozen=True, slots=True)
class Index:
    """What `cells` needs: the image, its label image, and the axes (with lengths) along which cells are counted."""

    image: Picture
    labels: Picture | None
    axes: str
    lengths: tuple[int, ...]


@register
class OmeZarr:
    """Every time and depth of an image is a cell; every field of a plate is a source of its own.

    The files of a source are the folder that the user sees and, for one of several images in it,
    the image's own folder.
    """

    name = "OME-Zarr"
    extensions: tuple[str, ...] = (".zarr",)

    def can_open(self, path: Path) -> bool:
        """Tell by the ending of the folder or by the metadata files in it."""
        ending = path.suffix.casefold()
        if ending in _FILES or ending == ".cells" or not path.is_dir():
            return False
        if (path / "dataset.json").is_file() and (path / "cells.parquet").is_file():
            return False
        return ending in self.extensions or any((path / name).is_file() for name in _MARKS)

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Make every image a source: the folder itself, or each field of a plate and each image of a series."""
        sources: list[Source] = []
        skipped: list[Skipped] = []
        for path in filter(self.can_open, files):
            name = source_name(root, path)
            try:
                seen: set[str] = set()
                for field in layout.fields_of(Folder.of(path)):
                    if field is None:
                        sources.append(Source(name, root, (path,)))
                    elif field[1]:
                        skipped.append(Skipped(file=readable(path), why=f"{field[0]}: {field[1]}"))
                    elif field[0] not in seen:
                        seen.add(field[0])
                        sources.append(Source(readable(f"{name}/{field[0]}"), root, (path, path / field[0])))
            except Unreadable as error:
                skipped.append(Skipped(file=readable(path), why=str(error)))
        return sources, skipped

    def check(self, source: Source, how: Reading) -> Contents:
        """Tell axes, channels, sizes and labels from the metadata."""
        folder = _folder(source)
        names: list[str] = []
        if folder.is_array():
            image, guessed = layout.bare_picture(open_array(folder), how.pages)
            channels, fits = _bare_channels(image), True
            size, labels, why = 0.0, None, ""
        else:
            about = layout.multiscale(folder)
            image, guessed = layout.picture_of(folder, about), False
            _check_image(image, how)
            channels, fits = layout.channels_of(folder, image.length("c"))
            size = layout.pixel_size(about, image.axes)
            labels, names, why = layout.labels_of(folder, image)
        _check_image(image, how)
        axes = "".join(axis for axis in "ntz" if axis in image.axes)
        lengths = tuple(image.length(axis) for axis in axes)
        _check_stored(image, axes, math.prod(lengths))
        contents = uniform(
            channels, math.prod(lengths), image.length("y"), image.length("x"),
            image.array.dtype.newbyteorder("="), masks=labels is not None, pixel_size=size,
            tags=_tags(source, axes, lengths), index=Index(image, labels, axes, lengths),
        )  # fmt: skip
        contents.cues = list(_cues(source, image, guessed, fits, names, labels, why))
        return contents

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Yield the images at the given times and depths; one without any stored chunk is lost."""
        if not _folder(source).exists():
            raise Unreadable("The folder is missing.")
        cache = Cache()
        planes = planes_of(contents, channels)
        for pick in picks:
            number = int(contents.objects[pick])
            try:
                yield _cell(contents.index, number, pick, planes, cache)
            except Unreadable as error:
                yield Lost(number, str(error))


def _folder(source: Source) -> Folder:
    store = Folder.of(source.files[0])
    if len(source.files) == 1:
        return store
    return store.into(source.files[1].relative_to(source.files[0]).as_posix())


def _cell(index: Index, number: int, pick: int, planes: Sequence[int], cache: Cache) -> Cell:
    where = [int(position) for position in np.unravel_index(pick, index.lengths)] if index.axes else []
    place = dict(zip(index.axes, where, strict=True))
    found = [index.image.plane(place | {"c": plane}, cache) for plane in planes]
    if not any(stored for _, stored in found):
        raise Unreadable("None of its pixels are stored; its chunks are missing.")
    image = plain_pixels(np.stack([pixels for pixels, _ in found]))
    if index.labels is None:
        return Cell(number, image)
    each = planes if index.labels.length("c") > 1 else [0] * len(planes)
    masks = {plane: index.labels.plane(place | {"c": plane}, cache)[0] != 0 for plane in dict.fromkeys(each)}
    return Cell(number, image, np.stack([masks[plane] for plane in each]).astype(np.uint8))


def _bare_channels(image: Picture) -> tuple[Channel, ...]:
    count = min(image.length("c"), MOST_CHANNELS + 1)
    if count == 1:
        return _GREY
    return tuple(Channel(name=f"Ch{number}", number=number) for number in range(1, count + 1))


def _check_image(image: Picture, how: Reading) -> None:
    check_pixels(image.array.dtype)
    check_size((image.length("y"), image.length("x")), how.longest)
    image.array.check_pieces(image.length("y") * image.length("x"))
    if not 1 <= image.length("c") <= MOST_CHANNELS:
        raise Unreadable(f"The image declares {image.length('c'):,} channels; 1 to {MOST_CHANNELS} are expected.")


def _check_stored(image: Picture, axes: str, count: int) -> None:
    """Refuse many declared cells for which the files cannot hold the chunks."""
    if count < 1:
        raise Unreadable("The image is empty.")
    if count <= _SURELY_STORED:
        return
    each = math.prod(image.array.piece[image.axes.index(axis)] for axis in axes)
    if count > _MOST_CELLS or count > image.array.pieces_stored() * each:
        raise Unreadable(f"The image declares {count:,} planes, more than its files can hold.")


def _tags(source: Source, axes: str, lengths: tuple[int, ...]) -> dict[str, Sequence[str]]:
    count = math.prod(lengths)
    tags: dict[str, Sequence[str]] = {}
    if count > 1:
        positions = np.unravel_index(np.arange(count), lengths)
        for axis, length, along in zip(axes, lengths, positions, strict=True):
            if axis in _TAGS and length > 1:
                tags[_TAGS[axis]] = [str(number) for number in along.tolist()]
    if len(source.files) > 1:
        path = source.files[1].relative_to(source.files[0]).parts
        store = source.files[0].name.split(".")[0]
        tags["file"] = [readable(f"{store}/{'/'.join(path)}")] * count
        if len(path) == 3:
            well = readable(f"{path[0]}{path[1]}")
            tags |= {"plate": [readable(store)] * count, "well": [well] * count,
                     "field": [readable(f"{well}/{path[2]}")] * count}  # fmt: skip
    return tags


def _cues(
    source: Source, image: Picture, guessed: bool, fits: bool, names: list[str], labels: Picture | None, why: str
) -> Iterator[Cue]:
    files = [source.name]
    if guessed:
        sides = " × ".join(str(side) for side in image.array.shape)
        words = {"n": "cells", "c": "channels", "y": "height", "x": "width"}
        order = ", ".join(words[axis] for axis in image.axes)
        yield Cue(level="note", subject="Axes", files=files, count=1,
                  text=f"An array of {sides} names no axes and is read as {order}.",
                  action="Give the array named axes if this is wrong.")  # fmt: skip
    if not fits:
        yield Cue(level="warning", subject="Channel names", files=files, count=1,
                  text="The list of channel names does not fit the number of channels and is not used.")  # fmt: skip
    if labels is not None:
        more = f"; {len(names) - 1} more are not used" if len(names) > 1 else ""
        name = labels.array.folder.here.parent.name
        yield Cue(level="note", subject="Masks", files=files, count=1,
                  text=f"Every marked pixel of the label image {name!r:.60} counts as the cell{more}.")  # fmt: skip
    elif why:
        yield Cue(level="warning", subject="Masks", files=files, count=1,
                  text=f"The label images are not used as masks. {why}")  # fmt: skip
