"""Random changes that keep the class: turns, flips, shifts, grey levels, colour, blur, noise, blanks.

Order: flip, zoom, shear, turn and shift in one bilinear pass; contrast; brightness; saturation and hue; blurs; noise;
erasing; channel drop-out. Images are normalised and floating point, so nothing saturates or wraps, whatever the
instrument's type and the number of channels:

* Brightness is added, and noise made, in SD of the channel over the training cells (`normalisation.greys`), so that
  a range means the same for 8 and 16 bit and for every normalisation.
* Brightness is multiplied about grey level 0 of the instrument (another exposure), contrast about the cell's own
  mean in each channel (another gain that leaves the mean alone). Factors are drawn evenly on a logarithmic scale:
  half and double are equally far.
* Saturation and hue change red, green and blue as they were before the normalisation.

A frame holds nothing of what lay around it, so the pixels that a turn brings in from outside are invented: the
image's own border is mirrored (or repeated), which continues a padded frame at its padding level, and leaves no
black corners.

Which change a cell gets depends on the generator's state and the cell's place only, not on the number of cells or
threads: two calls with 10 and 20 cells give the same as one with 30. A generator must not be used by two threads at a
time; give each batch its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import augmentation_plan
from wizard.augmentation_plan import AugmentationPlan
from wizard.engine.data import augmentation_colour, normalisation
from wizard.engine.data import augmentation_fast as fast
from wizard.results import Channel

Floats = NDArray[np.float32]
Draws = NDArray[np.float64]
"""Numbers from 0 to 1, (cell, place): every change has its places in a row, used or not."""

_FIXED = 21
(_FLIP_X, _FLIP_Y, _ANGLE, _ZOOM, _SHIFT_X, _SHIFT_Y, _SHEAR, _SATURATION, _HUE, _AVERAGE, _GAUSS, _LENGTH, _DIRECTION,
 _ERASE, _AREA, _ASPECT, _TOP, _LEFT, _CONTRAST, _GAIN, _LEVEL) = range(_FIXED)  # fmt: skip
_ASPECTS = math.log(3.3)
"""Erased boxes are up to 3.3 times as wide as high, or as high as wide (Zhong et al. 2020)."""
_SHARPEST = 0.2
"""A bell curve with a smaller SD in px leaves the image as it is."""


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes as in `AugmentationPlan`; 0 (or False) switches one off.

    `greys` tells where grey levels lie in network input (None: mean 0, SD 1, grey level 0 at 0), `colour`
    where Red, Green and Blue stand among the channels (None: no colour).
    """

    flip_horizontal: bool = True
    flip_vertical: bool = True
    rotation: float = 180.0
    shift: float = 0.06
    zoom: float = 0.0
    shear: float = 0.0
    fill: str = "reflect"
    brightness_add: float = 0.0
    brightness_multiply: float = 0.0
    contrast: float = 0.0
    channels_apart: bool = True
    saturation: float = 0.0
    hue: float = 0.0
    average_blur: float = 0.0
    gauss_blur: float = 0.0
    motion_blur: float = 0.0
    motion_angle: float = 10.0
    noise: float = 0.0
    erasing: float = 0.0
    channel_dropout: float = 0.0
    greys: normalisation.Greys | None = None
    colour: tuple[int, int, int] | None = None


PRESETS: dict[str, Augmentation | None] = {
    name: Augmentation(**values) for name, values in augmentation_plan.PRESETS.items()
} | {"none": None}
"""The presets by name, for cells without colour."""

remark = augmentation_plan.remark


def of(plan: Any, channels: Sequence[Channel], constants: normalisation.Constants | None = None) -> Augmentation | None:
    """Return the changes that a plan of Train asks for, None for none.

    `constants` are those of the normalisation; without them a unit of network input counts as one SD.
    """
    name = preset_of(plan, channels)
    if name == "none":
        return None
    if name == "own":
        how = Augmentation(**{name: getattr(plan, name) for name in AugmentationPlan.model_fields})
    else:
        how = Augmentation(**augmentation_plan.PRESETS[name])
    greys = normalisation.greys(constants or {}, len(channels))
    return replace(how, greys=greys, colour=augmentation_colour.colour_places(channels))


