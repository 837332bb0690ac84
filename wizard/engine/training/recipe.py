"""From the plan to what Keras needs: optimizer, loss, batch size, number of epochs, class weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.train_plan import TrainPlan
from wizard.training_length import epoch_number, fitted_batch

__all__ = ["batch_size", "bytes_per_cell", "class_weights", "custom_weights", "epoch_number", "optimizer"]

_MEMORY_SHARE = 0.5
"""Share of the free memory that the activations of one step may take."""
_CAP = 10.0
"""Largest balanced weight, so that a few cells do not rule."""


def optimizer(plan: TrainPlan) -> Any:
    """Return the Keras optimizer of a plan; weight decay is decoupled from the gradient (Loshchilov & Hutter 2019)."""
    shared: dict[str, Any] = {"global_clipnorm": plan.gradient_clip or None}
    decay = plan.weight_decay or None
    rate = plan.learning_rate
    match plan.optimizer:
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=plan.weight_decay, **shared)
        case "adam":
            return keras.optimizers.Adam(rate, **shared)
        case "nadam":
            return keras.optimizers.Nadam(rate, weight_decay=decay, **shared)
        case "sgd":
            return keras.optimizers.SGD(rate, plan.momentum, plan.nesterov, weight_decay=decay, **shared)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, momentum=plan.momentum, weight_decay=decay, **shared)


def batch_size(wanted: int, cells: int, each: int = 0, memory: int | None = None) -> int:
    """Return the cells per step; 0 means fitted: small data sets need small batches for enough steps.

    A fitted batch of cells that need `each` bytes fits into half of the free `memory` (bytes; None = ask).
    """
    if wanted:
        return max(2, min(wanted, cells))
    fitted = fitted_batch(cells)
    if each:
        free = psutil.virtual_memory().available if memory is None else memory
        while fitted > 2 and fitted * each > free * _MEMORY_SHARE:
            fitted //= 2
    return max(2, min(fitted, cells))


def bytes_per_cell(network: Any) -> int:
    """Estimate the memory of one cell in a training step: every layer's output and its gradient, float32."""
    total = 0
    for layer in network.layers:
        outputs = layer.output if isinstance(layer.output, (list, tuple)) else [layer.output]
        total += sum(int(np.prod([side or 1 for side in output.shape[1:]])) for output in outputs)
    return total * 4 * 2


def class_weights(plan: TrainPlan, counts: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.float32]:
    """Return a weight per class with mean 1 over the cells of `counts` (cells per class).

    Balanced weights are capped at 10; softened ones are their square roots. Raises UserError when custom
    weights are of unknown classes.
    """
    if plan.class_weights == "none":
        return np.ones(len(names), np.float32)
    total = max(1, int(counts.sum()))
    if plan.class_weights == "custom":
        weights = custom_weights(plan.class_weight_values, names)
    else:
        weights = np.minimum(total / (len(names) * np.maximum(counts, 1)), _CAP)
        weights = np.sqrt(weights) if plan.class_weights == "softened" else weights
    weights = weights * total / max(1e-9, float((weights * counts).sum()))
    return weights.astype(np.float32)


def custom_weights(lines: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
    """Read lines such as `G1 = 2`; classes that are not named weigh 1. Raises UserError that names the line."""
    weights = np.ones(len(names))
    for line in lines:
        name, sign, value = line.rpartition("=")
        try:
            place, weight = list(names).index(name.strip().strip('"')), float(value)
        except ValueError:
            place, weight = -1, 0.0
        if not sign or place < 0 or not 0 < weight < 1e6:
            raise UserError(
                f"The class weight {line!r} cannot be used.",
                f"The classes are: {', '.join(names)}.",
                "Write a class, an equals sign and a number above 0, for example: G1 = 2.",
            )
        weights[place] = weight
    return weights
