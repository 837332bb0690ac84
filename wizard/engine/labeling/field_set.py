"""A set of fields of view on the disk: what Parse writes and the other steps read.

`data/NAME.fields/` holds `fields.json` and a folder for each field with `light.npy` (y, x, plane), `stains.npy` and
`known.npy` (y, x, label). Pixels are shares of the greatest grey level in 16 bits, after the preparation; they are
mapped into memory and brought to the common scale where they are read, so a set may be larger than the memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.labeling.preparing.levels import Levels, from_dict
from wizard.engine.labeling.preparing.quality import Figures, Ranges
from wizard.engine.labeling.views import Region, View

SCHEMA = 1
LIST = "fields.json"
TOP = 65535


class Scaled:
    """Stored pixels (y, x, channel) on the common scale; what is read is float32, 0 to 1."""

    def __init__(self, raw: NDArray[np.uint16], levels: Sequence[Levels]) -> None:
        self.raw = raw
        self._gain = np.array([one.gain for one in levels], np.float32) / np.float32(TOP)
        self._shift = np.array([one.shift for one in levels], np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width, number of channels."""
        return self.raw.shape

    def __getitem__(self, where: Any) -> NDArray[np.float32]:
        one = isinstance(where, tuple) and (len(where) == 3 or where[0] is Ellipsis)
        channel = where[-1] if one else slice(None)
        part = self.raw[where].astype(np.float32)
        return np.clip(part * self._gain[channel] + self._shift[channel], 0, 1).astype(np.float32)


@dataclass
class Entry:
    """One field in the list; `files` names its transmitted light's first file, `figures` are those of its light."""

    name: str
    folder: str
    height: int
    width: int
    taken: list[str]
    tags: dict[str, str] = field(default_factory=dict)
    pixel_size: float = 0.0
    file: str = ""
    figures: dict[str, float] = field(default_factory=dict)


@dataclass
class FieldSet:
    """A set of fields with how they are divided and scaled; `train` and `holdout` are regions of them."""

    path: Path
    labels: tuple[str, ...]
    planes: int
    levels: dict[str, Levels]
    fields: list[Entry]
    train: list[Region]
    holdout: list[Region]
    split_by: str = ""
    prepared: tuple[str, ...] = ()
    light: str = ""
    named: tuple[str, ...] = ()
    """Names of the channels of transmitted light that the user gave; () = told by the names of the files."""

    def view(self, at: int, labels: Sequence[str] | None = None) -> View:
        """Return a field as pixels on the common scale; `labels` chooses stains, unknown where the set lacks one."""
        entry = self.fields[at]
        folder = self.path / entry.folder
        light, stains, known = (self.mapped(folder / f"{name}.npy") for name in ("light", "stains", "known"))
        names = self.labels
        if labels is not None and tuple(labels) != self.labels:
            names = tuple(labels)
            stains, known = self._chosen(stains, names), self._chosen(known, names)
        scale = [self.levels.get(name) or Levels("none", 1.0, 0.0) for name in names]
        return View(entry.name, Scaled(light, [self.levels["light"]] * self.planes), Scaled(stains, scale), known)

    def mapped(self, path: Path) -> NDArray[Any]:
        """Return the pixels of a file, read where they are asked for; without any label there is nothing to map."""
        return np.load(path, mmap_mode="r" if self.labels or path.stem == "light" else None, allow_pickle=False)

    def _chosen(self, pixels: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
        """Return some of the stains in another order, in memory; those the set lacks are 0."""
        made = np.zeros((*pixels.shape[:2], len(names)), pixels.dtype)
        for number, name in enumerate(names):
            if name in self.labels:
                made[..., number] = pixels[..., self.labels.index(name)]
        return made

    def ranges(self) -> Ranges:
        """Return what the transmitted light of all fields looks like."""
        return Ranges.of([Figures(**entry.figures) for entry in self.fields])

    def save(self) -> Path:
        """Write the list."""
        return fileio.write_json(
            self.path / LIST,
            {
                "schema": SCHEMA, "labels": list(self.labels), "planes": self.planes, "light": self.light,
                "named": list(self.named),
                "levels": {name: levels.as_dict() for name, levels in self.levels.items()},
                "fields": [asdict(entry) for entry in self.fields], "train": [asdict(region) for region in self.train],
                "holdout": [asdict(region) for region in self.holdout], "split_by": self.split_by,
                "prepared": list(self.prepared),
            },
        )  # fmt: skip


def open_set(path: Path) -> FieldSet:
    """Open a set; raises UserError when it is missing or damaged."""
    try:
        found = fileio.read_json(path / LIST)
        return FieldSet(
            path, tuple(found["labels"]), int(found["planes"]),
            {name: from_dict(levels) for name, levels in found["levels"].items()},
            [Entry(**entry) for entry in found["fields"]], [Region(**region) for region in found["train"]],
            [Region(**region) for region in found["holdout"]], found["split_by"], tuple(found["prepared"]),
            found["light"], tuple(found["named"]),
        )  # fmt: skip
    except FileNotFoundError:
        raise UserError("There are no fields of view yet.", "", "Parse the pictures first.") from None
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"The set {path.name} cannot be read.", f"{error}.", "Parse the pictures again.") from None
