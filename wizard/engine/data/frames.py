"""Places cells of any size in frames of one size, without touching their intensities.

Positions are in px from the image's top left corner, so that the middle of an image is half of its
sides and the middle of its first pixel is (0.5, 0.5). All images are (channels, y, x) in the
instrument's own type, all masks uint8 of the same shape (0 background, 1 the object, above 1 other).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.frames_pixels import (
    FILTERS,
    Mask,
    Pixels,
    blank,
    border_level,
    mirrored,
    nearest,
    nearest_inside,
    noise,
    quiet_corner,
    recolour,
    resample,
    to_type,
)
from wizard.engine.errors import UserError
from wizard.frame_size import LEAST

Size = tuple[int, int]
"""Height and width in px."""
MAX_FIT = 128
_ELONGATED = 1.25
"""Factor between the sides of most cells from which on a square wastes much of its pixels."""
_LARGE = 4_000_000
"""Pixels of a scaled plane beyond which only the part around the frame is computed."""
_WORDS = {
    "larger": ("crop", "shrink"),
    "padding": ("background", "noise", "edge", "reflect", "constant"),
    "centre": ("auto", "image", "object"),
    "masking": ("no", "channel", "combined"),
    "interpolation": ("nearest", *FILTERS),
    "colour": ("stored", "grey", "rgb"),
}


@dataclass(frozen=True)
class Framing:
    """How cells become frames; the words are those of the plan's settings of the same names."""

    size: Size
    larger: str = "crop"
    padding: str = "background"
    padding_value: float = 0.0
    centre: str = "auto"
    masking: str = "no"
    scale: float = 1.0
    interpolation: str = "area"
    colour: str = "stored"

    @classmethod
    def of(cls, values: Mapping[str, Any], size: Size) -> Framing:
        """Take the settings from a plan's or a dataset.json's keys; what is missing has its default.

        Raises UserError for words and numbers that are not known.
        """
        given = {name: values[name] for name in (*_WORDS, "padding_value", "scale") if name in values}
        if given.get("padding") == "zero":
            given |= {"padding": "constant", "padding_value": 0.0}
        for name, allowed in _WORDS.items():
            if given.get(name, allowed[0]) not in allowed:
                raise UserError(
                    f"The framing {name} = {given[name]!r} is not known.", f"Known are: {', '.join(allowed)}.",
                    "Choose one of these, or parse the images again.",
                )  # fmt: skip
        for name in ("padding_value", "scale"):
            value = given.get(name, 1.0)
            if not isinstance(value, int | float) or not math.isfinite(value) or (name == "scale" and value <= 0):
                raise UserError(f"The framing {name} = {value!r} is no usable number.", "", "Give a plain number.")
        return cls(size=size, **given)


def fitting_side(sides: Sequence[int] | NDArray[Any]) -> int:
    """Return the length (px, a multiple of 8) that holds 95 % of the cells' sides, 16 to 128."""
    known = np.asarray(sides, float)
    known = known[np.isfinite(known)]
    if not known.size:
        return LEAST
    wanted = int(np.ceil(np.percentile(known, 95) / 8) * 8)
    return int(np.clip(wanted, LEAST, MAX_FIT))


def fitting_square(sides: NDArray[Any]) -> Size:
    """Return the square frame that fits cells of heights and widths `sides` (n, 2) in px."""
    side = fitting_side(sides.max(axis=1))
    return side, side


def fitting_frame(sides: NDArray[Any]) -> Size:
    """Return the frame that fits cells of heights and widths `sides` (n, 2), each side for itself."""
    return fitting_side(sides[:, 0]), fitting_side(sides[:, 1])


def suggested_frame(sides: NDArray[Any]) -> Size:
    """Return the fitting square, or the fitting rectangle where 95 % of the cells are within one much longer side."""
    if not len(sides):
        return fitting_square(sides)
    short, long = sorted(np.percentile(sides, 95, axis=0))
    return fitting_frame(sides) if long > _ELONGATED * short else fitting_square(sides)


