"""Keeps what the network said of the cells: an interrupted prediction goes on, other thresholds need no network."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import __version__, fileio
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, Paused
from wizard.engine.model import Model
from wizard.project import Project

FOLDER = "predicting"
"""The folder in the project; it holds one prediction at a time."""

CHUNK = 4096
"""Cells per file."""

Floats = NDArray[np.float32]


def folder_of(project: Project) -> Path:
    """Return the folder that holds the last prediction."""
    return project.root / FOLDER


def key_of(data: DataSet, model: Model, engine: str) -> str:
    """Return a hash that is the same only for the same cells, model and computing engine."""
    digest = hashlib.sha256(json.dumps([__version__, engine, model.manifest], sort_keys=True, default=str).encode())
    digest.update(str(data.info.get("fingerprint")).encode())
    digest.update("\n".join(data.cells["cell_id"].tolist()).encode())
    return digest.hexdigest()


@dataclass
class Chunks:
    """Logits and feature distances of the first `done` cells of a data set, in files of one folder each.

    As a context it guards the folder: only a cancel drops it. `seconds` is the time that computing took.
    """

    folder: Path
    classes: int
    files: list[Path] = field(default_factory=list)
    done: int = 0
    seconds: float = 0.0
    key: str = ""

    @classmethod
    def open(cls, folder: Path, key: str, classes: int) -> Chunks:
        """Take up what is in `folder` if it belongs to `key`, else begin anew."""
        found = cls(folder, classes, key=key)
        note = read_note(folder / "job.json")
        if note.get("key") == key:
            found._take_up()
            spent = note.get("seconds")
            found.seconds = float(spent) if found.done and isinstance(spent, (int, float)) else 0.0
        else:
            for old in _files(folder):
                old.unlink(missing_ok=True)
            found.spent(0.0)
        return found

    def spent(self, seconds: float) -> None:
        """Note more time of computing."""
        self.seconds += seconds
        fileio.write_json(self.folder / "job.json", {"key": self.key, "seconds": self.seconds})

    def _take_up(self) -> None:
        for path in _files(self.folder):
            part = self._read(path) if path.stem == _name(self.done) else None
            if part is None:
                path.unlink(missing_ok=True)
            else:
                self.files.append(path)
                self.done += len(part[0])

    def __enter__(self) -> Chunks:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, Cancelled) and not issubclass(kind, Paused):
            fileio.remove_folder(self.folder)

    def add(self, logits: Floats, distances: Floats) -> None:
        """Write the next cells: logits (cell, class) and distances (cell)."""
        path = self.folder / f"{_name(self.done)}.npz"
        fileio.write_with(path, lambda place: np.savez(place, logits=logits, distances=distances))
        self.files.append(path)
        self.done += len(logits)

    def __iter__(self) -> Iterator[tuple[slice, Floats, Floats]]:
        """Walk through what was written: rows of the data set, logits, distances."""
        start = 0
        for path in self.files:
            part = self._read(path)
            if part is None:
                raise OSError(f"{path.name} was changed while it was in use")
            yield slice(start, start + len(part[0])), *part
            start += len(part[0])

    def _read(self, path: Path) -> tuple[Floats, Floats] | None:
        """Return a file's logits and distances, None when it is damaged."""
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                logits, distances = stored["logits"], stored["distances"]
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        fits = logits.ndim == 2 and logits.shape[1] == self.classes and distances.shape == logits.shape[:1]
        right = fits and len(logits) > 0 and logits.dtype == np.float32 and distances.dtype == np.float32
        return (logits, distances) if right else None


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("cells_*.npz"))


def _name(start: int) -> str:
    return f"cells_{start:012d}"


def read_note(path: Path) -> dict[str, Any]:
    """Return a small JSON file of this folder; empty when it is missing or damaged."""
    try:
        found = fileio.read_json(path)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
