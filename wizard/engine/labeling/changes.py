"""Random changes of training crops: turned and mirrored together with their stains; light, noise and focus alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from wizard.engine.labeling.crops import Batch

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Changes:
    """How much crops are changed; 0 or False switches one off. Each change of light has a chance of one half.

    `gain` and `offset` are SDs of a factor and of a shift of each plane's brightness (0 to 1 scale), `noise` the SD of
    noise on each pixel; `focus` by how many planes the stack may be moved, `blur` the greatest blur in px; `planes` the
    share of planes that are replaced by a neighbour, so that a network can do without some.
    """

    turns: bool = True
    flips: bool = True
    gain: float = 0.1
    offset: float = 0.02
    noise: float = 0.01
    focus: int = 1
    blur: float = 0.7
    planes: float = 0.0


def changed(batch: Batch, how: Changes, rng: np.random.Generator) -> Batch:
    """Return crops changed at random, each in its own way; places stay those of the originals."""
    light, stains, weights = batch.light.copy(), batch.stains.copy(), batch.weights.copy()
    for at in range(len(light)):
        turns = int(rng.integers(4)) if how.turns else 0
        flip = bool(how.flips and rng.random() < 0.5)
        for array in (light, stains, weights):
            array[at] = turned(array[at], turns, flip)
        light[at] = _focus(light[at], how, rng)
        light[at] = _shone(light[at], how, rng)
    return Batch(light, stains, weights, batch.places)


def turned(image: NDArray[np.generic], turns: int, flip: bool) -> NDArray[np.generic]:
    """Return a picture (y, x, ...) mirrored (left and right) and then turned by quarter turns."""
    return np.rot90(image[:, ::-1] if flip else image, turns)


def turned_back(image: NDArray[np.generic], turns: int, flip: bool) -> NDArray[np.generic]:
    """Undo `turned`."""
    back = np.rot90(image, -turns)
    return back[:, ::-1] if flip else back


def _focus(light: Floats, how: Changes, rng: np.random.Generator) -> Floats:
    """Move the stack along its planes, replace some by a neighbour, blur all a little."""
    count = light.shape[-1]
    order = np.arange(count)
    if how.focus and count > 1:
        order = order + int(rng.integers(-how.focus, how.focus + 1))
    if how.planes and count > 1:
        lost = rng.random(count) < how.planes
        order = order + np.where(lost, rng.choice((-1, 1), count), 0)
    light = light[..., np.clip(order, 0, count - 1)]
    if how.blur and rng.random() < 0.5:
        sigma = float(rng.uniform(0, how.blur))
        light = ndimage.gaussian_filter(light, (sigma, sigma, 0))
    return light


def _shone(light: Floats, how: Changes, rng: np.random.Generator) -> Floats:
    count = light.shape[-1]
    if how.gain and rng.random() < 0.5:
        # Around grey, where light without cells lies: a factor alone would only make it brighter.
        light = (light - 0.5) * np.asarray(rng.normal(1, how.gain, count), np.float32) + 0.5
    if how.offset and rng.random() < 0.5:
        light = light + np.asarray(rng.normal(0, how.offset, count), np.float32)
    if how.noise and rng.random() < 0.5:
        light = light + rng.standard_normal(light.shape, np.float32) * np.float32(how.noise)
    return np.clip(light, 0, 1)
