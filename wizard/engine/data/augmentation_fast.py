"""The compiled part of augmentation: turns, blurs, grey levels, noise; other threads run on meanwhile."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.compiled import compiled

_NORMAL = np.array([NormalDist().inv_cdf((step + 0.5) / 65536) for step in range(65536)], np.float32)
"""Values of equal probability of the normal distribution; they end at 4.3 SD."""


@compiled
def _inside(place: int, side: int, nearest: bool) -> int:
    """Map a pixel outside of a line of `side` px to one inside: the nearest, or mirrored with the edge repeated."""
    if 0 <= place < side:
        return place
    if nearest:
        return 0 if place < 0 else side - 1
    place %= 2 * side
    return place if place < side else 2 * side - 1 - place


@compiled
def _reach(along_x: float, along_y: float, start: float, width: int, height: int) -> tuple[int, int]:
    """Return the first input pixel that a map reaches, with a pixel to spare for rounding, and how many it reaches."""
    least = start + min(0.0, along_x * (width - 1)) + min(0.0, along_y * (height - 1))
    most = start + max(0.0, along_x * (width - 1)) + max(0.0, along_y * (height - 1))
    first = int(np.floor(least)) - 1
    return first, int(np.floor(most)) + 3 - first


@compiled
def _filled(
    source: NDArray[Any], height: int, width: int, corner: tuple[int, int], size: tuple[int, int], nearest: bool,
    unit: Any,
) -> NDArray[Any]:  # fmt: skip
    """Return a part of an image (all flat) that may reach beyond it: (top, left) and (height, width) of the part."""
    channels = len(unit)
    made = np.empty(size[0] * size[1] * channels, np.float32)
    columns = np.empty(size[1], np.int64)
    for x in range(size[1]):
        columns[x] = _inside(x + corner[1], width, nearest) * channels
    place = np.uint64(0)
    for y in range(size[0]):
        line = _inside(y + corner[0], height, nearest) * width * channels
        for x in range(size[1]):
            at = np.uint64(line + columns[x])
            for _channel in range(len(unit)):
                made[place] = source[at]
                place += np.uint64(1)
                at += np.uint64(1)
    return made


@compiled
def _warp(images: NDArray[Any], maps: NDArray[Any], nearest: bool, out: NDArray[Any], unit: Any) -> None:
    # The length of `unit` is the number of channels, known when this is compiled: twice as fast. Unsigned indices
    # save the check for negative ones.
    number, height, width, _channels = images.shape
    channels, one = len(unit), np.uint64(1)
    right = np.uint64(channels)
    for cell in range(number):
        m0, m1, m2, m3, m4, m5 = maps[cell]
        left, wide = _reach(m0, m1, m2, width, height)
        top, high = _reach(m3, m4, m5, width, height)
        source = _filled(images[cell].reshape(-1), height, width, (top, left), (high, wide), nearest, unit)
        target = out[cell].reshape(-1)
        below, place = np.uint64(wide * channels), np.uint64(0)
        for y in range(height):
            u0, v0 = m1 * y + m2 - left, m4 * y + m5 - top
            for x in range(width):
                u, v = u0 + m0 * x, v0 + m3 * x
                column, row = np.int32(u), np.int32(v)
                fx, fy = np.float32(u - column), np.float32(v - row)
                at = np.uint64((row * wide + column) * channels)
                for _channel in range(len(unit)):
                    upper = source[at] + fx * (source[at + right] - source[at])
                    low = at + below
                    lower = source[low] + fx * (source[low + right] - source[low])
                    target[place] = upper + fy * (lower - upper)
                    place += one
                    at += one


def warp(images: NDArray[Any], maps: NDArray[Any], nearest: bool, out: NDArray[Any]) -> None:
    """Fill `out` with moved images (n, y, x, channel), bilinear.

    `maps` (n, 6) lead from output to input pixels: u = m0 x + m1 y + m2 along x, v = m3 x + m4 y + m5 along y.
    """
    _warp(images, maps, nearest, out, (0,) * images.shape[3])


@compiled
def shade(images: NDArray[Any], contrast: NDArray[Any], gain: NDArray[Any], level: NDArray[Any]) -> None:
    """Change grey levels in place: x' = gain (mean + contrast (x - mean)) + level; all (n, channel)."""
    number, height, width, channels = images.shape
    line = width * channels
    # Whole lines at a time are vectorised, single pixels with their few channels are not.
    sums, factors, offsets = np.empty(line, np.float32), np.empty(line, np.float32), np.empty(line, np.float32)
    for cell in range(number):
        lines = images[cell].reshape(height, line)
        sums[:] = 0.0
        for y in range(height):
            values = lines[y]
            for place in range(len(sums)):
                sums[place] += values[place]
        for channel in range(channels):
            mean = sums[channel::channels].sum() / (height * width)
            shift = gain[cell, channel] * mean * (1 - contrast[cell, channel]) + level[cell, channel]
            factors[channel::channels] = gain[cell, channel] * contrast[cell, channel]
            offsets[channel::channels] = shift
        for y in range(height):
            values = lines[y]
            for place in range(len(factors)):
                values[place] = values[place] * factors[place] + offsets[place]


