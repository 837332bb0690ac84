"""One step of learning, compiled once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from wizard.engine.training.feed import Batch


class Learner:
    """Applies batches to a network: forward, loss, gradient, optimizer.

    Make it before layers are frozen: the optimizer then knows all weights, so that its state keeps its layout
    whichever of them learn.
    """

    def __init__(self, network: Any, optimizer: Any, loss: Callable[[Any, Any], Any]) -> None:
        self.network, self.optimizer, self._loss = network, optimizer, loss
        optimizer.build(network.trainable_variables)
        self.renew()

    def renew(self) -> None:
        """Compile again: needed after a change of what the compiled step holds as constants.

        These are the drop-out rates and which layers learn.
        """
        # XLA is four times slower here, and a network has no Python control flow to convert.
        self._compiled = tf.function(self._learn, jit_compile=False, autograph=False)

    def __call__(self, batch: Batch) -> tuple[float, float]:
        """Learn from a batch; return its loss (weighted, with the network's regularisation) and accuracy."""
        loss, accuracy = self._compiled(*(tf.constant(part) for part in (batch.images, batch.truth, batch.weights)))
        return float(np.asarray(loss)), float(np.asarray(accuracy))

    def _learn(self, images: Any, truth: Any, weights: Any) -> tuple[Any, Any]:
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            logits = self.network(images, training=True)
            loss = tf.reduce_mean(self._loss(truth, logits) * weights)
            if self.network.losses:
                loss += tf.add_n(self.network.losses)
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        right = tf.equal(tf.argmax(logits, axis=-1), tf.argmax(truth, axis=-1))
        return loss, tf.reduce_mean(tf.cast(right, tf.float32))
