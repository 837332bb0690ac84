"""Decodes images and masks of ImageStream files, many per call and without Python's lock.

Greyscale (30817): nibbles, low one first, form signed numbers of 3 bits each, which are the differences
img[y, x] - img[y-1, x] - img[y, x-1] + img[y-1, x-1] over all channels side by side, modulo 2^16.
Masks (30818): pairs (value, length - 1). Source: fact sheet ifc_formats.md, section 5.
"""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled
from wizard.engine.readers.cif_chain import GREYSCALE, RUNS

WHY = (
    "",
    "Its pixel data end too early.",
    "Its pixel data do not fit its size.",
    "Its pixel data are damaged.",
    "Its pixel data are cut off.",
)
"""What the status of a decoded image says, 0 = good."""

_SHORT, _LONG, _DAMAGED, CUT = 1, 2, 3, 4
_GAP = 1 << 16


def load(
    file: BinaryIO, begin: NDArray[np.int64], length: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """Read n parts of a file with few calls; neighbours and what lies between them come in one.

    Returns the bytes, where in them each part begins (n,), and whether it is complete (n,). Parts may overlap.
    """
    if not len(begin):
        return np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    order = np.argsort(begin, kind="stable")
    first, last = begin[order], (begin + length)[order]
    reach = np.maximum.accumulate(last)
    starts = np.flatnonzero(np.append(True, first[1:] > reach[:-1] + _GAP))
    ends = reach[np.append(starts[1:], len(order)) - 1]
    sizes = ends - first[starts]
    at = np.cumsum(sizes) - sizes
    data = np.empty(int(sizes.sum()), np.uint8)
    view = data.data
    got = np.zeros(len(starts), np.int64)
    for run, (place, offset, size) in enumerate(zip(at.tolist(), first[starts].tolist(), sizes.tolist(), strict=True)):
        file.seek(offset)
        while got[run] < size:
            more = file.readinto(view[place + int(got[run]) : place + size])  # type: ignore[attr-defined]
            if not more:
                break
            got[run] += more
    run_of = np.searchsorted(starts, np.arange(len(order)), side="right") - 1
    places = np.empty(len(order), np.int64)
    places[order] = at[run_of] + first - first[starts][run_of]
    whole = np.empty(len(order), np.bool_)
    whole[order] = last - first[starts][run_of] <= got[run_of]
    return data, places, whole


@compiled
def images(
    data: NDArray[np.uint8],
    parts: NDArray[np.int64],
    slots: NDArray[np.int64],
    swapped: bool,
    out: NDArray[np.int16],
    status: NDArray[np.uint8],
) -> None:
    """Decode n images; `parts` (n, 6): begin, length, compression, height, width of a channel, place in `out`.

    `slots` has one number per stored channel: its position in the result, -1 = not wanted. An image is written
    as (wanted channels, height, width) from its place on; `swapped` says that plain pixels have their high byte first.
    """
    for row in range(len(parts)):
        begin, length, packed, height, width, place = parts[row]
        if packed == GREYSCALE:
            status[row] = _greyscale(data, begin, length, height, width, slots, out, place)
        else:
            status[row] = _plain(data, begin, length, height, width, slots, swapped, out, place)


@compiled
def masks(
    data: NDArray[np.uint8],
    parts: NDArray[np.int64],
    slots: NDArray[np.int64],
    out: NDArray[np.uint8],
    status: NDArray[np.uint8],
) -> None:
    """Decode n masks as `images` does; `out` must hold zeros. A mask without compression has a byte per pixel."""
    for row in range(len(parts)):
        begin, length, packed, height, width, place = parts[row]
        if packed == RUNS:
            status[row] = _runs(data, begin, length, height, width, slots, out, place)
        else:
            status[row] = _codes(data, begin, length, height, width, slots, out, place)


@compiled
def _greyscale(
    data: NDArray[np.uint8], begin: int, length: int, height: int, width: int,
    slots: NDArray[np.int64], out: NDArray[np.int16], place: int,
) -> int:  # fmt: skip
    """Decode one greyscale image: running sums of all differences first, then row by row."""
    total = np.uintp(len(slots) * width * height)
    sums = np.empty(total + np.uintp(2), np.int16)
    status = _running_sums(data, np.uintp(begin), np.uintp(begin + length), total, sums)
    if status == 0:
        _rows(sums, np.uintp(height), np.uintp(width), slots, out, np.uintp(place))
    return status


def _bytes_told() -> NDArray[np.int16]:
    """Return (256, 8): what a byte, two nibbles, does to the running sum.

    Columns: what it adds, shifted to the digits before it; what its high nibble adds after that where the low one
    ends a number; numbers that end in it; -1 where the digits before go on through it, else 0; bits left open.
    The rest is there for fast indexing.
    """
    table = np.zeros((256, 8), np.int16)
    for byte in range(256):
        low, high = byte & 15, byte >> 4
        last = (high & 7) if high > 7 else (high ^ 4) - 4
        if low < 8:
            table[byte, :5] = (low ^ 4) - 4, last, 2 - (high > 7), 0, 3 * (high > 7)
        else:
            table[byte, :5] = (low & 7) + 8 * last, 0, high < 8, -(high > 7), 6 * (high > 7)
    return table


_TOLD = _bytes_told()


@compiled
def _running_sums(data: NDArray[np.uint8], begin: int, end: int, total: int, sums: NDArray[np.int16]) -> int:
    """Sum up the numbers of a nibble stream; without branches, as their lengths cannot be foretold.

    `sums` has two places more than the `total` numbers, for what a padding nibble leaves.
    """
    done = np.uintp(0)
    left = opened = longest = np.int64(0)
    for at in range(begin, end):
        if done >= total:
            return _LONG
        byte = np.uintp(data[at])
        left += np.int64(_TOLD[byte, 0]) << (opened & 63)
        sums[done] = left
        left += _TOLD[byte, 1]
        sums[done + np.uintp(1)] = left
        done += np.uintp(_TOLD[byte, 2])
        opened = (opened & _TOLD[byte, 3]) + _TOLD[byte, 4]
        longest |= opened
    if longest > 15:
        return _DAMAGED
    if done < total:
        return _SHORT
    return _DAMAGED if opened or (done > total and data[end - np.uintp(1)] >> 4) else 0


@compiled
def _rows(
    sums: NDArray[np.int16], height: int, width: int, slots: NDArray[np.int64], out: NDArray[np.int16], place: int
) -> None:
    """Turn running sums of differences into pixels; a row's sums start from the last one of the row above."""
    wide = np.uintp(len(slots)) * width
    above = np.zeros(wide, np.int16)
    base = np.int16(0)
    for y in range(height):
        row = y * wide
        for channel in range(np.uintp(len(slots))):
            first = channel * width
            if slots[channel] < 0:
                for x in range(first, first + width):
                    above[x] = np.int16(above[x] + np.int16(sums[row + x] - base))
                continue
            target = place + (np.uintp(slots[channel]) * height + y) * width
            for x in range(width):
                pixel = np.int16(above[first + x] + np.int16(sums[row + first + x] - base))
                above[first + x] = pixel
                out[target + x] = pixel
        base = sums[row + wide - np.uintp(1)]


@compiled
def _plain(
    data: NDArray[np.uint8], begin: int, length: int, height: int, width: int,
    slots: NDArray[np.int64], swapped: bool, out: NDArray[np.int16], place: int,
) -> int:  # fmt: skip
    """Copy one image of 16 bits without compression."""
    wide = len(slots) * width
    if length != 2 * height * wide:
        return _SHORT if length < 2 * height * wide else _LONG
    high, low = (0, 1) if swapped else (1, 0)
    for channel in range(len(slots)):
        if slots[channel] < 0:
            continue
        for y in range(height):
            source = begin + 2 * (y * wide + channel * width)
            target = place + (slots[channel] * height + y) * width
            for x in range(width):
                value = (np.int32(data[source + 2 * x + high]) << 8) | data[source + 2 * x + low]
                out[target + x] = value
    return 0


@compiled
def _runs(
    data: NDArray[np.uint8], begin: int, length: int, height: int, width: int,
    slots: NDArray[np.int64], out: NDArray[np.uint8], place: int,
) -> int:  # fmt: skip
    """Decode one mask; runs cross rows and channels, those of zeros are only counted."""
    if length % 2:
        return _DAMAGED
    wide = len(slots) * width
    total = height * wide
    at = np.int64(0)
    for pair in range(begin, begin + length, 2):
        value, stop = data[pair], at + np.int64(data[pair + 1]) + 1
        if stop > total:
            return _LONG
        while value and at < stop:
            y, column = at // wide, at % wide
            channel, x = column // width, column % width
            more = min(stop - at, width - x)
            if slots[channel] >= 0:
                target = place + (slots[channel] * height + y) * width + x
                for other in range(target, target + more):
                    out[other] = value
            at += more
        at = stop
    return 0 if at == total else _SHORT


@compiled
def _codes(
    data: NDArray[np.uint8], begin: int, length: int, height: int, width: int,
    slots: NDArray[np.int64], out: NDArray[np.uint8], place: int,
) -> int:  # fmt: skip
    """Copy one mask without compression."""
    wide = len(slots) * width
    if length != height * wide:
        return _SHORT if length < height * wide else _LONG
    for channel in range(len(slots)):
        if slots[channel] < 0:
            continue
        for y in range(height):
            source = begin + y * wide + channel * width
            target = place + (slots[channel] * height + y) * width
            out[target : target + width] = data[source : source + width]
    return 0
