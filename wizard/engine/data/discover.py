"""Finds the images under the input folders and says of every file what it is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wizard.engine.data import tags as tag_rules
from wizard.engine.data.dataset import FIXED
from wizard.engine.errors import UserError
from wizard.engine.readers import READERS, Reader, Source
from wizard.engine.readers.base import readable
from wizard.results import Channel, Skipped

RESERVED = frozenset(FIXED) | {"predicted", "confidence", "unsure", "unfamiliar"}
"""Column names of our tables; a tag with such a name gets `_tag` behind it."""


@dataclass
class Found:
    """What the input holds: `sources` with their reader and tags, and what was left out."""

    sources: list[tuple[Reader, Source]] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    """One dictionary per source; every source has every tag ("" where its path has no such level)."""
    skipped: list[Skipped] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    """Extension → number of files that are no images."""
    n_files: int = 0
    """Image files, readable or not."""


def discover(inputs: Sequence[str]) -> Found:
    """Look through the input folders and files.

    Raises UserError when there is no input, a path does not exist, or no image is found.
    """
    if not inputs:
        raise UserError("No images were chosen.", "", "Add the folder that holds your cell images (parse.input).")
    roots = [Path(item).expanduser() for item in inputs]
    for root in roots:
        if not root.exists():
            raise UserError(f"{root} does not exist.", "", "Check the name, or whether the drive is connected.")
    roots = [root.resolve() for root in roots]
    base = _base(roots)
    files = sorted({path for root in roots for path in _files(root)})
    found = Found()
    claimed: set[Path] = set()
    for reader in READERS.values():
        sources, skipped = reader.claim(base, files)
        found.sources += [(reader, source) for source in sources]
        found.skipped += skipped
        claimed.update(path for source in sources for path in source.files)
        claimed.update(Path(item.file) for item in skipped)
    found.n_files = len(claimed)
    found.other.update(path.suffix.casefold() or "(none)" for path in files if path not in claimed)
    if not found.sources:
        raise _nothing(roots, files, found)
    found.sources.sort(key=lambda item: item[1].name)
    found.tags = _tags(base, [source for _, source in found.sources])
    return found


def _base(roots: Sequence[Path]) -> Path:
    """Return the folder from which names and tags count: the input itself, or what several share."""
    folders = [root if root.is_dir() else root.parent for root in roots]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        raise UserError(
            "The image folders lie on different drives.",
            "Their folder names could not be compared.",
            "Put them under one folder, or parse them one after the other.",
        ) from None


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, subfolders, names in os.walk(root, onerror=_refuse):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        yield from (Path(folder) / name for name in names if not name.startswith("."))


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
    kinds = ", ".join(f"{count} × {kind}" for kind, count in found.other.most_common(5))
    return UserError(
        f"No image was found in {place}.",
        f"It holds other files: {kinds}.",
        "Images are .tif (one file per channel with Ch1, Ch2 … in the name, or single), .png, .jpg or .bmp.",
    )


def _tags(base: Path, sources: Sequence[Source]) -> list[dict[str, str]]:
    folders = [[readable(part) for part in source.files[0].parent.relative_to(base).parts] for source in sources]
    rows = tag_rules.tags_of(folders)
    names = sorted({name for row in rows for name in row})
    return [{(f"{name}_tag" if name in RESERVED else name): row.get(name, "") for name in names} for row in rows]


def choose_channels(found: Found, wanted: str) -> list[Channel]:
    """Return the channels to keep: the wanted ones (numbers or names), else the most common set.

    Raises UserError for a channel that no cell has.
    """
    sets = Counter(tuple((c.name, c.number) for c in source.channels) for _, source in found.sources)
    known = sorted({channel for channels in sets for channel in channels}, key=lambda item: item[::-1])
    if not wanted.strip():
        most = max(sets, key=lambda channels: (sets[channels], len(channels)))
        return [Channel(name=name, number=number) for name, number in most]
    chosen: list[Channel] = []
    for word in (part.strip() for part in wanted.strip("[]").split(",")):
        match = [(name, number) for name, number in known if word.casefold() in (name.casefold(), str(number))]
        if not match:
            listed = ", ".join(f"{number} ({name})" for name, number in known)
            raise UserError(
                f"No cell has a channel {word!r}.", f"The channels found are: {listed}.", "Choose among these."
            )
        chosen.append(Channel(name=match[0][0], number=match[0][1]))
    if len({channel.number for channel in chosen}) < len(chosen):
        raise UserError("A channel is named twice.", f"The channels given are: {wanted}.", "Name each one once.")
    return chosen
