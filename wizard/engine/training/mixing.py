"""Mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019): training on blends of cells and of their labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def mix(
    images: Floats, truth: Floats, weights: Floats, mixup: float, cutmix: float, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Blend each cell of a batch with another; with both kinds on, each batch takes one at random.

    `images` (cell, y, x, channel), `truth` (cell, class), `weights` (cell); the share of a blend is drawn once
    per batch from Beta(alpha, alpha). The weight of a blend is the blend of the weights.
    """
    kinds = [name for name, alpha in (("mixup", mixup), ("cutmix", cutmix)) if alpha > 0]
    if not kinds:
        return images, truth, weights
    kind = kinds[int(rng.integers(len(kinds)))]
    alpha = mixup if kind == "mixup" else cutmix
    share = float(rng.beta(alpha, alpha))
    other = rng.permutation(len(images))
    if kind == "mixup":
        mixed = share * images + (1 - share) * images[other]
    else:
        mixed, share = _pasted(images, images[other], share, rng)
    blended = [(share * part + (1 - share) * part[other]).astype(np.float32) for part in (truth, weights)]
    return mixed.astype(np.float32), blended[0], blended[1]


def _pasted(images: Floats, others: Floats, share: float, rng: np.random.Generator) -> tuple[Floats, float]:
    """Paste a rectangle of about 1 - share of the frame; return the images and the share that was left."""
    height, width = images.shape[1:3]
    side = np.sqrt(1 - share)
    tall, wide = round(height * side), round(width * side)
    top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
    mixed = images.copy()
    mixed[:, top : top + tall, left : left + wide] = others[:, top : top + tall, left : left + wide]
    return mixed, 1 - tall * wide / (height * width)
