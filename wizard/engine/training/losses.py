"""Losses between a truth that may be soft (cell, class) and logits (cell, class)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras

Floats = NDArray[np.float32]


def loss(kind: str, gamma: float = 2.0) -> Callable[[Any, Any], Any]:
    """Return a function (truth, logits) → loss of each cell.

    `cross_entropy`; `focal` (Lin et al. 2017) with exponent `gamma`; `one_vs_rest`, the sum over
    the classes of binary cross-entropies. A network trained by the last gives log odds: softmax over
    them shares the odds of the classes out to a sum of 1, and the fitted temperature makes them honest.
    """

    def cross_entropy(truth: Any, logits: Any) -> Any:
        return -keras.ops.sum(truth * keras.ops.log_softmax(logits, axis=-1), axis=-1)

    def focal(truth: Any, logits: Any) -> Any:
        logs = keras.ops.log_softmax(logits, axis=-1)
        # The floor keeps the gradient of the power finite for cells that are told with certainty.
        doubt = keras.ops.power(keras.ops.maximum(1.0 - keras.ops.exp(logs), 1e-6), gamma)
        return -keras.ops.sum(truth * doubt * logs, axis=-1)

    def one_vs_rest(truth: Any, logits: Any) -> Any:
        # -y log s(z) - (1 - y) log(1 - s(z)) = softplus(z) - y z
        return keras.ops.sum(keras.ops.softplus(logits) - truth * logits, axis=-1)

    return {"cross_entropy": cross_entropy, "focal": focal, "one_vs_rest": one_vs_rest}[kind]


def truth(classes: NDArray[np.int64], number: int) -> Floats:
    """Return class numbers as (cell, class), 1 for the class and 0 elsewhere."""
    return np.eye(number, dtype=np.float32)[classes]


def smooth(soft: Floats, share: float, kind: str) -> Floats:
    """Put doubt into the labels: `share` of each goes to all classes alike (one_vs_rest: to yes and no alike)."""
    even = 0.5 if kind == "one_vs_rest" else 1.0 / soft.shape[1]
    return (soft * (1.0 - share) + share * even).astype(np.float32)