@compiled
def recolour(images: NDArray[Any], matrices: NDArray[Any], places: NDArray[Any]) -> None:
    """Mix the three channels at `places` in place, by (n, 3, 4) matrices whose last column is added."""
    number, height, width, channels = images.shape
    red, green, blue = places[0], places[1], places[2]
    for cell in range(number):
        pixels = images[cell].reshape(height * width, channels)
        m = matrices[cell]
        for pixel in range(height * width):
            r, g, b = pixels[pixel, red], pixels[pixel, green], pixels[pixel, blue]
            pixels[pixel, red] = m[0, 0] * r + m[0, 1] * g + m[0, 2] * b + m[0, 3]
            pixels[pixel, green] = m[1, 0] * r + m[1, 1] * g + m[1, 2] * b + m[1, 3]
            pixels[pixel, blue] = m[2, 0] * r + m[2, 1] * g + m[2, 2] * b + m[2, 3]


@compiled
def _padded(image: NDArray[Any], margin: int, nearest: bool, flat: NDArray[Any]) -> Any:
    """Return the image (y, x, channel) with a border filled in, as lines of width * channel values; uses `flat`."""
    height, width, channels = image.shape
    lines = flat[: (height + 2 * margin) * (width + 2 * margin) * channels]
    made = lines.reshape(height + 2 * margin, (width + 2 * margin) * channels)
    for y in range(height + 2 * margin):
        row = _inside(y - margin, height, nearest)
        for x in range(width + 2 * margin):
            column = _inside(x - margin, width, nearest)
            for channel in range(channels):
                made[y, x * channels + channel] = image[row, column, channel]
    return made


@compiled
def _add_shifted(source: NDArray[Any], top: int, left: int, weight: Any, target: NDArray[Any]) -> None:
    """Add to `target` (lines) the part of `source` that begins at a line and a value, times a weight."""
    for y in range(target.shape[0]):
        into, out_of = target[y], source[y + top, left : left + target.shape[1]]
        for x in range(len(into)):
            into[x] += weight * out_of[x]


