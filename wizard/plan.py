"""Every setting of every step, declared once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ConfigDict, ValidationError
from tomlkit.exceptions import TOMLKitError

from wizard.engine.errors import UserError
from wizard.evaluate_plan import EvaluatePlan
from wizard.explain_plan import ExplainPlan
from wizard.extract_plan import ExtractPlan
from wizard.label_plan import LabelParsePlan, LabelTrainPlan, TaskPlan
from wizard.label_use_plan import LabelEvaluatePlan, LabelExtractPlan, LabelPredictPlan, LabelVisualizePlan
from wizard.latency_plan import LatencyPlan
from wizard.parse_plan import ParsePlan
from wizard.predict_plan import PredictPlan
from wizard.report_plan import ReportPlan
from wizard.settings import Setting, StepPlan, refusal, settings_of
from wizard.several_plan import SeveralPlan
from wizard.train_plan import TrainPlan
from wizard.visualize_plan import VisualizePlan

STEPS = ("check", "parse", "train", "evaluate", "predict", "extract", "visualize")
"""The seven steps in their order; `check` has no settings."""

TITLES = {
    "check": "Install check",
    "parse": "Parse",
    "train": "Train",
    "evaluate": "Evaluate",
    "predict": "Predict",
    "extract": "Extract",
    "visualize": "Visualize",
    "survey": "Look through the images",
    "lr_finder": "Find the learning rate",
    "estimate": "Estimate the time",
    "augment_preview": "Augmented cells",
    "compare": "Compare networks",
    "explain": "Explain the model",
    "latency": "Latency study",
    "report": "Report",
    "watching": "Watch a folder",
    "model_export": "Export the model",
    "label_parse": "Parse fields of view",
    "label_train": "Train on stains",
    "label_evaluate": "Evaluate stains",
    "label_predict": "Predict stains",
    "label_extract": "Extract features of pictures",
    "label_visualize": "Visualize stains",
    "label_compare": "Compare heads",
    "label_look": "Look through the pictures",
}

LABEL = "label_"
"""Stands before a step's name where the task is to predict a stain."""

LABEL_STEPS = tuple(f"{LABEL}{step}" for step in STEPS[1:])
"""The steps of in silico labeling; they mean the same as those for cells."""


def steps_of(task: str) -> tuple[str, ...]:
    """Return the seven steps of a task (`cells` or `stain`)."""
    return STEPS if task == "cells" else (STEPS[0], *LABEL_STEPS)


def plain(step: str) -> str:
    """Return what a step is called among the seven: `train` for `label_train`."""
    return step.removeprefix(LABEL)


PLAN_OF = {
    "survey": "parse", "augment_preview": "train", "lr_finder": "train", "estimate": "train", "compare": "train",
    "explain": "evaluate", "latency": "evaluate", "watching": "predict", "model_export": "train",
    "label_compare": "label_train", "label_look": "label_parse",
}  # fmt: skip
"""Runs that are no step of their own → the step whose settings they use."""


