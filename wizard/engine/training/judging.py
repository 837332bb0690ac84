"""What the validation cells say about an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

RECALL = "recall_"
"""Prefix of the history's columns with a class's recall on validation cells."""


def cell_losses(logits: NDArray[Any], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the cross-entropy of every cell from logits (cell, class)."""
    return -log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(classes)), classes]


def clearly_worse(losses: NDArray[np.float64], lowest: NDArray[np.float64]) -> bool:
    """Tell whether the mean of paired losses is above the lowest by more than its standard error."""
    apart = losses - lowest
    return bool(apart.mean() > apart.std() / np.sqrt(len(apart)))


def validation_figures(
    logits: NDArray[Any], classes: NDArray[np.int64], weights: NDArray[np.float32], names: Sequence[str]
) -> dict[str, float]:
    """Return val_loss (weighted by class), val_accuracy, val_balanced_accuracy and recall_<class>."""
    losses = cell_losses(logits, classes)
    right = logits.argmax(axis=1) == classes
    recalls = {name: float(right[classes == c].mean()) for c, name in enumerate(names) if (classes == c).any()}
    return {
        "val_loss": float(np.average(losses, weights=weights[classes])),
        "val_accuracy": float(right.mean()),
        "val_balanced_accuracy": float(np.mean(list(recalls.values()))),
        **{RECALL + name: recall for name, recall in recalls.items()},
    }