@compiled
def soften(images: NDArray[Any], kernels: NDArray[Any], radii: NDArray[Any], nearest: bool) -> None:
    """Blur in place along both sides; line kernels `kernels` (n, 2 r + 1) and their radii (n), 0 = not at all."""
    number, height, width, channels = images.shape
    margin = (kernels.shape[1] - 1) // 2
    flat = np.empty((height + 2 * margin) * (width + 2 * margin) * channels, np.float32)
    half = np.empty((height + 2 * margin, width * channels), np.float32)
    for cell in range(number):
        radius = radii[cell]
        if radius == 0:
            continue
        wide = _padded(images[cell], radius, nearest, flat)
        between = half[: height + 2 * radius]
        between[:] = 0.0
        for tap in range(2 * radius + 1):
            _add_shifted(wide, 0, tap * channels, kernels[cell, margin - radius + tap], between)
        target = images[cell].reshape(height, width * channels)
        target[:] = 0.0
        for tap in range(2 * radius + 1):
            _add_shifted(between, tap, 0, kernels[cell, margin - radius + tap], target)


@compiled
def drag(images: NDArray[Any], lengths: NDArray[Any], angles: NDArray[Any], nearest: bool) -> None:
    """Blur in place along a line: `lengths` (n) in px, `angles` (n) in radians to the rows; below 1 px not at all."""
    number, height, width, channels = images.shape
    margin = int(np.ceil(lengths.max() / 2)) + 1
    flat = np.empty((height + 2 * margin) * (width + 2 * margin) * channels, np.float32)
    for cell in range(number):
        if lengths[cell] < 1.0:
            continue
        steps = 2 * int(np.ceil(lengths[cell])) + 1
        kernel = np.zeros((2 * margin + 1, 2 * margin + 1), np.float32)
        for step in range(steps):
            along = lengths[cell] * ((step + 0.5) / steps - 0.5)
            x, y = along * np.cos(angles[cell]) + margin, along * np.sin(angles[cell]) + margin
            column, row = int(x), int(y)
            fx, fy = x - column, y - row
            kernel[row, column] += (1 - fx) * (1 - fy) / steps
            kernel[row, column + 1] += fx * (1 - fy) / steps
            kernel[row + 1, column] += (1 - fx) * fy / steps
            kernel[row + 1, column + 1] += fx * fy / steps
        wide = _padded(images[cell], margin, nearest, flat)
        target = images[cell].reshape(height, width * channels)
        target[:] = 0.0
        for row in range(2 * margin + 1):
            for column in range(2 * margin + 1):
                if kernel[row, column] > 0.0:
                    _add_shifted(wide, row, column * channels, kernel[row, column], target)


@compiled
def _roughen(images: NDArray[Any], sd: NDArray[Any], seeds: NDArray[Any], normal: NDArray[Any]) -> None:
    number, height, width, channels = images.shape
    for cell in range(number):
        pixels = images[cell].reshape(height * width, channels)
        state, bits, left = seeds[cell], np.uint64(0), 0
        for pixel in range(height * width):
            for channel in range(channels):
                if left == 0:
                    # SplitMix64 (Steele, Lea, Flood 2014): four values from each number.
                    state += np.uint64(0x9E3779B97F4A7C15)
                    bits = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                    bits = bits ^ (bits >> np.uint64(31))
                    left = 4
                pixels[pixel, channel] += sd[channel] * normal[bits & np.uint64(0xFFFF)]
                bits >>= np.uint64(16)
                left -= 1


def roughen(images: NDArray[Any], sd: NDArray[Any], seeds: NDArray[Any]) -> None:
    """Add Gaussian noise in place: `sd` by channel, `seeds` (n) uint64 alone decide what each cell gets."""
    _roughen(images, sd, seeds, _NORMAL)


@compiled
def blank(images: NDArray[Any], boxes: NDArray[Any], dropped: NDArray[Any], fill: NDArray[Any]) -> None:
    """Put `fill` (channel) into boxes (n, 4) top, left, bottom, right, and into whole channels (n, channel)."""
    number, height, width, channels = images.shape
    for cell in range(number):
        top, left, bottom, right = boxes[cell]
        for channel in range(channels):
            if dropped[cell, channel]:
                images[cell, :, :, channel] = fill[channel]
            else:
                for y in range(top, bottom):
                    for x in range(left, right):
                        images[cell, y, x, channel] = fill[channel]
