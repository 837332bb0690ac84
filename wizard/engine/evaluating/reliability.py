"""Whether probabilities mean what they say: cells of like confidence against how often they are right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from wizard.engine.evaluating.judged import Floats
from wizard.results_base import Estimate
from wizard.results_evaluate import ReliabilityBin

BINS = 10


def bins(shares: Floats, true: NDArray[np.int64], number: int = BINS) -> list[ReliabilityBin]:
    """Return `number` bins of equal count, the least confident first, with Wilson's interval (1927) of the share right.

    These are the bins of the calibration error.
    """
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == true
    order = np.argsort(confidence, kind="stable")
    found = []
    for part in np.array_split(order, min(number, len(order))):
        low, high = wilson(int(right[part].sum()), len(part))
        accuracy = Estimate(value=float(right[part].mean()), low=low, high=high)
        found.append(ReliabilityBin(n_cells=len(part), confidence=float(confidence[part].mean()), accuracy=accuracy))
    return found


def wilson(right: int, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was `right` out of `number` (at least 1)."""
    found = stats.binomtest(right, number).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)
