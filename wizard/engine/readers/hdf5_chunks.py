"""Where the chunks of an HDF5 data set lie, for every kind of index.

Source: HDF5 File Format Specification, version 3.0, sections III.A, IV.A.2.i and appendix C.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.hdf5_bytes import NOWHERE, Raw
from wizard.engine.readers.hdf5_groups import records

_OLD_TREE, _SINGLE, _IMPLICIT, _FIXED, _GROWING, _TREE = range(6)
_CHUNK = 1 << 26


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored chunk: where it begins in the array, its address, stored length and left-out filters."""

    start: tuple[int, ...]
    address: int
    length: int
    mask: int


@dataclass(frozen=True, slots=True)
class Index:
    """How the chunks of one data set are found: `sides` of a chunk, the grid's most chunks per axis."""

    kind: int
    sides: tuple[int, ...]
    item: int
    address: int
    most: tuple[int | None, ...]
    filtered: bool
    plain_edges: bool = False
    single: tuple[int, int] = (0, 0)

    @property
    def size(self) -> int:
        """Bytes of a chunk when decoded."""
        return prod(self.sides) * self.item


def index_of(body: bytes, shape: tuple[int, ...], most: tuple[int | None, ...], filtered: bool) -> Index:
    """Read a layout message of chunks, version 3 or 4."""
    if body[0] == 3:
        rank, address = body[2], struct.unpack_from("<Q", body, 3)[0]
        sides = struct.unpack_from(f"<{rank}I", body, 11)
        found = Index(_OLD_TREE, sides[:-1], sides[-1], address, most, filtered)
    else:
        flags, rank, width, at = body[2], body[3], body[4], 5
        sides = tuple(int.from_bytes(body[at + i * width : at + (i + 1) * width], "little") for i in range(rank))
        at += rank * width
        kind, at = body[at], at + 1
        single = struct.unpack_from("<QI", body, at) if kind == _SINGLE and flags & 2 else (0, 0)
        at += {_SINGLE: 12 if flags & 2 else 0, _IMPLICIT: 0, _FIXED: 1, _GROWING: 5, _TREE: 6}[kind]
        address = struct.unpack_from("<Q", body, at)[0]
        found = Index(kind, sides[:-1], sides[-1], address, most, filtered, bool(flags & 1), single)
    if len(found.sides) != len(shape) or not all(found.sides) or not 0 < found.size <= _CHUNK:
        raise Unreadable("The HDF5 file is damaged, or its pieces are larger than 64 MB.")
    return found