def preset_of(plan: Any, channels: Sequence[Channel]) -> str:
    """Return the preset, `none` or `own` that a plan means for cells with these channels."""
    return augmentation_plan.preset(plan.augmentation, augmentation_colour.colour_places(channels) is not None)


def augment(images: Floats, how: Augmentation | None, rng: np.random.Generator) -> Floats:
    """Return changed copies of normalised images (cell, y, x, channel), float32; the images themselves stay."""
    if how is None:
        return images
    images = np.ascontiguousarray(images, np.float32)
    number, height, width, channels = images.shape
    draws = rng.random((number, _FIXED + 4 * channels + 1))
    made = np.empty_like(images)
    nearest = how.fill == "nearest"
    fast.warp(images, transforms(draws, (height, width), how), nearest, made)
    greys = how.greys or normalisation.greys({}, channels)
    _shade(made, how, greys, draws)
    _recolour(made, how, greys, draws)
    _blur(made, how, draws, nearest)
    if how.noise:
        seeds = (draws[:, -1] * 2.0**53).astype(np.uint64)
        fast.roughen(made, (how.noise * np.asarray(greys.sd)).astype(np.float32), seeds)
    _blank(made, how, greys, draws)
    return made


def transforms(draws: Draws, size: tuple[int, int], how: Augmentation) -> Draws:
    """Return affine maps (cell, 6) from output to input pixels about the middle of a frame of (height, width).

    Rows are (m0..m5) with x' = m0 x + m1 y + m2 and y' = m3 x + m4 y + m5. Each flip comes with probability one
    half, on its own: all four combinations are equally frequent.
    """
    height, width = size
    angle = np.deg2rad(_even(draws[:, _ANGLE], how.rotation))
    scale = np.exp(_even(draws[:, _ZOOM], how.zoom))
    slant = np.tan(np.deg2rad(_even(draws[:, _SHEAR], how.shear)))
    flip_x = np.where(how.flip_horizontal & (draws[:, _FLIP_X] < 0.5), -1.0, 1.0)
    flip_y = np.where(how.flip_vertical & (draws[:, _FLIP_Y] < 0.5), -1.0, 1.0)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    m0, m1 = cos * flip_x, (cos * slant - sin) * flip_y
    m3, m4 = sin * flip_x, (sin * slant + cos) * flip_y
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    m2 = middle_x + _even(draws[:, _SHIFT_X], how.shift) * width - m0 * middle_x - m1 * middle_y
    m5 = middle_y + _even(draws[:, _SHIFT_Y], how.shift) * height - m3 * middle_x - m4 * middle_y
    return np.stack([m0, m1, m2, m3, m4, m5], axis=1)


def _even(draws: Draws, most: float) -> Draws:
    """Turn draws into numbers from -most to most."""
    return (2 * draws - 1) * most


def _for_channels(draws: Draws, how: Augmentation, channels: int, common: int, turn: int) -> Draws:
    """Return the draws of one change for every channel: (cell, channel)."""
    if how.channels_apart:
        first = _FIXED + turn * channels
        return draws[:, first : first + channels]
    return np.repeat(draws[:, common : common + 1], channels, axis=1)


def _shade(made: Floats, how: Augmentation, greys: normalisation.Greys, draws: Draws) -> None:
    if not (how.contrast or how.brightness_add or how.brightness_multiply):
        return
    take = partial(_for_channels, draws, how, made.shape[-1])
    contrast = np.exp(_even(take(_CONTRAST, 0), how.contrast))
    gain = np.exp(_even(take(_GAIN, 1), how.brightness_multiply))
    level = _even(take(_LEVEL, 2), how.brightness_add) * np.asarray(greys.sd) + np.asarray(greys.black) * (1 - gain)
    fast.shade(made, *(part.astype(np.float32) for part in (contrast, gain, level)))


