"""Undoes the compressions of Zarr chunks into memory whose size is known beforehand.

The names and layouts are those of the Zarr specification versions 2 and 3 (zarr-specs.readthedocs.io) and of numcodecs.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import google_crc32c
import imagecodecs

from wizard.engine.readers.base import Unreadable

_BROKEN = (zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError, TypeError,
           OverflowError)  # fmt: skip
_LZMA_MEMORY = 256 * 2**20


def unpack(codecs: Sequence[str], data: bytes, size: int) -> bytes:
    """Undo `codecs` (the last one that was applied first) and return exactly `size` bytes.

    Never makes more than about `size` bytes. Raises Unreadable for damage and for another size.
    """
    for left, name in zip(range(len(codecs) - 1, -1, -1), codecs, strict=True):
        # A compressed piece inside of another compression may be a little longer than the pixels themselves.
        most = size if left == 0 else size + size // 8 + 4096
        try:
            data = CODECS[name](data, most)
        except _BROKEN as error:
            raise Unreadable(f"A piece of the image is damaged ({name}: {error}).") from None
        except MemoryError:
            raise Unreadable(f"A piece of the image is damaged or too large ({name}).") from None
    if len(data) != size:
        raise Unreadable(f"A piece of the image has {len(data):,} bytes instead of {size:,}; it is damaged.")
    return data


def _bounded(make: Callable[[], Any], data: bytes, most: int) -> bytes:
    """Decompress one stream after another (gzip members, xz streams), at most `most` bytes together."""
    parts: list[bytes] = []
    left = most
    while data:
        stream = make()
        part = stream.decompress(data, left + 1)
        if len(part) > left:
            raise ValueError("it unpacks to more than its declared size")
        if not stream.eof:
            raise ValueError("it ends too early")
        parts.append(part)
        left -= len(part)
        data = stream.unused_data
    return b"".join(parts)


def _zlib(data: bytes, most: int) -> bytes:
    return _bounded(lambda: zlib.decompressobj(47), data, most)


def _bz2(data: bytes, most: int) -> bytes:
    return _bounded(bz2.BZ2Decompressor, data, most)


def _lzma(data: bytes, most: int) -> bytes:
    return _bounded(lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY), data, most)


def _zstd(data: bytes, most: int) -> bytes:
    return bytes(imagecodecs.zstd_decode(data, out=most))


def _blosc(data: bytes, most: int) -> bytes:
    # The library believes the header: bytes 4-7 the unpacked, 12-15 the packed size.
    unpacked, _, packed = struct.unpack_from("<III", data, 4)
    if packed != len(data) or unpacked > most:
        raise ValueError("its sizes do not fit")
    return bytes(imagecodecs.blosc_decode(data, numthreads=1, out=unpacked)) if unpacked else b""


def _lz4(data: bytes, most: int) -> bytes:
    (unpacked,) = struct.unpack_from("<I", data)
    if unpacked > most:
        raise ValueError("it unpacks to more than its declared size")
    return bytes(imagecodecs.lz4_decode(data, header=True, out=unpacked)) if unpacked else b""


def _crc32c(data: bytes, most: int) -> bytes:
    del most
    (expected,) = struct.unpack_from("<I", data, len(data) - 4)
    if google_crc32c.value(data[:-4]) != expected:
        raise ValueError("the checksum is wrong")
    return data[:-4]


CODECS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _zlib,
    "zlib": _zlib,
    "bz2": _bz2,
    "lzma": _lzma,
    "zstd": _zstd,
    "blosc": _blosc,
    "lz4": _lz4,
    "crc32c": _crc32c,
}
"""Name → (data, most bytes) → bytes."""
