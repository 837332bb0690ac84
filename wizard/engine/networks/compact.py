"""Compact: a small residual network for frames of 16 to 128 px with any number of channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.networks.base import Network, Shape, register

_MOMENTUM = 0.9
"""Of the batch-norm averages: Keras' 0.99 is useless after a few hundred steps."""


def _conv_norm(x: Any, filters: int, size: int, stride: int, name: str) -> Any:
    x = keras.layers.Conv2D(
        filters, size, stride, "same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)
    return keras.layers.BatchNormalization(momentum=_MOMENTUM, name=f"{name}_norm")(x)


def _block(x: Any, filters: int, stride: int, name: str) -> Any:
    """Two 3×3 convolutions with a shortcut (He et al. 2016); the shortcut averages where it must shrink."""
    shortcut = x
    y = keras.layers.ReLU(name=f"{name}_relu_a")(_conv_norm(x, filters, 3, stride, f"{name}_a"))
    y = _conv_norm(y, filters, 3, 1, f"{name}_b")
    if stride > 1:
        shortcut = keras.layers.AveragePooling2D(stride, padding="same", name=f"{name}_shrink")(shortcut)
    if shortcut.shape[-1] != filters:
        shortcut = _conv_norm(shortcut, filters, 1, 1, f"{name}_shortcut")
    y = keras.layers.Add(name=f"{name}_add")([shortcut, y])
    return keras.layers.ReLU(name=f"{name}_out")(y)


def build(shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
    """Build the network; options: `width` (multiplies all filters, 1.0), `dropout` (0.2)."""
    width, dropout = float(options.get("width", 1.0)), float(options.get("dropout", 0.2))
    filters = [max(8, round(base * width / 8) * 8) for base in (24, 32, 64, 128, 192)]
    inputs = keras.Input(shape, name="cells")
    first_stride = 2 if min(shape[:2]) > 96 else 1
    x = keras.layers.ReLU(name="stem_relu")(_conv_norm(inputs, filters[0], 3, first_stride, "stem"))
    x = _block(x, filters[1], 2, "stage2")
    x = _block(x, filters[2], 2, "stage3")
    x = _block(x, filters[3], 2, "stage4")
    x = _block(x, filters[4], 1, "stage5")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    x = keras.layers.Dense(classes, name="classes")(x)
    return keras.Model(inputs, x, name="compact")


register(
    Network(
        "compact",
        "Compact",
        "Our small residual network: trains in minutes on an office PC.",
        16,
        build,
        {"stage 4": "stage4_out", "stage 5": "stage5_out", "pool": "pool"},
    )
)
