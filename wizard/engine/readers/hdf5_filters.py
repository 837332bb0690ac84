"""Compressions of HDF5: a chunk's bytes as stored → its plain bytes.

Source: HDF5 File Format Specification, version 3.0, section IV.A.2.l, and the registered filter plugins.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import imagecodecs
import numpy as np
from numcodecs import Fletcher32

from wizard.engine.readers.base import Unreadable

_KNOWN = {
    1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "n-bit", 6: "scale-offset", 307: "bzip2", 32000: "lzf",
    32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2",
}  # fmt: skip
_READ = {1, 2, 3, 32000, 32001, 32004, 32015}


@dataclass(frozen=True, slots=True)
class Filter:
    """One step that was applied to every chunk when it was written."""

    number: int
    values: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name of the compression."""
        return _KNOWN.get(self.number, f"number {self.number}")


def filters_of(body: bytes | None) -> tuple[Filter, ...]:
    """Read a filter pipeline message; raises Unreadable that names the compression if it is not known here."""
    if body is None:
        return ()
    version, count = body[0], body[1]
    found, at = [], {1: 8, 2: 2}[version]
    for _ in range(count):
        number = struct.unpack_from("<H", body, at)[0]
        named = version == 1 or number >= 256
        length = struct.unpack_from("<H", body, at + 2)[0] if named else 0
        at += 4 if named else 2
        values = struct.unpack_from("<H", body, at + 2)[0]
        at += 4 + (length + (-length % 8 if version == 1 else 0))
        found.append(Filter(number, struct.unpack_from(f"<{values}I", body, at)))
        at += 4 * (values + (values % 2 if version == 1 else 0))
    for each in found:
        if each.number not in _READ:
            raise Unreadable(
                f"Its images are compressed with {each.name}, which cannot be read here; "
                "save the file again with the compression gzip or zstd."
            )
    return tuple(found)


def undo(data: bytes, filters: tuple[Filter, ...], mask: int, size: int, item: int) -> bytes:
    """Return the plain bytes of a chunk, exactly `size` of them; bits of `mask` mark steps that were left out.

    Raises Unreadable for damage, and never makes more than `size` bytes (with a checksum: 4 more).
    """
    try:
        for place in range(len(filters) - 1, -1, -1):
            if not mask >> place & 1:
                data = _undo(filters[place].number, data, size + 4 * place, item)
    except (zlib.error, RuntimeError, ValueError, struct.error, IndexError, OverflowError, MemoryError):
        raise Unreadable("The compressed data is damaged.") from None
    if len(data) != size:
        raise Unreadable("The compressed data is damaged: its length is wrong.")
    return data


def _undo(number: int, data: bytes, most: int, item: int) -> bytes:
    if number == 1:
        stream = zlib.decompressobj()
        plain = stream.decompress(data, most)
        if not stream.eof:
            # The stream ends with its checksum, which may still wait behind the last byte.
            plain += stream.decompress(stream.unconsumed_tail, 1)
        if not stream.eof:
            raise ValueError(number)
        return plain
    if number == 2:
        return _unshuffle(data, item)
    if number == 3:
        if len(data) < 5:
            raise ValueError(number)
        return bytes(Fletcher32().decode(data))
    if number == 32000:
        return bytes(imagecodecs.lzf_decode(data, header=False, out=most))
    if number == 32001:
        if struct.unpack_from("<I", data, 4)[0] > most or struct.unpack_from("<I", data, 12)[0] > len(data):
            raise ValueError(number)
        return bytes(imagecodecs.blosc_decode(data))
    if number == 32004:
        if struct.unpack_from(">Q", data)[0] > most:
            raise ValueError(number)
        return bytes(imagecodecs.lz4h5_decode(data))
    return bytes(imagecodecs.zstd_decode(data, out=most))


def _unshuffle(data: bytes, item: int) -> bytes:
    whole = len(data) // item * item
    if item == 1 or not whole:
        return data
    mixed = np.frombuffer(data, np.uint8, whole).reshape(item, -1)
    return mixed.T.tobytes() + data[whole:]
