"""Pixel arithmetic of framing: colour, levels, resampling, padding; all images are (channels, y, x)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_CORNER = 10
_GREY = np.array([0.299, 0.587, 0.114])
FILTERS = {
    "linear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
    "cubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}

Pixels = NDArray[np.generic]
Mask = NDArray[np.uint8]


def recolour(image: Pixels, mask: Mask | None, colour: str) -> tuple[Pixels, Mask | None]:
    """Turn three channels to `grey`, or one channel to three equal ones (`rgb`); other images stay as they are."""
    if colour == "grey" and len(image) == 3:
        grey = np.tensordot(_GREY, image.astype(np.float64), 1)[None]
        if mask is not None:
            mask = np.where((mask == 1).any(axis=0), 1, mask.max(axis=0)).astype(np.uint8)[None]
        return to_type(grey, image.dtype), mask
    if colour == "rgb" and len(image) == 1:
        return np.repeat(image, 3, axis=0), None if mask is None else np.repeat(mask, 3, axis=0)
    return image, mask


def to_type(values: NDArray[Any], dtype: np.dtype[Any]) -> Pixels:
    """Clip values to what a type can hold and, for integers, round them."""
    if dtype.kind not in "ui":
        span = np.finfo(dtype)
        return np.clip(values, float(span.min), float(span.max)).astype(dtype)
    limits = np.iinfo(dtype)
    # The largest 32-bit integers have no neighbour below them in 32-bit floats.
    wide = values.astype(np.float64) if dtype.itemsize > 2 else values
    return np.clip(np.rint(wide), limits.min, limits.max).astype(dtype)


def border_level(image: Pixels) -> Pixels:
    """Return the median of the border pixels per channel, in the image's own type (rounded down)."""
    border: NDArray[Any] = np.concatenate([image[:, 0], image[:, -1], image[:, 1:-1, 0], image[:, 1:-1, -1]], axis=1)
    half = border.shape[1] // 2
    border.partition((half - 1, half), axis=1)
    low, high = border[:, half - 1], border[:, half]
    if image.dtype.kind in "ui":
        return ((low.astype(np.int64) + high) // 2).astype(image.dtype)
    return ((low.astype(np.float64) + high) / 2).astype(image.dtype)


def quiet_corner(image: Pixels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation per channel of the corner (10 × 10 px) that varies least.

    The rule is Deepometry's (Doan et al., Nat Protoc 2021).
    """
    top, bottom = slice(None, _CORNER), slice(-_CORNER, None)
    corners = np.stack([image[:, y, x] for y in (top, bottom) for x in (top, bottom)]).astype(np.float64)
    spread, mean = corners.std(axis=(2, 3)), corners.mean(axis=(2, 3))
    quietest, channel = spread.argmin(axis=0), np.arange(len(image))
    return mean[quietest, channel], spread[quietest, channel]


def blank(image: Pixels, mask: Mask, combined: bool, fill: Pixels) -> Pixels:
    """Set what is outside of the mask to the level; a cell whose masks are all empty stays as it is."""
    inside = mask == 1
    together = inside.any(axis=0)
    if not together.any():
        return image
    blanked: Pixels = np.where(together[None] if combined else inside, image, fill[:, None, None])
    return blanked


def nearest(planes: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return planes of (height, width) `size` by nearest neighbours, exact in every type."""
    rows, columns = (
        np.minimum(((np.arange(new) + 0.5) * (old / new)).astype(np.intp), old - 1)
        for new, old in zip(size, planes.shape[1:], strict=True)
    )
    return planes[:, rows[:, None], columns]


def resample(image: Pixels, size: tuple[int, int], interpolation: str) -> Pixels:
    """Return the image in (height, width) `size`, computed in 32-bit floats, rounded and clipped to its type."""
    small = np.empty((len(image), *size), image.dtype)
    for plane, place in zip(image, small, strict=True):
        picture = Image.fromarray(plane.astype(np.float32))
        place[:] = to_type(np.asarray(picture.resize((size[1], size[0]), FILTERS[interpolation])), image.dtype)
    return small


def noise(image: Pixels, pixels: int, seed: int) -> Pixels:
    """Return (channels, pixels) of normal noise like the quietest corner's, clipped to the type."""
    mean, spread = quiet_corner(image)
    drawn = np.random.default_rng(seed & (2**64 - 1)).standard_normal((len(image), pixels))
    return to_type(drawn * spread[:, None] + mean[:, None], image.dtype)


def nearest_inside(first: int, frame: int, side: int) -> NDArray[np.intp]:
    """Positions in a line of `side` px that goes on with its ends."""
    return np.clip(np.arange(first, first + frame), 0, side - 1)


def mirrored(first: int, frame: int, side: int) -> NDArray[np.intp]:
    """Positions in a line of `side` px that is mirrored at its ends over and over, without repeating the ends."""
    period = max(1, 2 * (side - 1))
    place = np.arange(first, first + frame) % period
    return np.minimum(place, period - place) if side > 1 else np.zeros(frame, np.intp)
