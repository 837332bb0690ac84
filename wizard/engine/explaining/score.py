"""What is explained: the log-odds of a class, and what an empty place of a cell looks like."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data import normalisation

Floats = NDArray[np.float32]

BASELINES = {
    "background": "the cell's own background: in each channel the median of the frame's outermost pixels",
    "mean": "an even picture of the mean grey level that the training cells have in each channel",
}
_AWAY = 1e9


def log_odds(logits: NDArray[Any], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return log(p / (1 - p)) of one class per cell from logits (cell, class): no ceiling, unlike p itself."""
    logits = np.asarray(logits, np.float64)
    places = np.arange(len(logits))
    own = logits[places, classes]
    others = logits.copy()
    others[places, classes] = -np.inf
    top = others.max(axis=1, keepdims=True)
    rest: NDArray[np.float64] = own - (top[:, 0] + np.log(np.exp(others - top).sum(axis=1)))
    return rest


def tensor_log_odds(logits: Any, classes: Any) -> Any:
    """Return the same for tensors, so that it can be differentiated."""
    import tensorflow as tf

    chosen = tf.one_hot(classes, logits.shape[-1], dtype=logits.dtype)
    return tf.reduce_sum(logits * chosen, axis=-1) - tf.reduce_logsumexp(logits - _AWAY * chosen, axis=-1)


def baselines(images: Floats, how: str, constants: dict[str, Any]) -> Floats:
    """Return the empty cell for each cell of network input (cell, y, x, channel), as (cell, 1, 1, channel)."""
    if how == "mean":
        mean = np.asarray(normalisation.greys(constants, images.shape[-1]).mean, np.float32)
        return np.broadcast_to(mean, (len(images), 1, 1, images.shape[-1])).copy()
    ring = np.concatenate([images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]], axis=1)
    found: Floats = np.median(ring, axis=1)[:, None, None].astype(np.float32)
    return found


def centred(images: Floats) -> NDArray[np.bool_]:
    """Tell which cells of network input (cell, y, x, channel) lie in the middle third of the frame.

    The place of a cell is the centre of what differs from its background.
    """
    apart = ((images - baselines(images, "background", {})) ** 2).sum(axis=-1, dtype=np.float64)
    total = np.maximum(apart.sum(axis=(1, 2)), 1e-12)
    height, width = apart.shape[1:]
    y = (apart.sum(axis=2) @ (np.arange(height) + 0.5)) / total / height
    x = (apart.sum(axis=1) @ (np.arange(width) + 0.5)) / total / width
    good: NDArray[np.bool_] = (np.abs(y - 0.5) < 1 / 6) & (np.abs(x - 0.5) < 1 / 6)
    return good
