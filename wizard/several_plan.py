"""Settings of Train about several networks: folds, comparison, saved epochs."""

from __future__ import annotations

from typing import Annotated, Literal

from wizard.network_names import TITLES
from wizard.settings import Listed, StepPlan, setting

_FOLDS, _COMPARISON, _SAVED = "Cross-validation", "Comparison", "Saved epochs"

COMPARED = ("fast", "balanced", "thorough", "resnet18", "resnet50", "mobilenetv2", "efficientnetb0")
"""Networks that a comparison may take."""


class SeveralPlan(StepPlan):
    """How many networks are trained, and what is kept of each."""

    folds: int = setting(
        1, "Networks", "More than one: each is validated on another part of the cells; together they are one model.",
        special="1 = one network", basic=False, section=_FOLDS, ge=1, le=10,
    )  # fmt: skip
    compare_networks: Annotated[
        list[Literal["fast", "balanced", "thorough", "resnet18", "resnet50", "mobilenetv2", "efficientnetb0"]], Listed
    ] = setting(
        ["fast", "balanced", "thorough"], "Networks to compare", "Each is trained on the same cells for the same time.",
        basic=False, section=_COMPARISON, labels={name: TITLES[name] for name in COMPARED},
    )  # fmt: skip
    compare_rates: Annotated[list[float], Listed] = setting(
        [0.002], "Learning rates to compare", "Each is tried with each network.",
        kind="text", takes="numbers above 0 with commas between them", basic=False, section=_COMPARISON,
        example="0.002, 0.0005",
    )  # fmt: skip
    compare_augmentations: Annotated[list[Literal["auto", "flow cell", "smear", "colour", "none"]], Listed] = setting(
        ["auto"], "Augmentations to compare", "Each is tried with each network and learning rate.",
        basic=False, section=_COMPARISON,
        labels={"auto": "Automatic", "flow cell": "Flow cell", "smear": "Smear", "colour": "Colour", "none": "None"},
    )  # fmt: skip
    compare_minutes: float = setting(
        10.0, "Time for the comparison", "All trainings of the comparison together; each gets the same share.",
        unit="min", basic=False, section=_COMPARISON, ge=0.1, le=10_000,
    )  # fmt: skip
    save_epochs: int = setting(
        0, "Saved every", "The weights of every so many epochs are kept, so that the history can take them back.",
        unit="epochs", special="0 = about ten over the training", basic=False, section=_SAVED, ge=0, le=2000,
    )  # fmt: skip
