"""Every setting of Train."""

from __future__ import annotations

from typing import Literal

from wizard.augmentation_plan import AugmentationPlan
from wizard.settings import setting


class TrainPlan(AugmentationPlan):
    """A data set to a model."""

    target: str = setting(
        "auto",
        "Target",
        "The tag that the network learns to tell, e.g. class; day or dose for weakly supervised work.",
        special="auto = class, else the first tag with two values",
        kind="tag",
    )
    network: str = setting(
        "compact",
        "Network",
        "Compact trains in minutes on an office PC; ResNet50 is Deepometry's, about 40 times slower.",
        kind="choice",
        labels={"compact": "Compact (recommended)", "resnet50": "ResNet50"},
    )
    epochs: int = setting(
        0, "Epochs", "How often all training cells are shown, at most; training ends earlier when it gets worse.",
        special="0 = fitted to the number of cells", ge=0, le=2000,
    )  # fmt: skip
    minutes: float = setting(
        0.0, "Time limit", "Training ends in good order after this time.", unit="min",
        special="0 = no limit", ge=0.0,
    )  # fmt: skip
    augmentation: Literal["flow cell", "smear", "none"] = setting(
        "flow cell",
        "Augmentation",
        "Changes that do not alter the class, shown to the network so that it sees beyond them.",
        labels={
            "flow cell": "Flow cell: turns, flips, small shifts",
            "smear": "Smear: also brightness and contrast",
            "none": "None",
        },
    )
    class_weights: bool = setting(True, "Balance classes", "Rare classes count as much as common ones during training.")
    normalisation: Literal["mean_sd", "percentile", "per_cell"] = setting(
        "mean_sd",
        "Normalisation",
        "How grey levels become network input: per channel over all training cells, or per cell (loses "
        "absolute intensity).",
        basic=False,
        labels={
            "mean_sd": "Mean and SD of each channel",
            "percentile": "1st to 99th percentile of each channel",
            "per_cell": "Deepometry's stretch of each cell",
        },
    )
    validation: float = setting(
        0.2, "Validation share", "Share of the training cells that decides when to stop.",
        basic=False, ge=0.05, le=0.5,
    )  # fmt: skip
    patience: int = setting(
        30, "Patience", "Epochs in a row that are clearly worse than the best, after which training ends.",
        unit="epochs",
        basic=False, ge=1,
    )  # fmt: skip
    batch: int = setting(
        0, "Batch size", "Cells per training step.", unit="cells", special="0 = fitted to the number of cells",
        basic=False, ge=0, le=1024,
    )  # fmt: skip
    learning_rate: float = setting(
        0.002, "Learning rate", "Largest step size; it rises at first and falls to zero at the end.",
        basic=False, ge=1e-7, le=1.0,
    )  # fmt: skip
    label_smoothing: float = setting(
        0.05, "Label smoothing", "Doubt put into the labels; keeps the network from over-confidence.",
        basic=False, ge=0.0, le=0.5,
    )  # fmt: skip
    seed: int = setting(1, "Seed", "Start of all random choices of the training.", basic=False, ge=0)
