"""LZW as TIFF files use it (TIFF 6.0, section 13), unpacked without trusting the stream.

The library's own decoder follows codes that a damaged stream has not defined yet, and then reads memory at random.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled

_CLEAR, _END, _FIRST, _CODES = 256, 257, 258, 4096


def unpacked(data: bytes, out: int) -> bytes:
    """Return the first `out` bytes of what a stream holds, fewer where it ends early.

    Raises ValueError when the stream uses a code before its definition.
    """
    target = np.empty(out, np.uint8)
    filled, sound = _unpack(np.frombuffer(data, np.uint8), target, False)
    if not sound:
        raise ValueError("its LZW codes contradict each other")
    return target[:filled].tobytes()


def is_sound(data: bytes) -> bool:
    """Tell whether no code of the whole stream is used before its definition."""
    return bool(_unpack(np.frombuffer(data, np.uint8), np.empty(0, np.uint8), True)[1])


@compiled
def _unpack(data: NDArray[np.uint8], target: NDArray[np.uint8], whole: bool) -> tuple[int, bool]:
    """Fill `target`; returns how much of it and whether all codes were defined.

    What a code stands for lies in the target already: the piece before it and one byte more. So a code is a place and
    a length there. With `whole`, codes are followed to the end of the stream although the target is full.
    """
    # Streams of old writers begin with the clear code in reversed order of bits, and change the width one code later.
    old = len(data) > 1 and data[0] == 0 and data[1] & 1 == 1
    places, lengths = np.zeros(_CODES, np.int64), np.zeros(_CODES, np.int64)
    following, width, filled, before, length_before = _FIRST, 9, 0, 0, 0
    bits, held, read = 0, 0, 0
    while filled < len(target) or whole:
        while held < width and read < len(data):
            byte = int(data[read])
            bits = bits | byte << held if old else (bits << 8 | byte) & 0xFFFFFF
            held, read = held + 8, read + 1
        if held < width:
            break
        code = bits & ((1 << width) - 1) if old else bits >> (held - width) & ((1 << width) - 1)
        if old:
            bits >>= width
        held -= width
        if code == _END:
            break
        if code == _CLEAR:
            following, width, length_before = _FIRST, 9, 0
            continue
        if length_before and following < _CODES:
            places[following], lengths[following] = before, length_before + 1
            following += 1
        if code >= following:
            return filled, False
        length = 1 if code < _CLEAR else lengths[code]
        for offset in range(min(length, len(target) - filled)):
            target[filled + offset] = code if code < _CLEAR else target[places[code] + offset]
        before, length_before = filled, length
        filled = min(filled + length, len(target))
        if following + (0 if old else 1) >= 1 << width and width < 12:
            width += 1
    return filled, True
