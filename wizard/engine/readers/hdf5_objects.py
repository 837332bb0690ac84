"""Object headers of HDF5 and what their messages say: shape, type, attributes.

Source: HDF5 File Format Specification, version 3.0, sections IV.A.1 and IV.A.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.hdf5_bytes import NOWHERE, Raw, check

SPACE, LINK_INFO, TYPE, FILL_OLD, FILL, LINK, EXTERNAL, LAYOUT, FILTERS, ATTRIBUTE, CONTINUED, TABLE, ATTRIBUTE_INFO = (
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0B, 0x0C, 0x10, 0x11, 0x15,
)  # fmt: skip
_FLOATS = {2: (10, 5, 0, 10), 4: (23, 8, 0, 23), 8: (52, 11, 0, 52)}
_NAMES = {2: "times", 4: "bit fields", 5: "opaque data", 6: "structures", 7: "references", 9: "lists", 10: "arrays"}
_HEADERS = 1 << 20


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of values: `dtype`, or None with what it is `called`; `text` is set for strings of any length."""

    dtype: np.dtype[Any] | None
    called: str = ""
    text: bool = False


@dataclass(frozen=True, slots=True)
class Space:
    """The shape of values and the shape that it may grow to (None = without end)."""

    shape: tuple[int, ...]
    most: tuple[int | None, ...]
    empty: bool = False


Messages = list[tuple[int, bytes]]


def messages(raw: Raw, address: int) -> Messages:
    """Return the messages of the object header at an address as (type, body), shared types resolved."""
    first = raw.read(address, 16)
    found = list(_second(raw, address) if first[:4] == b"OHDR" else _first(raw, address, first))
    return [(kind, _shared(raw, kind, body) if flags & 2 else body) for kind, flags, body in found]


def of(found: Messages, kind: int) -> bytes | None:
    """Return the first message of a type, None if there is none."""
    return next((body for each, body in found if each == kind), None)


def _first(raw: Raw, address: int, first: bytes) -> Iterator[tuple[int, int, bytes]]:
    version, _, count, _, size = struct.unpack_from("<BBHII", first)
    if version != 1:
        raise Unreadable("The HDF5 file is damaged: no object where one should be.")
    blocks, total = [(address + 16, size)], 0
    while blocks:
        start, size = blocks.pop(0)
        total += size
        if total > _HEADERS:
            raise Unreadable("The HDF5 file is damaged: the description of an object has no end.")
        block, at = raw.read(start, size), 0
        while at + 8 <= size and count > 0:
            kind, length, flags = struct.unpack_from("<HHB", block, at)
            body = block[at + 8 : at + 8 + length]
            if len(body) != length:
                raise Unreadable("The HDF5 file is damaged: the description of an object is cut.")
            at, count = at + 8 + length, count - 1
            if kind == CONTINUED:
                blocks.append(struct.unpack_from("<QQ", body))
            else:
                yield kind, flags, body


def _second(raw: Raw, address: int) -> Iterator[tuple[int, int, bytes]]:
    flags = raw.read(address, 6)[5]
    at = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size = int.from_bytes(raw.read(address + at, width), "little")
    blocks, total = [(address, at + width + size + 4, at + width)], 0
    while blocks:
        start, length, at = blocks.pop(0)
        total += length
        if total > _HEADERS:
            raise Unreadable("The HDF5 file is damaged: the description of an object has no end.")
        block = raw.signed(start, length, b"OCHK" if at == 4 else b"OHDR")
        check(block)
        head, end = 6 if flags & 4 else 4, length - 4
        while at + head <= end:
            kind, count, marks = struct.unpack_from("<BHB", block, at)
            body = block[at + head : at + head + count]
            at += head + count
            if at > end:
                raise Unreadable("The HDF5 file is damaged: the description of an object is cut.")
            if kind == CONTINUED:
                blocks.append((*struct.unpack_from("<QQ", body), 4))
            else:
                yield kind, marks, body


def _shared(raw: Raw, kind: int, body: bytes) -> bytes:
    """Return the message that a shared message points to: only types that have a name of their own."""
    version, place = body[0], body[1]
    if kind != TYPE or (version == 3 and place != 2):
        raise Unreadable("The HDF5 file shares descriptions between its parts, which is not supported.")
    address = struct.unpack_from("<Q", body, 8 if version == 1 else 2)[0]
    first = raw.read(address, 16)
    found = _second(raw, address) if first[:4] == b"OHDR" else _first(raw, address, first)
    for each, flags, other in found:
        if each == kind and not flags & 2:
            return other
    raise Unreadable("The HDF5 file is damaged: the type of its data is missing.")


