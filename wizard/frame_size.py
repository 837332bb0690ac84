"""The frame size as it is set: one number for a square, or width x height; elsewhere always (height, width)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

LEAST, MOST = 16, 512
"""Pixels of the shortest and the longest side."""
FITTED = "0x0"
"""Width and height fitted to the cells, each for itself; the number 0 is a fitted square."""
_PAIR = re.compile(r"\s*([0-9]{1,9})\s*[xX\u00d7,]\s*([0-9]{1,9})\s*")


def _plain(value: object) -> object:
    """Bring two sides to the form `64x48`, equal ones to one number; everything else is left to pydantic."""
    found = _PAIR.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    width, height = int(found[1]), int(found[2])
    if (width, height) == (0, 0):
        return FITTED
    if min(width, height) < LEAST or max(width, height) > MOST:
        raise PydanticCustomError("frame_size", f"Each side needs {LEAST} to {MOST} px")
    return width if width == height else f"{width}x{height}"


_Square = Annotated[int, Field(ge=0, le=MOST)]
_Pair = Annotated[str, Field(pattern=r"^[0-9]{1,3}x[0-9]{1,3}$")]
FrameSize = Annotated[_Square | _Pair, BeforeValidator(_plain)]
"""A whole number (0 = fitted square) or `WIDTHxHEIGHT`; typed as `48`, `64x48`, `64×48` or `64,48`."""


def sides(value: int | str) -> tuple[int, int] | None:
    """Return (height, width) of a frame that is set, None when it is fitted to the cells."""
    if isinstance(value, int):
        return (value, value) if value else None
    width, _, height = value.partition("x")
    return None if value == FITTED else (int(height), int(width))


def as_set(size: tuple[int, int]) -> int | str:
    """Return the setting's value for (height, width)."""
    height, width = size
    return height if height == width else f"{width}x{height}"


def in_words(size: tuple[int, int]) -> str:
    """Return (height, width) for the user: `48 px`, or width times height as `64 × 48 px`."""
    height, width = size
    return f"{height} px" if height == width else f"{width} \u00d7 {height} px"