class Plan(BaseModel):
    """All settings of a project."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parse: ParsePlan = ParsePlan()
    train: TrainPlan = TrainPlan()
    evaluate: EvaluatePlan = EvaluatePlan()
    predict: PredictPlan = PredictPlan()
    extract: ExtractPlan = ExtractPlan()
    visualize: VisualizePlan = VisualizePlan()
    report: ReportPlan = ReportPlan()
    project: TaskPlan = TaskPlan()
    label_parse: LabelParsePlan = LabelParsePlan()
    label_train: LabelTrainPlan = LabelTrainPlan()
    label_evaluate: LabelEvaluatePlan = LabelEvaluatePlan()
    label_predict: LabelPredictPlan = LabelPredictPlan()
    label_extract: LabelExtractPlan = LabelExtractPlan()
    label_visualize: LabelVisualizePlan = LabelVisualizePlan()

    def with_values(self, values: dict[str, Any]) -> Plan:
        """Return a plan with settings changed by full name, e.g. {"parse.frame": "48"}.

        Raises UserError for an unknown name or a value out of bounds.
        """
        sections = self.model_dump()
        for key, value in values.items():
            step, _, name = key.partition(".")
            if step not in sections:
                raise UserError(
                    f"There is no setting called {key}.",
                    "A setting is named STEP.FIELD, for example parse.frame.",
                    f"The steps with settings are: {', '.join(MODELS)}.",
                )
            sections[step][name] = value
        return plan_from(sections)


MODELS: dict[str, type[StepPlan]] = {
    "parse": ParsePlan,
    "train": TrainPlan,
    "evaluate": EvaluatePlan,
    "predict": PredictPlan,
    "extract": ExtractPlan,
    "visualize": VisualizePlan,
    "report": ReportPlan,
}
"""Parts of every plan."""

LABEL_MODELS: dict[str, type[StepPlan]] = {
    "project": TaskPlan,
    "label_parse": LabelParsePlan,
    "label_train": LabelTrainPlan,
    "label_evaluate": LabelEvaluatePlan,
    "label_predict": LabelPredictPlan,
    "label_extract": LabelExtractPlan,
    "label_visualize": LabelVisualizePlan,
}
"""Parts that only a project for stains has; in one for cells they keep their defaults and are not shown."""

_ALL = MODELS | LABEL_MODELS


def step_settings(step: str) -> list[Setting]:
    """Return the settings of a step in the order in which a form shows them (none for `check`)."""
    return list(settings_of(step, _ALL[step])) if step in _ALL else []


def plan_from(sections: dict[str, Any]) -> Plan:
    """Build a plan from nested dictionaries; raises UserError that names the wrong setting."""
    parts: dict[str, StepPlan] = {}
    for step, values in sections.items():
        if step not in _ALL or not isinstance(values, dict):
            raise UserError(
                f"The plan has an unknown part called {step!r}.", "", f"Its parts are: {', '.join(MODELS)}."
            )
        try:
            parts[step] = _ALL[step](**values)
        except ValidationError as error:
            raise refusal(step, _ALL[step], error) from None
    return Plan(**parts)  # type: ignore[arg-type]


NOT_COUNTING = tuple(
    name for part in (SeveralPlan, ExplainPlan, LatencyPlan) for name in part.model_fields if name != "folds"
) + ("heads", "compare_minutes")
"""Settings on which no result of a step depends."""


_hashed: list[tuple[Plan, dict[str, str]]] = []
"""The plan asked about last and its hashes: a window asks for all of them after every event."""


def settings_hash(plan: Plan, step: str) -> str:
    """Return 16 hex digits that change when a setting of the step changes."""
    if not _hashed or _hashed[0][0] is not plan:
        _hashed[:] = [(plan, {})]
    known = _hashed[0][1]
    if step not in known:
        part = PLAN_OF.get(step, step)
        values = getattr(plan, part).model_dump(exclude=set(NOT_COUNTING)) if part in _ALL else {}
        known[step] = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    return known[step]


def to_toml(plan: Plan) -> str:
    """Write a plan as TOML, each setting under a comment that explains it."""
    document = tomlkit.document()
    document.add(tomlkit.comment("CytoWizard plan: every setting of every step."))
    for step in _ALL if plan.project.task == "stain" else MODELS:
        table = tomlkit.table()
        values = getattr(plan, step).model_dump()
        for item in step_settings(step):
            unit = f" [{item.unit}]" if item.unit else ""
            special = f" ({item.special})" if item.special else ""
            table.add(tomlkit.comment(f"{item.title}{unit}: {item.help}{special}"))
            table.add(item.name, values[item.name])
        document.add(tomlkit.nl())
        document.add(step, table)
    return tomlkit.dumps(document)


def read_toml(path: Path) -> Plan:
    """Read a plan from TOML; raises UserError with the file's name when it cannot be used."""
    try:
        sections = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise UserError(
            f"The plan {path.name} cannot be read.", f"{error}.", "Mend the file or start from a new plan."
        ) from None
    return plan_from(sections)
