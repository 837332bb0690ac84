"""Every setting of Train."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from wizard.augmentation_plan import AugmentationPlan
from wizard.frame_size import MOST, FrameSize
from wizard.network_names import labels as network_labels
from wizard.settings import Lines, setting
from wizard.several_plan import SeveralPlan
from wizard.transfer_plan import TransferPlan


def _named(value: Any) -> Any:
    """Read the yes and no of earlier plans."""
    words = {"true": "balanced", "yes": "balanced", "false": "none", "no": "none"}
    return words.get(str(value).strip().casefold(), value)


ClassWeights = Annotated[Literal["softened", "balanced", "none", "custom"], BeforeValidator(_named)]

_RECIPE, _CELLS = "Recipe", "Cells shown"


class TrainPlan(TransferPlan, SeveralPlan, AugmentationPlan):
    """A data set to a model."""

    target: str = setting(
        "auto",
        "Target",
        "The tag that the network learns to tell, e.g. class; day or dose for weakly supervised work.",
        special="auto = class, else the first tag with two values",
        kind="tag",
    )
    network: str = setting(
        "balanced",
        "Network",
        "Balanced trains in minutes on an office PC, Fast in less; Thorough and the larger ones take their time.",
        kind="choice",
        labels=network_labels(),
    )
    imagenet: str = setting(
        "", "ImageNet weights", "Keras' published file *_notop.h5 of the chosen network, from which training starts.",
        special="empty = random first weights", kind="file", basic=False, section="Network",
    )  # fmt: skip
    intensities: bool = setting(
        True, "Intensity figures", "Let our own networks see each channel's total and highest grey level directly.",
        basic=False, section="Network",
    )  # fmt: skip
    crop: FrameSize = setting(
        0, "Frame of the network", "Cells are turned in their larger frame, then cut to this: no corner is made up.",
        unit="px", special="0 = the whole frame", kind="whole", example="48 or 64x48", basic=False, section="Network",
        takes=f"0, a whole number from 16 to {MOST} px, or width x height of 16 to {MOST} px each",
    )  # fmt: skip
    epochs: int = setting(
        0, "Epochs", "How often all training cells are shown, at most; training ends earlier when it gets worse.",
        special="0 = fitted to the number of cells", ge=0, le=2000,
    )  # fmt: skip
    minutes: float = setting(
        0.0, "Time limit", "Training ends in good order after this time.", unit="min",
        special="0 = no limit", ge=0.0,
    )  # fmt: skip
    augmentation: Literal["auto", "flow cell", "smear", "colour", "none", "own"] = setting(
        "auto",
        "Augmentation",
        "Changes that do not alter the class, shown to the network so that it sees beyond them.",
        labels={
            "auto": "Automatic: flow cell; colour for colour images",
            "flow cell": "Flow cell: turns and shifts",
            "smear": "Smear: brightness as well",
            "colour": "Colour: hue as well",
            "none": "None",
            "own": "Own ranges, see Advanced",
        },
    )
    class_weights: ClassWeights = setting(
        "softened",
        "Balance classes",
        "How much rare classes count in training; Balanced finds more of their cells but mistakes more of the others.",
        kind="choice",
        labels={
            "softened": "Softened: rare classes count more",
            "balanced": "Balanced: all classes count the same",
            "none": "None: all cells alike",
            "custom": "Custom weights",
        },
    )
    normalisation: Literal[
        "mean_sd", "percentile", "per_cell", "deepometry", "none", "by_255", "image_sd", "all_sd"
    ] = setting(
        "mean_sd",
        "Normalisation",
        "How grey levels become network input: over all training cells, or in each cell (loses absolute intensity).",
        basic=False,
        labels={
            "mean_sd": "Mean and SD of each channel",
            "percentile": "1st to 99th percentile",
            "per_cell": "Stretch of each cell",
            "deepometry": "Deepometry's stretch",
            "none": "None: grey levels as they are",
            "by_255": "Divided by 255 (8 bit)",
            "image_sd": "Mean and SD of each cell",
            "all_sd": "One mean and SD for all",
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
        0.002, "Learning rate", "Largest step size; the schedule says how it changes.",
        basic=False, section=_RECIPE, ge=1e-7, le=1.0,
    )  # fmt: skip
    label_smoothing: float = setting(
        0.05, "Label smoothing", "Doubt put into the labels; keeps the network from over-confidence.",
        basic=False, section=_RECIPE, ge=0.0, le=0.5,
    )  # fmt: skip
    optimizer: Literal["adamw", "adam", "nadam", "sgd", "rmsprop"] = setting(
        "adamw",
        "Optimizer",
        "How steps are made from gradients; stochastic gradient descent needs a learning rate of about 0.05.",
        basic=False,
        section=_RECIPE,
        labels={
            "adamw": "AdamW (recommended)",
            "adam": "Adam (without weight decay)",
            "nadam": "Nadam",
            "sgd": "Stochastic gradient descent",
            "rmsprop": "RMSprop",
        },
    )
    weight_decay: float = setting(
        0.01, "Weight decay", "Pull of the weights towards zero, as a share of the learning rate per step.",
        basic=False, section=_RECIPE, ge=0.0, le=1.0,
    )  # fmt: skip
    momentum: float = setting(
        0.9, "Momentum", "Share of the last step kept in the next; for stochastic gradient descent and RMSprop.",
        basic=False, section=_RECIPE, ge=0.0, le=0.999,
    )  # fmt: skip
    nesterov: bool = setting(
        True, "Nesterov momentum", "Look ahead along the momentum; for stochastic gradient descent.",
        basic=False, section=_RECIPE,
    )  # fmt: skip
    gradient_clip: float = setting(
        5.0, "Gradient clipping", "Longest gradient of a step over all weights; 0 = not clipped.",
        basic=False, section=_RECIPE, ge=0.0, le=1e6,
    )  # fmt: skip
    loss: Literal["cross_entropy", "focal", "one_vs_rest"] = setting(
        "cross_entropy",
        "Loss",
        "What training makes small; probabilities are calibrated on validation cells whichever is chosen.",
        basic=False,
        section=_RECIPE,
        labels={
            "cross_entropy": "Cross-entropy (recommended)",
            "focal": "Focal: difficult cells count more",
            "one_vs_rest": "Binary: each class against the rest",
        },
    )
    focal_gamma: float = setting(
        2.0, "Focal exponent", "How little easy cells count in the focal loss; 0 is cross-entropy.",
        basic=False, section=_RECIPE, ge=0.0, le=10.0,
    )  # fmt: skip
    schedule: Literal["one_cycle", "cosine", "plateau", "cyclical", "exponential", "constant"] = setting(
        "one_cycle",
        "Schedule",
        "How the learning rate changes while the training runs.",
        basic=False,
        section=_RECIPE,
        labels={
            "one_cycle": "One cycle: a short rise, then a fall to zero",
            "cosine": "Cosine: a fall to zero",
            "plateau": "Plateau: lower when nothing improves",
            "cyclical": "Cyclical: up and down (triangular)",
            "exponential": "Exponential: lower by the same share each epoch",
            "constant": "Constant",
        },
    )
    plateau_factor: float = setting(
        0.3, "Plateau factor", "Plateau schedule: what the learning rate is multiplied by.",
        basic=False, section=_RECIPE, ge=0.01, le=0.99,
    )  # fmt: skip
    plateau_patience: int = setting(
        5, "Plateau patience", "Plateau schedule: epochs without a lower validation loss before the rate is lowered.",
        unit="epochs", basic=False, section=_RECIPE, ge=1, le=1000,
    )  # fmt: skip
    cycle: int = setting(
        8, "Cycle", "Cyclical schedule: epochs from one lowest rate (a tenth) to the next.",
        unit="epochs", basic=False, section=_RECIPE, ge=1, le=1000,
    )  # fmt: skip
    decay: float = setting(
        0.95, "Decay per epoch", "Exponential schedule: the learning rate's factor from one epoch to the next.",
        basic=False, section=_RECIPE, ge=0.01, le=1.0,
    )  # fmt: skip
    averaging: Literal["none", "ema", "swa"] = setting(
        "none",
        "Weight averaging",
        "Judge and keep averaged weights instead of the last ones.",
        basic=False,
        section=_RECIPE,
        labels={
            "none": "None",
            "ema": "Moving average over the steps",
            "swa": "Mean of the last epochs (stochastic weight averaging)",
        },
    )
    ema_decay: float = setting(
        0.995, "Moving average's memory", "Share of the average kept at each step; less during the first steps.",
        basic=False, section=_RECIPE, ge=0.5, le=0.99999,
    )  # fmt: skip
    swa_share: float = setting(
        0.25, "Epochs averaged", "Last share of the epochs whose weights are averaged; the learning rate stays there.",
        basic=False, section=_RECIPE, ge=0.05, le=0.9,
    )  # fmt: skip
    dropout: float = setting(
        -1.0, "Drop-out", "Share of features hidden at random before the classes.",
        special="-1 = the network's own", basic=False, section=_RECIPE, ge=-1.0, le=0.9,
    )  # fmt: skip
    mixup: float = setting(
        0.0, "Mixup", "Blend pairs of cells and of their classes: the alpha of the Beta distribution; 0 = off.",
        basic=False, section=_CELLS, ge=0.0, le=10.0,
    )  # fmt: skip
    cutmix: float = setting(
        0.0, "CutMix", "Paste a part of another cell and of its class: the alpha of the Beta distribution; 0 = off.",
        basic=False, section=_CELLS, ge=0.0, le=10.0,
    )  # fmt: skip
    class_weight_values: Lines = setting(
        [], "Custom class weights", "Weights for Custom above; classes that are not named count 1.",
        basic=False, section=_CELLS, example="G1 = 2; Anaphase = 10",
    )  # fmt: skip
    sampling: Literal["all", "equal", "fixed"] = setting(
        "all",
        "Cells per epoch",
        "Which training cells an epoch shows; none comes again before all of its class have been shown.",
        basic=False,
        section=_CELLS,
        labels={
            "all": "All cells",
            "equal": "As many of each class, as many in all as there are cells",
            "fixed": "The number below of each class",
        },
    )
    cells_per_class: int = setting(
        100, "Cells of each class", "For a fixed number of cells per class and epoch.",
        unit="cells", basic=False, section=_CELLS, ge=1, le=10_000_000,
    )  # fmt: skip
    deterministic: bool = setting(
        False, "Deterministic", "The same weights to the last bit in each run on one computer; slower (one thread).",
        basic=False, section=_RECIPE,
    )  # fmt: skip
    seed: int = setting(1, "Seed", "Start of all random choices of the training.", basic=False, ge=0)
