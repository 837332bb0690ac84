"""Groups of HDF5: names and where their objects lie, in the old and the new form; attributes.

Source: HDF5 File Format Specification, version 3.0, sections III.A, III.B, III.D, III.G and IV.A.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.hdf5_bytes import NOWHERE, Raw
from wizard.engine.readers.hdf5_objects import (
    ATTRIBUTE,
    ATTRIBUTE_INFO,
    LINK,
    LINK_INFO,
    TABLE,
    Messages,
    attribute,
    of,
)  # fmt: skip

_MEMBERS = 20_000


@dataclass(frozen=True, slots=True)
class Link:
    """Where an object lies; None for links by name and links into other files, which are never followed."""

    address: int | None
    what: str = ""


def links(raw: Raw, found: Messages) -> dict[str, Link]:
    """Return name → link of a group, given the messages of its header; raises Unreadable for a data set."""
    members: dict[str, Link] = {}
    table, info = of(found, TABLE), of(found, LINK_INFO)
    if table is not None:
        tree, heap = struct.unpack_from("<QQ", table)
        members.update(_old(raw, tree, heap))
    elif info is None:
        raise Unreadable("The HDF5 file has data where a group should be.")
    for kind, body in found:
        if kind == LINK:
            members.update([_link(body)])
    if info is not None:
        at = 10 if info[1] & 1 else 2
        heap, tree = struct.unpack_from("<QQ", info, at)
        for body in _dense(raw, heap, tree, 4):
            members.update([_link(body)])
            if len(members) > _MEMBERS:
                raise Unreadable("The HDF5 file holds too many objects in one group.")
    return members


def attributes(raw: Raw, found: Messages) -> dict[str, Any]:
    """Return name → value of an object's attributes, given the messages of its header."""
    bodies = [body for kind, body in found if kind == ATTRIBUTE]
    info = of(found, ATTRIBUTE_INFO)
    if info is not None:
        heap, tree = struct.unpack_from("<QQ", info, 4 if info[1] & 1 else 2)
        bodies += list(_dense(raw, heap, tree, 0))
    return dict(attribute(raw, body) for body in bodies)


def _link(body: bytes) -> tuple[str, Link]:
    """Read a link message."""
    flags, at, kind = body[1], 2, 0
    if flags & 8:
        kind, at = body[at], at + 1
    at += (8 if flags & 4 else 0) + (1 if flags & 16 else 0)
    width = 1 << (flags & 3)
    length = int.from_bytes(body[at : at + width], "little")
    name, at = body[at + width : at + width + length].decode("utf-8", "replace"), at + width + length
    if kind == 0:
        return name, Link(struct.unpack_from("<Q", body, at)[0])
    return name, Link(None, "a link to another file" if kind == 64 else "a link by name")


def _old(raw: Raw, tree: int, heap: int) -> Iterator[tuple[str, Link]]:
    """List a group that is kept as a symbol table."""
    head = raw.signed(heap, 32, b"HEAP")
    size, _, address = struct.unpack_from("<QQQ", head, 8)
    names, nodes, count = raw.read(address, size), [tree], 0
    while nodes:
        node = nodes.pop()
        if raw.read(node, 4) == b"SNOD":
            entries = struct.unpack_from("<H", raw.read(node, 8), 6)[0]
            block = raw.read(node + 8, entries * 40)
            for at in range(0, entries * 40, 40):
                offset, header, form = struct.unpack_from("<QQI", block, at)
                name = names[offset : names.index(b"\0", offset)].decode("utf-8", "replace")
                yield name, Link(None, "a link by name") if form == 2 else Link(header)
            count += entries
        else:
            entries = struct.unpack_from("<H", raw.signed(node, 8, b"TREE"), 6)[0]
            block = raw.read(node + 24, entries * 16)
            nodes += [struct.unpack_from("<Q", block, at + 8)[0] for at in range(0, entries * 16, 16)]
        if count > _MEMBERS:
            raise Unreadable("The HDF5 file holds too many objects in one group.")


