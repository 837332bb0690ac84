"""What Evaluate leaves behind."""

from __future__ import annotations

from pydantic import BaseModel

from wizard.results_base import Estimate, Gallery, StepResult


class PerClass(BaseModel):
    """Figures of one class; None where they are not defined, e.g. AUC when the class or its complement is absent."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    auc: float | None
    specificity: float | None = None
    ap: float | None = None
    """Average precision: the area under the precision-recall curve."""


class ReliabilityBin(BaseModel):
    """Cells of like confidence: how often they should be right and how often they are (fractions)."""

    n_cells: int
    confidence: float
    accuracy: Estimate


class TagValue(BaseModel):
    """The figures on the cells that have one value of a tag."""

    value: str
    n_cells: int
    n_groups: int
    accuracy: Estimate
    balanced_accuracy: float | None
    below: bool = False
    """True when the whole interval lies below the accuracy on all cells."""


class Ordinal(BaseModel):
    """How well the predicted order follows a target whose classes are steps of a scale."""

    steps: Estimate
    """Mean absolute number of classes between the predicted and the true one."""
    within_one: Estimate
    """Share of cells predicted at most one class off."""
    spearman: Estimate
    kendall: Estimate
    """Rank correlations (-1..1) of the expected position with the true one; Kendall's is tau-b."""
    order: list[str] = []
    """Classes in their order."""
    expected: dict[str, Estimate] = {}
    """True class → mean expected position of its cells, counted from 1."""


class Rival(BaseModel):
    """A second model on the same cells. Differences are second minus first."""

    model: str
    accuracy: Estimate | None = None
    balanced_accuracy: Estimate | None = None
    macro_f1: Estimate | None = None
    differences: dict[str, Estimate] = {}
    """`accuracy`, `balanced_accuracy`, `macro_f1` → difference with its paired interval."""
    only_first_right: int = 0
    only_second_right: int = 0
    both_right: int = 0
    both_wrong: int = 0
    mcnemar_p: float | None = None
    """Two-sided exact p-value of McNemar's test; it takes cells as independent."""
    ece: float | None = None


class Leakage(BaseModel):
    """What the judged cells share with the cells that the model was trained on."""

    checked: str = ""
    """Which training cells were compared, in words; empty when they are not known here."""
    n_duplicates: int = 0
    duplicates: list[str] = []
    """The first of them: `source (object)` with its twin among the training cells."""
    group: str = ""
    shared_groups: list[str] = []
    n_in_shared_groups: int = 0
    accuracy_without: Estimate | None = None
    """Accuracy on the cells that share nothing; None when nothing is shared, or nothing is left."""
    n_without: int = 0


class EvaluateResult(StepResult):
    """Honest figures of a model on cells that it never saw."""

    model: str = ""
    data: str = ""
    """Which cells, in words."""
    target: str = ""
    n_cells: int = 0
    n_groups: int = 0
    split_by: str = ""
    interval_by: str = ""
    """`group` or `cell`: what the bootstrap drew."""
    classes: list[str] = []
    accuracy: Estimate | None = None
    balanced_accuracy: Estimate | None = None
    macro_f1: Estimate | None = None
    weighted_f1: Estimate | None = None
    mcc: Estimate | None = None
    """Matthews correlation coefficient for any number of classes (-1..1)."""
    per_class: dict[str, PerClass] = {}
    recall_intervals: dict[str, Estimate] = {}
    class_intervals: dict[str, dict[str, Estimate]] = {}
    """Class → figure of `PerClass` → the figure with its interval."""
    confusion: list[list[int]] = []
    """Counts: rows are true classes, columns predicted, both in the order of `classes`."""
    ece: float | None = None
    ece_before: float | None = None
    """Calibration error without temperature scaling."""
    temperature: float | None = None
    reliability: list[ReliabilityBin] = []
    reliability_before: list[ReliabilityBin] = []
    by_tag: dict[str, list[TagValue]] = {}
    """Tag → its values, the lowest accuracy first."""
    ordinal: Ordinal | None = None
    rival: Rival | None = None
    leakage: Leakage | None = None
    n_suspects: int = 0
    suspects: Gallery | None = None
    """Cells whose label may be wrong, most suspicious first; label = `labelled → looks like`."""
    engine: str = ""
    images_per_second: float = 0.0
    gallery: Gallery | None = None
    """Wrongly predicted cells, most confident first; label = `true → predicted`."""
    behind: Gallery | None = None
    """Cells of every field of the confusion matrix, also right ones, most confident first; labels as in `gallery`."""