def _recolour(made: Floats, how: Augmentation, greys: normalisation.Greys, draws: Draws) -> None:
    if how.colour is None or not (how.saturation or how.hue):
        return
    places = np.array(how.colour)
    saturation = np.exp(_even(draws[:, _SATURATION], how.saturation))
    turn = np.deg2rad(_even(draws[:, _HUE], how.hue))
    black, step = np.asarray(greys.black)[places], np.asarray(greys.step)[places]
    fast.recolour(made, augmentation_colour.matrices(saturation, turn, black, step), places)


def _blur(made: Floats, how: Augmentation, draws: Draws, nearest: bool) -> None:
    """Blur each cell as far as was drawn for it: from not at all to the most."""
    most = min(made.shape[1:3])
    if how.average_blur > 1 or how.gauss_blur > _SHARPEST:
        sides = 1 + draws[:, _AVERAGE] * max(0.0, min(how.average_blur, most) - 1)
        kernels, radii = line_kernels(sides, draws[:, _GAUSS] * how.gauss_blur)
        fast.soften(made, kernels, radii, nearest)
    if how.motion_blur > 1:
        lengths = draws[:, _LENGTH] * min(how.motion_blur, most)
        fast.drag(made, lengths, np.deg2rad(_even(draws[:, _DIRECTION], how.motion_angle)), nearest)


def line_kernels(sides: Draws, sds: Draws) -> tuple[Floats, NDArray[np.int64]]:
    """Return kernels (cell, 2 r + 1) of a box of `sides` px spread by a bell curve of `sds` px, and their radii (cell).

    Sides need not be whole or odd: the outermost pixels count in part, so nothing is moved. The sum is 1;
    a radius of 0 is no blur.
    """
    boxes = (sides - 1) / 2
    bells = np.where(sds > _SHARPEST, sds, 0.0)
    radii = np.where((boxes > 0.01) | (bells > 0), np.ceil(boxes - 1e-9) + np.ceil(3 * bells), 0).astype(np.int64)
    margin = max(1, int(radii.max(initial=0)))
    away = np.arange(-margin, margin + 1)
    kernels = np.zeros((len(sides), len(away)))
    for cell in np.flatnonzero(radii):
        box = np.clip(boxes[cell] + 1 - np.abs(away), 0.0, 1.0)
        if bells[cell]:
            reach = int(np.ceil(3 * bells[cell]))
            bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / bells[cell]) ** 2)
            box = np.convolve(box, bell)[reach : reach + len(away)]
        kernels[cell] = box / box.sum()
    return kernels.astype(np.float32), radii


def _blank(made: Floats, how: Augmentation, greys: normalisation.Greys, draws: Draws) -> None:
    """Put the mean of the training cells into boxes and whole channels."""
    if not (how.erasing or how.channel_dropout):
        return
    number, height, width, channels = made.shape
    area = draws[:, _AREA] * how.erasing * height * width
    aspect = np.exp(_even(draws[:, _ASPECT], _ASPECTS))
    high = np.minimum(np.rint(np.sqrt(area / aspect)), height)
    wide = np.minimum(np.rint(np.sqrt(area * aspect)), width)
    high = np.where(draws[:, _ERASE] < 0.5, high, 0)
    top, left = np.floor(draws[:, _TOP] * (height + 1 - high)), np.floor(draws[:, _LEFT] * (width + 1 - wide))
    boxes = np.stack([top, left, top + high, left + wide], axis=1).astype(np.int64)
    chances = draws[:, _FIXED + 3 * channels : _FIXED + 4 * channels]
    dropped = chances < how.channel_dropout
    # The channel that came closest to staying always stays.
    dropped[np.arange(number), chances.argmax(axis=1)] = False
    fast.blank(made, boxes, dropped, np.asarray(greys.mean, np.float32))
