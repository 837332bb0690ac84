"""Finds the images under the input folders and says of every file what it is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wizard.engine.errors import UserError
from wizard.engine.readers import READERS, Reader, Source
from wizard.engine.readers.base import Reading
from wizard.results import Skipped

_STORES = (".cells", ".zarr")
_STORE_FILES = (("zarr.json",), (".zattrs",), (".zgroup",), (".zarray",), ("dataset.json", "cells.parquet"))
"""A folder with such an ending or such files is one input, not a level of folders."""


@dataclass
class Found:
    """What the input holds: `sources` with their reader, and what was left out."""

    base: Path
    """The folder from which names and tags count."""
    sources: list[tuple[Reader, Source]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    """Extension → number of files that no reader claims."""
    n_files: int = 0
    """Files that readers claim, readable or not."""


def discover(inputs: Sequence[str], how: Reading, besides: Collection[Path] = ()) -> Found:
    """Look through the input folders and files but `besides` and let the readers claim what is theirs.

    Raises UserError when there is no input, a path does not exist, or no image is found.
    """
    if not inputs:
        raise UserError("No images were chosen.", "", "Add the folder that holds your cell images (parse.input).")
    roots = [Path(item).expanduser() for item in inputs]
    for root in roots:
        if not root.exists():
            raise UserError(f"{root} does not exist.", "", "Check the name, or whether the drive is connected.")
    roots = [root.resolve() for root in roots]
    files = sorted({path for root in roots for path in _files(root)} - set(besides))
    found = Found(_base(roots))
    claimed: set[Path] = set()
    for reader in READERS.values():
        left = [path for path in files if path not in claimed]
        sources, skipped = reader.claim(found.base, left, how)
        found.sources += [(reader, source) for source in sources]
        found.skipped += skipped
        claimed.update(path for source in sources for path in source.files)
        claimed.update(Path(item.file) for item in skipped)
    found.n_files = len(claimed)
    found.other.update(path.suffix.casefold() or "(none)" for path in files if path not in claimed)
    if not found.sources:
        raise _nothing(roots, files, found)
    found.sources.sort(key=lambda item: item[1].name)
    return found


def _is_store(folder: Path) -> bool:
    if folder.name.casefold().endswith(_STORES):
        return True
    return any(all((folder / name).is_file() for name in names) for names in _STORE_FILES)


def _base(roots: Sequence[Path]) -> Path:
    """Return the folder from which names and tags count: the input itself, or what several share."""
    folders = [root if root.is_dir() and not _is_store(root) else root.parent for root in roots]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        raise UserError(
            "The image folders lie on different drives.",
            "Their folder names could not be compared.",
            "Put them under one folder, or parse them one after the other.",
        ) from None


def _files(root: Path) -> Iterator[Path]:
    if root.is_file() or _is_store(root):
        yield root
        return
    for place, subfolders, names in os.walk(root, onerror=_refuse):
        folder = Path(place)
        inner = [name for name in subfolders if not name.startswith(".")]
        stores = {name for name in inner if _is_store(folder / name)}
        subfolders[:] = [name for name in inner if name not in stores]
        yield from (folder / name for name in sorted(stores))
        yield from (folder / name for name in names if not name.startswith("."))


def _refuse(error: OSError) -> None:
    raise UserError(
        f"The folder {error.filename} cannot be read.", f"{error.strerror}.", "Ask for the permission to read it."
    )


def _nothing(roots: Sequence[Path], files: Sequence[Path], found: Found) -> UserError:
    place = ", ".join(str(root) for root in roots)
    if not files:
        return UserError(f"{place} is empty.", "No file was found in it.", "Choose the folder with your images.")
    if found.skipped:
        first = found.skipped[0]
        why = f"{len(found.skipped)} files could not be read; the first is {Path(first.file).name}: {first.why}"
        return UserError(f"No readable image was found in {place}.", why, "Check the files.")
    endings = dict.fromkeys(ending for reader in READERS.values() for ending in reader.extensions)
    kinds = ", ".join(f"{count} × {kind}" for kind, count in found.other.most_common(5))
    return UserError(
        f"No image was found in {place}.",
        f"It holds other files: {kinds}.",
        f"Images are files that end in {', '.join(endings)}.",
    )
