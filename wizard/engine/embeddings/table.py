"""The table of features, read block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wizard.engine.embeddings.space import Floats
from wizard.engine.errors import UserError

_NUMBERS = 16 * 2**20
"""About how many numbers are read at once."""


def is_feature(name: str) -> bool:
    """Tell whether a column holds a feature of the network: f0000, f0001 …"""
    return name[:1] == "f" and len(name) > 4 and name[1:].isascii() and name[1:].isdigit()


@dataclass(frozen=True)
class FeatureTable:
    """A features.parquet: its describing columns in memory, its features on disk."""

    path: Path
    columns: dict[str, NDArray[Any]]
    names: list[str]
    """Columns that are used as features, in order."""

    def __len__(self) -> int:
        return len(self.columns["cell_id"])

    def blocks(self, rows: NDArray[np.int64] | None = None) -> Iterator[Floats]:
        """Yield the features (cell, feature) float32 of all cells, or of `rows` (ascending), in order."""
        for start, block in self._read():
            if rows is None:
                yield block
                continue
            here = rows[(rows >= start) & (rows < start + len(block))] - start
            if len(here):
                yield block[here]

    def _read(self) -> Iterator[tuple[int, Floats]]:
        size = max(256, _NUMBERS // max(1, len(self.names)))
        start = 0
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=size, columns=self.names):
                block = np.empty((batch.num_rows, len(self.names)), np.float32)
                for place, name in enumerate(self.names):
                    block[:, place] = batch.column(name).to_numpy(zero_copy_only=False)
                yield start, block
                start += len(block)


def read(path: Path, others: Sequence[str], which: str) -> FeatureTable:
    """Open a features.parquet; `others` are its columns with further features.

    `which` is `network` (the columns f0000 …), `others` or `all`. Raises UserError when there is no table, when it
    cannot be read, or when it has no such features.
    """
    if not path.is_file():
        raise UserError("There are no features yet.", "", "Run Extract first.")
    try:
        with pq.ParquetFile(path) as file:
            known = file.schema_arrow.names
            network = [name for name in known if is_feature(name)]
            further = [name for name in others if name in known]
            describing = [name for name in known if name not in {*network, *further}]
            table = file.read(columns=describing)
    except (OSError, pa.ArrowException) as error:
        raise UserError("The features cannot be read.", f"{error}.", "Run Extract again.") from None
    names = {"network": network, "others": further, "all": [*network, *further]}[which]
    if not names:
        raise UserError(
            "The table of features has no features of the kind that is chosen for the maps.", "",
            "Choose other features in Visualize, or extract these.",
        )  # fmt: skip
    columns = {name: table.column(name).to_numpy(zero_copy_only=False) for name in describing}
    return FeatureTable(path, columns, names)
