"""What a threshold on the probability of one class would sort out; light, so that the window can tell it at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True)
class Sorted:
    """What thresholds do, one entry per threshold; NaN where nothing is sorted out.

    `cells` are at or above it, `own` of them are of the class; `purity` is own / cells (the concentration after
    sorting), `enrichment` purity / concentration before, `gain` the yield (own / all of the class), `accuracy`
    the share of all cells that are named right when the class is given at or above the threshold and the next
    likely class below it (the sorting rule of AIDeveloper, Kräter et al. 2021).
    """

    cells: NDArray[np.int64]
    own: NDArray[np.int64]
    before: float
    purity: Floats
    enrichment: Floats
    gain: Floats
    false_alarms: Floats
    accuracy: Floats


def sort_out(shares: Floats, true: NDArray[np.int64], index: int, levels: Floats = LEVELS) -> Sorted:
    """Return what thresholds on the probability of class `index` do to cells with `shares` (cell, class)."""
    score, own = shares[:, index], true == index
    others = shares.copy()
    others[:, index] = -1.0
    next_right = (others.argmax(axis=1) == true) & ~own
    order = np.argsort(score, kind="stable")
    start = np.searchsorted(score[order], levels, side="left")
    own_below = np.concatenate([[0], np.cumsum(own[order])])[start]
    next_below = np.concatenate([[0], np.cumsum(next_right[order])])[start]
    cells, kept = len(true) - start, int(own.sum()) - own_below
    before = float(own.mean()) if len(true) else float("nan")
    with np.errstate(invalid="ignore", divide="ignore"):
        purity = kept / cells
        return Sorted(
            cells, kept, before, purity, purity / before, kept / own.sum(), (cells - kept) / (~own).sum(),
            (kept + next_below) / len(true),
        )  # fmt: skip
