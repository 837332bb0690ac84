"""NumPy arrays: `.npy` with one cell or many, `.npz` with images, masks, labels and channel names.

Nothing is ever unpickled. Deepometry's `.npy` files are (y, x, channels).
"""

from __future__ import annotations

import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from wizard.engine.readers.array_axes import Axes, as_image, axes_of, channels_of, labels_of, pixel_type
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
from wizard.results import Cue

_IMAGES = ("images", "image", "x", "X", "data")
_MASKS = ("masks", "mask")
_LABELS = ("labels", "label", "y", "class", "classes")
_NAMES = ("channels", "channel_names")
_KEPT = 1 << 27
_RATIO = 1100
"""Deflate makes data at most 1,032 times smaller."""
_DAMAGES = (
    ValueError, TypeError, KeyError, IndexError, EOFError, OSError, OverflowError, MemoryError, RuntimeError,
    SyntaxError, RecursionError, NotImplementedError, zipfile.BadZipFile, zlib.error, struct.error, TokenError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """An array in a file: `offset` of its values in bytes, -1 when they are compressed in `member` of a zip."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int
    member: str = ""

    @property
    def size(self) -> int:
        """Bytes of all values."""
        return prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True, slots=True)
class _Index:
    images: Stored
    axes: Axes
    masks: Stored | None = None
    mask_axes: Axes | None = None


@register
class NumPyArrays(OneFile):
    """2-D: one grey cell. 3-D: one cell with channels, or grey cells. 4-D: cells with channels."""

    name = "NumPy arrays (.npy, .npz)"
    extensions: tuple[str, ...] = (".npy", ".npz")

    def check(self, source: Source, how: Reading) -> Contents:
        """Read the headers, labels and channel names."""
        path, cues = source.files[0], list[Cue]()
        with guarded():
            members = _members(path) if path.suffix.casefold() == ".npz" else {"": _header_of(path)}
        images = _images(members)
        dtype = pixel_type(images.dtype)
        axes = axes_of(images.shape, how.pages)
        check_size(axes.picture(images.shape), how.longest)
        count = axes.count(images.shape)
        planes = axes.planes(images.shape)
        masks, mask_axes = _masks(members, images, axes, how, cues)
        names = _small(members, _NAMES, cues)
        tags = labels_of(_small(members, _LABELS, cues), count, cues)
        height, width = axes.picture(images.shape)
        return uniform(
            channels_of(planes, names, cues), count, height, width, dtype, masks=masks is not None, tags=tags,
            cues=cues, index=_Index(images, axes, masks, mask_axes),
        )  # fmt: skip

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Read cells from the mapped file, or from the unpacked member."""
        index: _Index = contents.index
        planes = planes_of(contents, channels)
        found = rows(index.images, index.axes, picks)
        masks: Iterator[NDArray[Any] | None] = iter([None] * len(picks))
        if index.masks is not None and index.mask_axes is not None:
            masks = rows(index.masks, index.mask_axes, picks)
        for pick in picks:
            number, values, mask = int(contents.objects[pick]), next(found), next(masks)
            try:
                image = as_image(values[planes], contents.dtype)
            except Unreadable as error:
                yield Lost(number, str(error))
                continue
            if mask is None:
                yield Cell(number, image)
            else:
                marked = (mask[planes] if len(mask) > 1 else mask) != 0
                yield Cell(number, image, np.broadcast_to(marked, image.shape).astype(np.uint8))


@contextmanager
def guarded() -> Iterator[None]:
    """Turn whatever damaged bytes may raise into Unreadable."""
    try:
        yield
    except _DAMAGES as error:
        text = str(error)
        if "pickle" in text.casefold() or "object" in text.casefold():
            raise Unreadable("The file holds Python objects, not numbers; they are never loaded.") from None
        if isinstance(error, RuntimeError) and "password" in text:
            raise Unreadable("The file is encrypted.") from None
        raise Unreadable("The file is damaged or cut short.") from None


def _header(stream: IO[bytes], room: int) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, Fortran order, dtype and length of a `.npy` header; `room` is all bytes of the array's file."""
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise Unreadable("The NumPy file is of a version that is not supported.")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(stream)
    if dtype.hasobject:
        raise Unreadable("The file holds Python objects, not numbers; they are never loaded.")
    if dtype.fields is not None or dtype.subdtype is not None:
        raise Unreadable("The file holds a table with named columns, not images.")
    if any(side < 0 for side in shape) or prod(shape) * dtype.itemsize + stream.tell() > room:
        raise Unreadable("The NumPy file is damaged or cut short: it cannot hold what its header says.")
    return shape, fortran, dtype, stream.tell()


def _header_of(path: Path) -> Stored:
    with path.open("rb") as stream:
        shape, fortran, dtype, offset = _header(stream, path.stat().st_size)
    return Stored(path, shape, dtype, fortran, offset)


def _members(path: Path) -> dict[str, Stored]:
    """Return name → array of a `.npz`, from headers; raises Unreadable for a zip bomb."""
    found: dict[str, Stored] = {}
    with zipfile.ZipFile(path) as pack:
        members = [info for info in pack.infolist() if info.filename.endswith(".npy")]
        if not members or len(members) > 1000:
            raise (
                Unreadable("The .npz file holds no arrays.") if not members else Unreadable("It holds too many arrays.")
            )
        for info in members:
            name = info.filename[: -len(".npy")]
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unreadable(f"The array {name} is compressed in a way that is not supported.")
            if info.file_size > _RATIO * info.compress_size + 1024 or info.compress_size > path.stat().st_size:
                raise Unreadable("The .npz file is damaged or was made to fill the memory; it is not unpacked.")
            with pack.open(info) as stream:
                shape, fortran, dtype, start = _header(stream, info.file_size)
            offset = _start(path, info) + start if info.compress_type == zipfile.ZIP_STORED else -1
            found[name] = Stored(path, shape, dtype, fortran, offset, info.filename)
    return found


def _start(path: Path, info: zipfile.ZipInfo) -> int:
    """Return where the bytes of an uncompressed member begin."""
    with path.open("rb") as file:
        file.seek(info.header_offset)
        head = file.read(30)
    return info.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")


def _images(members: dict[str, Stored]) -> Stored:
    for name in ("", *_IMAGES):
        if name in members:
            return members[name]
    others = [name for name in members if name not in (*_MASKS, *_LABELS, *_NAMES)]
    if len(others) == 1:
        return members[others[0]]
    names = ", ".join(list(members)[:8])
    raise Unreadable(f"None of its arrays ({names}) is called images; name the array of the images so.")


def _masks(
    members: dict[str, Stored], images: Stored, axes: Axes, how: Reading, cues: list[Cue]
) -> tuple[Stored | None, Axes | None]:
    """Return the masks and how they lie: one per cell, or one per cell and channel."""
    masks = next((members[name] for name in _MASKS if name in members), None)
    if masks is None:
        return None, None
    same = masks.shape == images.shape
    single = tuple(side for axis, side in enumerate(images.shape) if axis != axes.channel)
    if masks.dtype.kind not in "bui" or not (same or masks.shape == single):
        text = f"The masks are not used: their shape {masks.shape} does not go with that of the images, {images.shape}."
        cues.append(Cue(level="warning", subject="Masks left out", text=text))
        return None, None
    return masks, axes if same else axes.without_channels()


def _small(members: dict[str, Stored], names: Sequence[str], cues: list[Cue]) -> NDArray[Any] | None:
    """Return labels or names: an array of numbers or text, at most 64 MiB."""
    found = next((members[name] for name in names if name in members), None)
    if found is None:
        return None
    if found.size > _KEPT // 2 or found.dtype.kind not in "buifSU":
        cues.append(Cue(level="warning", subject="Labels left out", text=f"{found.member} holds no labels."))
        return None
    return _whole(found)


def _whole(stored: Stored) -> NDArray[Any]:
    """Return an array of a zip in memory; its checksum is tested."""
    with guarded(), zipfile.ZipFile(stored.path) as pack, pack.open(stored.member) as stream:
        values = npy.read_array(stream, allow_pickle=False)
        if stream.read(1):
            raise ValueError("longer than its header says")
    if values.shape != stored.shape or values.dtype != stored.dtype:
        raise Unreadable("The file has changed since it was checked.")
    return np.asarray(values)


class Kept:
    """The arrays that were unpacked last (256 MiB, at least one), shared by the threads that read parts of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrays: dict[tuple[Stored, int], NDArray[Any]] = {}

    def get(self, stored: Stored, unpack: Callable[[Stored], NDArray[Any]]) -> NDArray[Any]:
        """Return an array in memory, unpacked once."""
        with self._lock:
            key = (stored, stored.path.stat().st_mtime_ns)
            found = self._arrays.pop(key, None)
            while found is None and self._arrays and sum(each.nbytes for each in self._arrays.values()) > _KEPT:
                del self._arrays[next(iter(self._arrays))]
            if found is None:
                found = unpack(stored)
            self._arrays[key] = found
            return found


KEPT = Kept()


def rows(stored: Stored, axes: Axes, picks: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Yield (channels, y, x) of the cells picked."""
    with guarded():
        if stored.member and stored.size <= _KEPT:
            values = KEPT.get(stored, _whole)
        elif stored.offset >= 0:
            values = in_file(stored)
        else:
            yield from _streamed(stored, axes, picks)
            return
    for pick in picks:
        yield axes.cell(values, pick)


def in_file(stored: Stored) -> NDArray[Any]:
    """Return an array that is not compressed: read when small, so that the file may vanish, else mapped."""
    return _mapped(stored) if stored.size > _KEPT else _copied(stored)


def _mapped(stored: Stored) -> NDArray[Any]:
    order: Any = "F" if stored.fortran else "C"
    return np.memmap(stored.path, stored.dtype, "r", stored.offset, stored.shape, order)


def _copied(stored: Stored) -> NDArray[Any]:
    values = np.fromfile(stored.path, stored.dtype, prod(stored.shape), offset=stored.offset)
    return values.reshape(stored.shape, order="F" if stored.fortran else "C")


def _streamed(stored: Stored, axes: Axes, picks: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Read cells of a compressed member that is too large to keep, from front to back."""
    if stored.fortran or axes.cells != 0:
        raise Unreadable("The array is too large to be unpacked; save it as .npy or with numpy.savez.")
    row, shape = stored.size // stored.shape[0], stored.shape[1:]
    wanted = sorted(set(picks))
    found: dict[int, NDArray[Any]] = {}
    with guarded(), zipfile.ZipFile(stored.path) as pack, pack.open(stored.member) as stream:
        _header(stream, stored.size + (1 << 16))
        start = stream.tell()
        for pick in wanted:
            stream.seek(start + pick * row)
            found[pick] = np.frombuffer(stream.read(row), stored.dtype).reshape(shape)
    for pick in picks:
        yield axes.below().cell(found[pick], 0)
