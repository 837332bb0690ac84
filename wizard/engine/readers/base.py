"""The contract of a reader, and the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wizard.results import Channel, Skipped


@dataclass(frozen=True)
class Source:
    """Files that belong together and hold cells: `name` is shown to the user, `root` is the input folder."""

    name: str
    root: Path
    files: tuple[Path, ...]
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Cell:
    """One cell: `image` is (channels, y, x) in the instrument's own type, `object` its number in the source."""

    source: Source
    object: int
    image: NDArray[np.generic]
    tags: dict[str, str] = field(default_factory=dict)


class Unreadable(Exception):
    """A file that cannot be read, with the reason in words for the user."""


class Reader(Protocol):
    """One format. A reader is asked in the order of registration; the first that claims a file has it."""

    name: str

    def claim(self, root: Path, files: Sequence[Path]) -> tuple[list[Source], list[Skipped]]:
        """Pick the files of this format and group them into sources; say which cannot be used and why."""

    def cells(self, source: Source, channels: Sequence[int]) -> Iterator[Cell]:
        """Yield the cells of a source with the given channel numbers, in that order.

        Raises Unreadable for a file that cannot be read.
        """


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


MAX_SIDE = 4096
"""Pixels along a side above which a single-cell image is refused (a bomb, or a whole field of view)."""


def check_size(shape: Iterable[int]) -> None:
    """Refuse an image before it is decoded if a side is empty or too long for a single cell."""
    sides = list(shape)
    if any(side < 1 for side in sides):
        raise Unreadable("The image is empty.")
    if any(side > MAX_SIDE for side in sides):
        raise Unreadable(f"The image is larger than {MAX_SIDE} pixels along a side: not a single cell.")
