"""What the microscope adds to every picture at the same place: dust and uneven light.

All are measured over many pictures of one channel, from which the cells average out (Christiansen et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from wizard.engine.labeling.preparing.median import median_to_rest

Floats = NDArray[np.float32]
_SAMPLED = 64
"""Pictures that the median over all is taken of; more add nothing and need memory."""
_SPREADS, _FAINT = 3.0, 1e-3
STAIN_SHARE, LIGHT_SHARE = 16, 32
"""The blur that makes light even is the picture's height divided by this."""


def sampled(pictures: Sequence[NDArray[Any]], most: int = _SAMPLED) -> list[NDArray[Any]]:
    """Return at most `most` of the pictures, evenly spread."""
    if len(pictures) <= most:
        return list(pictures)
    return [pictures[round(at)] for at in np.linspace(0, len(pictures) - 1, most)]


def blur(image: NDArray[Any], sigma: float) -> Floats:
    """Return a picture after a Gaussian blur; a wide one is made on a small copy."""
    factor = 1
    while sigma / factor > 16 and min(image.shape) // (2 * factor) >= 8:
        factor *= 2
    if factor == 1:
        return ndimage.gaussian_filter(image.astype(np.float32), sigma, mode="nearest")
    high, wide = (-(-side // factor) * factor for side in image.shape)
    whole = np.pad(image, ((0, high - image.shape[0]), (0, wide - image.shape[1])), mode="edge").astype(np.float32)
    small = whole.reshape(high // factor, factor, wide // factor, factor).mean(axis=(1, 3))
    small = ndimage.gaussian_filter(small, sigma / factor, mode="nearest")
    places = [(np.arange(side) + 0.5) / factor - 0.5 for side in image.shape]
    return ndimage.map_coordinates(small, np.meshgrid(*places, indexing="ij"), order=1, mode="nearest").astype(
        np.float32
    )


def evenness(pictures: Sequence[NDArray[Any]], share: int) -> Floats:
    """Return how bright each place is, mean 1: the median over the pictures, blurred by height / `share`."""
    middle = np.median(np.stack(sampled(pictures)), axis=0)
    return _around_one(blur(middle, max(1.0, middle.shape[0] / share)))


def light_dust(pictures: Sequence[NDArray[Any]]) -> Floats:
    """Return what dust leaves of the light at each place, mean 1: the median over the pictures, sharp."""
    return _around_one(np.median(np.stack(sampled(pictures)), axis=0))


def divided(image: NDArray[Any], field: NDArray[Any]) -> Floats:
    """Return a picture divided by a field of mean 1."""
    return (image / field).astype(np.float32)


def stain_dust(pictures: Sequence[NDArray[Any]]) -> Floats:
    """Return what dust adds to the pictures of a stain: discs that are brighter than their surroundings in all.

    The mean over all pictures, less the sensor's offset, is smoothed without moving edges; what stands out of a wide
    blur of it is dust, and is measured against a background blurred without it. Unlike in the paper it must stand out
    of the darkest quarter of the pictures, too: where cells happen to lie in a few, that is not so.
    """
    total, least = np.zeros(pictures[0].shape, np.float64), pictures[0].astype(np.float32)
    for picture in pictures:
        total += picture
        least = np.minimum(least, picture)
    lit = (total / len(pictures) - np.percentile(least, 1)).astype(np.float32)
    sigma = max(1.0, lit.shape[0] / STAIN_SHARE)
    quarter = np.percentile(np.stack(sampled(pictures)), 25, axis=0).astype(np.float32)
    marked = _standing_out(lit, sigma) & _standing_out(quarter, sigma)
    if not marked.any() or marked.all():
        return np.zeros_like(lit)
    marked = ndimage.binary_dilation(ndimage.binary_opening(marked, iterations=2), iterations=3)
    if not marked.any() or marked.all():
        return np.zeros_like(lit)
    background = blur(np.where(marked, lit[~marked].mean(), lit), sigma)
    return np.where(marked, np.maximum(lit - background, 0), 0).astype(np.float32)


def _standing_out(image: Floats, sigma: float) -> NDArray[np.bool_]:
    smooth = median_to_rest(image, passes=8)
    above = smooth - blur(smooth, sigma)
    spread = 1.4826 * float(np.median(np.abs(above - np.median(above))))
    return above > max(_SPREADS * spread, _FAINT)


def subtracted(image: NDArray[Any], dust: NDArray[Any]) -> Floats:
    """Return a picture without what dust adds, not below 0."""
    return np.maximum(image - dust, 0).astype(np.float32)


def _around_one(field: NDArray[Any]) -> Floats:
    mean = float(field.mean())
    # A place that gets hardly any light must not be blown up without end.
    return np.maximum(field / mean, 0.05).astype(np.float32) if mean > 0 else np.ones(field.shape, np.float32)
