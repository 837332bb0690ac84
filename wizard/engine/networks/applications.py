"""Networks of `keras.applications`, for any number of channels and without downloads."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.networks.base import Network, Shape, register

_MOMENTUM = 0.9


def build_resnet50(shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
    """Build ResNet50 (He et al. 2016) from random weights; option: `dropout` (0)."""
    with warnings.catch_warnings():
        # Keras warns of channel numbers other than 1 and 3, which its pretrained weights would need.
        warnings.simplefilter("ignore", UserWarning)
        trunk = keras.applications.ResNet50(include_top=False, weights=None, input_shape=shape)
    for layer in trunk.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # Keras' 0.99 needs thousands of steps before the averages can be used.
            layer.momentum = _MOMENTUM
    x = keras.layers.GlobalAveragePooling2D(name="pool")(trunk.output)
    if options.get("dropout"):
        x = keras.layers.Dropout(float(options["dropout"]), name="dropout")(x)
    x = keras.layers.Dense(classes, name="classes")(x)
    return keras.Model(trunk.input, x, name="resnet50")


register(
    Network(
        "resnet50",
        "ResNet50",
        "Deepometry's network, 23.6 million parameters: slow without a graphics processor.",
        32,
        build_resnet50,
        {"stage 4": "conv4_block1_out", "stage 5": "conv5_block1_out", "pool": "pool"},
    )
)
