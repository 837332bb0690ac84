"""MATLAB files (`.mat`): one numeric array with one cell or many, as Deepometry's MATLAB program writes them.

Versions 5 to 7 are read here (MAT-File Format, MathWorks, chapter 1), 7.3 is HDF5. Arrays are (y, x),
(y, x, channels), (y, x, cells) or (y, x, channels, cells).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.array_axes import Axes, as_image, axes_of, channels_of, pixel_type
from wizard.engine.readers.arrays import KEPT, Stored, guarded, in_file
from wizard.engine.readers.base import (
    Cell,
    Contents,
    Lost,
    OneFile,
    Reading,
    Source,
    Unreadable,
    check_size,
    planes_of,
    register,
    uniform,
)
from wizard.engine.readers.hdf5 import DataSet, Hdf5

_PREFERRED = ("new", "images", "image", "x", "X", "data")
_CLASSES = {
    6: "double", 7: "single", 8: "int8", 9: "uint8", 10: "int16", 11: "uint16", 12: "int32", 13: "uint32",
    14: "int64", 15: "uint64",
}  # fmt: skip
_OTHERS = {1: "a cell array", 2: "a struct", 3: "an object", 4: "text", 5: "a sparse matrix", 16: "a function"}
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _COMPRESSED = 14, 15
_MOST = 1 << 28
_HEAD = 8192


@dataclass(frozen=True, slots=True)
class _Variable:
    """A variable: what it is in words when it is no array of numbers; `dtype` is that of MATLAB, not of the file."""

    name: str
    shape: tuple[int, ...] = ()
    dtype: np.dtype[Any] | None = None
    what: str = ""
    stored: Stored | None = None
    data: DataSet | None = None

    @property
    def suits(self) -> bool:
        """True for numbers with two to four axes that can be a picture."""
        return (
            self.dtype is not None and 2 <= len(self.shape) <= 4 and sorted(self.shape)[-2] > 1 and min(self.shape) > 0
        )


@dataclass(frozen=True, slots=True)
class _Index:
    variable: _Variable
    axes: Axes


@register
class MatlabArrays(OneFile):
    """The variable `new`, or the only array of numbers in the file."""

    name = "MATLAB arrays (.mat)"
    extensions: tuple[str, ...] = (".mat",)

    def check(self, source: Source, how: Reading) -> Contents:
        """Read the names, types and shapes of the variables."""
        path = source.files[0]
        with guarded():
            with path.open("rb") as file:
                head = file.read(520)
            if head[:8] == b"\x89HDF\r\n\x1a\n" or head[512:] == b"\x89HDF\r\n\x1a\n":
                variables = _of_hdf5(path)
            else:
                variables = _of_version_5(path, head)
        chosen = _chosen(variables)
        assert chosen.dtype is not None
        axes = axes_of(chosen.shape, how.pages, matlab=True)
        height, width = axes.picture(chosen.shape)
        check_size((height, width), how.longest)
        channels = channels_of(axes.planes(chosen.shape), None, [])
        return uniform(
            channels, axes.count(chosen.shape), height, width, pixel_type(chosen.dtype), index=_Index(chosen, axes)
        )

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Read cells; a file with many in version 7.3 is read cell by cell."""
        index: _Index = contents.index
        planes = planes_of(contents, channels)
        stored, data = index.variable.stored, index.variable.data
        if data is not None:
            yield from _from_hdf5(source.files[0], data, index.axes, contents, planes, picks)
        elif stored is not None:
            with guarded():
                values = in_file(stored) if stored.offset >= 0 else KEPT.get(stored, _unpacked)
            for pick in picks:
                yield _cell(contents, pick, index.axes.cell(values, pick)[planes])


def _cell(contents: Contents, pick: int, values: NDArray[Any]) -> Cell | Lost:
    number = int(contents.objects[pick])
    try:
        return Cell(number, as_image(values, contents.dtype))
    except Unreadable as error:
        return Lost(number, str(error))


