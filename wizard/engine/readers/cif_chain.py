"""The chain of tables (IFDs) in an ImageStream file: where every image and mask lies, told without decoding.

The container is a TIFF dialect of one linked chain: one table about the file, then a table per image and per
mask. Offsets have 32 bits and wrap in files above 4 GiB, where data always follow their table.
Source: fact sheet ifc_formats.md, sections 1 to 3 and 9.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable

WIDTH, HEIGHT, BITS, COMPRESSION, KIND, OBJECT = 256, 257, 258, 259, 33002, 33003
STRIP_OFFSETS, STRIP_BYTES = 273, 279
CAMERA_LINE, CAMERA_TIMER, ORIGINAL_OBJECT, CENTRE_X, CENTRE_Y = 33016, 33017, 33024, 33056, 33057
FLOW_SPEED, FINE_CENTRE_X, FINE_CENTRE_Y = 33012, 33071, 33072
BACKGROUND_MEAN, BACKGROUND_SD, SATURATED, SATURATED_PERCENT = 33052, 33053, 33054, 33055

ABOUT, IMAGE, MASK = 1, 2, 3
"""Kinds of tables: about the file, an image, the mask of the image before it."""

GREYSCALE, RUNS, PLAIN = 30817, 30818, 1
"""Compressions of images, of masks, and none."""

_NUMBERS = (
    WIDTH, HEIGHT, BITS, COMPRESSION, KIND, OBJECT, CAMERA_LINE, CAMERA_TIMER, ORIGINAL_OBJECT, CENTRE_X, CENTRE_Y
)  # fmt: skip
_DOUBLES = (FLOW_SPEED, FINE_CENTRE_X, FINE_CENTRE_Y)
_PER_CHANNEL = (BACKGROUND_MEAN, BACKGROUND_SD, SATURATED, SATURATED_PERCENT)

_BYTES = np.array([0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8])
"""Bytes of one value by TIFF type."""

_WRAP = 1 << 32
_MOST_ENTRIES = 1000
_MOST_CHANNELS = 64
_FIRST_WINDOW, _WINDOW = 1 << 16, 1 << 21


class Entry(NamedTuple):
    """One tag of a table: TIFF type, number of values, and where they lie (absolute)."""

    type: int
    values: int
    offset: int

    @property
    def bytes(self) -> int:
        """Length of all values."""
        return int(_BYTES[self.type]) * self.values if self.type < len(_BYTES) else 0


@dataclass(slots=True)
class Chain:
    """All tables of a file in the order of the chain (n tables, m of them images).

    `order` is "<" or ">"; `about` the tags of the first table; `offset` (n,) where a table lies; `kind` (n,) ABOUT,
    IMAGE, MASK or 0; `numbers` tag → (n,) whole numbers, -1 = none; `strip` (n, 2) offset and length of the pixel
    data, length -1 = none; `pieces` table → (s, 2) the same where the data lie in several strips; `measured`
    tag → (m, 1) or (m, stored channels), NaN = none; `ended` is "" where the chain ends properly, `cut` where it
    leads out of the file, `damaged` where it leads to no table, `loop` where it leads back.
    """

    order: str
    size: int
    about: dict[int, Entry]
    offset: NDArray[np.int64]
    kind: NDArray[np.uint8]
    numbers: dict[int, NDArray[np.int64]]
    strip: NDArray[np.int64]
    pieces: dict[int, NDArray[np.int64]]
    measured: dict[int, NDArray[np.float64]]
    ended: str


def walk(file: BinaryIO, size: int) -> Chain:
    """Follow the chain of a file of `size` bytes to its end or to the first damage.

    Raises Unreadable when it is not of this format or is cut off before its first table ends.
    """
    order, first = _header(file, size)
    walker = _Walker(file, size, order)
    walker.run(first)
    if not walker.tables:
        raise Unreadable("The file is cut off or damaged at its start.")
    return walker.chain(entries_at(file, order, first))


def entries_at(file: BinaryIO, order: str, offset: int) -> dict[int, Entry]:
    """Return all tags of one table below 4 GiB, e.g. of the one about the file; of a tag twice, the first."""
    (count,) = struct.unpack(order + "H", read_at(file, offset, 2))
    found: dict[int, Entry] = {}
    raw = read_at(file, offset + 2, 12 * count)
    for index, (tag, kind, values, place) in enumerate(struct.iter_unpack(order + "HHII", raw)):
        entry = Entry(kind, values, place)
        if entry.bytes <= 4:
            entry = Entry(kind, values, offset + 10 + 12 * index)
        found.setdefault(tag, entry)
    return found


def read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """Read a part of a file; raises Unreadable when it ends before."""
    file.seek(offset)
    data = file.read(length)
    if data is None or len(data) < length:
        raise Unreadable("The file is cut off.")
    return data


def _header(file: BinaryIO, size: int) -> tuple[str, int]:
    """Return byte order and the offset of the first table; other formats are refused with a word of what they are."""
    head = file.read(4096) or b""
    text = head.lstrip().lower()
    if text.startswith((b"data_", b"#\\#cif", b"loop_")) or b"\n_cell_" in text or b"\ndata_" in text:
        raise Unreadable("This is a crystal structure (a text file that shares the ending), not ImageStream images.")
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise Unreadable("The file is empty or cut off." if size < 8 else "This is not an ImageStream file.")
    magic, first = struct.unpack(order + "HI", head[2:8])
    if magic != 42:
        raise Unreadable("This is not an ImageStream file (its TIFF version is unknown).")
    if not 8 <= first <= size - 18:
        raise Unreadable("The file is cut off or damaged at its start.")
    return order, first


@dataclass
class _Window:
    """A part of the file in memory."""

    base: int = 0
    data: bytes = b""

    @property
    def end(self) -> int:
        return self.base + len(self.data)


@dataclass
class _Walker:
    """Reads the tables through a window that moves with the chain, a batch of tables at a time."""

    file: BinaryIO
    size: int
    order: str
    tables: int = 0
    channels: int = 0
    ended: str = ""
    window: _Window = field(default_factory=_Window)
    ahead: int = _FIRST_WINDOW
    back: set[int] | None = None
    offsets: list[int] = field(default_factory=list)
    batches: list[dict[Any, NDArray[Any]]] = field(default_factory=list)
    pieces: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    def run(self, offset: int) -> None:
        """Walk from the first table on."""
        while offset:
            self._move(offset)
            begins, counts, nexts, offset = self._scan(offset)
            for count in sorted(set(counts)):
                rows = [row for row, other in enumerate(counts) if other == count]
                self._batch(count, self.tables + np.array(rows), np.array([begins[row] for row in rows]),
                            np.array([nexts[row] or self.size for row in rows]))  # fmt: skip
            self.offsets.extend(begins)
            self.tables += len(begins)

    def _move(self, offset: int) -> None:
        """Lay the window on a table; it grows while the chain runs forward and shrinks after a jump."""
        near = self.window.base <= offset <= self.window.end + _WINDOW
        self.ahead = min(2 * self.ahead, _WINDOW) if near else _FIRST_WINDOW
        self.file.seek(offset)
        self.window = _Window(offset, self.file.read(self.ahead) or b"")

    def _scan(self, offset: int) -> tuple[list[int], list[int], list[int], int]:
        """List the tables in the window (begin, entries, next); return them and where to go on, 0 = nowhere.

        A table whose data may lie beyond the window is left to the next one, unless it is the first.
        """
        short, long = struct.Struct(self.order + "H").unpack_from, struct.Struct(self.order + "I").unpack_from
        data, base, end = self.window.data, self.window.base, self.window.end
        begins: list[int] = []
        counts: list[int] = []
        nexts: list[int] = []
        while base <= offset <= end - 2:
            (count,) = short(data, offset - base)
            after = offset + 6 + 12 * count
            if not 1 <= count <= _MOST_ENTRIES:
                self.ended = "damaged"
                return begins, counts, nexts, 0
            if after > end:
                break
            following = self._follow(long(data, after - base - 4)[0], offset, after)
            if begins and not offset < following <= end:
                return begins, counts, nexts, offset
            begins.append(offset)
            counts.append(count)
            nexts.append(following if following > offset else 0)
            if not self._goes_on(following, offset, after, begins):
                return begins, counts, nexts, 0
            offset = following
        if not begins:
            self.ended = "cut"
            return begins, counts, nexts, 0
        return begins, counts, nexts, offset

    def _follow(self, raw: int, offset: int, after: int) -> int:
        """Return where the next table lies: in files above 4 GiB the first place with these 32 bits that follows."""
        if raw == 0 or self.size <= _WRAP:
            return raw
        following = raw + offset // _WRAP * _WRAP
        return following + _WRAP if following < after else following

    def _goes_on(self, following: int, offset: int, after: int, begins: list[int]) -> bool:
        """Tell whether there is a next table; where the chain breaks, note how."""
        if following == 0:
            return False
        if following > self.size - 18:
            self.ended = "cut"
        elif offset < following < after or following < 8:
            self.ended = "damaged"
        elif following <= offset or self.back is not None:
            if self.back is None:
                self.back = set(self.offsets)
            self.back.update(begins)
            if following in self.back:
                self.ended = "loop"
        return not self.ended

    def _batch(self, count: int, rows: NDArray[Any], begin: NDArray[Any], limit: NDArray[Any]) -> None:
        """Read tables of `count` entries; `limit` is where the table after each lies."""
        order = self.order
        layout = np.dtype({
            "names": ["tag", "type", "count", "long", "short", "byte"],
            "formats": [order + "u2", order + "u2", order + "u4", order + "u4", order + "u2", "u1"],
            "offsets": [0, 2, 4, 8, 8, 8],
            "itemsize": 12,
        })  # fmt: skip
        window = np.frombuffer(self.window.data, np.uint8)
        places = (begin - self.window.base + 2)[:, None] + np.arange(12 * count)
        reading = _Tables(window[places].view(layout), begin, limit, self.size)
        found: dict[Any, NDArray[Any]] = {tag: reading.numbers(tag) for tag in _NUMBERS}
        found["row"] = rows
        found["kind"] = kind = _kinds(found)
        found["strip"] = self._strips(reading, rows)
        images = np.flatnonzero(kind == IMAGE)
        found["image_row"] = rows[images]
        if len(images) and not self.channels:
            entry, present = reading.entry(BACKGROUND_MEAN)
            known = entry["count"][present & (kind == IMAGE)]
            self.channels = min(int(known[0]), _MOST_CHANNELS) if len(known) else 0
        for tag in _DOUBLES + _PER_CHANNEL:
            wanted = 1 if tag in _DOUBLES else self.channels
            found[-tag] = self._doubles(reading, tag, wanted, images)
        self.batches.append(found)

    def _strips(self, reading: _Tables, rows: NDArray[Any]) -> NDArray[np.int64]:
        """Return offset and length of the pixel data; lists of strips go to `pieces`."""
        begin, length = reading.numbers(STRIP_OFFSETS), reading.numbers(STRIP_BYTES)
        strips = np.column_stack([reading.absolute(begin, np.arange(len(begin))), length])
        strips[(begin < 0) | (length < 0)] = -1
        where, there = reading.entry(STRIP_OFFSETS)
        for row in np.flatnonzero(there & (where["count"] > 1)):
            lists = [self._list(reading, tag, int(row)) for tag in (STRIP_OFFSETS, STRIP_BYTES)]
            if lists[0] is None or lists[1] is None or len(lists[0]) != len(lists[1]):
                strips[row] = -1
                continue
            begins = reading.absolute(lists[0], np.full(len(lists[0]), row))
            self.pieces[int(rows[row])] = np.column_stack([begins, lists[1]])
            strips[row] = begins[0], lists[1].sum()
        return strips

    def _list(self, reading: _Tables, tag: int, row: int) -> NDArray[np.int64] | None:
        """Return a list of SHORT or LONG values of one table; None when it is none."""
        found, present = reading.entry(tag)
        entry = found[row]
        if not present[row] or entry["type"] not in (3, 4) or not 1 < entry["count"] <= 65535:
            return None
        kind = np.dtype(self.order + ("u2" if entry["type"] == 3 else "u4"))
        length = kind.itemsize * int(entry["count"])
        place = int(reading.absolute(np.array([int(entry["long"])]), np.array([row]))[0])
        data = entry.tobytes()[8 : 8 + length] if length <= 4 else self._bytes(place, length)
        return None if data is None else np.frombuffer(data, kind).astype(np.int64)

    def _doubles(self, reading: _Tables, tag: int, wanted: int, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return `wanted` doubles of every image, NaN where a table has none or another number of them."""
        values = np.full((len(images), wanted), np.nan)
        entry, present = reading.entry(tag)
        good = (present & (entry["type"] == 12) & (entry["count"] == wanted))[images]
        place = reading.absolute(entry["long"][images].astype(np.int64), images)
        at = place - self.window.base
        inside = good & (at >= 0) & (at + 8 * wanted <= len(self.window.data))
        if inside.any() and wanted:
            window = np.frombuffer(self.window.data, np.uint8)
            raw = window[at[inside][:, None] + np.arange(8 * wanted)]
            values[inside] = raw.view(self.order + "f8")
        for row in np.flatnonzero(good & ~inside):
            data = self._bytes(int(place[row]), 8 * wanted)
            if data is not None:
                values[row] = np.frombuffer(data, self.order + "f8")
        return values

    def _bytes(self, place: int, length: int) -> bytes | None:
        """Return a part of the file, None when it ends before."""
        if not 0 <= place <= self.size - length:
            return None
        at = place - self.window.base
        if 0 <= at <= len(self.window.data) - length:
            return self.window.data[at : at + length]
        try:
            return read_at(self.file, place, length)
        except Unreadable:
            return None

    def chain(self, about: dict[int, Entry]) -> Chain:
        """Put the batches together in the order of the chain."""

        def laid(key: Any, row: str = "row") -> NDArray[Any]:
            rows = np.concatenate([batch[row] for batch in self.batches])
            parts = [batch[key] for batch in self.batches]
            if parts[0].ndim == 2:
                wide = max(part.shape[1] for part in parts)
                parts = [part if part.shape[1] == wide else np.full((len(part), wide), np.nan) for part in parts]
            return np.concatenate(parts)[np.argsort(rows, kind="stable")]

        return Chain(
            self.order, self.size, about, np.array(self.offsets, np.int64), laid("kind"),
            {tag: laid(tag) for tag in _NUMBERS}, laid("strip"), self.pieces,
            {tag: laid(-tag, "image_row") for tag in _DOUBLES + _PER_CHANNEL}, self.ended,
        )  # fmt: skip


