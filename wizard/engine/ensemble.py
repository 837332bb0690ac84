"""Several networks of one kind as one: the mean of their probabilities, and their features side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from wizard.engine.backend import keras

_PREFIX = "member_"


def combine(networks: Sequence[Any], stages: Mapping[str, str]) -> tuple[Any, dict[str, Any]]:
    """Return one network of several with the same inputs and classes, and its layers of features.

    The network gives the logarithm of the mean of the members' softmax probabilities (cell, class), which
    serves as logits: its softmax is that mean. The features, by the names of the layers in `stages`, are
    layers that lay the members' outputs side by side along the channels; the network itself does not need
    them. The members' layers and weights are used, not copied.
    """
    inputs = keras.Input(networks[0].input.shape[1:], name="cells")
    names = list(dict.fromkeys(stages.values()))
    outputs = []
    for number, network in enumerate(networks, start=1):
        layers = [network.get_layer(name).output for name in names]
        outputs.append(keras.Model(network.input, [*layers, network.output], name=f"{_PREFIX}{number}")(inputs))
    logarithms = keras.ops.stack([keras.ops.log_softmax(output[-1]) for output in outputs], axis=1)
    mean = keras.ops.logsumexp(logarithms, axis=1) - math.log(len(networks))
    whole = keras.Model(inputs, keras.layers.Identity(name="classes")(mean), name="ensemble")
    features = {}
    for place, name in enumerate(names):
        features[name] = keras.layers.Concatenate(axis=-1, name=name)
        features[name]([output[place] for output in outputs])
    return whole, features


def members(network: Any) -> list[Any]:
    """Return the networks of which `combine` made one, in their order; none for a single network."""
    found = [layer for layer in network.layers if isinstance(layer, keras.Model) and layer.name.startswith(_PREFIX)]
    return sorted(found, key=lambda layer: int(layer.name.removeprefix(_PREFIX)))


def named_weights(network: Any) -> dict[str, Any]:
    """Return the weights (variables) by their paths; those of an ensemble's members begin with `member_1/` etc."""
    parts = members(network)
    if not parts:
        return {weight.path: weight for weight in network.weights}
    return {f"{part.name}/{weight.path}": weight for part in parts for weight in part.weights}
