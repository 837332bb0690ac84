"""Finds the marks that belong to a picture: rows of tables, boxes, or a label mask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError
from wizard.engine.readers.base import READERS, Cell, Contents, Reader, Reading, Source, Unreadable
from wizard.engine.readers.cutting_boxes import read_coco, read_voc
from wizard.engine.readers.cutting_tables import Marked, Table, Unusable, read_table

_TABLES = (".csv", ".tsv", ".txt")
_NOTES = ("_cp_masks", "_masks", "_mask", "_labels", "_label", "_seg")
"""What programs put behind a picture's name for its mask."""
_EXACT_TOLERANCE, _JPEG_TOLERANCE = 8, 60
_LONGEST = 65535
_MOST_BYTES = 2**30


@dataclass(frozen=True)
class Mark:
    """Marks of one picture: `what` are its cells, the file of a mask, or why they cannot be used.

    `folders` are those of the picture or mask, from the nearest outwards, `rank` how well its name says
    to which picture it belongs (0 best), `file` the file in which it stands.
    """

    what: Marked | Path | str
    folders: tuple[str, ...]
    rank: int
    file: Path


@dataclass
class Marks:
    """All marks that were given, by the names of their pictures (lower case, without ending)."""

    by_name: dict[str, list[Mark]] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)

    def of(self, source: Source) -> Mark | None:
        """Return the marks of a picture, None when there are none.

        Raises Unreadable when several fit equally well, or when they cannot be used.
        """
        own = {path.absolute() for path in source.files}
        names = dict.fromkeys(bare(name) for name in (*(path.name for path in source.files), _last(source.name)))
        found = [mark for name in names for mark in self.by_name.get(name, []) if mark.file not in own]
        if not found:
            return None
        folders = _folders(source.files[0].absolute())
        best = min((mark.rank, -_common(mark.folders, folders)) for mark in found)
        fit = {id(mark.what): mark for mark in found if (mark.rank, -_common(mark.folders, folders)) == best}
        if len(fit) > 1:
            files = sorted({mark.file.name for mark in fit.values()})
            raise Unreadable(f"Several marks fit this picture: {', '.join(files[:3])}.")
        (mark,) = fit.values()
        if isinstance(mark.what, str):
            raise Unreadable(f"Its marks in {mark.file.name} cannot be used. {mark.what}")
        return mark

    def add(self, name: str, mark: Mark) -> None:
        """Enter marks under the name of their picture."""
        if bare(name):
            self.by_name.setdefault(bare(name), []).append(mark)


