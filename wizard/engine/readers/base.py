"""The contract of a reader, and the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wizard.results import Channel, Cue, Skipped


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are to be understood; the settings of Parse that change what a cell is.

    `pages`: what the pages of a picture file are: `auto`, `channels` or `cells`.
    `populations`: gates of an analysis whose names become the tag `population`; empty = the innermost.
    `longest`: the longest side in px that an image may have; more is refused before it is decoded.
    """

    pages: str = "auto"
    populations: tuple[str, ...] = ()
    longest: int = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """Files that belong together and hold cells.

    `name` is the path below `root` (the input folder) that is shown to the user and that makes, with
    the object number, the identity of a cell: it must not depend on where `root` lies.
    """

    name: str
    root: Path
    files: tuple[Path, ...]


@dataclass(slots=True)
class Contents:
    """What a source holds, told without decoding the images; arrays have one entry per cell (n of them).

    `objects` are the instrument's own numbers, unique in the source; `heights` and `widths` those of the
    stored images in px; `tags` per cell ("" = none), `measurements` per cell (NaN = none);
    `centres` (n, 2) the object's y, x in px from the image's top left corner, NaN where unknown;
    `extents` the longer side of the object itself in px, where the image is much larger than it;
    `boxes` (n, 4) top, left, height, width in px of a cell that is cut out of a larger picture;
    `ids` the cells' own names (16 hex digits each), where they have some from before;
    `pixel_size` in µm, 0 = unknown; `facts` what the file tells of itself (title → value, nothing that
    names a person); `index` is the reader's own, for `cells`.
    """

    channels: tuple[Channel, ...]
    objects: NDArray[np.int64]
    heights: NDArray[np.int32]
    widths: NDArray[np.int32]
    dtype: np.dtype[Any]
    masks: bool = False
    tags: dict[str, Sequence[str]] = field(default_factory=dict)
    measurements: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    centres: NDArray[np.float32] | None = None
    extents: NDArray[np.float32] | None = None
    boxes: NDArray[np.int32] | None = None
    pixel_size: float = 0.0
    facts: dict[str, str] = field(default_factory=dict)
    cues: list[Cue] = field(default_factory=list)
    index: Any = None
    ids: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.objects)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `image` is (channels, y, x) in the instrument's own type.

    `mask` is None or uint8 of the same shape: 0 background, 1 the object, above 1 what the
    instrument marked as cut away or as a neighbour.
    """

    object: int
    image: NDArray[np.generic]
    mask: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A cell of a source that cannot be read while the others can, with the reason in words for the user."""

    object: int
    why: str


class Unreadable(Exception):
    """A file that cannot be read, with the reason in words for the user."""


class Reader(Protocol):
    """One format. A reader is asked in the order of registration; the first that claims a file has it.

    `check` and `cells` are called from several threads at once, for different sources and for different
    parts of one source.
    """

    name: str
    """The format in words for the user."""

    extensions: tuple[str, ...]
    """Endings of its files and folders, in lower case with the dot."""

    def can_open(self, path: Path) -> bool:
        """Tell by name and, where the ending is shared with others, by the first bytes."""

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Pick the files of this format and group them into sources; say which cannot be used and why."""

    def check(self, source: Source, how: Reading) -> Contents:
        """Tell what a source holds, from headers only, with cues about what is amiss.

        Raises Unreadable when nothing of it can be read.
        """

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Yield the cells at the positions `picks` of `contents`, in that order, one answer for each.

        `channels` are channel numbers; the image has them in that order. Raises Unreadable when the
        whole file cannot be read any more.
        """


class OneFile:
    """What readers share whose sources are single files (or single folders)."""

    name = ""
    extensions: tuple[str, ...] = ()

    def can_open(self, path: Path) -> bool:
        """Tell by the ending of the name."""
        return path.name.casefold().endswith(self.extensions)

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Make every file that can be opened a source of its own."""
        return [Source(source_name(root, path), root, (path,)) for path in files if self.can_open(path)], []


READERS: dict[str, Reader] = {}


def register(reader: Callable[[], Reader]) -> Callable[[], Reader]:
    """Add a reader class to the registry."""
    made = reader()
    READERS[made.name] = made
    return reader


def readable(path: Path | str) -> str:
    """Return a path as text that every file can hold: bytes that are no Unicode become question marks."""
    text = path.as_posix() if isinstance(path, Path) else path
    return text.encode("utf-8", "replace").decode("utf-8")


def source_name(root: Path, path: Path) -> str:
    """Return the name of a source: its path below the input folder."""
    return readable(path.relative_to(root)) if path.is_relative_to(root) else readable(path.name)


def uniform(
    channels: Sequence[Channel], count: int, height: int, width: int, dtype: np.dtype[Any], **more: Any
) -> Contents:
    """Return the contents of a source whose `count` images all have one size; objects count from 0."""
    return Contents(
        tuple(channels), np.arange(count), np.full(count, height, np.int32), np.full(count, width, np.int32),
        np.dtype(dtype), **more,
    )  # fmt: skip


def planes_of(contents: Contents, channels: Sequence[int]) -> list[int]:
    """Return the positions of channel numbers among the channels of a source."""
    position = {channel.number: index for index, channel in enumerate(contents.channels)}
    return [position[number] for number in channels]


def check_size(shape: Iterable[int], longest: int = 4096) -> None:
    """Refuse an image before it is decoded if a side is empty or longer than `longest` px."""
    sides = list(shape)
    if any(side < 1 for side in sides):
        raise Unreadable("The image is empty.")
    if any(side > longest for side in sides):
        raise Unreadable(
            f"The image is {' × '.join(str(side) for side in sides)} px, larger than the {longest} px that a single "
            "cell may have; set Parse to cut large pictures if it is one."
        )


def check_pixels(dtype: np.dtype[Any]) -> None:
    """Refuse pixels that are not whole numbers or floats of at most 32 bits (64-bit floats are allowed)."""
    if dtype.kind == "b" or (dtype.kind in "ui" and dtype.itemsize <= 4) or dtype.kind == "f":
        return
    raise Unreadable(f"Pixels of type {dtype} are not supported.")


def plain_pixels(image: NDArray[Any]) -> NDArray[np.generic]:
    """Return an image in the machine's byte order; yes/no becomes 0/1, 64-bit floats become 32-bit.

    Raises Unreadable for other types and for values that are not finite.
    """
    check_pixels(image.dtype)
    if image.dtype.kind == "f":
        image = image.astype(np.float32 if image.dtype.itemsize != 2 else np.float16)
        if not np.isfinite(image).all():
            raise Unreadable("The image holds values that are not finite numbers.")
        return image
    if image.dtype.kind == "b":
        return image.astype(np.uint8)
    return image.astype(image.dtype.newbyteorder("="), copy=False)
