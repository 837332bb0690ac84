"""What is measured on the pixels of every cell: its digest, and what the cues need."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import Cell

DEPTHS = (8, 10, 12, 14, 16)
"""Bits of the cameras in use."""


def identify(image: NDArray[np.generic]) -> tuple[str, bool]:
    """Return a cell's digest (32 hex digits over shape, type and pixels) and whether all its pixels are equal."""
    pixels = np.ascontiguousarray(image)
    digest = hashlib.blake2b(f"{pixels.shape}{pixels.dtype.str}".encode(), digest_size=16)
    digest.update(pixels.data)
    return digest.hexdigest(), bool((pixels == pixels[:, :1, :1]).all())


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was measured on one cell.

    `saturated` is the share (0..1) of pixels at the top of the type or of 8, 10, 12, 14 or 16 bits, in
    the channel (position `worst`) where it is largest; `low` and `high` are the smallest and largest
    pixel; `flat_channels` tells of each channel whether all its pixels are equal.
    """

    row: int
    digest: str
    flat: bool
    saturated: float = 0.0
    low: float = float("nan")
    high: float = float("nan")
    worst: int = 0
    flat_channels: tuple[bool, ...] = ()


def measure(cell: Cell, row: int) -> Sampled:
    """Measure a cell; `row` is its place in the roster."""
    digest, flat = identify(cell.image)
    planes = cell.image.reshape(len(cell.image), -1)
    lows, highs = planes.min(axis=1), planes.max(axis=1)
    high = highs.max()
    saturated, worst = 0.0, 0
    if _is_top(high.item(), cell.image.dtype):
        shares = (planes == high).mean(axis=1)
        worst = int(shares.argmax())
        saturated = float(shares[worst])
    return Sampled(row, digest, flat, saturated, float(lows.min()), float(high), worst, tuple((lows == highs).tolist()))


def _is_top(value: float, dtype: np.dtype[np.generic]) -> bool:
    """Tell whether a value is the highest that the type, or a camera of fewer bits, can give."""
    if dtype.kind not in "ui":
        return False
    return value == np.iinfo(dtype.name).max or value in {2**bits - 1 for bits in DEPTHS}