def chunks(raw: Raw, index: Index, shape: tuple[int, ...], first: int, last: int) -> Iterator[Chunk]:
    """Yield the stored chunks that hold rows `first` to `last` (exclusive) of the first axis."""
    if index.address == NOWHERE:
        return
    if index.kind == _OLD_TREE:
        yield from _old(raw, index, first, last)
        return
    side = index.sides[0]
    if index.kind == _TREE:
        width = 8 + 8 * len(shape)
        for record in records(raw, index.address):
            extra = len(record) - width
            starts = struct.unpack_from(f"<{len(shape)}Q", record, len(record) - 8 * len(shape))
            start = tuple(at * step for at, step in zip(starts, index.sides, strict=True))
            if first - side < start[0] < last:
                length = int.from_bytes(record[8 : 4 + extra], "little") if index.filtered else index.size
                mask = struct.unpack_from("<I", record, 4 + extra)[0] if index.filtered else 0
                yield Chunk(start, struct.unpack_from("<Q", record)[0], length, mask)
        return
    grid = [-(-size // step) for size, step in zip(shape, index.sides, strict=True)]
    number, find = _numbers(index, grid), _finder(raw, index)
    for place in product(range(first // side, -(-last // side)), *(range(count) for count in grid[1:])):
        address, length, mask = find(number(place))
        if address != NOWHERE:
            yield Chunk(tuple(at * step for at, step in zip(place, index.sides, strict=True)), address, length, mask)


def _old(raw: Raw, index: Index, first: int, last: int) -> Iterator[Chunk]:
    """Walk a version 1 B-tree, only through nodes that can hold the rows wanted."""
    rank, side = len(index.sides), index.sides[0]
    step = 8 + 8 * (rank + 1)
    nodes = [(index.address, -1)]
    while nodes:
        node, above = nodes.pop()
        kind, level, count = struct.unpack_from("<BBH", raw.signed(node, 8, b"TREE"), 4)
        if kind != 1 or (above >= 0 and level != above - 1):
            raise Unreadable("The HDF5 file is damaged: the index of its chunks is wrong.")
        block = raw.read(node + 24, count * (step + 8) + step)
        for at in range(0, count * (step + 8), step + 8):
            length, mask, *start = struct.unpack_from(f"<II{rank}Q", block, at)
            after = struct.unpack_from("<Q", block, at + step + 16)[0]
            address = struct.unpack_from("<Q", block, at + step)[0]
            if level and start[0] < last and after + side > first:
                nodes.append((address, level))
            elif not level and first - side < start[0] < last:
                yield Chunk(tuple(start), address, length, mask)


def _numbers(index: Index, grid: list[int]) -> Callable[[tuple[int, ...]], int]:
    """Return the function place in the grid → running number, which counts by the largest shape allowed."""
    most = [
        None if side is None else -(-side // step) for side, step in zip(index.most, index.sides, strict=True)
    ]  # fmt: skip
    order = list(range(len(grid)))
    if index.kind == _GROWING:
        endless = most.index(None)
        order.insert(0, order.pop(endless))
    below = [prod((most[axis] or 1) for axis in order[at + 1 :]) for at in range(len(order))]
    return lambda place: sum(place[axis] * step for axis, step in zip(order, below, strict=True))


def _finder(raw: Raw, index: Index) -> Callable[[int], tuple[int, int, int]]:
    """Return the function running number of a chunk → (address, stored length, mask)."""
    if index.kind == _SINGLE:
        length, mask = index.single if index.filtered else (index.size, 0)
        return lambda number: (index.address, length, mask)
    if index.kind == _IMPLICIT:
        return lambda number: (index.address + number * index.size, index.size, 0)
    elements = _Fixed(raw, index.address) if index.kind == _FIXED else _Growing(raw, index.address)

    def find(number: int) -> tuple[int, int, int]:
        entry = elements.get(number)
        if entry is None:
            return NOWHERE, 0, 0
        address = struct.unpack_from("<Q", entry)[0]
        if not index.filtered:
            return address, index.size, 0
        return address, int.from_bytes(entry[8:-4], "little"), struct.unpack_from("<I", entry, len(entry) - 4)[0]

    return find


class _Pages:
    """What both arrays share: elements of equal width in blocks, or in pages with a checksum each."""

    def __init__(self, raw: Raw, width: int, page: int) -> None:
        self.raw, self.width, self.page = raw, width, page
        self._seen: dict[int, bytes] = {}
        if not 8 <= width <= 24:
            raise Unreadable("The HDF5 file is damaged: the index of its chunks is wrong.")

    def block(self, address: int, count: int, signature: bytes = b"") -> bytes:
        """Return a block with its checksum tested, read once."""
        if address not in self._seen:
            if len(self._seen) > 64:
                self._seen.clear()
            self._seen[address] = self.raw.summed(address, count, signature)
        return self._seen[address]

    def element(self, address: int, prefix: int, number: int, count: int, signature: bytes) -> bytes:
        """Return an element of a data block of `count` elements behind a prefix."""
        if count <= self.page:
            block = self.block(address, prefix + count * self.width, signature)
            return block[prefix + number * self.width :][: self.width]
        self.raw.signed(address, 4, signature)
        step = self.page * self.width + 4
        page, inside = divmod(number, self.page)
        here = min(self.page, count - page * self.page)
        block = self.block(address + prefix + 4 + page * step, here * self.width)
        return block[inside * self.width :][: self.width]


def _is_set(bits: bytes, number: int) -> bool:
    return bool(bits[number // 8] & 0x80 >> number % 8)


class _Fixed(_Pages):
    """A fixed array: one data block for all elements."""

    def __init__(self, raw: Raw, address: int) -> None:
        head = raw.summed(address, 24, b"FAHD")
        super().__init__(raw, head[6], 1 << min(head[7], 30))
        self._count, self._address = struct.unpack_from("<QQ", head, 8)

    def get(self, number: int) -> bytes | None:
        """Return an element, None if it was never written."""
        if self._address == NOWHERE or number >= self._count:
            return None
        prefix = 14
        if self._count > self.page:
            bits = (-(-self._count // self.page) + 7) // 8
            marks = self.block(self._address, prefix + bits, b"FADB")[prefix:]
            if not _is_set(marks, number // self.page):
                return None
            prefix += bits
        return self.element(self._address, prefix, number, self._count, b"FADB")


class _Growing(_Pages):
    """An extensible array: first elements in the index block, then blocks that double in size."""

    def __init__(self, raw: Raw, address: int) -> None:
        head = raw.summed(address, 68, b"EAHD")
        bits, self._inside, self._least, pointers, page = head[7:12]
        super().__init__(raw, head[6], 1 << min(page, 30))
        self._address, self._offset = struct.unpack_from("<Q", head, 60)[0], (bits + 7) // 8
        if not self._least or not pointers or not 0 < bits <= 64:
            raise Unreadable("The HDF5 file is damaged: the index of its chunks is wrong.")
        self._blocks, self._direct = 2 * (pointers - 1), 2 * (pointers.bit_length() - 1)
        self._supers = max(0, 1 + bits - (self._least.bit_length() - 1) - self._direct)
        self._size = 14 + self._inside * self.width + 8 * (self._blocks + self._supers)

    def get(self, number: int) -> bytes | None:
        """Return an element, None if it was never written."""
        if self._address == NOWHERE:
            return None
        top = self.block(self._address, self._size, b"EAIB")
        if number < self._inside:
            return top[14 + number * self.width :][: self.width]
        number -= self._inside
        level = (number // self._least + 1).bit_length() - 1
        # Level u has 2^(u/2) blocks of 2^((u+1)/2) times the least number of elements.
        number -= self._least * ((1 << level) - 1)
        count = self._least << (level + 1) // 2
        block, inside = divmod(number, count)
        table = 14 + self._inside * self.width
        if level < self._direct:
            before = sum(1 << each // 2 for each in range(level))
            place = struct.unpack_from("<Q", top, table + 8 * (before + block))[0]
        else:
            upper = struct.unpack_from("<Q", top, table + 8 * (self._blocks + level - self._direct))[0]
            if upper == NOWHERE:
                return None
            place = self._through(upper, level, block, inside, count)
        return None if place == NOWHERE else self.element(place, 14 + self._offset, inside, count, b"EADB")

    def _through(self, address: int, level: int, block: int, inside: int, count: int) -> int:
        """Return the address of a data block that a secondary block lists."""
        blocks, prefix = 1 << level // 2, 14 + self._offset
        pages = count // self.page if count > self.page else 0
        bits = blocks * ((pages + 7) // 8)
        body = self.block(address, prefix + bits + 8 * blocks, b"EASB")
        if pages and not _is_set(body[prefix : prefix + bits], block * pages + inside // self.page):
            return NOWHERE
        return int(struct.unpack_from("<Q", body, prefix + bits + 8 * block)[0])
