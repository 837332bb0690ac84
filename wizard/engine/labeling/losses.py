"""Losses over the pixels that are known, averaged over the labels that are there.

Truth comes as (picture, y, x, 2 * label): first the stains, then their weights, 0 where a stain is not known.
The published loss divided by all labels, so that a picture with three of eight counted three eighths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.labeling.heads import by_label, head

ops = keras.ops


def packed(targets: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float32]:
    """Return truth as the loss takes it, from stains and weights (picture, y, x, label); unknown stains may be NaN."""
    known = np.where(weights > 0, targets, 0.0)
    return np.concatenate([known, weights], axis=-1).astype(np.float32)


def by_stain(losses: Any, weights: Any) -> tuple[Any, Any]:
    """Return each label's mean over its known pixels, (label,), and 1 for the labels that have any, else 0."""
    sums = ops.sum(weights, axis=(0, 1, 2))
    present = ops.cast(sums > 0, losses.dtype)
    return ops.sum(losses * weights, axis=(0, 1, 2)) / ops.maximum(sums, 1e-6), present


class Masked(keras.losses.Loss):  # type: ignore[misc]
    """The loss of a head; `label_weights` makes some labels count more (one number per label, 1 = as the others)."""

    def __init__(self, told: str, label_weights: tuple[float, ...] = (), name: str = "masked") -> None:
        super().__init__(name=name, reduction="sum")
        self.head, self.label_weights = head(told), label_weights

    def call(self, truth: Any, raw: Any) -> Any:
        """Return one number for the batch."""
        labels = truth.shape[-1] // 2
        stains, weights = truth[..., :labels], truth[..., labels:]
        each, present = by_stain(self.head.loss(stains, by_label(raw, self.head.channels)), weights)
        if self.label_weights:
            present = present * ops.convert_to_tensor(self.label_weights, present.dtype)
        return ops.sum(each * present) / ops.maximum(ops.sum(present), 1e-6)


def of_labels(told: str, targets: NDArray[Any], raw: Any, weights: NDArray[Any]) -> NDArray[np.float32]:
    """Return the loss of each label, NaN for one without known pixels: for best weights per label."""
    entry = head(told)
    truth = ops.convert_to_tensor(np.where(weights > 0, targets, 0.0).astype(np.float32))
    each, present = by_stain(entry.loss(truth, by_label(raw, entry.channels)), ops.convert_to_tensor(weights))
    found = np.array(ops.convert_to_numpy(each), np.float32)
    found[ops.convert_to_numpy(present) == 0] = np.nan
    return found