def read_marks(paths: Sequence[Path], masks_only: bool) -> Marks:
    """Collect the marks from files and folders; label masks are only listed, not decoded.

    `masks_only` leaves tables and boxes out. Raises UserError for a table or a COCO file that cannot be
    used; a VOC file that cannot be used counts for its own picture.
    """
    marks = Marks()
    tables: list[tuple[Path, Table]] = []
    for path, given in _files(paths):
        ending = path.suffix.casefold()
        if ending in (*_TABLES, ".xml", ".json"):
            if masks_only:
                continue
            marks.files.add(path)
            try:
                if ending in _TABLES:
                    tables.append((path, read_table(path)))
                elif ending == ".json":
                    _add_all(marks, path, read_coco(path))
                else:
                    _add_voc(marks, path)
            except Unusable as error:
                # In a folder there may be other tables, e.g. CellProfiler's Experiment.csv.
                if not given and ending in (*_TABLES, ".json"):
                    continue
                raise UserError(f"The marks in {path.name} cannot be used.", str(error), "Check parse.marks.") from None
        elif any(reader.can_open(path) for reader in READERS.values()):
            marks.files.add(path)
            _add_mask(marks, path)
    _add_tables(marks, tables)
    return marks


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield (file, whether it was given itself) in a fixed order."""
    seen: set[Path] = set()
    for path in paths:
        inside = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
        for item in inside:
            place = item.absolute()
            if place not in seen and not item.name.startswith("."):
                seen.add(place)
                yield place, item is path


def _add_mask(marks: Marks, path: Path) -> None:
    folders = _folders(path)
    marks.add(path.name, Mark(path, folders, 0, path))
    name = bare(path.name)
    note = next((note for note in _NOTES if name.endswith(note)), "")
    if note:
        marks.add(name.removesuffix(note), Mark(path, folders, 1, path))


def _add_voc(marks: Marks, path: Path) -> None:
    try:
        name, what = read_voc(path)
    except Unusable as error:
        marks.add(path.stem, Mark(str(error), _folders(path), 0, path))
        return
    marks.add(path.stem, Mark(what, _folders(path), 0, path))
    if bare(_last(name)) != bare(path.name):
        marks.add(_last(name), Mark(what, _folders(path), 1, path))


def _add_all(marks: Marks, path: Path, found: dict[str, Marked]) -> None:
    for name, what in found.items():
        parts = name.replace("\\", "/").split("/")
        marks.add(parts[-1], Mark(what, tuple(part.casefold() for part in reversed(parts[:-1])), 0, path))


def _add_tables(marks: Marks, tables: Sequence[tuple[Path, Table]]) -> None:
    """Enter tables of cells; those that only number their pictures need a table that names them."""
    for path, table in tables:
        _add_all(marks, path, table.marked)
        if not table.wants_pictures:
            continue
        named = [other for place, other in tables if other.pictures and place.parent == path.parent]
        named = named or [other for _, other in tables if other.pictures]
        if len(named) != 1:
            raise UserError(
                f"The marks in {path.name} cannot be used.",
                "It names its pictures by number only, and CellProfiler's table of the images (with ImageNumber and "
                f"FileName columns) was {'not given' if not named else 'given more than once'}.",
                "Add that one table to parse.marks.",
            )
        for number, what in table.wants_pictures.items():
            _add_all(marks, path, dict.fromkeys(named[0].pictures.get(number, []), what))


def bare(name: str) -> str:
    """Return a file name in lower case without the ending of a picture or of a file with marks."""
    lower = name.casefold()
    ending = next((ending for ending in _endings(len(READERS)) if lower.endswith(ending)), "")
    return lower[: len(lower) - len(ending)]


@cache
def _endings(readers: int) -> list[str]:
    """Return the endings of all (so many) readers, the longest first."""
    known = {ending for reader in READERS.values() for ending in reader.extensions}
    return sorted(known | {".xml", ".ome.tif", ".ome.tiff"}, key=len, reverse=True)


def _last(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _folders(path: Path) -> tuple[str, ...]:
    return tuple(part.casefold() for part in reversed(path.parent.parts))


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many folders two places share, counted from the nearest."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


@dataclass(frozen=True)
class Mask:
    """A picture with marks, opened but not decoded; `position` is that of the image in its contents."""

    path: Path
    reader: Reader
    source: Source
    contents: Contents
    position: int = 0

    def decode(self) -> NDArray[np.generic]:
        """Return its pixels (channels, y, x); raises Unreadable."""
        numbers = [channel.number for channel in self.contents.channels]
        (cell,) = self.reader.cells(self.source, self.contents, numbers, [self.position])
        if isinstance(cell, Cell):
            return cell.image
        raise Unreadable(f"Its mask {self.path.name} cannot be read. {cell.why}")


def open_mask(path: Path, pictures: Contents) -> list[Mask]:
    """Open a mask for each of the pictures; raises Unreadable when it does not fit them."""
    try:
        reader, source, contents = _open(path)
    except Unreadable as error:
        raise Unreadable(f"Its mask {path.name} cannot be read. {error}") from None
    sides = [(kept.heights.tolist(), kept.widths.tolist()) for kept in (contents, pictures)]
    if sides[0] != sides[1]:
        raise Unreadable(f"Its mask {path.name} has another size than the picture.")
    each = int(np.max(pictures.heights.astype(np.int64) * pictures.widths, initial=0))
    if each * len(contents.channels) * contents.dtype.itemsize > _MOST_BYTES:
        raise Unreadable(f"Its mask {path.name} is too large.")
    return [Mask(path, reader, source, contents, position) for position in range(len(contents))]


def _open(path: Path) -> tuple[Reader, Source, Contents]:
    how = Reading(longest=_LONGEST)
    for reader in READERS.values():
        if not reader.can_open(path):
            continue
        sources, skipped = reader.claim(path.parent, [path], how)
        if sources:
            return reader, sources[0], reader.check(sources[0], how)
        if skipped:
            raise Unreadable(skipped[0].why)
    raise Unreadable("It is no picture.")


def painted(mask: Mask, colour: tuple[int, int, int] | None) -> NDArray[np.bool_]:
    """Return which pixels are marked (y, x): those of a colour, or all that are not zero. Raises Unreadable.

    Colours may differ by 8 of 255 per channel, in JPEG files (which smear them) by 60.
    """
    lossy = mask.path.suffix.casefold() in (".jpg", ".jpeg")
    image = mask.decode()
    if colour is None:
        if lossy:
            raise Unreadable(f"Its mask {mask.path.name} is a JPEG, which changes pixels; save masks as PNG or TIFF.")
        return (image != 0).any(axis=0)
    if len(image) != 3 or image.dtype != np.uint8:
        raise Unreadable(f"{mask.path.name} is no 8-bit colour picture, so that it cannot hold a marking colour.")
    tolerance = _JPEG_TOLERANCE if lossy else _EXACT_TOLERANCE
    marked = np.ones(image.shape[1:], bool)
    for plane, value in zip(image, colour, strict=True):
        marked &= (plane >= max(0, value - tolerance)) & (plane <= min(255, value + tolerance))
    return marked


def labels_of(mask: Mask) -> NDArray[np.integer[Any]]:
    """Return the label of each pixel (y, x), 0 = none; colours count as labels. Raises Unreadable."""
    if mask.path.suffix.casefold() in (".jpg", ".jpeg"):
        raise Unreadable(f"Its mask {mask.path.name} is a JPEG, which changes labels; save masks as PNG or TIFF.")
    image = mask.decode()
    if image.dtype.kind == "f":
        whole = np.rint(image)
        if (whole != image).any() or np.abs(whole).max(initial=0) > 2**31:
            raise Unreadable(f"Its mask {mask.path.name} holds no whole numbers.")
        image = whole.astype(np.int64)
    if len(image) == 1:
        return image[0]
    if len(image) != 3 or image.dtype != np.uint8:
        raise Unreadable(f"Its mask {mask.path.name} has {len(image)} channels; one is expected.")
    red, green, blue = (plane.astype(np.int32) for plane in image)
    if (red == green).all() and (green == blue).all():
        return red
    return (red << 16) | (green << 8) | blue
