"""Decodes the images of a TIFF file, guarded against damaged and oversized ones."""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable, check_size, plain_pixels
from wizard.engine.readers.tiff import Page, Tiff

# Damaged files are reported to the user by name; the library's own log lines would only repeat it.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

_BROKEN = (tifffile.TiffFileError, ValueError, IndexError, KeyError, TypeError, struct.error, zlib.error,
           RuntimeError, EOFError, AttributeError, OverflowError, ZeroDivisionError, NotImplementedError)  # fmt: skip
_PALETTE, _LZW, _JPEG = 3, 5, 7


def _lzw(data: bytes, out: int) -> bytes:
    # Loaded here: most files need no compiler.
    from wizard.engine.readers import lzw

    return lzw.unpacked(data, out)


_CODECS: dict[int, Callable[..., bytes | bytearray]] = {
    _LZW: _lzw,
    8: imagecodecs.zlib_decode,
    32773: imagecodecs.packbits_decode,
    32946: imagecodecs.zlib_decode,
    34925: imagecodecs.lzma_decode,
    50000: imagecodecs.zstd_decode,
}
"""What unpacks at most as many bytes as it is told."""


class Decoder:
    """Decodes pages of one open file; `longest` is the longest side in px that is decoded."""

    def __init__(self, tiff: Tiff, longest: int) -> None:
        self._tiff = tiff
        self._longest = longest
        self._library: tifffile.TiffFile | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self._library is not None:
            self._library.close()

    def planes(self, directory: int, wanted: Sequence[int], shift: int = 0) -> NDArray[np.generic]:
        """Return planes of the page whose directory is at `directory`, as (plane, y, x) in the page's own type.

        `shift` moves the data by so many bytes: files whose further images have no directory of their own.
        Raises Unreadable for damage, and for values that are not finite numbers.
        """
        page = self._tiff.page(self._tiff.entries(directory)[0])
        check_size((page.height, page.width), self._longest)
        if max(wanted) >= page.planes:
            raise Unreadable("The file has changed since it was checked.")
        if page.photometric == _PALETTE:
            return self._colours(page, self._samples(page, directory, [0], shift)[0])[list(wanted)]
        with np.errstate(over="ignore"):  # too large for 32 bits is infinite then, and refused
            return plain_pixels(self._samples(page, directory, wanted, shift))

    def _samples(self, page: Page, directory: int, wanted: Sequence[int], shift: int) -> NDArray[Any]:
        if shift and not is_plain(page):
            raise Unreadable("The file is damaged: its images are not where they should be.")
        if is_simple(page):
            if page.planar:
                return np.stack([self._plane(page, plane, shift)[..., 0] for plane in wanted])
            image = self._plane(page, 0, shift)
        else:
            image = self._decoded(page, directory)
            if page.planar:
                return image.reshape(page.samples, page.height, page.width)[list(wanted)]
            image = image.reshape(page.height, page.width, page.samples)
        return image[None, ..., 0] if page.samples == 1 else np.moveaxis(image[..., list(wanted)], -1, 0)

    def _plane(self, page: Page, plane: int, shift: int) -> NDArray[Any]:
        """Return the samples of all strips or tiles (of one plane where they are separate) as (y, x, sample)."""
        number = len(page.offsets) // (page.samples if page.planar else 1)
        parts = range(plane * number, (plane + 1) * number)
        if page.tile is None:
            strips = [
                self._part(page, part, min(page.rows, page.height - place * page.rows), page.width, shift)
                for place, part in enumerate(parts)
            ]
            return strips[0] if len(strips) == 1 else np.concatenate(strips)
        height, width = page.tile
        across = -(-page.width // width)
        image: NDArray[Any] | None = None
        for place, part in enumerate(parts):
            tile = self._part(page, part, height, width, shift)
            if image is None:
                image = np.empty((page.height, page.width, tile.shape[2]), tile.dtype)
            top, left = place // across * height, place % across * width
            image[top : top + height, left : left + width] = tile[: page.height - top, : page.width - left]
        assert image is not None
        return image

    def _part(self, page: Page, part: int, height: int, width: int, shift: int) -> NDArray[Any]:
        samples = 1 if page.planar else page.samples
        size = height * width * samples * page.dtype.itemsize
        offset = page.offsets[part] + shift
        if page.compression == 1:
            raw: bytes | bytearray = self._tiff.at(offset, size)
        else:
            # Some programs fill the last strip up with rows that are not part of the image.
            full = size // height * (page.rows if page.tile is None else height)
            raw = _unpacked(page.compression, self._tiff.at(offset, page.counts[part]), size, full)
        if len(raw) < size:
            raise Unreadable("The image is damaged: its data do not fill it.")
        values = np.frombuffer(raw, page.dtype.newbyteorder(self._tiff.order), size // page.dtype.itemsize)
        values = values.reshape(height, width, samples)
        if page.predictor == 2:
            # Each value was stored as the difference to its left neighbour; sums wrap around as they did.
            values = np.cumsum(values, axis=1, dtype=page.dtype)
        return values

    def _decoded(self, page: Page, directory: int) -> NDArray[Any]:
        """Decode with tifffile, after making sure that it understands the directory in the same way."""
        if page.compression == _JPEG:
            self._check_jpegs(page)
        if page.compression == _LZW:
            self._check_lzw(page)
        try:
            if self._library is None:
                self._library = tifffile.TiffFile(self._tiff.path)
            self._library.filehandle.seek(directory)
            seen = tifffile.TiffPage(self._library, 0)
            same = (
                (seen.imagelength, seen.imagewidth, seen.samplesperpixel, seen.compression, seen.imagedepth)
                == (page.height, page.width, page.samples, page.compression, 1)
                and (seen.dtype == page.dtype and seen.bitspersample == page.bits)
                and (page.samples == 1 or (seen.planarconfig == 2) == page.planar)
                and ((seen.tilelength, seen.tilewidth) if seen.is_tiled else None) == page.tile
                and (tuple(seen.dataoffsets), tuple(seen.databytecounts)) == (page.offsets, page.counts)
            )  # fmt: skip
            if not same:
                raise Unreadable("The file is damaged: a directory contradicts itself.")
            image: NDArray[Any] = seen.asarray(maxworkers=1)
        except _BROKEN as error:
            raise Unreadable(f"The image is damaged: {str(error)[:200]}.") from None
        if image.size != page.height * page.width * page.samples:
            raise Unreadable("The image is damaged: its data do not fill it.")
        return image

    def _check_lzw(self, page: Page) -> None:
        """Refuse LZW streams that the library would follow into random memory."""
        from wizard.engine.readers import lzw

        for offset, count in zip(page.offsets, page.counts, strict=True):
            if not lzw.is_sound(self._tiff.at(offset, count)):
                raise Unreadable("The image is damaged: its LZW codes contradict each other.")

    def _check_jpegs(self, page: Page) -> None:
        """Refuse JPEG parts that say of themselves that they are larger than the part of the image they fill."""
        # A part may be filled up to whole blocks of 16 px.
        height, width = (side + 15 for side in page.tile or (page.rows, page.width))
        for offset, count in zip(page.offsets, page.counts, strict=True):
            size = jpeg_size(self._tiff.at(offset, count))
            if size is None or size[0] > height or size[1] > width:
                raise Unreadable("The image is damaged: a JPEG part has an impossible size.")

    def _colours(self, page: Page, indices: NDArray[Any]) -> NDArray[np.uint8]:
        """Look up the colours of a palette; returns (3, y, x)."""
        colours = palette(self._tiff, page)
        return colours[:, indices.astype(np.intp)]


def _unpacked(compression: int, data: bytes, size: int, most: int) -> bytes | bytearray:
    """Unpack a strip or tile of `size` bytes; it may hold up to `most`."""
    unpack = _CODECS[compression]
    try:
        return unpack(data, out=size)
    except (RuntimeError, ValueError) as error:
        if size == most:
            raise Unreadable(f"The image is damaged: {str(error)[:200]}.") from None
    return _unpacked(compression, data, most, most)


def is_plain(page: Page) -> bool:
    """Tell whether the samples are stored as they are, row by row."""
    return page.compression == 1 and page.tile is None and is_simple(page)


def is_simple(page: Page) -> bool:
    """Tell whether unpacking, and perhaps summing up differences, gives the samples."""
    return (
        (page.compression == 1 or page.compression in _CODECS)
        and (page.predictor == 1 or (page.predictor == 2 and page.compression != 1 and page.dtype.kind in "ui"))
        and page.fill_order == 1
        and page.bits == 8 * page.dtype.itemsize
    )


def palette(tiff: Tiff, page: Page) -> NDArray[np.uint8]:
    """Return the colours of a palette as (3, 2**bits); raises Unreadable when they are missing."""
    values = np.array(tiff.numbers(page.entries, 320), np.int64)
    if page.dtype.kind not in "bu" or page.bits > 16 or len(values) != 3 << page.bits or values.max() > 65535:
        raise Unreadable("The image is damaged: its palette is missing or incomplete.")
    # The values have 16 bits, but some programs write 8.
    return (values >> 8 if values.max() > 255 else values).astype(np.uint8).reshape(3, -1)


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (height, width) from the frame header of a JPEG stream, None when there is none."""
    place = 2
    if data[:2] != b"\xff\xd8":
        return None
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 5)
            return height, width
        elif marker == 0xDA:
            return None
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
