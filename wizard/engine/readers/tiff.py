"""Reads the directories of a TIFF file: what images it holds, without decoding them.

Classic TIFF and BigTIFF of either byte order (Adobe TIFF 6.0; BigTIFF by AWare Systems). Nothing in the file
is trusted: offsets and counts are held against the file's length before anything is read or allocated, and a
chain of directories that comes back to itself ends.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

import numpy as np

from wizard.engine.readers.base import Unreadable, check_pixels

_HEAD = 2**15
"""Bytes read at once when a file is opened; most single-cell files are smaller."""

_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_STARTS: dict[bytes, tuple[Literal["<", ">"], bool]] = {
    b"II*\0": ("<", False),
    b"MM\0*": (">", False),
    b"II+\0": ("<", True),
    b"MM\0+": (">", True),
}

COMPRESSIONS = {1: "", 2: "CCITT", 3: "CCITT", 4: "CCITT", 5: "LZW", 7: "JPEG", 8: "Deflate", 32773: "PackBits",
                32946: "Deflate", 34925: "LZMA", 50000: "Zstandard"}  # fmt: skip
"""Compressions whose decoders stop at the size of the image, so that a small file cannot fill the memory."""

_RGB, _PALETTE, _YCBCR = 2, 3, 6
_STRANGE_COLOURS = {5: "CMYK", 8: "L*a*b*", 9: "L*a*b*", 10: "L*a*b*", 32844: "logarithmic", 32845: "logarithmic"}
_MOST_SAMPLES = 256
_MOST_PIXELS = 2**30
_PLAUSIBLE = 2**28
_MOST_RATIO = 1400
"""Images above `_PLAUSIBLE` bytes must have been compressed by less than this (LZW reaches about 1365)."""

Entries: TypeAlias = dict[int, tuple[int, int, bytes]]
"""Tag → (type, count, value or its offset)."""


@dataclass(slots=True)
class Page:
    """One image of a file, as its directory tells it.

    `dtype` is that of the stored samples (byte order of the machine), `bits` their depth; `planes` how many
    channels it has without alpha, `colour` whether they are red, green and blue; `tile` (height, width) or
    None for strips; `offsets` and `counts` are those of its strips or tiles.
    """

    height: int
    width: int
    samples: int
    bits: int
    dtype: np.dtype[Any]
    compression: int
    photometric: int
    planar: bool
    predictor: int
    fill_order: int
    rows: int
    tile: tuple[int, int] | None
    planes: int
    colour: bool
    reduced: bool
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    entries: Entries

    @property
    def nbytes(self) -> int:
        """Bytes of the decoded samples."""
        return self.height * self.width * self.samples * self.dtype.itemsize

    @property
    def shown_dtype(self) -> np.dtype[Any]:
        """The type of the pixels that a cell gets: yes/no and palettes as uint8, 64-bit floats as 32-bit."""
        if self.dtype.kind == "b" or self.photometric == _PALETTE:
            return np.dtype(np.uint8)
        return np.dtype(np.float32) if self.dtype == np.float64 else self.dtype


class Tiff:
    """An open TIFF file; use `opened`, which turns every trouble with the file into `Unreadable`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.broken = False
        self._file = path.open("rb", buffering=0)
        try:
            self.size = os.fstat(self._file.fileno()).st_size
            self._head = self._file.read(_HEAD)
            start = _STARTS.get(self._head[:4])
            if start is None:
                raise Unreadable("The file is not a TIFF or is damaged.")
            self.order: Literal["<", ">"] = start[0]
            self.big = start[1]
            self._entry = struct.Struct(self.order + ("HHQ8s" if self.big else "HHI4s"))
            self._word = "Q" if self.big else "I"
            self.first = int(struct.unpack(self.order + self._word, self.at(8 if self.big else 4, self._inline))[0])
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._file.close()

    @property
    def _inline(self) -> int:
        """Bytes of an offset, which are also those of a value that stands in the directory itself."""
        return 8 if self.big else 4

    def at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset`; raises Unreadable when the file is shorter."""
        if offset + count <= len(self._head):
            return self._head[offset : offset + count]
        if offset + count > self.size:
            raise Unreadable("The file ends early.")
        self._file.seek(offset)
        pieces = []
        while count:
            piece = self._file.read(count)
            if not piece:
                raise Unreadable("The file ends early.")
            pieces.append(piece)
            count -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def entries(self, offset: int) -> tuple[Entries, int]:
        """Return the entries of the directory at `offset` (the first of each tag), and where the next one is."""
        head = 8 if self.big else 2
        number = int.from_bytes(self.at(offset, head), "little" if self.order == "<" else "big")
        if not 0 < number <= 4096:
            raise Unreadable("A directory of the file is damaged.")
        table = self.at(offset + head, number * self._entry.size)
        found: Entries = {}
        for tag, kind, count, raw in self._entry.iter_unpack(table):
            found.setdefault(tag, (kind, count, raw))
        try:
            following = self.at(offset + head + len(table), self._inline)
        except Unreadable:
            return found, 0 if offset == self.first else -1
        return found, int(struct.unpack(self.order + self._word, following)[0])

    def directories(self) -> Iterator[tuple[int, Entries]]:
        """Yield the offset and the entries of every directory; afterwards `broken` tells whether the chain broke off.

        Raises Unreadable when not even the first can be read.
        """
        seen: set[int] = set()
        offset, budget = self.first, self.size // 12 + 16
        while offset:
            # Directories of an honest file do not overlap, so all their entries fit into it.
            if offset < 0 or offset in seen or budget < 0:
                self.broken = True
                return
            try:
                entries, following = self.entries(offset)
            except Unreadable:
                if not seen:
                    raise
                self.broken = True
                return
            seen.add(offset)
            budget -= len(entries)
            yield offset, entries
            offset = following

    def data(self, entries: Entries, tag: int) -> bytes | None:
        """Return the bytes of an entry, None when there is none."""
        if tag not in entries:
            return None
        kind, count, raw = entries[tag]
        length = _SIZES.get(kind, 1) * count
        if length <= self._inline:
            return raw[:length]
        return self.at(int(struct.unpack(self.order + self._word, raw)[0]), length)

    def numbers(self, entries: Entries, tag: int) -> tuple[int, ...]:
        """Return the whole numbers of an entry, () when there is none; raises Unreadable for other kinds."""
        if tag not in entries:
            return ()
        kind, count, raw = entries[tag]
        if kind not in _INTEGERS or count < 1:
            raise Unreadable("A directory of the file is damaged.")
        if count == 1 and kind in (3, 4):
            return struct.unpack_from(self.order + _INTEGERS[kind], raw)
        data = self.data(entries, tag)
        assert data is not None
        values: tuple[int, ...] = struct.unpack(f"{self.order}{count}{_INTEGERS[kind]}", data)
        if min(values) < 0:
            raise Unreadable("A directory of the file is damaged.")
        return values

    def number(self, entries: Entries, tag: int, default: int) -> int:
        """Return the first whole number of an entry."""
        values = self.numbers(entries, tag)
        return values[0] if values else default

    def text(self, entries: Entries, tag: int = 270) -> str:
        """Return a text (the image's description); "" when there is none or it lies outside of the file."""
        try:
            data = self.data(entries, tag) or b""
        except Unreadable:
            return ""
        return data.split(b"\0", 1)[0].decode("utf-8", "replace")

    def fraction(self, entries: Entries, tag: int) -> float:
        """Return a rational number, 0 when there is none."""
        if tag not in entries or entries[tag][0] != 5:
            return 0.0
        data = self.data(entries, tag)
        assert data is not None
        above, below = struct.unpack_from(self.order + "II", data)
        return above / below if below else 0.0

    def page(self, entries: Entries) -> Page:
        """Return an image's description; raises Unreadable, with the reason, when it cannot be decoded."""
        width, height = self.number(entries, 256, 0), self.number(entries, 257, 0)
        if not width or not height:
            raise Unreadable("The image is empty.")
        samples = self.number(entries, 277, 1)
        if not 0 < samples <= _MOST_SAMPLES or self.number(entries, 32997, 1) != 1:
            raise Unreadable(f"An image with {samples} samples per pixel is not supported.")
        bits = self._same(entries, 258, samples, "depth", 1)
        dtype = sample_dtype(self._same(entries, 339, samples, "type", 1), bits)
        compression = self.number(entries, 259, 1)
        if compression not in COMPRESSIONS:
            raise Unreadable(f"Compression {compression} is not supported; save the file with LZW or without.")
        photometric = self.number(entries, 262, _RGB if samples in (3, 4) else 1)
        planes, colour = self._planes(entries, photometric, samples, compression)
        planar = samples > 1 and self.number(entries, 284, 1) == 2
        tile, rows, parts = self._parts(entries, height, width)
        page = Page(
            height, width, samples, bits, dtype, compression, photometric, planar, self.number(entries, 317, 1),
            self.number(entries, 266, 1), rows, tile, planes, colour, bool(self.number(entries, 254, 0) & 5), (), (),
            entries,
        )  # fmt: skip
        self._segments(page, parts * (samples if planar else 1))
        return page

    def _same(self, entries: Entries, tag: int, samples: int, what: str, default: int) -> int:
        values = self.numbers(entries, tag)[:samples]
        if len(set(values)) > 1:
            raise Unreadable(f"The colours of the image differ in {what}.")
        return values[0] if values else default

    def _planes(self, entries: Entries, photometric: int, samples: int, compression: int) -> tuple[int, bool]:
        """Return the number of channels, and whether they are red, green and blue."""
        if photometric in _STRANGE_COLOURS:
            raise Unreadable(f"Its colours are {_STRANGE_COLOURS[photometric]}; save it as RGB.")
        if photometric == _YCBCR and compression != 7:
            raise Unreadable("Its colours are YCbCr; save it as RGB.")
        if photometric == _PALETTE:
            if samples != 1:
                raise Unreadable("The image is damaged: a palette needs one sample per pixel.")
            return 3, True
        if photometric in (_RGB, _YCBCR):
            if samples < 3:
                raise Unreadable("The image is damaged: red, green and blue need three samples per pixel.")
            return 3, True
        alpha = sum(kind in (1, 2) for kind in self.numbers(entries, 338)) if samples > 1 else 0
        return max(samples - alpha, 1), False

    def _parts(self, entries: Entries, height: int, width: int) -> tuple[tuple[int, int] | None, int, int]:
        """Return (tile size, rows per strip, number of strips or tiles of a plane)."""
        if 322 not in entries and 324 not in entries:
            # RowsPerStrip may be missing, or 2**32 - 1: the whole image is one strip.
            rows = min(self.number(entries, 278, height) or height, height)
            return None, rows, -(-height // rows)
        tile = self.number(entries, 323, 0), self.number(entries, 322, 0)
        if any(not 0 < side <= max(1024, 2 * image) for side, image in zip(tile, (height, width), strict=True)):
            raise Unreadable("The image is damaged: its tiles have an impossible size.")
        return tile, tile[0], -(-height // tile[0]) * -(-width // tile[1])

    def _segments(self, page: Page, parts: int) -> None:
        """Find the strips or tiles; raises Unreadable when some are missing, too short or beyond the file's end."""
        tags = (324, 325) if 324 in page.entries else (273, 279)
        offsets = self.numbers(page.entries, tags[0])[:parts]
        counts = self.numbers(page.entries, tags[1])[:parts]
        if not counts and parts == 1 and page.compression == 1:
            counts = (self._raw_bytes(page, 0),)
        if len(offsets) < parts or len(counts) < parts or not min(offsets) or not min(counts):
            raise Unreadable("A part of the image is missing in the file.")
        if max(map(int.__add__, offsets, counts)) > self.size:
            raise Unreadable("The file ends early.")
        if page.compression == 1 and any(count < self._raw_bytes(page, at) for at, count in enumerate(counts)):
            raise Unreadable("A part of the image is missing in the file.")
        if page.height * page.width > _MOST_PIXELS:
            raise Unreadable("The image has more pixels than can be read at once (one gigapixel).")
        if page.nbytes > _PLAUSIBLE and page.nbytes > _MOST_RATIO * sum(counts):
            raise Unreadable("It claims more pixels than its bytes can hold.")
        page.offsets, page.counts = offsets, counts

    def _raw_bytes(self, page: Page, part: int) -> int:
        """Return how many bytes an uncompressed strip or tile has; every row starts at a whole byte."""
        width, height = (page.tile[1], page.tile[0]) if page.tile else (page.width, page.rows)
        if not page.tile:
            strips = -(-page.height // page.rows)
            height = min(page.rows, page.height - part % strips * page.rows)
        return height * (-(-width * (1 if page.planar else page.samples) * page.bits // 8))


def sample_dtype(kind: int, bits: int) -> np.dtype[Any]:
    """Return the type for a SampleFormat and a number of bits; packed bits take the next larger whole type.

    Raises Unreadable for complex numbers, 64-bit whole numbers and sizes that do not exist.
    """
    if kind in (1, 4) and 1 <= bits <= 32:
        return np.dtype(np.bool_ if bits == 1 else f"u{1 if bits <= 8 else 2 if bits <= 16 else 4}")
    name = {1: f"uint{bits}", 2: f"int{bits}", 3: f"float{bits}", 5: f"complex{bits}", 6: f"complex{bits}"}
    if (kind, bits) == (3, 24):
        return np.dtype(np.float32)
    if (kind, bits) in ((2, 8), (2, 16), (2, 32), (3, 16), (3, 32), (3, 64)):
        dtype = np.dtype(name[kind])
        check_pixels(dtype)
        return dtype
    raise Unreadable(f"Pixels of type {name.get(kind, f'{kind} with {bits} bits')} are not supported.")


@contextmanager
def opened(path: Path) -> Iterator[Tiff]:
    """Open a TIFF file; everything that can go wrong with it inside of the block becomes `Unreadable`."""
    try:
        with Tiff(path) as tiff:
            yield tiff
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from None
    except MemoryError:
        raise Unreadable("The image is too large for the memory of this computer.") from None
    except (struct.error, ValueError, OverflowError) as error:
        raise Unreadable(f"The file is damaged: {error}.") from None
