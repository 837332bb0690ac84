"""Finds the source that a text in a table means: a path, its end, a file name with or without ending, a folder."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import READERS, Source, readable

FILE, FOLDER = 3, 5
"""Ranks of matches: up to FILE they name a file, the smaller the surer; FOLDER names all files in a folder."""
MOVED = 2
"""Rank of a full path whose upper folders differ from those of the input."""
AMBIGUOUS = -2
_ENDINGS = (".ome", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp", ".cif", ".rif", ".daf")
"""Endings that tables use for files that were since converted; those of the readers come on top."""


def parts_of(text: str) -> list[str]:
    """Return the parts of a path in the form in which they are compared (lower case, one way to write accents)."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return [part for part in text.casefold().replace("\\", "/").split("/") if part not in ("", ".")]


def _key(parts: Iterable[str]) -> str:
    """Return the parts from the last to the first, so that paths with the same end lie side by side when sorted."""
    return "/".join(reversed(list(parts))) + "/"


def _bare(name: str, endings: set[str], only_known: bool) -> list[str]:
    """Return a name without its ending, and also without both of two known ones (`a.ome.tif`).

    What follows the last dot is no ending when it is a number (`cell.3`), or is not known and must be.
    """
    names: list[str] = []
    stem, dot, last = name.rpartition(".")
    while dot and stem and not last.isdigit() and (f".{last}" in endings or not (only_known or names)):
        names.append(stem)
        stem, dot, last = stem.rpartition(".")
    return names


class Paths:
    """Paths and who owns them; finds all that end in given parts."""

    def __init__(self) -> None:
        self._owners: dict[str, list[int]] = {}

    def add(self, parts: Sequence[str], owner: int) -> None:
        """Remember a path; an owner may have several, and a path several owners."""
        owners = self._owners.setdefault(_key(parts), [])
        if not owners or owners[-1] != owner:
            owners.append(owner)

    @cached_property
    def _keys(self) -> list[str]:
        return sorted(self._owners)

    def exactly(self, parts: Sequence[str]) -> list[int]:
        """Return the owners of a path."""
        return self._owners.get(_key(parts), [])

    def ending_in(self, parts: Sequence[str], together: bool) -> list[int] | None:
        """Return the owners of the paths that end in `parts`; None when they differ and are not wanted `together`."""
        key = _key(parts)
        found: list[int] = []
        for position in range(bisect_left(self._keys, key), len(self._keys)):
            if not self._keys[position].startswith(key):
                break
            owners = self._owners[self._keys[position]]
            if together:
                found += owners
            elif found and found != owners:
                return None
            else:
                found = owners
        return found


class Names:
    """All names by which a table may call the sources (n of them, by their positions)."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._full, self._bare, self._below, self._folders = Paths(), Paths(), Paths(), Paths()
        self.last: set[str] = set()
        """Last parts of all names of files and folders: what has none of them need not be looked for."""
        self._endings = set(_ENDINGS) | {ending for reader in READERS.values() for ending in reader.extensions}
        self._members: list[list[int]] = []
        folders: dict[tuple[str, ...], int] = {}
        for owner, source in enumerate(sources):
            root = parts_of(readable(source.root))
            below = parts_of(source.name)
            self._below.add(below, owner)
            paths = {(*root, *below)} | {tuple(parts_of(readable(path))) for path in source.files}
            for parts in paths:
                self._add_file(parts, owner)
            inside = (*root, *below[:-1])
            if inside not in folders:
                folders[inside] = len(self._members)
                self._members.append([])
                for depth in range(len(root), len(inside) + 1):
                    self._folders.add(inside[:depth], folders[inside])
                    self.last.update(inside[depth - 1 : depth])
            self._members[folders[inside]].append(owner)

    def _add_file(self, parts: tuple[str, ...], owner: int) -> None:
        self._full.add(parts, owner)
        self.last.add(parts[-1])
        for name in _bare(parts[-1], self._endings, only_known=False):
            self._bare.add((*parts[:-1], name), owner)
            self.last.add(name)

    def worth(self, text: str) -> bool:
        """Tell quickly whether a text can name a file or folder at all."""
        for last in parts_of(text)[-1:]:
            if last in self.last or ("." in last and not self.last.isdisjoint(_bare(last, self._endings, True))):
                return True
        return False

    def find(self, text: str) -> tuple[int, list[int]]:
        """Return (rank, owners) of what a text names; (FILE, []) for nothing, (AMBIGUOUS, []) for several files."""
        parts = parts_of(text)
        if not parts or ".." in parts:
            return FILE, []
        for rank, paths in enumerate((self._full, self._bare)):
            found = paths.ending_in(parts, together=False)
            if found is None:
                return AMBIGUOUS, []
            if found:
                return rank, found
        if text[:1] in "/\\" or text[1:2] == ":":
            for start in range(1, len(parts)):
                if owners := self._below.exactly(parts[start:]):
                    return MOVED, owners
        for name in _bare(parts[-1], self._endings, only_known=True):
            found = self._bare.ending_in([*parts[:-1], name], together=False)
            if found is None:
                return AMBIGUOUS, []
            if found:
                return FILE, found
        folders = self._folders.ending_in(parts, together=True) or []
        owners = [owner for folder in dict.fromkeys(folders) for owner in self._members[folder]]
        return (FOLDER, owners) if owners else (FILE, [])


class Matches:
    """What the different texts of one column name: pairs of text and source, each source by its surest texts."""

    def __init__(self, values: NDArray[np.object_], names: Names, sources: int) -> None:
        self.ambiguous = np.zeros(len(values), bool)
        texts: list[int] = []
        owners: list[int] = []
        ranks: list[int] = []
        for code, text in enumerate(values.tolist()):
            if not text or not names.worth(text):
                continue
            rank, found = names.find(text)
            self.ambiguous[code] = rank == AMBIGUOUS
            texts += [code] * len(found)
            owners += found
            ranks += [rank] * len(found)
        self.texts, self.owners = np.array(texts, np.int64), np.array(owners, np.int64)
        self.ranks = np.array(ranks, np.int64)
        best = np.full(sources, FOLDER + 1)
        np.minimum.at(best, self.owners, self.ranks)
        surest = self.ranks == best[self.owners]
        self.texts, self.owners, self.ranks = self.texts[surest], self.owners[surest], self.ranks[surest]
        self.as_files = int((best <= FILE).sum())
        """Sources that are named as files."""
        self.as_folders = int((best == FOLDER).sum())
        self.moved = int((self.ranks == MOVED).sum())
