"""Probabilities that mean what they say: temperature scaling and the expected calibration error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

Floats = NDArray[np.floating]


def fit_temperature(logits: Floats, classes: NDArray[np.int64]) -> float:
    """Return the temperature (0.1 to 10) that makes logits (cell, class) most likely (Guo et al. 2017)."""
    if len(logits) == 0:
        return 1.0
    rows = np.arange(len(classes))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits.astype(np.float64) / np.exp(log_temperature), axis=1)
        return float(-scaled[rows, classes].mean())

    best = minimize_scalar(loss, bounds=(np.log(0.1), np.log(10.0)), method="bounded")
    return float(np.exp(best.x))


def probabilities(logits: Floats, temperature: float) -> NDArray[np.float64]:
    """Return softmax(logits / temperature), (cell, class), float64."""
    scaled: NDArray[np.float64] = softmax(logits.astype(np.float64) / temperature, axis=1)
    return scaled


def calibration_error(shares: Floats, classes: NDArray[np.int64], bins: int = 10) -> float:
    """Return the expected calibration error: |accuracy - confidence| over bins of equal count (0..1)."""
    confidence = shares.max(axis=1)
    right = shares.argmax(axis=1) == classes
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, len(order))) if len(part)]
    gaps = [len(part) * abs(right[part].mean() - confidence[part].mean()) for part in parts]
    return float(sum(gaps) / len(confidence))
