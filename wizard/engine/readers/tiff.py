"""Reads one TIFF image, guarded against damaged and oversized files."""

from __future__ import annotations

import logging
import struct
import zlib
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable, check_size

# Damaged files are reported to the user by name; the library's own log lines would only repeat it.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

_BROKEN = (tifffile.TiffFileError, ValueError, IndexError, KeyError, TypeError, struct.error, zlib.error,
           RuntimeError, EOFError, AttributeError, OverflowError, ZeroDivisionError, NotImplementedError)  # fmt: skip


def read_tiff(path: Path) -> NDArray[np.generic]:
    """Return a TIFF as (y, x) or, for colour, (y, x, samples) in its own type.

    Raises Unreadable when the file is damaged, holds several pages, or is not integer or float.
    """
    try:
        with tifffile.TiffFile(path) as file:
            image = _single_image(file)
    except (OSError, MemoryError) as error:
        raise Unreadable(f"The file cannot be read: {error}.") from None
    except _BROKEN as error:
        raise Unreadable(f"The file is damaged or not a TIFF: {error}.") from None
    return _plain(image)


def _single_image(file: tifffile.TiffFile) -> NDArray[np.generic]:
    if len(file.pages) != 1:
        raise Unreadable(f"The file holds {len(file.pages)} pages; one image per file is expected here.")
    page = file.pages[0]
    check_size((page.imagelength, page.imagewidth))
    if page.samplesperpixel not in (1, 3, 4):
        raise Unreadable(f"The image has {page.samplesperpixel} samples per pixel; 1, 3 or 4 are expected.")
    image: NDArray[np.generic] = page.asarray()
    if page.samplesperpixel > 1 and page.planarconfig == 2:
        image = np.moveaxis(image, 0, -1)
    return image


def _plain(image: NDArray[np.generic]) -> NDArray[np.generic]:
    if image.dtype == np.bool_:
        image = image.astype(np.uint8)
    if image.dtype.kind not in "uif" or image.dtype.itemsize > 4:
        raise Unreadable(f"Pixels of type {image.dtype} are not supported.")
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        raise Unreadable("The image holds values that are not numbers.")
    return image.astype(image.dtype.newbyteorder("="), copy=False)