def exceeds(sides: NDArray[Any], size: Size) -> NDArray[np.bool_]:
    """Tell which of the heights and widths (n, 2) do not fit a frame, on one side at least."""
    larger: NDArray[np.bool_] = (np.rint(sides) > size).any(axis=1)
    return larger


def frame_cell(
    image: Pixels, mask: Mask | None, how: Framing, centre: tuple[float, float] | None = None, seed: int = 0
) -> tuple[Pixels, Mask | None]:
    """Place one cell in a frame: colour, masking, scale, shrink, then crop and pad around its centre.

    `centre` is the object's given y, x (None or NaN = unknown), `seed` makes noise the same each time.
    Returns (channels, height, width) in the image's type and its mask or None; the mask's padding is 0.
    """
    image, mask = recolour(image, mask, how.colour)
    fill = levels(image, how) if _needs_levels(how) else None
    middle = _middle(image, mask, how.centre, centre)
    if mask is not None and how.masking != "no" and fill is not None:
        image = blank(image, mask, how.masking == "combined", fill)
    shrunk = _is_shrunk(image.shape[1:], how)
    image, mask, middle = _resize(image, mask, how, middle)
    sides = image.shape[1:]
    top, left = window(sides, middle, how.size, shrunk)
    framed = _place(image, top, left, how, fill, seed)
    if mask is None:
        return framed, None
    return framed, _on_flat(mask, top, left, how.size, np.zeros(mask.shape[0], np.uint8), sides)


def frame_many(
    images: Sequence[Pixels],
    masks: Sequence[Mask | None] | None,
    how: Framing,
    centres: NDArray[Any] | None,
    seeds: Sequence[int] | NDArray[Any],
    out: Pixels,
    out_masks: Mask | None = None,
) -> None:
    """Place n cells: `out` (n, channels, height, width) and `out_masks` get what `frame_cell` gives, pixel for pixel.

    `centres` (n, 2) holds NaN where unknown; a cell without a mask gets an empty one. Cells that need
    no new pixels (no scaling, masking or noise) go through compiled code that leaves other threads free.
    """
    if not len(images):
        return
    given: list[tuple[float, float] | None] = (
        [None] * len(images) if centres is None else [(float(y), float(x)) for y, x in centres]
    )
    found: Sequence[Mask | None] = [None] * len(images) if masks is None else masks
    plain: dict[np.dtype[Any], list[int]] = {}
    for row, (image, mask) in enumerate(zip(images, found, strict=True)):
        if _is_plain(image, mask, how):
            plain.setdefault(image.dtype, []).append(row)
            continue
        framed, framed_mask = frame_cell(image, mask, how, given[row], int(seeds[row]))
        np.copyto(out[row], framed, casting="same_kind")
        if out_masks is not None:
            out_masks[row] = 0 if framed_mask is None else framed_mask
    for rows in plain.values():
        _frame_plain([(row, images[row], found[row], given[row]) for row in rows], how, out, out_masks)


def levels(image: Pixels, how: Framing) -> Pixels:
    """Return the level per channel with which a cell's surroundings are filled, in the image's type."""
    if how.padding == "constant":
        return np.repeat(to_type(np.array([how.padding_value]), image.dtype), len(image))
    if how.padding == "noise":
        return to_type(quiet_corner(image)[0], image.dtype)
    return border_level(image)


def window(sides: Sequence[int], middle: tuple[float, float], size: Size, shrunk: bool = False) -> tuple[int, int]:
    """Return top and left of a frame of `size` in an image of `sides` (height, width) around `middle`.

    Positions are rounded, halves towards the image's corner if the frame is inside of it, else into
    it, so that on odd differences the extra pixel is cut or padded at the right and bottom. Around a
    shrunk cell the frame is moved until it holds the whole of it.
    """
    corner = []
    for side, place, frame in zip(sides, middle, size, strict=True):
        exact = min(max(place, 0.0), float(side)) - frame / 2
        first = int(math.copysign(math.ceil(abs(exact) - 0.5), exact))
        if shrunk:
            first = min(max(first, side - frame), 0)
        corner.append(first)
    return corner[0], corner[1]