@dataclass(frozen=True)
class _Tables:
    """Entries (k, entries) of k tables with as many entries each."""

    entries: NDArray[Any]
    begin: NDArray[np.int64]
    limit: NDArray[np.int64]
    size: int

    def entry(self, tag: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the entry (k,) of a tag, and whether it is there."""
        hit = self.entries["tag"] == tag
        rows, column = np.arange(len(hit)), hit.argmax(axis=1)
        return self.entries[rows, column], hit[rows, column]

    def numbers(self, tag: int) -> NDArray[np.int64]:
        """Return the first whole number of a tag where it lies in the entry itself, else -1."""
        entry, present = self.entry(tag)
        kind = np.minimum(entry["type"], len(_BYTES))
        good = present & np.isin(kind, (1, 3, 4)) & (entry["count"] >= 1)
        good &= np.append(_BYTES, 0)[kind] * entry["count"].astype(np.int64) <= 4
        value = np.where(kind == 3, entry["short"], np.where(kind == 1, entry["byte"], entry["long"]))
        return np.where(good, value.astype(np.int64), -1)

    def absolute(self, place: NDArray[np.int64], rows: NDArray[Any]) -> NDArray[np.int64]:
        """Return where data of the tables `rows` lie: between a table and the next in files above 4 GiB."""
        if self.size <= _WRAP:
            return place
        begin, limit = self.begin[rows], self.limit[rows]
        place = place + begin // _WRAP * _WRAP
        place = np.where(place < begin, place + _WRAP, place)
        return np.where((place >= limit) & (place >= _WRAP), place - _WRAP, place)


def _kinds(found: dict[Any, NDArray[Any]]) -> NDArray[np.uint8]:
    """Tell what every table is: by its own word, else by compression and bits."""
    told, packed, bits = found[KIND], found[COMPRESSION], found[BITS]
    guessed = np.select([(packed == GREYSCALE) & (bits != 8), (packed == RUNS) & (bits != 16)], [IMAGE, MASK], 0)
    known = np.isin(told, (ABOUT, IMAGE, MASK))
    return np.where(known, told, np.where(told < 0, guessed, 0)).astype(np.uint8)
