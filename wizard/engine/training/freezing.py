"""Which layers of a network keep their weights while it trains."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from wizard.engine.errors import UserError
from wizard.train_plan import TrainPlan

ORDER = ("pool", "stage 5", "stage 4", "none")
"""Of unfreezing: from all but the classes to nothing."""
_NAMED = 12
"""Layers that a message lists."""


class Freezing:
    """Switches layers between learning and keeping their weights.

    Frozen batch norm normalises by its stored averages and does not change them (Keras' rule). Layers that the
    network itself was built to keep stay as they are. `stages` names the layer of each stage.
    """

    def __init__(self, network: Any, stages: Mapping[str, str]) -> None:
        self._network, self._stages = network, stages
        self._layers = [layer for layer in network.layers if layer.trainable and layer.weights]

    def names(self, plan: TrainPlan) -> set[str]:
        """Return the names of the layers with weights that a plan freezes.

        Raises UserError for an unknown name or stage, and when no layer would learn.
        """
        frozen = self._up_to(plan.freeze)
        for pattern in plan.freeze_layers:
            frozen |= self._named(pattern)
        if self._layers and all(layer.name in frozen for layer in self._layers):
            raise UserError(
                "All layers are frozen, so that nothing would learn.", "", "Freeze fewer layers, at least not the last."
            )
        return frozen

    def apply(self, plan: TrainPlan) -> None:
        """Freeze what a plan freezes and let all other layers learn; raises UserError as `names` does.

        A compiled step must be compiled anew.
        """
        frozen = self.names(plan)
        for layer in self._layers:
            layer.trainable = layer.name not in frozen

    def next_stage(self, plan: TrainPlan) -> str:
        """Return the next smaller frozen part in which more layers learn than in the plan's."""
        now = self._up_to(plan.freeze)
        later = ORDER[ORDER.index(plan.freeze) + 1 :]
        # Between the last stage and the pool there are often no weights.
        return next((stage for stage in later if self._up_to(stage) != now), "none")

    def _up_to(self, stage: str) -> set[str]:
        if stage == "none":
            return set()
        if stage not in self._stages:
            raise UserError(f"The network has no {stage} that could be frozen.", "", "Name the layers instead.")
        found = ancestors(self._network, self._stages[stage])
        return {layer.name for layer in self._layers if layer.name in found}

    def _named(self, pattern: str) -> set[str]:
        found = {layer.name for layer in self._layers if fnmatchcase(layer.name, pattern)}
        if not found:
            names = [layer.name for layer in self._layers]
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            raise UserError(
                f"No layer that learns is called {pattern!r}.",
                f"Layers of this network are: {', '.join(names[:_NAMED])}{more}.",
                "Use one of these names; * stands for any letters.",
            )
        return found


def remark(plan: TrainPlan) -> str:
    """Say that layers are frozen that have nothing to keep; empty when it is not so."""
    if plan.start or plan.imagenet or (plan.freeze == "none" and not plan.freeze_layers):
        return ""
    return "The frozen layers keep random weights: choose a model to start from, or freeze none."


def ancestors(network: Any, name: str) -> set[str]:
    """Return the names of a layer and of all layers on whose outputs it depends."""
    maker = {id(tensor): step for step in network.operations for tensor in as_list(step.output)}
    found: set[str] = set()
    waiting = [network.get_layer(name)]
    while waiting:
        step = waiting.pop()
        if step.name not in found:
            found.add(step.name)
            waiting += [maker[id(tensor)] for tensor in as_list(step.input)]
    return found


def as_list(tensors: Any) -> list[Any]:
    """Return one tensor or several as a list."""
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
