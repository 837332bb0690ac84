"""What Train leaves behind: the model's record, looks before it, comparisons."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from wizard.results_base import Channel, Estimate, PreviewCell, StepResult

CARD = "card.md"
"""The model card beside the result of Train."""


class FoldFigures(BaseModel):
    """One network of a cross-validation, judged on the part that it never saw."""

    fold: int
    """From 1."""
    n_train: int
    n_validation: int
    groups: list[str] = []
    """Values of the group in the validation part; none when it was drawn by cell."""
    epochs: int = 0
    best_epoch: int = 0
    loss: float = 0.0
    accuracy: float = 0.0
    balanced_accuracy: float = 0.0
    run: str = ""


class LayerFacts(BaseModel):
    """A layer with weights: its name, kind, output shape without the cells, weights, and whether it kept them."""

    name: str
    kind: str
    shape: list[int]
    parameters: int
    frozen: bool = False


class TrainResult(StepResult):
    """The model that was trained; `history` rows are in history.csv beside result.json."""

    model: str = ""
    """Path from the project folder."""
    model_id: str = ""
    network: str = ""
    network_title: str = ""
    parameters: int = 0
    target: str = ""
    classes: list[str] = []
    counts: dict[str, dict[str, int]] = {}
    """Class → {train, validation} → cells."""
    channels: list[Channel] = []
    frame: tuple[int, int] = (0, 0)
    epochs: int = 0
    best_epoch: int = 0
    ended_because: str = ""
    images_per_second: float = 0.0
    validation: dict[str, float] = {}
    """loss, accuracy, balanced_accuracy, n_cells of the best epoch."""
    validation_by: str = ""
    weak: bool = False
    """True when the target is a tag such as day or dose, not a class of cells."""
    history: list[dict[str, float]] = []
    adjustments: list[dict[str, Any]] = []
    """Settings changed while it ran: epoch (the first that they count for), setting, old, new, time."""
    run: str = ""
    """Name of its folder in `runs/`."""
    start: str = ""
    """The model that it started from, in words; empty for random first weights."""
    taken_back: bool = False
    """True when the model is that of a saved epoch of an earlier run."""
    layers: list[LayerFacts] = []
    folds: list[FoldFigures] = []
    """Empty for a single network."""
    cross_accuracy: Estimate | None = None
    """Over all training cells, each judged by the network that never saw it; None for a single network."""
    cross_balanced_accuracy: Estimate | None = None
    expected_seconds: list[float] = []
    """What was told before it began: at least, most likely, at most; empty where the speed was not known."""


class EstimateResult(StepResult):
    """How fast the chosen network trains on this computer, measured by some steps."""

    network: str = ""
    network_title: str = ""
    train_cells: int = 0
    validation_cells: int = 0
    classes: int = 0
    counted: str = ""
    """The settings on which these numbers depend."""
    images_per_second: float = 0.0
    epoch_seconds: float = 0.0
    epochs: list[int] = []
    """At least, most likely, at most."""
    expected_seconds: list[float] = []
    """From the start to the result: at least, most likely, at most."""
    measured_seconds: float = 0.0
    """What the measuring itself took, without the loading."""


class AugmentPreviewResult(StepResult):
    """Some training cells and what the augmentation makes of them: arrays `cell_I`, `copies_I` in preview.npz."""

    augmentation: str = ""
    normalisation: str = ""
    target: str = ""
    channels: list[Channel] = []
    cells: list[PreviewCell] = []


class RateResult(StepResult):
    """A sweep over learning rates: the smoothed loss at each, and the rate that is suggested."""

    suggestion: float = 0.0
    rates: list[float] = []
    losses: list[float] = []


class Candidate(BaseModel):
    """A training of a comparison, with its figures on the same validation cells."""

    network: str
    network_title: str
    learning_rate: float
    augmentation: str
    parameters: int = 0
    epochs: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    images_per_second: float = 0.0
    """In training."""
    loss: float = 0.0
    accuracy: float = 0.0
    balanced_accuracy: float = 0.0
    worse_by: float = 0.0
    """Mean loss of the validation cells above that of the lowest candidate, calibrated, paired by cell."""
    worse_error: float = 0.0
    """Standard error of `worse_by`."""
    run: str = ""
    failed: str = ""
    """Why it could not be trained; empty for a training that has figures."""


class CompareResult(StepResult):
    """Networks and settings trained for the same time on the same cells, and which is chosen."""

    candidates: list[Candidate] = []
    choice: int = -1
    """Place of the chosen candidate; -1 when none could be trained."""
    reason: str = ""
    minutes: float = 0.0
    target: str = ""
    n_train: int = 0
    n_validation: int = 0
    validation_by: str = ""
