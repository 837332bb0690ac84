"""MATLAB files (.mat, version 5) of a table of features: several numbered ones where a single one would be large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.extracting.formats import Source
from wizard.engine.extracting.table import cell_count, groups, matrix

_BYTES = 64 * 2**20
"""Most numbers of one file, in bytes."""
_PER_TEXT = 200
"""About how many bytes a cell's text takes in memory, each."""


def write(source: Source, folder: Path, report: Callable[[float, str], None]) -> list[str]:
    """Write features.mat, or features_001.mat, features_002.mat … with some cells each; return their names.

    Variables: features (cell x feature, single), classical and measured (cell x column), the names of their
    columns, cell_id, source, object, tags (cell x tag) with tag_names, split, and about (name and value).
    """
    cells = cell_count(source.path)
    width = 8 * len(source.columns.features) + _PER_TEXT * len(source.columns.texts)
    rows = max(1, _BYTES // width)
    number = max(1, -(-cells // rows))
    names, done = [], 0
    for place, part in enumerate(_parts(source.path, rows, cells), start=1):
        name = "features.mat" if number == 1 else f"features_{place:03d}.mat"
        fileio.write_with(folder / name, lambda path, part=part: _save(path, _variables(part, source)))  # type: ignore[misc]
        names.append(name)
        done += part.num_rows
        report(done / max(1, cells), f"Writing for MATLAB: cell {done} of {cells}")
    return names


def _save(path: Path, variables: dict[str, Any]) -> None:
    from scipy.io import savemat

    # Given an open file it adds no ending of its own.
    with path.open("wb") as stream:
        savemat(stream, variables, do_compression=True, long_field_names=True, oned_as="column")


def _parts(path: Path, rows: int, cells: int) -> Iterator[pa.Table]:
    """Yield stretches of the table of `rows` cells each."""
    waiting: list[pa.Table] = []
    held = 0
    for group in groups(path):
        waiting.append(group)
        held += group.num_rows
        while held >= rows:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, rows)
            waiting, held = [whole.slice(rows)], held - rows
    if held or not cells:
        yield pa.concat_tables(waiting)


def _variables(part: pa.Table, source: Source) -> dict[str, Any]:
    columns = source.columns
    tags = columns.texts[3:-1]
    found: dict[str, Any] = {
        "features": matrix(part, columns.of("network")),
        "feature_names": _row(columns.of("network")),
    }
    for kind, dtype in (("classical", np.float32), ("measured", np.float64)):
        if names := columns.of(kind):
            found |= {kind: matrix(part, names, dtype), f"{kind}_names": _row(names)}
    for name, column in zip(("cell_id", "source", "object", "split"), (*columns.texts[:3], "split"), strict=True):
        values = part.column(column)
        numbers = pa.types.is_integer(values.type)
        found[name] = values.to_numpy().astype(float)[:, None] if numbers else _cells(values.to_pylist())[:, None]
    found["tags"] = np.empty((part.num_rows, len(tags)), object)
    for place, tag in enumerate(tags):
        found["tags"][:, place] = _cells(part.column(tag).to_pylist())
    found["tag_names"] = _row(tags)
    found["about"] = np.stack([_cells(list(source.about)), _cells(list(source.about.values()))], axis=1)
    return found


def _cells(texts: list[Any]) -> NDArray[np.object_]:
    made = np.empty(len(texts), object)
    made[:] = ["" if text is None else _spoken(str(text)) for text in texts]
    return made


def _row(texts: list[str]) -> NDArray[np.object_]:
    return _cells(texts)[None, :]


def _spoken(text: str) -> str:
    """Return text of characters that MATLAB's 16 bits hold; others become their number, such as [U+1F600]."""
    return "".join(letter if ord(letter) < 0x10000 else f"[U+{ord(letter):X}]" for letter in text)
