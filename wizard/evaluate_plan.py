"""Settings of Evaluate."""

from __future__ import annotations

from wizard.explain_plan import ExplainPlan
from wizard.latency_plan import LatencyPlan
from wizard.model_plan import EngineName, ModelPlan, engine_setting
from wizard.settings import Paths, setting


class EvaluatePlan(LatencyPlan, ExplainPlan, ModelPlan):
    """A model and labelled cells to honest figures."""

    input: Paths = setting(
        [],
        "Other labelled images",
        "Folders with labelled cells that were not used before.",
        special="empty = the hold-out cells of this project",
        kind="paths",
    )
    second_model: str = setting(
        "", "Second model", "A .cytomodel file that is compared with the model on the same cells.",
        basic=False, special="empty = no comparison", kind="file",
    )  # fmt: skip
    bootstrap: int = setting(
        1000, "Bootstrap rounds", "Repetitions from which the 95 % intervals are computed.",
        basic=False, ge=100, le=20000,
    )  # fmt: skip
    seed: int = setting(1, "Seed", "Start of the bootstrap.", basic=False, ge=0)
    engine: EngineName = engine_setting()
