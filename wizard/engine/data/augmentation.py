"""Changes that keep the class: turns, flips, shifts, zoom, and for smears brightness and contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes; 0 switches one off."""

    turn: bool = True
    shift: float = 0.06
    """Share of the frame."""
    zoom: float = 0.1
    contrast: float = 0.0
    """Relative change of the values, per channel."""
    brightness: float = 0.0
    """Added value, in units of the normalised image, per channel."""
    noise: float = 0.0


PRESETS: dict[str, Augmentation | None] = {
    "flow cell": Augmentation(),
    "smear": Augmentation(contrast=0.2, brightness=0.2, noise=0.02),
    "none": None,
}


def transforms(count: int, size: tuple[int, int], how: Augmentation, rng: np.random.Generator) -> Floats:
    """Return `count` affine maps (count, 8), output to input pixels, about the frame's centre.

    Rotation is uniform over the circle, flips have probability one half; rows are
    (a0, a1, a2, b0, b1, b2, 0, 0) with x' = a0 x + a1 y + a2 and y' = b0 x + b1 y + b2.
    """
    angle = rng.uniform(0, 2 * np.pi, count) if how.turn else np.zeros(count)
    flip = rng.choice([-1.0, 1.0], count) if how.turn else np.ones(count)
    scale = np.exp(rng.uniform(-how.zoom, how.zoom, count))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    height, width = size
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    shift_x = rng.uniform(-how.shift, how.shift, count) * width
    shift_y = rng.uniform(-how.shift, how.shift, count) * height
    a0, a1, b0, b1 = cos * flip, -sin, sin * flip, cos
    a2 = centre_x + shift_x - a0 * centre_x - a1 * centre_y
    b2 = centre_y + shift_y - b0 * centre_x - b1 * centre_y
    zero = np.zeros(count)
    return np.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1).astype(np.float32)


def augment(images: Floats, how: Augmentation | None, rng: np.random.Generator) -> Floats:
    """Return changed copies of normalised images (cell, y, x, channel); what leaves the frame is mirrored in."""
    if how is None:
        return images
    from keras import ops

    maps = transforms(len(images), images.shape[1:3], how, rng)
    moved = np.array(ops.image.affine_transform(images, maps, "bilinear", fill_mode="reflect"))
    per_channel = (len(images), 1, 1, images.shape[-1])
    if how.contrast:
        moved *= np.exp(rng.uniform(-how.contrast, how.contrast, per_channel)).astype(np.float32)
    if how.brightness:
        moved += rng.uniform(-how.brightness, how.brightness, per_channel).astype(np.float32)
    if how.noise:
        moved += rng.normal(0, how.noise, moved.shape).astype(np.float32)
    return moved
