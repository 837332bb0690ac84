"""One picture per cell: PNG, JPEG, BMP or GIF, grey or colour."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

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
from wizard.results import Channel

_PILLOW = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".gif": "GIF"}
GREY = (Channel(name="Grey", number=1),)
COLOUR = (Channel(name="Red", number=1), Channel(name="Green", number=2), Channel(name="Blue", number=3))

# Sizes are checked here against what the user expects, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
_MOST_PIXELS = 2**30
_MOST_RATIO = 8 * 1032
"""Pixels per byte that a PNG can reach at most: one bit each, and Deflate shrinks by 1032; others reach less."""
_GREY_MODES = ("1", "L", "LA", "La", "I", "F")
_ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""First row and column and their steps in the passes of an interlaced PNG."""
_BROKEN = (OSError, ValueError, SyntaxError, IndexError, TypeError, OverflowError, zlib.error)


@register
class Pictures(OneFile):
    """Every picture is one cell; colour pictures have the channels Red, Green and Blue.

    Palettes become red, green and blue, alpha is dropped, of a GIF the first frame is taken. Pixels stay where
    the file has them: an orientation noted by a camera (EXIF) is not applied, because positions and masks
    made with other programs count from the stored pixels.
    """

    name = "Single pictures"
    extensions = tuple(_PILLOW)

    def check(self, source: Source, how: Reading) -> Contents:
        """Tell colour, size and depth from the header; raises Unreadable when there is none."""
        path = source.files[0]
        with _opened(path, how.longest) as picture:
            channels = GREY if _is_grey(picture) else COLOUR
            dtype = np.dtype(np.uint16 if _is_deep(picture) else np.uint8)
            contents = uniform(channels, 1, picture.height, picture.width, dtype, index=how.longest)
            if picture.format in ("JPEG", "MPO"):
                contents.facts["Compression"] = "JPEG"
            return contents

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Yield the one cell of a picture."""
        planes = planes_of(contents, channels)
        for _ in picks:
            image = _read(source.files[0], contents.index)
            planar = image[None] if image.ndim == 2 else np.moveaxis(image[..., :3], -1, 0)
            if planar.shape != (len(contents.channels), contents.heights[0], contents.widths[0]):
                raise Unreadable("The picture has changed since it was checked.")
            yield Cell(0, np.ascontiguousarray(planar[planes]))


def _is_grey(picture: Image.Image) -> bool:
    return picture.mode in _GREY_MODES or picture.mode.startswith("I;") or _layout(picture).startswith("LA")


def _is_deep(picture: Image.Image) -> bool:
    """Tell whether a picture has 16 bits per colour; Pillow itself gives such a colour picture 8."""
    return picture.mode.startswith("I") or _layout(picture).endswith(";16B")


def _layout(picture: Image.Image) -> str:
    """Return how the pixels of a PNG lie in the file, e.g. `RGB;16B`."""
    tiles = picture.tile if isinstance(picture, ImageFile.ImageFile) and picture.format == "PNG" else []
    told = tiles[0].args if tiles else ""
    return told if isinstance(told, str) else ""


def _frame(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Return where the first image of a GIF lies in it: left, top, right, bottom."""
    tiles = picture.tile if isinstance(picture, ImageFile.ImageFile) else []
    return tiles[0].extents if tiles else None


def _read(path: Path, longest: int) -> NDArray[np.generic]:
    """Return a picture as (y, x) or (y, x, colours), uint8 or uint16."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from None
    with _opened(path, longest, data) as picture:
        try:
            if picture.format == "PNG":
                _check_sums(data)
            if _is_deep(picture):
                return _deep(data, picture)
            wanted = "L" if _is_grey(picture) else "RGB"
            return np.asarray(picture.convert(wanted) if wanted != picture.mode else picture)
        except MemoryError:
            raise Unreadable("The picture is too large for the memory of this computer.") from None
        except _BROKEN as error:
            raise Unreadable(f"The picture is damaged: {str(error)[:200]}.") from None


def _deep(data: bytes, picture: Image.Image) -> NDArray[np.generic]:
    """Decode a PNG of 16 bits per colour."""
    # The decoder's report of an image that is wrong inside reads memory that it has given back.
    if not _fills(data):
        raise Unreadable("The picture is damaged: its data do not fill it.")
    if picture.mode.startswith("I"):
        return np.asarray(picture).astype(np.uint16)
    try:
        image: NDArray[np.generic] = imagecodecs.png_decode(data)
    except RuntimeError as error:
        raise Unreadable(f"The picture is damaged: {str(error)[:200]}.") from None
    return image[..., 0] if _is_grey(picture) else image


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the parts of a PNG: name, and where the content begins and ends."""
    place = 8
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], place + 8, end
        place = end + 4


def _fills(data: bytes) -> bool:
    """Tell whether the rows of a PNG of 16 bits per colour are all there, each beginning with a known filter."""
    width, height, _, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    size = 2 * {0: 1, 2: 3, 4: 2, 6: 4}[kind]
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    rows = [
        (-(-(height - top) // down), 1 + size * -(-(width - left) // right))
        for top, left, down, right in passes
        if height > top and width > left
    ]
    most = sum(number * length for number, length in rows)
    packed = b"".join(data[start:end] for name, start, end in _chunks(data) if name == b"IDAT")
    plain = zlib.decompressobj().decompress(packed, most)
    if len(plain) < most:
        return False
    place = 0
    for number, length in rows:
        if max(plain[place : place + number * length : length]) > 4:
            return False
        place += number * length
    return True


def _check_sums(data: bytes) -> None:
    """Compare the check sums that a PNG carries of its parts; decoders pass over those of the pixels."""
    for name, start, end in _chunks(data):
        if zlib.crc32(data[start - 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise Unreadable("The picture is damaged: a check sum in it does not fit.")
        if name == b"IEND":
            return
    raise Unreadable("The picture is damaged: it ends early.")


def _opened(path: Path, longest: int, data: bytes | None = None) -> Image.Image:
    """Open a picture without decoding it; a size that is not a single cell's is refused first."""
    expected = _PILLOW[path.suffix.casefold()]
    try:
        picture = Image.open(path if data is None else io.BytesIO(data), formats=[expected])
    except UnidentifiedImageError:
        raise Unreadable(f"The file is not a {expected} picture or is damaged.") from None
    except MemoryError:
        raise Unreadable("The picture is too large for the memory of this computer.") from None
    except _BROKEN as error:
        reason = getattr(error, "strerror", None) or str(error)[:200]
        raise Unreadable(f"The picture cannot be read: {reason}.") from None
    try:
        check_size((picture.height, picture.width), longest)
        pixels = picture.height * picture.width
        size = path.stat().st_size if data is None else len(data)
        if pixels > _MOST_PIXELS or (pixels > 2**24 and pixels > _MOST_RATIO * size):
            raise Unreadable("The picture claims more pixels than its bytes can hold.")
        if expected == "GIF" and _frame(picture) != (0, 0, picture.width, picture.height):
            raise Unreadable("The first image in the GIF does not fill the picture; save it as PNG.")
    except BaseException:
        picture.close()
        raise
    return picture
