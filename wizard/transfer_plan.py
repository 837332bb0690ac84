"""Settings of Train about the first weights, and what keeps them."""

from __future__ import annotations

from typing import Literal

from wizard.settings import Lines, StepPlan, setting

_SECTION = "Start from a model"


class TransferPlan(StepPlan):
    """Where the weights come from, and which of them learn."""

    start: str = setting(
        "", "Start from", "A .cytomodel from whose weights the training starts; its classes and channels may differ.",
        special="empty = random first weights", kind="file", basic=False, section=_SECTION,
    )  # fmt: skip
    keep_optimizer: bool = setting(
        True, "Continue its training",
        "Go on with its last weights and the optimizer's state, where this project has them.",
        basic=False, section=_SECTION,
    )  # fmt: skip
    freeze: Literal["none", "stage 4", "stage 5", "pool"] = setting(
        "none",
        "Frozen part",
        "What keeps its weights: all layers up to and with this stage.",
        basic=False,
        section=_SECTION,
        labels={
            "none": "None: all layers learn",
            "stage 4": "Up to stage 4",
            "stage 5": "Up to stage 5",
            "pool": "All but the classes",
        },
    )
    freeze_layers: Lines = setting(
        [], "Frozen layers", "Further layers that keep their weights, by name; * stands for any letters.",
        special="empty = none", basic=False, section=_SECTION, example="stem_*; stage2_*",
    )  # fmt: skip
    unfreeze: Literal["never", "plateau"] = setting(
        "never",
        "Unfreeze",
        "Let one stage more learn, the last frozen one first, whenever nothing has improved for some epochs.",
        basic=False,
        section=_SECTION,
        labels={"never": "Never by itself", "plateau": "When nothing improves"},
    )
    unfreeze_patience: int = setting(
        5, "Unfreeze after", "Epochs without a lower validation loss before one stage more learns.",
        unit="epochs", basic=False, section=_SECTION, ge=1, le=1000,
    )  # fmt: skip
