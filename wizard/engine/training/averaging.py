"""Averaged weights: a moving average over the steps, or the mean of the last epochs (Izmailov et al. 2018)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.model import set_weights, weights_of

Arrays = dict[str, NDArray[Any]]
_COUNT = "count"


class Average:
    """The averaged weights of a network, by path; `values` is empty until there is something to average."""

    def __init__(self, kind: str, decay: float) -> None:
        self.kind, self.decay = kind, decay
        self.values: Arrays = {}
        self.count = 0

    def after_step(self, network: Any) -> None:
        """Take in the weights after a step (moving average only)."""
        if self.kind != "ema":
            return
        self.count += 1
        # A short memory at first: the random start must not linger (Tarvainen & Valpola 2017).
        keep = min(self.decay, self.count / (10 + self.count))
        if not self.values:
            self.values = {name: value.copy() for name, value in weights_of(network).items()}
        for name, value in weights_of(network).items():
            average = self.values[name]
            average *= keep
            average += (1 - keep) * value

    def after_epoch(self, network: Any) -> None:
        """Take in the weights after an epoch (mean of epochs only)."""
        if self.kind != "swa":
            return
        new = weights_of(network)
        if not self.values:
            self.values = {name: value.copy() for name, value in new.items()}
        else:
            for name, value in new.items():
                self.values[name] += (value - self.values[name]) / np.float32(self.count + 1)
        self.count += 1

    def put_in(self, network: Any, batches: Iterable[NDArray[np.float32]]) -> None:
        """Put the averaged weights into the network; a mean of epochs gets batch-norm statistics of its own."""
        set_weights(network, self.values)
        if self.kind == "swa":
            renew_statistics(network, batches)
            self.values = {name: value.copy() for name, value in weights_of(network).items()}

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""
        return self.values | {_COUNT: np.array([self.count])} if self.values else {}

    def restore(self, arrays: Arrays) -> None:
        """Put `arrays` back."""
        self.count = int(arrays[_COUNT][0]) if arrays else 0
        self.values = {name: value.copy() for name, value in arrays.items() if name != _COUNT}


def averaged(arrays: Arrays) -> Arrays:
    """Return the weights among what `Average.arrays` gave."""
    return {name: value for name, value in arrays.items() if name != _COUNT}


def renew_statistics(network: Any, batches: Iterable[NDArray[np.float32]]) -> None:
    """Set every batch-norm layer's mean and variance to the average over `batches` (cell, y, x, channel)."""
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = [layer.momentum for layer in layers]
    try:
        for number, images in enumerate(batches if layers else ()):
            for layer in layers:
                # This momentum makes the moving average the plain mean of all batches so far.
                layer.momentum = number / (number + 1)
            network(images, training=True)
    finally:
        for layer, momentum in zip(layers, before, strict=True):
            layer.momentum = momentum
