"""Settings that may be changed while a training runs, from the next epoch on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from wizard.engine.backend import keras
from wizard.live_settings import LIVE, change_text
from wizard.project import now
from wizard.settings import refusal
from wizard.train_plan import TrainPlan

COLUMNS = ("epoch", "setting", "old", "new", "time", "why")
"""Of an adjustment: from which epoch on, which setting, from what, to what, when (UTC), and why."""

SET, KEPT, UNFROZEN = "set while it ran", "kept from the network before", "nothing had improved"
"""Why a setting was changed."""


def changed(
    plan: TrainPlan, values: Mapping[str, Any], epoch: int, why: str = SET
) -> tuple[TrainPlan, list[dict[str, Any]], list[str]]:
    """Return the plan with `values` (by name, with or without `train.`), the adjustments, and refusals in words."""
    made: list[dict[str, Any]] = []
    refused: list[str] = []
    for key, value in values.items():
        name = key.removeprefix("train.")
        if name not in LIVE:
            refused.append(f"{name} cannot be changed while the training runs.")
            continue
        try:
            new = with_value(plan, name, value)
        except ValidationError as error:
            refused.append(" ".join(refusal("train", TrainPlan, error).lines()))
            continue
        before, after = getattr(plan, name), getattr(new, name)
        if before != after:
            made.append({"epoch": epoch, "setting": name, "old": before, "new": after, "time": now(), "why": why})
            plan = new
    return plan, made, refused


def to_keep(adjustments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the user had set by the end of a training, by name, for the next network of the same training."""
    return {str(made["setting"]): made["new"] for made in adjustments if made.get("why") != UNFROZEN}


def with_value(plan: TrainPlan, name: str, value: Any) -> TrainPlan:
    """Return a plan with one setting changed; raises pydantic's ValidationError."""
    return TrainPlan(**{**plan.model_dump(), name: value})


def words(change: Mapping[str, Any]) -> str:
    """Say an adjustment to the user, e.g. `From epoch 7 on: Learning rate 0.002 → 0.001.`"""
    return f"From epoch {change['epoch']} on: {change_text(change['setting'], change['old'], change['new'])}."


class DropOut:
    """The drop-out layers of a network, with the rates that it was built with."""

    def __init__(self, network: Any) -> None:
        self._layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
        self._own = [layer.rate for layer in self._layers]

    @property
    def fixed(self) -> bool:
        """True when the network was built without drop-out, so that none can be set later."""
        return not any(self._own)

    def set(self, rate: float) -> None:
        """Set the rate of every drop-out layer; below 0 the network's own. A compiled step must be compiled anew."""
        for layer, own in zip(self._layers, self._own, strict=True):
            layer.rate = own if rate < 0 or not own else rate
