"""AnnData (.h5ad) of a table of features, written straight into HDF5 so that it may be larger than memory.

The layout is AnnData's on-disk format 0.1.0 (https://anndata.readthedocs.io, "On-disk format"): X the network's
features, obs the cells with their tags (as categories), classical and measured features, var the features'
names, uns what it was made with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wizard import fileio
from wizard.engine.extracting.formats import Source
from wizard.engine.extracting.table import cell_count, groups, matrix

_CHUNK = 1024 * 1024
_EMPTY = ("layers", "obsm", "obsp", "varm", "varp")


def write(source: Source, target: Path, report: Callable[[float, str], None]) -> None:
    """Write a table of features as an AnnData file; X is read and written group by group."""

    def fill(place: Path) -> None:
        with h5py.File(place, "w") as file:
            _mark(file, "anndata", "0.1.0")
            _fill_x(file, source, report)
            _fill_obs(file, source)
            names = source.columns.of("network")
            var = _frame(file, "var", names, [])
            _mark(var, "dataframe", "0.2.0")
            _fill_uns(file, source)
            for name in _EMPTY:
                _mark(file.create_group(name), "dict", "0.1.0")

    fileio.write_with(target, fill)


def _mark(item: Any, kind: str, version: str) -> None:
    item.attrs["encoding-type"], item.attrs["encoding-version"] = kind, version


def _fill_x(file: Any, source: Source, report: Callable[[float, str], None]) -> None:
    names, cells = source.columns.of("network"), cell_count(source.path)
    rows = max(1, min(cells, _CHUNK // (4 * max(1, len(names)))))
    chunks = (rows, len(names)) if cells and names else None
    x = file.create_dataset("X", (cells, len(names)), np.float32, chunks=chunks)
    _mark(x, "array", "0.2.0")
    done = 0
    for group in groups(source.path, names):
        x[done : done + group.num_rows] = matrix(group, names)
        done += group.num_rows
        report(0.8 * done / max(1, cells), f"Writing AnnData: cell {done} of {cells}")


def _fill_obs(file: Any, source: Source) -> None:
    """Write one column at a time: cell_id is the index, texts are categories, figures are arrays."""
    figures = [*source.columns.of("classical"), *source.columns.of("measured")]
    columns = [*source.columns.texts[1:], *figures]
    keys = hdf_names(columns)
    with pq.ParquetFile(source.path) as table:
        obs = _frame(file, "obs", _column(table, "cell_id").to_pylist(), keys)
        for name, key in zip(columns, keys, strict=True):
            values = _column(table, name)
            if pa.types.is_string(values.type):
                _categories(obs, key, values)
            else:
                _mark(obs.create_dataset(key, data=values.to_numpy()), "array", "0.2.0")


def _frame(file: Any, name: str, index: Sequence[str], columns: Sequence[str]) -> Any:
    frame = file.create_group(name)
    _mark(frame, "dataframe", "0.2.0")
    frame.attrs["_index"] = "_index"
    frame.attrs.create("column-order", np.array(columns, dtype=object), dtype=h5py.string_dtype())
    _texts(frame, "_index", index)
    return frame


def _texts(group: Any, name: str, values: Sequence[str]) -> None:
    # HDF5 ends a text at a zero character.
    data = np.array([value.replace("\0", "\ufffd") for value in values], dtype=object)
    _mark(group.create_dataset(name, data=data, dtype=h5py.string_dtype()), "string-array", "0.2.0")


def _categories(frame: Any, key: str, values: Any) -> None:
    found = values.combine_chunks().fill_null("").dictionary_encode()
    names = found.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    group = frame.create_group(key)
    _mark(group, "categorical", "0.2.0")
    group.attrs["ordered"] = False
    smallest = np.int8 if len(names) < 2**7 else np.int16 if len(names) < 2**15 else np.int32
    codes = place[found.indices.to_numpy()].astype(smallest) if len(values) else np.zeros(0, smallest)
    _mark(group.create_dataset("codes", data=codes), "array", "0.2.0")
    _texts(group, "categories", [names[at] for at in order])


def _fill_uns(file: Any, source: Source) -> None:
    uns = file.create_group("uns")
    _mark(uns, "dict", "0.1.0")
    for key, text in zip(hdf_names(list(source.about)), source.about.values(), strict=True):
        item = uns.create_dataset(key, data=text.replace("\0", "\ufffd"), dtype=h5py.string_dtype())
        _mark(item, "string", "0.2.0")


def _column(table: Any, name: str) -> Any:
    return table.read(columns=[name]).column(0)


def hdf_names(names: Sequence[str]) -> list[str]:
    """Return names that HDF5 and AnnData take as keys, no two the same: no slashes, dots alone, or `_index`."""
    found: list[str] = []
    for name in names:
        plain = name.replace("/", "_").replace("\0", "_").strip() or "_"
        plain = f"{plain}_" if plain in ("_index", ".", "..") else plain
        key, number = plain, 2
        while key in found:
            key, number = f"{plain}_{number}", number + 1
        found.append(key)
    return found
