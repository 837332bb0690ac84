"""Settings of Predict."""

from __future__ import annotations

from wizard.model_plan import EngineName, ModelPlan, engine_setting
from wizard.settings import Paths, setting


class PredictPlan(ModelPlan):
    """A model and cells without labels to a table of predictions."""

    input: Paths = setting(
        [],
        "Images to predict",
        "Folders with cells whose class you want to know.",
        special="empty = all cells of this project",
        kind="paths",
    )
    unsure: float = setting(
        0.6,
        "Unsure below",
        "Cells whose most probable class has less than this probability are marked as unsure.",
        ge=0.0,
        le=1.0,
    )
    engine: EngineName = engine_setting()
