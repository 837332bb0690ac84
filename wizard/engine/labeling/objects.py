"""Nuclei in a stain: found, counted against those of the predicted stain, and measured.

The rule is the paper's (after Coelho et al. 2009): each centre becomes a disc of about a cell's size; every predicted
disc belongs to the true one that it overlaps most, and every true one to the predicted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats
from scipy.spatial import cKDTree

from wizard.engine.labeling.scores import otsu

Places = NDArray[np.float64]
"""Centres (n, 2) as y, x in px."""


@dataclass(frozen=True)
class Errors:
    """Counts of objects; `accuracy` is (true - split - merged - added - missed) / true, NaN without true ones."""

    true: int
    predicted: int
    split: int
    merged: int
    added: int
    missed: int

    @property
    def accuracy(self) -> float:
        """Return the published accuracy; it can be negative."""
        wrong = self.split + self.merged + self.added + self.missed
        return (self.true - wrong) / self.true if self.true else float("nan")


def segment(stain: NDArray[Any], diameter: float, threshold: float | None = None) -> NDArray[np.int32]:
    """Return the nuclei (y, x): 0 background, 1.. objects; `diameter` is about a nucleus's, in px.

    Pixels above Otsu's level (or `threshold`). Touching nuclei are divided between the peaks of the distance to the
    border: each pixel goes to the peak from whose circle it is least far. Less than a tenth of a nucleus is left out.
    """
    smooth = ndimage.gaussian_filter(np.asarray(stain, np.float64), max(0.5, diameter / 12))
    bright = smooth > (otsu(smooth) if threshold is None else threshold)
    if not bright.any() or bright.all():
        return np.zeros(stain.shape, np.int32)
    parts, _ = ndimage.label(ndimage.binary_fill_holes(bright))
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(parts > 0), max(0.5, diameter / 12))
    peaks = (ndimage.maximum_filter(depth, size=max(3, int(diameter / 2) | 1)) == depth) & (parts > 0)
    found = np.zeros(stain.shape, np.int32)
    count = 0
    for number, box in enumerate(ndimage.find_objects(parts), start=1):
        inner = parts[box] == number
        divided = _divided(inner, depth[box], peaks[box] & inner)
        found[box][inner] = divided + count
        count += int(divided.max())
    keep = np.bincount(found.ravel(), minlength=count + 1) >= 0.1 * np.pi / 4 * diameter**2
    keep[0] = False
    return np.where(keep, np.cumsum(keep), 0)[found].astype(np.int32)


def _divided(inner: NDArray[np.bool_], depth: NDArray[np.float64], peaks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return numbers from 1 on for the pixels of one bright part, by the peak to which they belong."""
    marked, count = ndimage.label(peaks, np.ones((3, 3)))
    if count < 2:
        return np.ones(int(inner.sum()), np.int64)
    seeds = np.array(ndimage.center_of_mass(peaks, marked, np.arange(1, count + 1)))
    radii = np.array(ndimage.maximum(depth, marked, np.arange(1, count + 1)))
    # Distance to a circle, squared: that to a point lifted off the plane by what the radius lacks to the largest.
    lift = np.sqrt(radii.max() ** 2 - radii**2)
    tree = cKDTree(np.column_stack([seeds, lift]))
    pixels = np.argwhere(inner)
    return tree.query(np.column_stack([pixels, np.zeros(len(pixels))]))[1] + 1


def usual_diameter(stain: NDArray[Any], known: NDArray[np.bool_] | None = None) -> float:
    """Return the usual diameter of the bright objects in a stain, in px: twice the median depth of their middles.

    0 when there are none.
    """
    smooth = ndimage.gaussian_filter(np.asarray(stain, np.float64), 1.5)
    bright = smooth > otsu(smooth)
    if known is not None:
        bright &= known
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(ndimage.binary_fill_holes(bright)), 1.0)
    peaks = (ndimage.maximum_filter(depth, 9) == depth) & (depth >= 2.5)
    return float(2 * np.median(depth[peaks])) if peaks.any() else 0.0


def centres(objects: NDArray[np.int32]) -> Places:
    """Return the centres of segmented objects."""
    count = int(objects.max(initial=0))
    if not count:
        return np.zeros((0, 2))
    return np.array(ndimage.center_of_mass(objects > 0, objects, np.arange(1, count + 1)), float).reshape(-1, 2)


def inside(places: Places, shape: tuple[int, int], margin: float) -> Places:
    """Return the centres that lie at least `margin` px from the picture's border; those at it are not counted."""
    limits = np.array(shape) - 1 - margin
    return places[((places >= margin) & (places <= limits)).all(axis=1)] if len(places) else places


def compare(true: Places, predicted: Places, diameter: float) -> Errors:
    """Count the errors between true and predicted centres as discs of `diameter` px.

    Discs of one size overlap most where their centres are nearest, and not at all from one diameter on. A true disc to
    which several predicted ones belong is split; a predicted one to which several true ones belong is merged;
    predicted ones without any overlap are added, true ones without any are missed.
    """
    if not len(true) or not len(predicted):
        return Errors(len(true), len(predicted), 0, 0, len(predicted), len(true))
    of_predicted = _nearest(predicted, true, diameter)
    of_true = _nearest(true, predicted, diameter)
    added, missed = int((of_predicted < 0).sum()), int((of_true < 0).sum())
    per_true = np.bincount(of_predicted[of_predicted >= 0], minlength=len(true))
    per_predicted = np.bincount(of_true[of_true >= 0], minlength=len(predicted))
    split, merged = int((per_true > 1).sum()), int((per_predicted > 1).sum())
    return Errors(len(true), len(predicted), split, merged, added, missed)


def _nearest(these: Places, those: Places, diameter: float) -> NDArray[np.int64]:
    distance, which = cKDTree(those).query(these)
    return np.where(distance < diameter, which, -1)


def count_errors(truth: NDArray[Any], predicted: NDArray[Any], diameter: float) -> Errors:
    """Segment both stains, each at its own level, leave objects at the border out, and count the errors."""
    shape = truth.shape[0], truth.shape[1]
    both = [inside(centres(segment(image, diameter)), shape, diameter / 2) for image in (truth, predicted)]
    return compare(both[0], both[1], diameter)


@dataclass(frozen=True)
class Sizes:
    """Equivalent diameters in px of live and dead nuclei, and the Kolmogorov-Smirnov test between the two."""

    live: NDArray[np.float64]
    dead: NDArray[np.float64]
    statistic: float
    p: float


def sizes(objects: NDArray[np.int32], dead: Places, reach: float) -> Sizes:
    """Compare the sizes of nuclei with a mark of death within `reach` px of their centre (4.5 µm as published)."""
    places = centres(objects)
    widths = np.sqrt(4 / np.pi * np.bincount(objects.ravel(), minlength=len(places) + 1)[1:])
    near = np.zeros(len(places), bool)
    if len(places) and len(dead):
        near = cKDTree(dead).query(places)[0] <= reach
    live, gone = widths[~near], widths[near]
    if not len(live) or not len(gone):
        return Sizes(live, gone, float("nan"), float("nan"))
    found = stats.ks_2samp(live, gone)
    return Sizes(live, gone, float(found.statistic), float(found.pvalue))
