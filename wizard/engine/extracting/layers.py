"""Which layers of a network can be read, and how their output becomes one row of a table."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from math import prod
from typing import Any

from wizard.engine.errors import UserError
from wizard.engine.model import Model
from wizard.engine.networks.base import network
from wizard.results_extract import LayerShape

_CLOSE, _LISTED = 0.5, 6


def readable(model: Model) -> list[LayerShape]:
    """Return all layers whose output can be read, in the order of the network, with their shapes for one cell.

    Those of an ensemble are the layers in which the outputs of its members lie side by side.
    """
    stages = {name: stage for stage, name in _stages(model).items()}
    return [
        LayerShape(name=name, stage=stages.get(name, ""), shape=[int(side) for side in tensor.shape[1:]])
        for name, tensor in _outputs(model).items()
    ]


def find(model: Model, wanted: str) -> tuple[str, Any]:
    """Return the name of a layer and its output (a Keras tensor) from a stage name or a layer's own name.

    Upper and lower case are the same where that is not ambiguous. Raises UserError naming those that come close.
    """
    stages, outputs = _stages(model), _outputs(model)
    known = {**{name: name for name in outputs}, **stages}
    name = known.get(wanted.strip()) or _any_case(known, wanted)
    if name in outputs:
        return name, outputs[name]
    raise UserError(
        f"The network has no layer {wanted!r} that can be read.",
        f"It has {len(outputs)} layers: {_some(list(outputs))}.",
        f"Choose one of: {', '.join(_close(wanted, [*stages, *outputs]) or stages)}.",
    )


class Averaged:
    """A layer whose output is averaged over the positions, so that one number is left for each feature map."""

    def __init__(self, output: Any) -> None:
        self.output = output


def read(output: Any, layout: str) -> Any:
    """Return what an inference engine reads: the layer's output (cell, …, channel), or the mean over positions."""
    if layout == "average" and len(output.shape) > 2:
        from wizard.engine.backend import keras

        return Averaged(keras.ops.mean(output, axis=tuple(range(1, len(output.shape) - 1))))
    return Averaged(output)


def width(output: Any) -> int:
    """Return how many numbers an output (cell, …) has for one cell."""
    return prod(int(side) for side in output.shape[1:])


def _stages(model: Model) -> Mapping[str, str]:
    return network(model.manifest["network"]).stages


def _outputs(model: Model) -> dict[str, Any]:
    """Return the readable layers of a network with their output tensors."""
    found: dict[str, Any] = {name: layer.output for name, layer in model.features.items()}
    names = _lasting_names(model.network.layers)
    for layer in model.network.layers:
        # A network that is itself a layer, or an input, has no output of its own in this network.
        if model.features or hasattr(layer, "layers") or type(layer).__name__ == "InputLayer":
            continue
        try:
            output = layer.output
        except (AttributeError, ValueError):
            continue
        if hasattr(output, "shape") and len(output.shape) >= 2 and None not in tuple(output.shape[1:]):
            found[names[layer.name]] = output
    return found


def _lasting_names(layers: list[Any]) -> dict[str, str]:
    """Return a name for each layer that is the same in every process.

    Keras numbers layers without a given name on through all networks of a process: activation_137 here is
    activation_3 when it is the third of its kind in its network.
    """
    names = {layer.name: layer.name for layer in layers}
    ranks: dict[str, int] = {}
    for layer in layers:
        kind = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", type(layer).__name__))
        kind = kind.casefold()
        if re.fullmatch(rf"{kind}(_\d+)?", layer.name):
            ranks[kind] = ranks.get(kind, 0) + 1
            names[layer.name] = f"{kind}_{ranks[kind]}"
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {own: own if name in twice else name for own, name in names.items()}


def _any_case(known: Mapping[str, str], wanted: str) -> str:
    same = {name for text, name in known.items() if text.casefold() == wanted.strip().casefold()}
    return same.pop() if len(same) == 1 else ""


def _close(wanted: str, names: list[str]) -> list[str]:
    text = wanted.strip().casefold()
    within = [name for name in names if text and text in name.casefold()]
    folded = {name.casefold(): name for name in names}
    alike = [folded[name] for name in difflib.get_close_matches(text, folded, _LISTED, _CLOSE)]
    return list(dict.fromkeys([*alike, *within]))[:_LISTED]


def _some(names: list[str]) -> str:
    return ", ".join(names if len(names) <= 2 * _LISTED else [*names[:_LISTED], "…", *names[-_LISTED:]])