def _needs_levels(how: Framing) -> bool:
    return how.masking != "no" or how.padding in ("background", "constant")


def _middle(image: Pixels, mask: Mask | None, rule: str, centre: tuple[float, float] | None) -> tuple[float, float]:
    """Return the y, x around which a cell is framed."""
    if rule != "image" and centre is not None and math.isfinite(centre[0]) and math.isfinite(centre[1]):
        return centre
    if rule == "object" and mask is not None:
        rows, columns = np.nonzero((mask == 1).any(axis=0))
        if len(rows):
            return float(rows.mean()) + 0.5, float(columns.mean()) + 0.5
    return image.shape[1] / 2, image.shape[2] / 2


def _resize(
    image: Pixels, mask: Mask | None, how: Framing, middle: tuple[float, float]
) -> tuple[Pixels, Mask | None, tuple[float, float]]:
    """Scale and shrink in one resampling; the middle moves along."""
    size = _new_size(image.shape[1:], how)
    if size == image.shape[1:]:
        return image, mask, middle
    if size[0] * size[1] > _LARGE:
        image, mask, middle = _around(image, mask, middle, 1.5 * max(how.size) / how.scale + 1)
        size = _new_size(image.shape[1:], how)
    height, width = image.shape[1:]
    moved = middle[0] * size[0] / height, middle[1] * size[1] / width
    small = nearest(image, size) if how.interpolation == "nearest" else resample(image, size, how.interpolation)
    return small, None if mask is None else nearest(mask, size), moved


def _new_size(sides: Sequence[int], how: Framing) -> tuple[int, int]:
    """Return height and width after scaling and, if asked for, shrinking to the frame."""
    height, width = (_scaled(side, how.scale) for side in sides)
    if not _is_shrunk(sides, how):
        return height, width
    most_high, most_wide = how.size
    if height * most_wide >= width * most_high:
        return most_high, max(1, round(width * most_high / height))
    return max(1, round(height * most_wide / width)), most_wide


def _is_shrunk(sides: Sequence[int], how: Framing) -> bool:
    if how.larger != "shrink":
        return False
    return _scaled(sides[0], how.scale) > how.size[0] or _scaled(sides[1], how.scale) > how.size[1]


def _scaled(side: int, scale: float) -> int:
    return side if scale == 1 else max(1, round(side * scale))


def _around(
    image: Pixels, mask: Mask | None, middle: tuple[float, float], reach: float
) -> tuple[Pixels, Mask | None, tuple[float, float]]:
    """Cut the part of an image within `reach` px of its middle."""
    lows, parts = [], []
    for side, place in zip(image.shape[1:], middle, strict=True):
        place = min(max(place, 0.0), float(side))
        lows.append(max(0, int(place - reach)))
        parts.append(slice(lows[-1], min(side, int(place + reach) + 1)))
    cut = (slice(None), *parts)
    return image[cut], None if mask is None else mask[cut], (middle[0] - lows[0], middle[1] - lows[1])