def space_of(body: bytes) -> Space:
    """Read a dataspace message."""
    version, rank, flags = body[0], body[1], body[2]
    at = {1: 8, 2: 4}[version]
    if rank > 32:
        raise Unreadable("The HDF5 file is damaged: data with more than 32 axes.")
    shape = struct.unpack_from(f"<{rank}Q", body, at)
    most = struct.unpack_from(f"<{rank}Q", body, at + 8 * rank) if flags & 1 else shape
    return Space(shape, tuple(None if side == NOWHERE else side for side in most), version == 2 and body[3] == 2)


def kind_of(body: bytes) -> Kind:
    """Read a datatype message; whole numbers, floats, texts and enumerations have a dtype."""
    number, bits, size = body[0] & 15, int.from_bytes(body[1:4], "little"), struct.unpack_from("<I", body, 4)[0]
    order = ">" if bits & 1 else "<"
    if number == 0:
        offset, precision = struct.unpack_from("<HH", body, 8)
        if size in (1, 2, 4, 8) and offset == 0 and precision == 8 * size and not bits & 6:
            return Kind(np.dtype(f"{order}{'i' if bits & 8 else 'u'}{size}"))
        return Kind(None, "numbers of unusual length")
    if number == 1:
        offset, precision, *places = struct.unpack_from("<HHBBBB", body, 8)
        exponent_at, exponent, fraction_at, fraction = places
        usual = size in _FLOATS and (exponent_at, exponent, fraction_at, fraction) == _FLOATS[size]
        if usual and offset == 0 and precision == 8 * size and not bits & 0x40:
            return Kind(np.dtype(f"{order}f{size}"))
        return Kind(None, "floats of unusual length")
    if number == 3:
        return Kind(np.dtype(f"S{size}")) if 0 < size <= 1 << 16 else Kind(None, "very long texts")
    if number == 8:
        return kind_of(body[8:])
    if number == 9 and bits & 15 == 1:
        return Kind(None, "texts", text=True)
    return Kind(None, _NAMES.get(number, "data of an unknown type"))


def attribute(raw: Raw, body: bytes) -> tuple[str, Any]:
    """Read an attribute message: its name and its value.

    The value is a number or text, an array of up to 4,096 numbers, or None for anything else.
    """
    version, flags = body[0], body[1]
    sizes = struct.unpack_from("<HHH", body, 2)
    at = 9 if version == 3 else 8
    steps = [size + (-size % 8 if version == 1 else 0) for size in sizes]
    name = body[at : at + sizes[0]].split(b"\0")[0].decode("utf-8", "replace")
    at += steps[0]
    if version not in (1, 2, 3):
        raise Unreadable("The HDF5 file is damaged: an attribute of unknown kind.")
    form, shape = body[at : at + sizes[1]], body[at + steps[1] : at + steps[1] + sizes[2]]
    kind = kind_of(_shared(raw, TYPE, form) if version > 1 and flags & 1 else form)
    space = space_of(shape)
    data, count = body[at + steps[1] + steps[2] :], int(np.prod(space.shape, dtype=object))
    if space.empty or count < 1 or count > 4096:
        return name, None
    if kind.text:
        return name, _long_text(raw, data) if count == 1 else None
    if kind.dtype is None or len(data) < count * kind.dtype.itemsize:
        return name, None
    values = np.frombuffer(data, kind.dtype, count)
    if kind.dtype.kind == "S":
        return name, bytes(values[0]).decode("utf-8", "replace") if count == 1 else None
    return name, values[0].item() if count == 1 else values.reshape(space.shape)


def _long_text(raw: Raw, data: bytes) -> str:
    """Return a text that lies in a global heap."""
    length, address, index = struct.unpack_from("<IQI", data)
    if length == 0:
        return ""
    head = raw.signed(address, 16, b"GCOL")
    size = struct.unpack_from("<Q", head, 8)[0]
    if size > _HEADERS * 16:
        raise Unreadable("The HDF5 file is damaged: a heap without end.")
    heap, at = raw.read(address, size), 16
    while at + 16 <= size:
        number, _, _, count = struct.unpack_from("<HHIQ", heap, at)
        if number == index:
            return heap[at + 16 : at + 16 + min(length, count)].split(b"\0")[0].decode("utf-8", "replace")
        if number == 0:
            break
        at += 16 + count + -count % 8
    raise Unreadable("The HDF5 file is damaged: a text is missing.")
