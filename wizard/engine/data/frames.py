"""Places cells of any size in frames of one size, without touching their intensities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MIN_FRAME, MAX_FIT = 16, 128


def fitting_frame(sides: Sequence[int]) -> int:
    """Return the frame size (px, a multiple of 8) that holds 95 % of the cells' longer sides, 16 to 128."""
    wanted = int(np.ceil(np.percentile(np.asarray(sides), 95) / 8) * 8)
    return int(np.clip(wanted, MIN_FRAME, MAX_FIT))


def frame_cell(image: NDArray[np.generic], frame: int, padding: str, larger: str) -> NDArray[np.generic]:
    """Centre a cell (channels, y, x) in (channels, frame, frame), type kept.

    `larger`: `crop` the middle or `shrink` the cell until it fits. `padding`: `background` (median of
    the cell's border, per channel), `edge`, `reflect` or `zero`. On odd differences the extra pixel
    is cut or padded at the right and bottom.
    """
    if larger == "shrink" and max(image.shape[1:]) > frame:
        image = _shrink(image, frame)
    image = _crop(image, frame)
    short = [frame - side for side in image.shape[1:]]
    if not any(short):
        return image
    widths = [(0, 0)] + [(gap // 2, gap - gap // 2) for gap in short]
    if padding in ("edge", "reflect"):
        # A mirror cannot be wider than the image, so a tiny cell is padded in several rounds by numpy.
        mode = "edge" if padding == "edge" or min(image.shape[1:]) < 2 else "reflect"
        return np.pad(image, widths, mode=mode)  # type: ignore[call-overload]
    framed = np.zeros((image.shape[0], frame, frame), image.dtype)
    if padding == "background":
        framed[:] = border_level(image)[:, None, None]
    (_, _), (top, _), (left, _) = widths
    framed[:, top : top + image.shape[1], left : left + image.shape[2]] = image
    return framed


def border_level(image: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return the median of the border pixels per channel, in the image's own type."""
    border = np.concatenate([image[:, 0], image[:, -1], image[:, 1:-1, 0], image[:, 1:-1, -1]], axis=1)
    return np.median(border, axis=1).astype(image.dtype)


def _crop(image: NDArray[np.generic], frame: int) -> NDArray[np.generic]:
    top, left = (max(0, side - frame) // 2 for side in image.shape[1:])
    return image[:, top : top + frame, left : left + frame]


def _shrink(image: NDArray[np.generic], frame: int) -> NDArray[np.generic]:
    """Scale down to the frame by area averaging, per channel."""
    height, width = image.shape[1:]
    scale = frame / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    planes = [
        np.asarray(Image.fromarray(plane.astype(np.float32)).resize(size, Image.Resampling.BOX)) for plane in image
    ]
    small = np.stack(planes)
    if image.dtype.kind in "ui":
        limits = np.iinfo(image.dtype.name)
        small = np.clip(np.rint(small), limits.min, limits.max)
    return small.astype(image.dtype)