def _chosen(variables: Sequence[_Variable]) -> _Variable:
    """Pick the array of the images; raises Unreadable that tells what was found instead."""
    suiting = {variable.name: variable for variable in variables if variable.suits}
    for name in _PREFERRED:
        if name in suiting:
            return suiting[name]
    if len(suiting) == 1:
        return next(iter(suiting.values()))
    if suiting:
        names = ", ".join(list(suiting)[:6])
        raise Unreadable(f"The file holds several arrays ({names}); save the images alone or under the name new.")
    found = ", ".join(f"{each.name} ({_said(each)})" for each in variables[:6])
    raise Unreadable(f"The file holds no array of images; found: {found}." if found else "The file is empty.")


def _said(variable: _Variable) -> str:
    return variable.what or f"{' × '.join(str(side) for side in variable.shape)} {variable.dtype}"


def _of_version_5(path: Path, head: bytes) -> list[_Variable]:
    """List the variables of a version 5 to 7 file without unpacking their values."""
    order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
    if order is None or head[124:126] not in (b"\x00\x01", b"\x01\x00"):
        raise Unreadable("The file is not a MATLAB file of version 5 to 7.3, or its beginning is damaged.")
    found: list[_Variable] = []
    size, at = path.stat().st_size, 128
    with path.open("rb") as file:
        while at + 8 <= size and len(found) < 1000:
            file.seek(at)
            kind, length = struct.unpack(order + "II", file.read(8))
            if at + 8 + length > size:
                raise Unreadable("The MATLAB file is cut short or damaged.")
            body = file.read(min(length, _HEAD))
            if kind == _MATRIX:
                found.append(_matrix(path, body, order, length, at + 8))
            elif kind == _COMPRESSED:
                plain = zlib.decompressobj().decompress(body, _HEAD)
                inner, inside = struct.unpack_from(order + "II", plain)
                if inner != _MATRIX or inside > 1100 * length + 1024:
                    raise Unreadable("The MATLAB file is damaged or was made to fill the memory; it is not unpacked.")
                found.append(_matrix(path, plain[8:], order, inside, -(at + 8), length))
            else:
                raise Unreadable("The MATLAB file is damaged.")
            at += 8 + length
    return [each for each in found if each.name]


def _matrix(path: Path, body: bytes, order: str, length: int, start: int, packed: int = 0) -> _Variable:
    """Read the beginning of a matrix whose body is at `start`; below zero: compressed, in `packed` bytes at -start."""
    (number, flags), at = _element(body, 0, order)
    if number != 6:
        raise Unreadable("The MATLAB file is damaged: a variable has no type.")
    code, marks = flags[0 if order == "<" else 3], flags[1 if order == "<" else 2]
    (number, sides), at = _element(body, at, order)
    shape = struct.unpack(f"{order}{len(sides) // 4}i", sides)
    (_, label), at = _element(body, at, order)
    name = label.decode("ascii", "replace")
    if code in _OTHERS or code not in _CLASSES:
        return _Variable(name, shape, what=_OTHERS.get(code, "an object"))
    if marks & 8:
        return _Variable(name, shape, what="complex numbers")
    kind, count, at = _tag(body, at, order)
    if kind not in _TYPES or number != 5 or any(side < 0 for side in shape):
        raise Unreadable("The MATLAB file is damaged: a variable has values of an unknown type.")
    dtype = np.dtype(order + _TYPES[kind])
    given = np.dtype(np.uint8) if marks & 2 else np.dtype(_CLASSES[code])
    if prod(shape) * dtype.itemsize != count or at + count > length or not np.can_cast(dtype, given):
        raise Unreadable("The MATLAB file is damaged: the size of a variable is wrong.")
    if start < 0:
        # The place of the compressed bytes and of the values in them travel as the name of a member.
        stored = Stored(path, shape, dtype, True, -1, f"{-start} {packed} {length} {at}")
    else:
        stored = Stored(path, shape, dtype, True, start + at)
    return _Variable(name, shape, given, stored=stored)


