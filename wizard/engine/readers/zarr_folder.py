"""A Zarr folder that is not trusted: nothing outside of it is opened, and files are read up to a limit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.engine.readers.base import Unreadable

_JSON_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder `here` (a path of plain names below `root`, the store that the user chose, which is resolved)."""

    root: Path
    here: Path

    @classmethod
    def of(cls, path: Path) -> Folder:
        """Open a store; raises Unreadable when it is no folder."""
        try:
            root = path.resolve()
            if not root.is_dir():
                raise Unreadable("The folder is missing.")
        except (OSError, RuntimeError, ValueError) as error:
            raise Unreadable(f"The folder cannot be opened: {error}.") from None
        return cls(root, root)

    def into(self, path: object) -> Folder:
        """Return the folder at a relative path that a file names; raises Unreadable for tricks."""
        if not isinstance(path, str) or not path or len(path) > 1000:
            raise Unreadable("The store names a folder without a proper name.")
        parts = path.rstrip("/").split("/")
        if any(part in ("", ".", "..") or any(sign in part for sign in "\\:\0") for part in parts):
            raise Unreadable(f"The store points outside of its own folder ({path!r:.60}); this is refused.")
        return Folder(self.root, self.here.joinpath(*parts))

    def exists(self) -> bool:
        """Tell whether the folder is there."""
        return self._real(self.here).is_dir()

    def file(self, name: str) -> Path | None:
        """Return the real path of a plain file, None when there is none; raises Unreadable for links out of the store.

        `name` holds only names that are made here (metadata names and chunk numbers).
        """
        real = self._real(self.here / name)
        try:
            if real.is_file():
                return real
            if real.exists():
                raise Unreadable(f"{name} is no plain file.")
        except OSError as error:
            raise Unreadable(f"{name} cannot be read: {error.strerror}.") from None
        return None

    def _real(self, path: Path) -> Path:
        try:
            real = path.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise Unreadable(f"{path.name} cannot be opened: {error}.") from None
        if not real.is_relative_to(self.root):
            raise Unreadable(f"{path.name} is a link that leads out of the store; this is refused.")
        return real

    def read(self, name: str, most: int) -> bytes | None:
        """Return the bytes of a file, None when it is missing; raises Unreadable when it has more than `most`."""
        path = self.file(name)
        if path is None:
            return None
        try:
            with path.open("rb") as stream:
                data = stream.read(most + 1)
        except OSError as error:
            raise Unreadable(f"{name} cannot be read: {error.strerror}.") from None
        if len(data) > most:
            raise Unreadable(f"{name} is larger than it can be.")
        return data

    def json(self, name: str) -> dict[str, Any] | None:
        """Return a JSON file that holds an object, None when it is missing; raises Unreadable when it is broken."""
        data = self.read(name, _JSON_BYTES)
        if data is None:
            return None
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{name} is damaged: {error}.") from None
        if not isinstance(found, dict):
            raise Unreadable(f"{name} is damaged: it holds no object.")
        return found

    def attributes(self) -> dict[str, Any]:
        """Return the user attributes of a group or array of either version; NGFF's `ome` part laid over them."""
        node = self.json("zarr.json")
        found = self.json(".zattrs") if node is None else node.get("attributes")
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise Unreadable("zarr.json is damaged: its attributes are no object.")
        ome = found.get("ome")
        return found | ome if isinstance(ome, dict) else found

    def is_array(self) -> bool:
        """Tell whether the folder is an array rather than a group."""
        node = self.json("zarr.json")
        return self.file(".zarray") is not None if node is None else node.get("node_type") == "array"

    def sizes(self, most: int) -> Iterator[int]:
        """Yield the sizes in bytes of the files below the folder but its metadata, of at most `most` files."""
        count = 0
        for place, _, names in os.walk(self.here):
            for name in names:
                if name.startswith(".z") or name == "zarr.json":
                    continue
                count += 1
                if count > most:
                    return
                try:
                    yield (Path(place) / name).lstat().st_size
                except OSError:
                    continue
