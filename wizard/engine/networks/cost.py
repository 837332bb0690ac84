"""What a network costs: parameters, multiplications per cell, and seconds on this PC."""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from wizard.engine.backend import keras
from wizard.engine.networks.base import Shape, build

_BATCH = 16
_SECONDS = 1.5
_STEPS = 200


def cost(net: Any) -> tuple[int, int]:
    """Return the parameters of a network, and its multiply-adds per cell (those of kernels; forward)."""
    total = 0
    for layer in _layers(net):
        positions = prod(layer.output.shape[1:-1])
        total += sum(prod(weight.shape) * positions for weight in layer.weights if len(weight.shape) >= 2)
    return int(net.count_params()), total


def _layers(net: Any) -> Iterator[Any]:
    """Yield the layers of a network, those of networks inside it too."""
    for layer in net.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        elif layer.weights:
            yield layer


def seconds_per_image(name: str, shape: Shape, classes: int) -> float:
    """Measure on this PC, within about two seconds, how long training takes per cell.

    The second and later steps on cells of noise count; the first one prepares the network. A large
    network takes longer: it is built, and at least one step is measured. Raises UserError as `build` does.
    """
    net = build(name, shape, classes, {})
    net.compile(
        optimizer=keras.optimizers.AdamW(1e-3),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    rng = np.random.default_rng(0)
    images = rng.normal(size=(_BATCH, *shape)).astype(np.float32)
    truth = np.eye(classes, dtype=np.float32)[rng.integers(0, classes, _BATCH)]
    net.train_on_batch(images, truth)
    times: list[float] = []
    while not times or sum(times) < _SECONDS and len(times) < _STEPS:
        began = time.perf_counter()
        net.train_on_batch(images, truth)
        times.append(time.perf_counter() - began)
    # The median does not mind other programs that take the processor for a moment.
    return float(np.median(times)) / _BATCH
