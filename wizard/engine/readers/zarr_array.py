"""Reads boxes of a Zarr array (version 2 or 3, sharded or not) chunk by chunk, with every size checked first.

Written after the Zarr specifications 2 and 3 (zarr-specs.readthedocs.io); the zarr library itself is not used for
files of others because it unpacks chunks without a limit and follows links.
"""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.zarr_codecs import CODECS, unpack
from wizard.engine.readers.zarr_folder import Folder

_CHUNK_BYTES, _CACHE_BYTES = 128 * 2**20, 64 * 2**20
_MOST_PIECES, _MOST_INNER, _MOST_FILES = 20_000, 2**20, 2_000_000
_EMPTY = 2**64 - 1
_V3_TYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")


@dataclass(frozen=True)
class ZarrArray:
    """An array on disk: what its metadata declares, checked.

    `piece` is the shape of what is compressed by itself, `outer` that of one file (the same without
    shards); `order` the axes in the order in which a piece is stored; `codecs` the compressions, the
    last one first; `names` those of the axes (() = none given).
    """

    folder: Folder
    shape: tuple[int, ...]
    outer: tuple[int, ...]
    piece: tuple[int, ...]
    dtype: np.dtype[Any]
    fill: Any
    order: tuple[int, ...]
    codecs: tuple[str, ...]
    prefix: str
    separator: str
    names: tuple[str, ...] = ()
    sharded: bool = False
    index_first: bool = False
    index_checked: bool = True

    @property
    def size(self) -> int:
        """Bytes of one piece."""
        return math.prod(self.piece) * self.dtype.itemsize

    def check_pieces(self, plane: int) -> None:
        """Refuse pieces of more than 128 MB, unless one `plane` (a number of pixels) is as large."""
        if self.size > max(_CHUNK_BYTES, plane * self.dtype.itemsize):
            raise Unreadable(
                f"The array declares chunks of {self.size / 2**20:,.0f} MB, more than can be read at once."
            )

    def pieces_stored(self) -> int:
        """Return at most how many pieces the files can hold."""
        inner = math.prod(o // p for o, p in zip(self.outer, self.piece, strict=True))
        sizes = self.folder.sizes(_MOST_FILES)
        return sum(min(inner, size // 16) for size in sizes) if self.sharded else sum(1 for _ in sizes)

    def read(self, start: Sequence[int], stop: Sequence[int], cache: Cache) -> tuple[NDArray[Any], bool]:
        """Return the box from `start` to before `stop`, and whether any of it is stored (the rest is the fill value).

        Raises Unreadable when a chunk is damaged.
        """
        box = list(zip(start, stop, self.piece, strict=True))
        grid = [range(first // side, (last - 1) // side + 1) for first, last, side in box]
        if math.prod(len(along) for along in grid) > _MOST_PIECES:
            raise Unreadable("The image is stored in too many small pieces.")
        out = np.full([last - first for first, last, _ in box], self.fill, self.dtype.newbyteorder("="))
        stored = False
        for place in itertools.product(*grid):
            piece = cache.piece(self, place)
            if piece is None:
                continue
            stored = True
            into, of = [], []
            for number, (first, last, side) in zip(place, box, strict=True):
                low, high = max(first, number * side), min(last, (number + 1) * side)
                into.append(slice(low - first, high - first))
                of.append(slice(low - number * side, high - number * side))
            out[tuple(into)] = piece[tuple(of)]
        return out, stored

    def decode(self, data: bytes) -> NDArray[Any]:
        """Return the pixels of one piece from its stored bytes."""
        pixels = np.frombuffer(unpack(self.codecs, data, self.size), self.dtype)
        return pixels.reshape([self.piece[axis] for axis in self.order]).transpose(np.argsort(self.order))

    def key(self, place: Sequence[int]) -> str:
        """Return the name of a chunk's file below the array's folder."""
        numbers = self.separator.join(map(str, place))
        return f"{self.prefix}{self.separator}{numbers}" if self.prefix else numbers


class Cache:
    """The pieces that were read last, up to 64 MB; for one thread."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[tuple[Any, ...], NDArray[Any] | None] = OrderedDict()
        self._indices: dict[tuple[Any, ...], NDArray[np.uint64] | None] = {}
        self._bytes = 0

    def piece(self, array: ZarrArray, place: tuple[int, ...]) -> NDArray[Any] | None:
        """Return a piece by its position in the grid; None when it is not stored."""
        key = (array.folder.here, place)
        if key in self._pieces:
            self._pieces.move_to_end(key)
            return self._pieces[key]
        found = self._inner(array, place) if array.sharded else self._plain(array, place)
        self._pieces[key] = found
        self._bytes += 0 if found is None else found.nbytes
        while len(self._pieces) > 1 and (self._bytes > _CACHE_BYTES or len(self._pieces) > _MOST_PIECES):
            _, old = self._pieces.popitem(last=False)
            self._bytes -= 0 if old is None else old.nbytes
        return found

    def _plain(self, array: ZarrArray, place: tuple[int, ...]) -> NDArray[Any] | None:
        data = array.folder.read(array.key(place), 2 * array.size + 65536)
        return None if data is None else array.decode(data)

    def _inner(self, array: ZarrArray, place: tuple[int, ...]) -> NDArray[Any] | None:
        inner = tuple(o // p for o, p in zip(array.outer, array.piece, strict=True))
        shard = tuple(number // count for number, count in zip(place, inner, strict=True))
        key = (array.folder.here, shard)
        if key not in self._indices:
            if len(self._indices) >= 16:
                self._indices.clear()
            self._indices[key] = self._index(array, shard, inner)
        index = self._indices[key]
        if index is None:
            return None
        offset, length = (int(item) for item in index[tuple(n % c for n, c in zip(place, inner, strict=True))])
        if offset == length == _EMPTY:
            return None
        path = array.folder.file(array.key(shard))
        if path is None:
            return None
        try:
            if length > 2 * array.size + 65536 or offset + length > path.stat().st_size:
                raise Unreadable("A shard is damaged: its index points outside of it.")
            with path.open("rb") as stream:
                stream.seek(offset)
                return array.decode(stream.read(length))
        except OSError as error:
            raise Unreadable(f"A shard cannot be read: {error.strerror}.") from None

    def _index(self, array: ZarrArray, shard: tuple[int, ...], inner: tuple[int, ...]) -> NDArray[np.uint64] | None:
        path = array.folder.file(array.key(shard))
        if path is None:
            return None
        size = 16 * math.prod(inner)
        length = size + 4 * array.index_checked
        try:
            total = path.stat().st_size
            if total < length:
                raise Unreadable("A shard is cut off.")
            with path.open("rb") as stream:
                stream.seek(0 if array.index_first else total - length)
                data = stream.read(length)
        except OSError as error:
            raise Unreadable(f"A shard cannot be read: {error.strerror}.") from None
        data = unpack(("crc32c",) if array.index_checked else (), data, size)
        return np.frombuffer(data, "<u8").reshape(*inner, 2)


def open_array(folder: Folder) -> ZarrArray:
    """Read the metadata of an array; raises Unreadable when it is missing, broken, unknown or beyond the limits."""
    try:
        node = folder.json("zarr.json")
        if node is not None:
            return _version3(folder, node)
        node = folder.json(".zarray")
        if node is None:
            raise Unreadable(f"The array {folder.here.name} is missing.")
        return _version2(folder, node)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(f"The metadata of the array {folder.here.name} are damaged: {error}.") from None


def _version2(folder: Folder, node: dict[str, Any]) -> ZarrArray:
    if node["zarr_format"] != 2:
        raise Unreadable(f"Zarr version {node['zarr_format']!r:.20} is unknown.")
    shape = _sides(node["shape"], 0)
    chunks = _sides(node["chunks"], 1)
    dtype = _dtype2(node["dtype"])
    if node.get("filters"):
        raise Unreadable("The array uses filters, which are not supported.")
    packing = node.get("compressor")
    codecs = () if packing is None else (_codec(packing["id"]),)
    order = tuple(range(len(shape)))
    if node.get("order", "C") not in ("C", "F"):
        raise ValueError("order")
    separator = node.get("dimension_separator", ".")
    if separator not in (".", "/"):
        raise ValueError("dimension_separator")
    names = _names((folder.json(".zattrs") or {}).get("_ARRAY_DIMENSIONS"))
    return _checked(
        ZarrArray(folder, shape, chunks, chunks, dtype, _fill(node.get("fill_value"), dtype),
                  order if node.get("order", "C") == "C" else order[::-1], codecs, "", separator, names)
    )  # fmt: skip


def _version3(folder: Folder, node: dict[str, Any]) -> ZarrArray:
    if node["zarr_format"] != 3 or node["node_type"] != "array":
        raise Unreadable(f"{folder.here.name} is no Zarr array.")
    if node.get("storage_transformers"):
        raise Unreadable("The array uses storage transformers, which are not supported.")
    shape = _sides(node["shape"], 0)
    grid = node["chunk_grid"]
    if grid["name"] != "regular":
        raise Unreadable("The array has chunks of several sizes, which is not supported.")
    outer = _sides(grid["configuration"]["chunk_shape"], 1)
    prefix, separator = _keys(node["chunk_key_encoding"])
    kind = node["data_type"]
    if kind != "bool" and kind not in _V3_TYPES:
        raise Unreadable(f"Pixels of type {kind!r:.40} are not supported.")
    dtype = np.dtype(np.uint8 if kind == "bool" else kind)
    more: dict[str, Any] = {}
    codecs, piece = node["codecs"], outer
    if _name(codecs[0]) == "sharding_indexed":
        if len(codecs) > 1:
            raise Unreadable("The array's shards are packed a second time, which is not supported.")
        how = codecs[0]["configuration"]
        piece, codecs = _sides(how["chunk_shape"], 1), how["codecs"]
        more = {"sharded": True, "index_first": how.get("index_location", "end") == "start",
                "index_checked": _index_codecs(how["index_codecs"])}  # fmt: skip
    order, endian, packings = _codecs3(codecs, len(shape), dtype)
    dtype = np.dtype(endian + dtype.str[1:])
    return _checked(
        ZarrArray(folder, shape, outer, piece, dtype, _fill(node["fill_value"], dtype), order, packings, prefix,
                  separator, _names(node.get("dimension_names")), **more)
    )  # fmt: skip


def _name(codec: Any) -> str:
    return str(codec if isinstance(codec, str) else codec["name"])


def _codecs3(codecs: list[Any], depth: int, dtype: np.dtype[Any]) -> tuple[tuple[int, ...], str, tuple[str, ...]]:
    """Return the stored order of the axes, the byte order and the compressions, the last one first."""
    order = tuple(range(depth))
    position = 0
    while _name(codecs[position]) == "transpose":
        step = codecs[position]["configuration"]["order"]
        if sorted(step) != list(range(depth)):
            raise ValueError("transpose")
        order = tuple(order[axis] for axis in step)
        position += 1
    if _name(codecs[position]) != "bytes":
        raise Unreadable(f"The array is packed with {_name(codecs[position])!r:.40}, which is not supported.")
    how = {} if isinstance(codecs[position], str) else codecs[position].get("configuration") or {}
    endian = str(how.get("endian", "little" if dtype.itemsize == 1 else ""))
    packings = tuple(_codec(_name(codec)) for codec in codecs[position + 1 :])
    return order, {"little": "<", "big": ">"}[endian], packings[::-1]


def _index_codecs(codecs: list[Any]) -> bool:
    names = [_name(codec) for codec in codecs]
    if names not in (["bytes"], ["bytes", "crc32c"]) or codecs[0]["configuration"]["endian"] != "little":
        raise Unreadable("The index of the array's shards is packed in an unknown way.")
    return len(names) == 2


def _codec(name: Any) -> str:
    known = str(name).removeprefix("numcodecs.")
    if known not in CODECS:
        raise Unreadable(f"The array is packed with {str(name)!r:.40}, which is not supported.")
    return known


def _keys(encoding: dict[str, Any]) -> tuple[str, str]:
    prefix, separator = {"default": ("c", "/"), "v2": ("", ".")}[encoding["name"]]
    separator = (encoding.get("configuration") or {}).get("separator", separator)
    if separator not in (".", "/"):
        raise ValueError("separator")
    return prefix, separator


def _sides(found: Any, least: int) -> tuple[int, ...]:
    if not isinstance(found, list) or not 1 <= len(found) <= 8:
        raise ValueError("shape")
    if any(type(side) is not int or not least <= side < 2**40 for side in found):
        raise ValueError("shape")
    return tuple(found)


def _names(found: Any) -> tuple[str, ...]:
    return tuple(str(name).casefold() for name in found) if isinstance(found, list) else ()


def _dtype2(text: Any) -> np.dtype[Any]:
    if not isinstance(text, str) or len(text) != 3 or text[0] not in "<>|" or text[1] not in "buif":
        raise Unreadable(f"Pixels of type {text!r:.40} are not supported.")
    dtype = np.dtype(text)
    return np.dtype(np.uint8) if dtype.kind == "b" else dtype


def _fill(value: Any, dtype: np.dtype[Any]) -> Any:
    if value is None:
        return dtype.type(0)
    if isinstance(value, str):
        known = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
        if dtype.kind != "f" or value not in known:
            raise ValueError("fill_value")
        value = known[value]
    if not isinstance(value, (int, float)):
        raise ValueError("fill_value")
    with np.errstate(all="ignore"):
        filled = np.array(value).astype(dtype)
    if dtype.kind != "f" and filled != value:
        raise ValueError("fill_value")
    return filled[()]


def _checked(array: ZarrArray) -> ZarrArray:
    if not len(array.shape) == len(array.outer) == len(array.piece):
        raise ValueError("the shapes of the array and of its chunks differ in their number of axes")
    if len(array.codecs) > 4:
        raise Unreadable("The array is packed too many times.")
    if array.size > 2**31:
        raise Unreadable("The array declares chunks of more than 2 GB.")
    if any(o % p for o, p in zip(array.outer, array.piece, strict=True)):
        raise ValueError("the chunks do not fill the shards")
    if math.prod(o // p for o, p in zip(array.outer, array.piece, strict=True)) > _MOST_INNER:
        raise Unreadable("The array's shards hold too many pieces.")
    return array
