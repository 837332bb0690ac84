"""The bytes of an HDF5 file, read with guards; where its parts begin.

HDF5 files are read here in plain Python and not through the HDF5 library: the library can hang on damaged
files, lacks zstd and reads with one thread at a time. Source: HDF5 File Format Specification, version 3.0.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from wizard.engine.readers.base import Unreadable

SIGNATURE = b"\x89HDF\r\n\x1a\n"
NOWHERE = 0xFFFFFFFFFFFFFFFF
"""The address of something that was never written."""

_READS = 50_000
_BLOCK = 1 << 26
_DAMAGES = (
    struct.error, IndexError, KeyError, ValueError, TypeError, OverflowError, RecursionError, MemoryError, RuntimeError,
    ZeroDivisionError, zlib.error, OSError,
)  # fmt: skip
_MASK = 0xFFFFFFFF


@contextmanager
def damage(what: str = "The HDF5 file is damaged") -> Iterator[None]:
    """Turn whatever unpacking damaged bytes may raise into Unreadable."""
    try:
        yield
    except _DAMAGES as error:
        detail = f": {error}" if isinstance(error, OSError) and error.errno else ""
        raise Unreadable(f"{what}{detail}.") from None


class Raw:
    """The bytes of one open file; addresses count from the superblock. Not for several threads at once.

    `renew` allows another 50,000 reads: structures that run in circles end there. `cut`: the end is missing.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size
        self.base = 0
        self.cut = False
        self._left = _READS

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def renew(self) -> None:
        """Begin a new count of reads."""
        self._left = _READS

    def read(self, address: int, count: int) -> bytes:
        """Return exactly `count` bytes (at most 64 MiB) from an address; raises Unreadable beyond the end."""
        self._left -= 1
        start = address + self.base
        if self._left < 0:
            raise Unreadable("The HDF5 file is damaged: its structure runs in circles.")
        if address == NOWHERE or address < 0 or count < 0 or count > _BLOCK:
            raise Unreadable("The HDF5 file is damaged: an address in it leads nowhere.")
        if start + count > self.size:
            raise Unreadable("The HDF5 file is cut short or damaged: it names data beyond its end.")
        self._file.seek(start)
        found = self._file.read(count)
        if len(found) != count:
            raise Unreadable("The HDF5 file is cut short.")
        return found

    def signed(self, address: int, count: int, signature: bytes) -> bytes:
        """Return a block that must begin with a signature."""
        found = self.read(address, count)
        if not found.startswith(signature):
            raise Unreadable(f"The HDF5 file is damaged: {signature.decode()} block not found.")
        return found

    def summed(self, address: int, count: int, signature: bytes) -> bytes:
        """Return a block of `count` bytes that begins with a signature and is followed by its checksum."""
        found = self.signed(address, count + 4, signature)
        check(found)
        return found[:-4]


def check(block: bytes) -> None:
    """Raise Unreadable unless the last four bytes of a block are the checksum of the others."""
    if lookup3(block[:-4]) != int.from_bytes(block[-4:], "little"):
        raise Unreadable("The HDF5 file is damaged: a checksum is wrong.")


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def lookup3(block: bytes) -> int:
    """Return Jenkins' lookup3 hash (hashlittle, seed 0), the checksum of HDF5's own blocks."""
    a = b = c = (0xDEADBEEF + len(block)) & _MASK
    if not block:
        return c
    whole = max(0, (len(block) - 1) // 12)
    for x, y, z in struct.iter_unpack("<III", block[: whole * 12]):
        a, b, c = (a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK
        for bits in (4, 6, 8, 16, 19, 4):
            a = ((a - c) & _MASK) ^ _rotate(c, bits)
            c = (c + b) & _MASK
            a, b, c = b, c, a
    x, y, z = struct.unpack("<III", block[whole * 12 :].ljust(12, b"\0"))
    a, b, c = (a + x) & _MASK, (b + y) & _MASK, (c + z) & _MASK
    for bits in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _rotate(b, bits)) & _MASK
        a, b, c = b, c, a
    # The seven steps turn the letters around: the last one written is now `b`.
    return b


def root_address(raw: Raw) -> int:
    """Find the superblock (at 0, 512, 1024 … bytes) and return the address of the root group's header."""
    start = 0
    while start + 48 <= raw.size and start <= 1 << 24:
        if raw.read(start, 8) == SIGNATURE:
            break
        start = max(512, start * 2)
    else:
        raise Unreadable("The file is not HDF5 or its beginning is damaged.")
    head = raw.read(start, min(128, raw.size - start))
    version = head[8]
    if version <= 1:
        sizes, tail = head[13:15], 24 if version == 0 else 28
        base, _, end, _ = struct.unpack_from("<4Q", head, tail)
        root = struct.unpack_from("<Q", head, tail + 40)[0]
    elif version <= 3:
        sizes = head[9:11]
        base, _, end, root = struct.unpack_from("<4Q", head, 12)
        check(head[:48])
    else:
        raise Unreadable(f"HDF5 superblocks of version {version} are not supported.")
    if sizes != b"\x08\x08":
        raise Unreadable("HDF5 files with addresses of other than 64 bits are not supported.")
    if base not in (0, start):
        raise Unreadable("The HDF5 file is damaged: its base address is wrong.")
    raw.base = start
    raw.cut = end > raw.size
    return int(root)
