"""Maps from gradients: Grad-CAM (Selvaraju et al. 2017) and integrated gradients (Sundararajan et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from wizard.engine import ensemble
from wizard.engine.backend import keras
from wizard.engine.explaining.score import log_odds, tensor_log_odds
from wizard.engine.model import Model
from wizard.engine.networks.base import network

Floats = NDArray[np.float32]

AT_ONCE = 32
"""Pictures that are differentiated together: they bound memory and the time until Stop is heard."""
_STEPS, _MOST_STEPS = 32, 512
GOOD = 0.05
"""Gap above which integrated gradients are computed again with more steps."""


def cam_layer(model: Model) -> str:
    """Return the name of the last layer before the classes that still has places, "" where there is none.

    It is that of stage 5, else of stage 4, else the last one whose output is a map of at least 2 x 2 places.
    """
    net = (ensemble.members(model.network) or [model.network])[0]
    stages = network(model.manifest["network"]).stages
    layers = [str(layer.name) for layer in net.layers if _has_places(layer)]
    named = [stages[stage] for stage in ("stage 5", "stage 4") if stages[stage] in layers]
    return [*named, *layers[::-1], ""][0]


def _has_places(layer: Any) -> bool:
    if isinstance(layer, keras.layers.InputLayer):
        return False
    shape = getattr(layer.output, "shape", ())
    return len(shape) == 4 and min(int(side or 0) for side in shape[1:3]) >= 2


class GradCam:
    """Grad-CAM of a model at a layer; of an ensemble the mean of its members' maps."""

    def __init__(self, model: Model, layer: str) -> None:
        nets = ensemble.members(model.network) or [model.network]
        self._nets = [keras.Model(net.inputs, [net.get_layer(layer).output, net.outputs[-1]]) for net in nets]

    def __call__(self, image: Floats, number: int) -> Floats:
        """Return the map (y, x) of what speaks for a class in one cell of network input (y, x, channel), from 0 up.

        The layer's map is enlarged to the frame, so it is coarse.
        """
        found = [self._one(net, image, number) for net in self._nets]
        coarse = np.mean(found, axis=0, dtype=np.float32)
        size = (image.shape[1], image.shape[0])
        return np.maximum(np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), np.float32), 0)

    def _one(self, net: Any, image: Floats, number: int) -> Floats:
        images = tf.constant(image[None])
        with tf.GradientTape() as tape:
            # Frozen weights are not watched by themselves; from the pixels on everything is.
            tape.watch(images)
            features, logits = net(images, training=False)
            score = tensor_log_odds(logits, tf.constant([number]))
        slope = tape.gradient(score, features)
        if slope is None:
            return np.zeros(features.shape[1:3], np.float32)
        weights = tf.reduce_mean(slope, axis=(1, 2), keepdims=True)
        evidence = tf.nn.relu(tf.reduce_sum(weights * features, axis=-1))
        return np.asarray(evidence[0], np.float32)


class Integrated:
    """Integrated gradients of a model: how much each pixel added on the way from an empty cell to the cell."""

    def __init__(self, net: Any) -> None:
        self._net = net
        self._slopes = tf.function(self._slope, jit_compile=False, autograph=False)

    def _slope(self, images: Any, classes: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            scores = tensor_log_odds(self._net(images, training=False), classes)
        return tape.gradient(scores, images)

    def __call__(self, image: Floats, empty: Floats, number: int, report: Callable[[], None]) -> tuple[Floats, float]:
        """Return the map (channel, y, x) in log-odds of the class, and its gap.

        `image` (y, x, channel) is network input, `empty` (1, 1, channel) its baseline. The sum of the map should be
        what the log-odds change between the two (completeness); the gap is the share by which it misses that.
        The path is walked in more steps while the gap is too large. `report` is called between batches.
        """
        blank = np.broadcast_to(empty, image.shape).astype(np.float32)
        ends = np.asarray(self._net(np.stack([image, blank]), training=False))
        high, low = log_odds(ends, np.array([number, number]))
        steps = _STEPS
        while True:
            made = (image - blank) * self._mean_slope(image, blank, number, steps, report)
            gap = abs(float(made.sum(dtype=np.float64)) - (high - low)) / max(1.0, abs(high - low))
            if gap <= GOOD or steps >= _MOST_STEPS:
                return np.moveaxis(made, -1, 0), gap
            steps *= 2

    def _mean_slope(self, image: Floats, blank: Floats, number: int, steps: int, report: Callable[[], None]) -> Floats:
        total = np.zeros(image.shape, np.float64)
        # Places in the middle of equal stretches: the error falls with the square of their number.
        places = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
        classes = tf.constant(np.full(AT_ONCE, number, np.int64))
        for start in range(0, steps, AT_ONCE):
            part = places[start : start + AT_ONCE]
            walked = blank + part[:, None, None, None] * (image - blank)
            total += np.asarray(self._slopes(tf.constant(walked), classes)).sum(axis=0, dtype=np.float64)
            report()
        return (total / steps).astype(np.float32)
