"""HDF5 files for reading, guarded: nothing in a file can hang, crash or make it follow a path.

Links to other files, links by name, virtual data sets, outside storage and unknown compressions are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.hdf5_bytes import NOWHERE, Raw, damage, root_address
from wizard.engine.readers.hdf5_chunks import Chunk, Index, chunks, index_of
from wizard.engine.readers.hdf5_filters import Filter, filters_of, undo
from wizard.engine.readers.hdf5_groups import Link, attributes, links
from wizard.engine.readers.hdf5_objects import (
    EXTERNAL,
    FILL,
    FILTERS,
    LAYOUT,
    SPACE,
    TYPE,
    Messages,
    kind_of,
    messages,
    of,
    space_of,
)  # fmt: skip

_ROWS = 1 << 26
"""Rows that are read at once may take this many bytes."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """What the header of a data set tells; plain values that several threads may share."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    attributes: dict[str, Any]
    filters: tuple[Filter, ...] = ()
    index: Index | None = None
    address: int = NOWHERE
    inside: bytes | None = None
    """The values themselves, when they are few."""
    fill: bytes = b""

    @property
    def row(self) -> int:
        """Bytes of one row of the first axis."""
        return prod(self.shape[1:]) * self.dtype.itemsize

    @property
    def rows(self) -> int:
        """How many rows are best read at once: those of one chunk, at most 64 MiB of them."""
        side = self.index.sides[0] if self.index else max(1, (1 << 20) // max(self.row, 1))
        return max(1, min(side, _ROWS // max(self.row, 1)))


@dataclass(frozen=True, slots=True)
class Group:
    """Names and places of a group's members."""

    links: dict[str, Link]
    attributes: dict[str, Any] = field(default_factory=dict)


class Hdf5:
    """An open HDF5 file; use it in `with`, in one thread. Every method raises Unreadable for damage."""

    def __init__(self, path: Path) -> None:
        with damage("The file cannot be opened"):
            self.raw = Raw(path)
        try:
            with damage():
                self._root = root_address(self.raw)
        except Unreadable:
            self.raw.close()
            raise

    def __enter__(self) -> Hdf5:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.raw.close()

    @property
    def cut(self) -> bool:
        """True when the file is shorter than it says."""
        return self.raw.cut

    def root(self) -> Group:
        """Return the root group with its attributes."""
        return self._group(self._root)

    def group(self, parent: Group, name: str) -> Group:
        """Return a group by its name in another."""
        return self._group(self._address(parent, name))

    def data(self, parent: Group, name: str) -> DataSet:
        """Return what a data set of a group is, without its values."""
        address = self._address(parent, name)
        with damage():
            return _data_set(self.raw, name, messages(self.raw, address))

    def is_group(self, parent: Group, name: str) -> bool:
        """Tell whether a member is a group."""
        self.raw.renew()
        with damage():
            return of(messages(self.raw, self._address(parent, name)), LAYOUT) is None

    def read(self, data: DataSet, first: int = 0, last: int | None = None, gaps: bool = False) -> NDArray[Any]:
        """Return rows `first` to `last` (exclusive) of a data set, at most 64 MiB of them.

        Raises Unreadable when more is asked for, when they are damaged and, unless `gaps` are allowed,
        when part of them was never written.
        """
        self.raw.renew()
        shape = data.shape or (1,)
        last = shape[0] if last is None else last
        count = last - first
        if not 0 <= first <= last <= shape[0] or count * data.row > _ROWS and count > 1 or data.row > 4 * _ROWS:
            raise Unreadable(f"The HDF5 file is damaged: {data.name} is too large.")
        with damage():
            if data.index is not None:
                found, complete = self._chunked(data, data.index, first, last)
            elif data.inside is None and data.address == NOWHERE:
                found, complete = self._blank(data, (count, *shape[1:])), count == 0
            else:
                found, complete = self._plain(data, first, count).reshape(count, *shape[1:]), True
        if not complete and not gaps:
            raise Unreadable(f"Part of {data.name} is missing in the HDF5 file.")
        return found

    def _group(self, address: int) -> Group:
        self.raw.renew()
        with damage():
            found = messages(self.raw, address)
            return Group(links(self.raw, found), attributes(self.raw, found))

    def _address(self, parent: Group, name: str) -> int:
        self.raw.renew()
        if name not in parent.links:
            raise Unreadable(f"The HDF5 file has no {name}.")
        link = parent.links[name]
        if link.address is None:
            raise Unreadable(f"{name} is {link.what}, which is not followed; save the file with the data in it.")
        return link.address

    def _plain(self, data: DataSet, first: int, count: int) -> NDArray[Any]:
        start, length = first * data.row, count * data.row
        if data.inside is not None:
            found = data.inside[start : start + length]
        else:
            # One row alone may be longer than what a structure may be.
            step = _ROWS
            found = b"".join(
                self.raw.read(data.address + start + at, min(step, length - at)) for at in range(0, length, step)
            )
        return np.frombuffer(found, data.dtype, length // data.dtype.itemsize)

    def _blank(self, data: DataSet, shape: tuple[int, ...]) -> NDArray[Any]:
        if len(data.fill) != data.dtype.itemsize:
            return np.zeros(shape, data.dtype)
        return np.full(shape, np.frombuffer(data.fill, data.dtype)[0], data.dtype)

    def _chunked(self, data: DataSet, index: Index, first: int, last: int) -> tuple[NDArray[Any], bool]:
        """Return the rows and whether all of them were written."""
        out = self._blank(data, (last - first, *data.shape[1:]))
        filled, seen = 0, set()
        for chunk in chunks(self.raw, index, data.shape, first, last):
            if any(
                at % side or at >= size for at, side, size in zip(chunk.start, index.sides, data.shape, strict=True)
            ):
                raise Unreadable("The HDF5 file is damaged: a chunk lies outside its data set.")
            if chunk.start in seen:
                raise Unreadable("The HDF5 file is damaged: two chunks have one place.")
            seen.add(chunk.start)
            values = self._decoded(data, index, chunk)
            low, high = max(first, chunk.start[0]), min(last, chunk.start[0] + index.sides[0])
            places = [slice(low - first, high - first)]
            parts = [slice(low - chunk.start[0], high - chunk.start[0])]
            for at, side, size in zip(chunk.start[1:], index.sides[1:], data.shape[1:], strict=True):
                places.append(slice(at, min(at + side, size)))
                parts.append(slice(0, min(side, size - at)))
            part = values[tuple(parts)]
            out[tuple(places)] = part
            filled += part.size
        return out, filled == out.size

    def _decoded(self, data: DataSet, index: Index, chunk: Chunk) -> NDArray[Any]:
        self.raw.renew()
        stored = self.raw.read(chunk.address, chunk.length)
        edge = any(at + side > size for at, side, size in zip(chunk.start, index.sides, data.shape, strict=True))
        filters = () if index.plain_edges and edge else data.filters
        plain = undo(stored, filters, chunk.mask, index.size, data.dtype.itemsize)
        return np.frombuffer(plain, data.dtype).reshape(index.sides)


def _data_set(raw: Raw, name: str, found: Messages) -> DataSet:
    layout, space_body, type_body = of(found, LAYOUT), of(found, SPACE), of(found, TYPE)
    if layout is None or space_body is None or type_body is None:
        raise Unreadable(f"{name} is no data set.")
    if of(found, EXTERNAL) is not None:
        raise Unreadable(f"{name} keeps its values in another file, which is not followed.")
    kind, space = kind_of(type_body), space_of(space_body)
    if kind.dtype is None:
        raise Unreadable(f"{name} holds {kind.called}, not numbers.")
    version, form = layout[0], layout[1]
    if version not in (3, 4) or form > 3:
        raise Unreadable(f"{name} is stored in a form of HDF5 that is not supported (layout {version}).")
    if form == 3:
        raise Unreadable(f"{name} is a virtual data set (its values lie in other files), which is not followed.")
    given: dict[str, Any] = {}
    if form == 0:
        given["inside"] = layout[4 : 4 + int.from_bytes(layout[2:4], "little")]
    elif form == 1:
        given["address"] = int.from_bytes(layout[2:10], "little")
    else:
        given["filters"] = filters_of(of(found, FILTERS))
        given["index"] = index_of(layout, space.shape, space.most, bool(given["filters"]))
    made = DataSet(
        name,
        (0,) if space.empty else space.shape,
        kind.dtype,
        attributes(raw, found),
        fill=_fill(of(found, FILL)),
        **given,
    )
    _check_counts(raw, made)
    return made


def _fill(body: bytes | None) -> bytes:
    """Return the value of what was never written, b"" for zero."""
    if body is None:
        return b""
    defined, at = (body[1] & 32, 2) if body[0] == 3 else (body[3], 4)
    if not defined or len(body) < at + 4:
        return b""
    return body[at + 4 : at + 4 + int.from_bytes(body[at : at + 4], "little")]


def _check_counts(raw: Raw, data: DataSet) -> None:
    """Refuse a shape that the file cannot hold."""
    size = prod(data.shape) * data.dtype.itemsize
    damaged = Unreadable(f"The HDF5 file is cut short or damaged: it cannot hold all of {data.name}.")
    if data.index is not None:
        if data.index.item != data.dtype.itemsize:
            raise damaged
        count = prod(-(-side // step) for side, step in zip(data.shape, data.index.sides, strict=True))
        if count * 8 > raw.size + 4096:
            raise damaged
    elif data.inside is not None:
        if len(data.inside) != size:
            raise damaged
    elif data.address != NOWHERE and (size > raw.size or data.address + size > raw.size and not raw.cut):
        raise damaged
