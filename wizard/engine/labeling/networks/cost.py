"""What a network from pictures to pictures costs: parameters, and multiply-adds per predicted pixel."""

from __future__ import annotations

from math import prod
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.labeling.networks.base import build

PUBLISHED_WINDOW = 54_551_000
"""Multiply-adds per pixel of the published way (base depth 400, 13 planes, 3 labels): windows of 250 px for 8 x 8."""


def parameters(net: Any) -> int:
    """Return the number of weights that are trained."""
    return sum(prod(weight.shape) for weight in net.trainable_weights)


def multiply_adds(net: Any) -> int:
    """Return the multiply-adds of the convolutions for one picture; the network must be built for fixed sides."""
    total = 0
    for layer in net.layers:
        if not isinstance(layer, (keras.layers.Conv2D, keras.layers.Conv2DTranspose)):
            continue
        # A transposed convolution spends its kernel on every pixel that comes in.
        spread = isinstance(layer, keras.layers.Conv2DTranspose)
        places = layer.input.shape if spread else layer.output.shape
        total += prod(places[1:3]) * prod(layer.kernel.shape)
    return total


def per_pixel(name: str, planes: int, labels: int, told: str = "quantiles", side: int = 512, **options: Any) -> float:
    """Return the multiply-adds per predicted pixel when pictures are predicted in tiles of `side` px."""
    net = build(name, planes, [f"label_{n}" for n in range(labels)], told, (side, side), **options)
    return multiply_adds(net) / prod(net.output.shape[1:3])
