"""One picture per cell: PNG, JPEG, BMP or TIFF, grey or colour."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from wizard.engine.readers.base import Cell, Source, Unreadable, check_size, readable, register
from wizard.engine.readers.tiff import read_tiff
from wizard.engine.readers.tiff_channels import channel_of
from wizard.results import Channel, Skipped

_PILLOW = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP"}
_TIFF = {".tif", ".tiff"}
GREY = (Channel(name="Grey", number=1),)
COLOUR = (Channel(name="Red", number=1), Channel(name="Green", number=2), Channel(name="Blue", number=3))


@register
class Pictures:
    """Every picture is one cell; colour pictures have the channels Red, Green and Blue."""

    name = "Single pictures"

    def claim(self, root: Path, files: Sequence[Path]) -> tuple[list[Source], list[Skipped]]:
        """Pick pictures by extension; their header tells grey from colour."""
        sources: list[Source] = []
        skipped: list[Skipped] = []
        for path in files:
            extension = path.suffix.casefold()
            if extension not in _PILLOW and (extension not in _TIFF or channel_of(path.name)):
                continue
            try:
                channels = COLOUR if _is_colour(path) else GREY
            except Unreadable as error:
                skipped.append(Skipped(file=readable(path), why=str(error)))
                continue
            sources.append(Source(readable(path.relative_to(root)), root, (path,), channels))
        return sources, skipped

    def cells(self, source: Source, channels: Sequence[int]) -> Iterator[Cell]:
        """Yield the one cell of a picture."""
        image = _read(source.files[0])
        planes = image[None] if image.ndim == 2 else np.moveaxis(image[..., :3], -1, 0)
        yield Cell(source, 0, planes[[number - 1 for number in channels]])


def _is_colour(path: Path) -> bool:
    if path.suffix.casefold() in _TIFF:
        return read_tiff(path).ndim == 3
    with _opened(path) as picture:
        return picture.mode not in ("1", "L", "I", "F", "LA") and not picture.mode.startswith("I;")


def _read(path: Path) -> NDArray[np.generic]:
    if path.suffix.casefold() in _TIFF:
        return read_tiff(path)
    with _opened(path) as picture:
        wanted = {"1": "L", "LA": "L"}.get(picture.mode, picture.mode)
        if wanted not in ("L", "I", "F", "RGB") and not wanted.startswith("I;"):
            wanted = "RGB"
        try:
            pixels = np.asarray(picture.convert(wanted) if wanted != picture.mode else picture)
        except (OSError, ValueError, SyntaxError, IndexError) as error:
            raise Unreadable(f"The picture is damaged: {error}.") from None
    if pixels.dtype == np.int32 and pixels.min() >= 0 and pixels.max() <= 65535:
        pixels = pixels.astype(np.uint16)
    return pixels


def _opened(path: Path) -> Image.Image:
    """Open a picture without decoding it; a size that is not a single cell's is refused first."""
    expected = _PILLOW[path.suffix.casefold()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=[expected])
    except UnidentifiedImageError:
        raise Unreadable(f"The file is not a {expected} picture or is damaged.") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unreadable("The picture is far too large for a single cell.") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise Unreadable(f"The picture cannot be read: {error}.") from None
    try:
        check_size(picture.size)
    except Unreadable:
        picture.close()
        raise
    return picture
