"""The networks of `keras.applications`, for any number of channels and without downloads."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.networks import imagenet
from wizard.engine.networks.base import MOMENTUM, Network, Shape, register
from wizard.network_names import KNOWN, TITLES

_STAGES = {"stage 4": "stage4_out", "stage 5": "stage5_out", "pool": "pool"}
_DEEPOMETRY = {"stage 4": "conv4_block1_out", "stage 5": "conv5_block1_out", "pool": "pool"}

_FUNCTIONS = {
    name.casefold(): function
    for name, function in vars(keras.applications).items()
    if callable(function) and name.casefold() in TITLES
}
_SMALLEST = {"inceptionv3": 75, "inceptionresnetv2": 75, "xception": 71}
"""Smallest frame in px; 32 for all others."""

_HELP = {
    "resnet50": "Deepometry's network, 23.6 million parameters: slow without a graphics processor.",
    "mobilenetv2": "2.3 million parameters; made for phones.",
    "efficientnetb0": "4 million parameters; much reached with few multiplications, made for large frames.",
}
_OTHER = "From Keras; made for photographs of 224 px, so for frames of 64 px and more."


def build_application(name: str, shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
    """Build a network of `keras.applications` from random weights; options: `dropout` (0), `imagenet` (a file).

    What it does to the input by itself (scaling, normalisation) is left out, because ours is normalised.
    Raises UserError when the file of weights does not fit.
    """
    function = _FUNCTIONS[name]
    more = {"include_preprocessing": False} if "include_preprocessing" in signature(function).parameters else {}
    with warnings.catch_warnings():
        # Keras warns of channels and sizes that its own weights were not made for.
        warnings.simplefilter("ignore", UserWarning)
        original = function(include_top=False, weights=None, input_shape=shape, **more)
    trunk = _adapted(original, {} if name == "resnet50" else _stage_layers(original))
    if options.get("imagenet"):
        imagenet.load(trunk, Path(options["imagenet"]).expanduser(), TITLES[name])
    x = keras.layers.GlobalAveragePooling2D(name="pool")(trunk.output)
    if options.get("dropout"):
        x = keras.layers.Dropout(float(options["dropout"]), name="dropout")(x)
    x = keras.layers.Dense(classes, name="classes")(x)
    return keras.Model(trunk.input, x, name=name)


def _adapted(original: Any, stages: Mapping[str, str]) -> Any:
    """Return a copy without preprocessing, with lasting layer names, our batch norm, and marks after stage layers.

    Keras numbers unnamed layers anew with every network, so that saved weights would not be found again.
    """
    names = dict(_lasting_names(original))

    def copy(layer: Any) -> Any:
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):
            config["name"] = names.get(layer.name, layer.name)
        if isinstance(layer, keras.layers.BatchNormalization):
            config["momentum"] = MOMENTUM
        # The weight of ConvNeXt's own layer has no name, so that it would not be found again either.
        made = _scale(config) if type(layer).__name__ == "LayerScale" else layer.__class__.from_config(config)
        came_from[id(made)] = layer.name
        return made

    def call(layer: Any, *inputs: Any, **settings: Any) -> Any:
        if isinstance(layer, (keras.layers.Rescaling, keras.layers.Normalization)):
            return inputs[0]
        out = layer(*inputs, **settings)
        mark = stages.get(came_from[id(layer)])
        return keras.layers.Identity(name=mark)(out) if mark else out

    came_from: dict[int, str] = {}
    return keras.models.clone_model(original, clone_function=copy, call_function=call)


def _scale(config: Mapping[str, Any]) -> Any:
    """Return a layer that weighs every channel, from the settings of ConvNeXt's (Touvron et al. 2021)."""
    return keras.layers.EinsumDense(
        "bhwc,c->bhwc",
        (None, None, config["projection_dim"]),
        kernel_initializer=keras.initializers.Constant(config["init_values"]),
        name=config["name"],
    )


def _lasting_names(net: Any) -> Iterator[tuple[str, str]]:
    """Yield automatic name → kind and rank of making in this network, e.g. conv2d_137 → conv2d_3."""
    found: dict[str, list[tuple[int, str]]] = {}
    for layer in net.layers:
        kind = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", type(layer).__name__))
        automatic = re.fullmatch(rf"{kind.casefold()}(?:_(\d+))?", layer.name)
        if automatic:
            found.setdefault(kind.casefold(), []).append((int(automatic[1] or 0), layer.name))
    for kind, members in found.items():
        for rank, (_, name) in enumerate(sorted(members), start=1):
            yield name, f"{kind}_{rank}"


def _stage_layers(net: Any) -> dict[str, str]:
    """Return layer name → mark: the last layer before the frame shrinks for the last time, and the last of all.

    Only layers that all paths run through count, where the network has such.
    """
    layers = [layer for layer in net.layers if isinstance(layer, keras.layers.Layer) and len(_size(layer)) == 2]
    last = _size(layers[-1])
    larger = [
        layer
        for layer in layers
        if _size(layer)[0] > last[0]
        and _size(layer)[1] > last[1]
        and not isinstance(layer, (keras.layers.ZeroPadding2D, keras.layers.InputLayer))
    ]
    joints = _joints(net)
    deepest = min(_size(layer)[0] for layer in larger)
    narrow = [layer for layer in larger if layer.name in joints and _size(layer)[0] <= deepest + 1]
    whole = [layer for layer in larger if isinstance(layer, (keras.layers.Concatenate, keras.layers.Add))]
    return {(narrow or whole or larger)[-1].name: "stage4_out", layers[-1].name: "stage5_out"}


def _size(layer: Any) -> tuple[int, ...]:
    shape = getattr(layer.output, "shape", ())
    return tuple(shape[1:3]) if len(shape) == 4 else ()


def _joints(net: Any) -> set[str]:
    """Return the names of layers (in their order) past which no later layer reaches back."""
    steps = net.operations
    maker = {id(step.output): index for index, step in enumerate(steps)}
    reach = list(range(len(steps)))
    for index, step in enumerate(steps):
        for tensor in step.input if isinstance(step.input, list) else [step.input]:
            source = maker.get(id(tensor), index)
            reach[source] = max(reach[source], index)
    found, furthest = set(), 0
    for index, step in enumerate(steps):
        if furthest <= index:
            found.add(step.name)
        furthest = max(furthest, reach[index])
    return found


for _name in TITLES:
    if _name in _FUNCTIONS:
        register(
            Network(
                _name,
                TITLES[_name],
                _HELP.get(_name, _OTHER),
                _SMALLEST.get(_name, 32),
                partial(build_application, _name),
                _DEEPOMETRY if _name == "resnet50" else _STAGES,
                KNOWN,
                pretrained=True,
            )
        )
