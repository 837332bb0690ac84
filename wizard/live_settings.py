"""Settings that may be changed while a training runs; light, so that the window can offer them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wizard.augmentation_plan import AugmentationPlan
from wizard.plan import step_settings
from wizard.settings import Setting
from wizard.train_plan import TrainPlan

LIVE = (
    "learning_rate", "schedule", "plateau_factor", "plateau_patience", "cycle", "decay", "augmentation",
    *AugmentationPlan.model_fields, "class_weights", "class_weight_values", "dropout", "batch", "epochs",
    "patience", "minutes", "label_smoothing", "mixup", "cutmix", "sampling", "cells_per_class",
    "freeze", "freeze_layers", "unfreeze", "unfreeze_patience",
)  # fmt: skip
"""Settings that a running training takes over, from its next epoch on."""

_FIRST = (
    "learning_rate", "schedule", "augmentation", "class_weights", "dropout", "freeze", "batch", "epochs", "patience",
    "minutes", "label_smoothing",
)  # fmt: skip
_SCHEDULE = "The schedule's own values"
_OF_SCHEDULE = ("plateau_factor", "plateau_patience", "cycle", "decay")


def live_settings() -> list[Setting]:
    """Return them as a form shows them: the most used ones first, then the others by section."""
    known = {item.name: item for item in step_settings("train")}
    first = [replace(known[name], basic=True, section="") for name in _FIRST]
    others = [
        replace(known[name], basic=False, section=_SCHEDULE if name in _OF_SCHEDULE else known[name].section)
        for name in LIVE
        if name not in _FIRST
    ]
    return first + others


def in_use(plan: TrainPlan, adjustments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the live settings by name as a training uses them: its plan, and what was changed since its start."""
    values = {name: getattr(plan, name) for name in LIVE}
    values.update({change["setting"]: change["new"] for change in adjustments if change["setting"] in LIVE})
    return values


def shown(item: Setting, value: Any) -> str:
    """Return a value in words, as a form names it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return "; ".join(str(part) for part in value) or "none"
    if item.choices:
        return item.choices.get(str(value), str(value)).split(":")[0]
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {item.unit}".strip()


def change_text(name: str, old: Any, new: Any) -> str:
    """Return a change in words, e.g. `Learning rate 0.002 → 0.001`."""
    item = next((item for item in step_settings("train") if item.name == name), None)
    if item is None:
        return f"{name} {old} \u2192 {new}"
    return f"{item.title} {shown(item, old)} \u2192 {shown(item, new)}"