def _tag(body: bytes, at: int, order: str) -> tuple[int, int, int]:
    """Return type, length and place of the data of an element, in the long or the short form."""
    kind, length = struct.unpack_from(order + "II", body, at)
    if kind >> 16:
        return kind & 0xFFFF, kind >> 16, at + 4
    return kind, length, at + 8


def _element(body: bytes, at: int, order: str) -> tuple[tuple[int, bytes], int]:
    """Return type and data of an element, and where the next one begins."""
    kind, length, start = _tag(body, at, order)
    if start + length > len(body) or (start == at + 4 and length > 4):
        raise Unreadable("The MATLAB file is damaged: the description of a variable is cut.")
    after = at + 8 if start == at + 4 else start + length + -length % 8
    return (kind, body[start : start + length]), after


def _unpacked(stored: Stored) -> NDArray[Any]:
    """Unpack a compressed variable; its checksum is tested."""
    start, packed, length, at = (int(part) for part in stored.member.split())
    if length > _MOST:
        raise Unreadable("The variable is too large to be unpacked; save it in MATLAB with the option -v7.3.")
    with stored.path.open("rb") as file:
        file.seek(start)
        stream = zlib.decompressobj()
        plain = stream.decompress(file.read(packed), length + 8)
        plain += stream.decompress(stream.unconsumed_tail, 1)
    if not stream.eof or len(plain) != length + 8:
        raise Unreadable("The MATLAB file is damaged or cut short.")
    values = np.frombuffer(plain, stored.dtype, prod(stored.shape), 8 + at)
    return values.reshape(stored.shape, order="F")


def _of_hdf5(path: Path) -> list[_Variable]:
    """List the variables of a version 7.3 file; MATLAB's axes are those of the file in reverse."""
    found: list[_Variable] = []
    with Hdf5(path) as file:
        if file.cut:
            raise Unreadable("The MATLAB file is cut short.")
        root = file.root()
        for name in list(root.links)[:1000]:
            if name.startswith("#"):
                continue
            if root.links[name].address is not None and file.is_group(root, name):
                found.append(_Variable(name, what="a struct, an object or a sparse matrix"))
                continue
            try:
                data = file.data(root, name)
            except Unreadable as error:
                found.append(_Variable(name, what=str(error).rstrip(".")))
                continue
            called = data.attributes.get("MATLAB_class", "")
            shape = tuple(reversed(data.shape))
            if called in ("", "logical", *_CLASSES.values()) and "MATLAB_empty" not in data.attributes:
                found.append(_Variable(name, shape, data.dtype, data=data))
            else:
                found.append(_Variable(name, shape, what={"char": "text", "cell": "a cell array"}.get(called, "empty")))
    return found


def _from_hdf5(
    path: Path, data: DataSet, axes: Axes, contents: Contents, planes: Sequence[int], picks: Sequence[int]
) -> Iterator[Cell | Lost]:
    with Hdf5(path) as file:
        if axes.cells is not None and axes.cells == len(data.shape) - 1:
            for pick in picks:
                try:
                    values = file.read(data, pick, pick + 1)[0]
                except Unreadable as error:
                    yield Lost(int(contents.objects[pick]), str(error))
                    continue
                yield _cell(contents, pick, axes.below().cell(values.T, 0)[planes])
            return
        if prod(data.shape) * data.dtype.itemsize > _MOST:
            raise Unreadable("The array is too large; its cells must be its last axis in MATLAB.")
        step = max(1, (1 << 26) // max(1, data.row))
        parts = [file.read(data, at, min(data.shape[0], at + step)) for at in range(0, data.shape[0], step)]
    values = np.concatenate(parts).T
    for pick in picks:
        yield _cell(contents, pick, axes.cell(values, pick)[planes])