def _dense(raw: Raw, heap: int, tree: int, skip: int) -> Iterator[bytes]:
    """Yield the messages of a fractal heap that a tree lists; the heap's id begins after `skip` bytes of a record."""
    if heap == NOWHERE or tree == NOWHERE:
        return
    place = Heap(raw, heap)
    for number, record in enumerate(records(raw, tree)):
        if number >= _MEMBERS:
            raise Unreadable("The HDF5 file holds too many objects in one group.")
        body = place.get(record[skip:])
        if body is not None:
            yield body


def _bytes_for(limit: int) -> int:
    """Return how many bytes a number up to `limit` takes."""
    return (max(limit, 1).bit_length() + 7) // 8


def records(raw: Raw, address: int) -> Iterator[bytes]:
    """Yield the records of a version 2 B-tree."""
    head = raw.summed(address, 34, b"BTHD")
    size, width, depth = struct.unpack_from("<IHH", head, 6)
    root, count = struct.unpack_from("<QH", head, 16)
    if width == 0 or depth > 16 or size > 1 << 24:
        raise Unreadable("The HDF5 file is damaged: a tree of unlikely size.")
    most = total = (size - 10) // width
    number, totals = _bytes_for(most), [0]
    for _ in range(depth):
        pointer = 8 + number + totals[-1]
        most = (size - 10 - pointer) // (width + pointer)
        total = (most + 1) * total + most
        totals.append(_bytes_for(total))
    nodes = [(root, count, depth)] if root != NOWHERE else []
    while nodes:
        node, count, level = nodes.pop()
        step = 8 + number + (totals[level - 1] if level else 0)
        length = 6 + count * width + ((count + 1) * step if level else 0)
        block = raw.summed(node, length, b"BTIN" if level else b"BTLF")
        yield from (block[at : at + width] for at in range(6, 6 + count * width, width))
        for at in range(6 + count * width, length, step):
            entries = int.from_bytes(block[at + 8 : at + 8 + number], "little")
            nodes.append((struct.unpack_from("<Q", block, at)[0], entries, level - 1))


class Heap:
    """A fractal heap: small objects by their id."""

    def __init__(self, raw: Raw, address: int) -> None:
        self._raw = raw
        head = raw.signed(address, 146, b"FRHP")
        filters, flags, largest = struct.unpack_from("<HBI", head, 7)
        self._width, self._first, direct, bits, _, self._root, self._rows = struct.unpack_from("<HQQHHQH", head, 110)
        if filters:
            raise Unreadable("The HDF5 file has compressed descriptions, which are not supported.")
        raw.summed(address, 142, b"FRHP")
        if not self._first or not direct or not self._width or bits > 64:
            raise Unreadable("The HDF5 file is damaged: a heap of unlikely size.")
        self._offset_bytes = (bits + 7) // 8
        self._length_bytes = min((direct.bit_length() + 6) // 8, _bytes_for(largest))
        self._direct_rows = direct.bit_length() - self._first.bit_length() + 2
        self._prefix = 13 + self._offset_bytes

    def get(self, key: bytes) -> bytes | None:
        """Return an object; None for one that is kept outside (larger than 64 KiB)."""
        form = key[0] >> 4 & 3
        if form == 2:
            return key[1 : 2 + (key[0] & 15)]
        if form == 1:
            return None
        at = 1 + self._offset_bytes
        offset = int.from_bytes(key[1:at], "little")
        length = int.from_bytes(key[at : at + self._length_bytes], "little")
        block, inside = self._find(offset)
        self._raw.signed(block, 4, b"FHDB")
        return self._raw.read(block + inside, length)

    def _find(self, offset: int) -> tuple[int, int]:
        """Return the address of the block that holds an offset, and the offset inside it."""
        block, rows = self._root, self._rows
        if rows == 0:
            return block, offset
        while True:
            row, column = 0, offset // self._first
            size = self._first
            if column >= self._width:
                row = (offset // (self._first * self._width)).bit_length()
                size = self._first << (row - 1)
                column, offset = divmod(offset - size * self._width, size)
            else:
                offset -= column * size
            place = self._prefix + (row * self._width + column) * 8
            self._raw.signed(block, 4, b"FHIB")
            block = struct.unpack("<Q", self._raw.read(block + place, 8))[0]
            if row < self._direct_rows:
                return block, offset
