"""What a model's own validation cells said about it, kept in its manifest for later predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine import calibration, metrics

_LEVELS = 51
"""Thresholds at which error and share are noted."""


def facts(logits: NDArray[Any], classes: NDArray[np.int64], number: int, temperature: float) -> dict[str, Any]:
    """Describe validation cells from logits (cell, class) and true classes.

    `confusion` holds counts (true, predicted). `levels` is a list of [threshold, share of the cells whose highest
    calibrated probability reaches it, share of wrong ones among these]; the last is null where no cell is left.
    `confidences` holds the highest probability of every cell, and `right` whether it named the class, both sorted
    by confidence, at most 10,000 cells at even distances.
    """
    shares = calibration.probabilities(logits, temperature)
    predicted, confidence = shares.argmax(axis=1), shares.max(axis=1)
    right = predicted == classes
    levels = []
    for threshold in np.linspace(0.0, 1.0, _LEVELS):
        kept = confidence >= threshold
        wrong = float((~right[kept]).mean()) if kept.any() else None
        levels.append([round(float(threshold), 4), float(kept.mean()), wrong])
    order = np.argsort(confidence, kind="stable")
    order = order[:: max(1, -(-len(order) // 10_000))]
    return {
        "confusion": metrics.confusion(classes, predicted, number).tolist(),
        "levels": levels,
        "confidences": [round(float(value), 5) for value in confidence[order]],
        "right": [int(value) for value in right[order]],
    }
