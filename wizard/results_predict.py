"""What Predict leaves behind."""

from __future__ import annotations

from wizard.results_base import Gallery, StepResult


class PredictResult(StepResult):
    """Predictions of a model; the table is predictions.csv beside result.json."""

    model: str = ""
    data: str = ""
    n_cells: int = 0
    classes: list[str] = []
    counts: dict[str, int] = {}
    n_unsure: int = 0
    n_unfamiliar: int = 0
    threshold: float = 0.0
    engine: str = ""
    images_per_second: float = 0.0
    gallery: Gallery | None = None
