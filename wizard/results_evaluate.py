"""What Evaluate leaves behind."""

from __future__ import annotations

from pydantic import BaseModel

from wizard.results_base import Estimate, Gallery, StepResult


class PerClass(BaseModel):
    """Figures of one class; AUC is None when the class or its complement is absent."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    auc: float | None


class EvaluateResult(StepResult):
    """Honest figures of a model on cells that it never saw."""

    model: str = ""
    data: str = ""
    """Which cells, in words."""
    n_cells: int = 0
    n_groups: int = 0
    split_by: str = ""
    interval_by: str = ""
    """`group` or `cell`: what the bootstrap drew."""
    classes: list[str] = []
    accuracy: Estimate | None = None
    balanced_accuracy: Estimate | None = None
    macro_f1: Estimate | None = None
    per_class: dict[str, PerClass] = {}
    recall_intervals: dict[str, Estimate] = {}
    confusion: list[list[int]] = []
    """Counts: rows are true classes, columns predicted, both in the order of `classes`."""
    ece: float | None = None
    engine: str = ""
    images_per_second: float = 0.0
    gallery: Gallery | None = None
    """Wrongly predicted cells, most confident first; label = `true → predicted`."""
