"""The table of a watched folder: it only grows, by whole batches, and remembers which files it has."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.model import Model
from wizard.engine.predicting.keeping import read_note

Stat = tuple[int, int]
"""Size in bytes and time of the last change in ns."""

YES, NO = "yes", "no"
"""What the columns `unsure` and `unfamiliar` hold."""
_PREDICTED, _UNSURE, _UNFAMILIAR = 3, -3, -2
"""Places of columns; between them stands one for each class."""


@dataclass
class WatchTable:
    """predictions.csv with its state.json: bytes that count, and every file seen (size, time, 1 if refused)."""

    folder: Path
    seen: dict[str, list[int]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    """Ids of the cells in the table."""
    size: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """Cells of each predicted class in the table."""
    unsure: int = 0
    unfamiliar: int = 0

    @property
    def path(self) -> Path:
        """The table."""
        return self.folder / "predictions.csv"

    @classmethod
    def open(cls, root: Path, watched: Path, model: Model) -> WatchTable:
        """Open the table of a watched folder and a model, or begin it; a half-written end is cut off."""
        key = hashlib.sha256(f"{model.manifest['weights_sha256']}\n{watched.as_posix()}".encode("utf-8", "replace"))
        table = cls(root / key.hexdigest()[:10])
        state = read_note(table.folder / "state.json")
        if state and table.path.is_file():
            table._take_up(state)
            return table
        head = ["cell_id", "source", "object", "predicted", "confidence", *(f"p_{name}" for name in model.classes),
                "unsure", "unfamiliar", "predicted_at"]  # fmt: skip
        fileio.write_csv(table.path, head, [])
        table.size = table.path.stat().st_size
        table._save()
        return table

    def _take_up(self, state: Mapping[str, object]) -> None:
        size, seen = state.get("bytes"), state.get("seen")
        if not isinstance(size, int) or not isinstance(seen, dict) or self.path.stat().st_size < size:
            raise UserError(
                f"The table {self.path} was changed by another program.", "It is shorter than it was.",
                f"Move the folder {self.folder} away; a new table is then begun.",
            )  # fmt: skip
        os.truncate(self.path, size)
        self.size = size
        self.seen = {str(name): [int(number) for number in stat] for name, stat in seen.items()}
        with self.path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            next(rows, None)
            for row in rows:
                if row:
                    self.known.add(row[0].removeprefix("'"))
                    self._count(row[_PREDICTED].removeprefix("'"), row[_UNSURE], row[_UNFAMILIAR])

    def _count(self, name: str, unsure: str, unfamiliar: str) -> None:
        self.counts[name] += 1
        self.unsure += unsure == YES
        self.unfamiliar += unfamiliar == YES

    def was_refused(self, name: str) -> bool:
        """Tell whether a file was seen but could not be used."""
        return bool(self.seen.get(name, (0, 0, 0))[2])

    def see(self, stats: Mapping[str, Stat], refused: set[str]) -> None:
        """Remember files without adding cells."""
        self.seen |= {name: [*stat, int(name in refused)] for name, stat in stats.items()}
        self._save()

    def add(self, lines: Sequence[Sequence[object]], stats: Mapping[str, Stat], refused: set[str]) -> None:
        """Add rows and remember their files; only when both are on the disk do the rows count."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[fileio.safe_cell(value) for value in line] for line in lines])
        with self.path.open("r+b") as stream:
            stream.truncate(self.size)
            stream.seek(self.size)
            stream.write(text.getvalue().encode())
            stream.flush()
            os.fsync(stream.fileno())
            self.size = stream.tell()
        for line in lines:
            self.known.add(str(line[0]))
            self._count(str(line[_PREDICTED]), str(line[_UNSURE]), str(line[_UNFAMILIAR]))
        self.see(stats, refused)

    def _save(self) -> None:
        fileio.write_json(self.folder / "state.json", {"bytes": self.size, "seen": self.seen})