def _place(image: Pixels, top: int, left: int, how: Framing, fill: Pixels | None, seed: int) -> Pixels:
    """Cut the frame at top, left out of the image; what lies outside of the image is padding."""
    (height, width), sides = how.size, image.shape[1:]
    if 0 <= top <= sides[0] - height and 0 <= left <= sides[1] - width:
        return image[:, top : top + height, left : left + width].copy()
    if how.padding in ("edge", "reflect"):
        pick = mirrored if how.padding == "reflect" else nearest_inside
        return image[:, pick(top, height, sides[0])[:, None], pick(left, width, sides[1])]
    if how.padding == "noise":
        framed = np.empty((len(image), height, width), image.dtype)
        outside = np.ones((1, height, width), bool)
        _paste(outside, np.zeros((1, *sides), bool), top, left, sides)
        framed[:, outside[0]] = noise(image, int(outside.sum()), seed)
        _paste(framed, image, top, left, sides)
        return framed
    assert fill is not None
    return _on_flat(image, top, left, how.size, fill, sides)


def _on_flat(
    planes: NDArray[Any], top: int, left: int, size: Size, fill: NDArray[Any], sides: Sequence[int]
) -> NDArray[Any]:
    framed = np.empty((len(planes), *size), planes.dtype)
    framed[:] = fill[:, None, None]
    _paste(framed, planes, top, left, sides)
    return framed


def _paste(framed: NDArray[Any], planes: NDArray[Any], top: int, left: int, sides: Sequence[int]) -> None:
    """Copy what the frame at top, left and the image have in common."""
    height, width = framed.shape[1:]
    y0, y1 = max(0, -top), min(height, sides[0] - top)
    x0, x1 = max(0, -left), min(width, sides[1] - left)
    if y1 > y0 and x1 > x0:
        framed[:, y0:y1, x0:x1] = planes[:, y0 + top : y1 + top, x0 + left : x1 + left]


def _is_plain(image: Pixels, mask: Mask | None, how: Framing) -> bool:
    """Whether a cell's pixels are only copied and its surroundings filled by rule."""
    return (
        how.padding != "noise"
        and (how.masking == "no" or mask is None)
        and not (how.colour == "grey" and len(image) == 3)
        and not (how.colour == "rgb" and len(image) == 1)
        and not _is_shrunk(image.shape[1:], how)
        and _new_size(image.shape[1:], how) == image.shape[1:]
        and image.dtype.itemsize < 8
        and image.dtype != np.float16
    )


def _frame_plain(
    cells: Sequence[tuple[int, Pixels, Mask | None, tuple[float, float] | None]],
    how: Framing,
    out: Pixels,
    out_masks: Mask | None,
) -> None:
    """Frame cells of one type at once in compiled code."""
    rows = np.array([row for row, *_ in cells])
    images = [image for _, image, *_ in cells]
    sides = np.array([image.shape[1:] for image in images])
    corners = np.array([
        window(image.shape[1:], _middle(image, mask, how.centre, centre), how.size)
        for _, image, mask, centre in cells
    ])  # fmt: skip
    value = to_type(np.array([how.padding_value]), images[0].dtype)[0]
    _place_into(out, rows, images, sides, corners, how.padding, value)
    if out_masks is None:
        return
    kept = [index for index, cell in enumerate(cells) if cell[2] is not None]
    if len(kept) < len(cells):
        out_masks[rows] = 0
    if kept:
        masks = [mask for _, _, mask, _ in cells if mask is not None]
        _place_into(out_masks, rows[kept], masks, sides[kept], corners[kept], "constant", np.uint8(0))


def _place_into(
    out: NDArray[Any], rows: NDArray[Any], planes: Sequence[NDArray[Any]], sides: NDArray[Any],
    corners: NDArray[Any], padding: str, value: Any,
) -> None:  # fmt: skip
    """Frame images of one type into the rows of `out`, without a copy where they are all of its rows."""
    from wizard.engine.data import frames_fast

    flat = np.concatenate([plane.ravel() for plane in planes])
    if out.dtype == flat.dtype and len(rows) == len(out):
        frames_fast.place(flat, sides, corners, padding, value, out)
        return
    framed = np.empty((len(rows), *out.shape[1:]), flat.dtype)
    frames_fast.place(flat, sides, corners, padding, value, framed)
    out[rows] = framed.astype(out.dtype, casting="same_kind")
