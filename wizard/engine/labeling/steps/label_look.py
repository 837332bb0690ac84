"""A look through the pictures: which fields of view are there, and what the preparation does to one of them."""

from __future__ import annotations

from pathlib import Path

from wizard.engine.events import Tell
from wizard.engine.labeling.steps.label_parse import PREVIEW, look_through, measured, preview, single_fields
from wizard.label_plan import LabelParsePlan
from wizard.project import Project
from wizard.results import LabelLookResult


def label_look(plan: LabelParsePlan, project: Project, tell: Tell, folder: Path) -> LabelLookResult:
    """Find the fields of view and draw the preparation of the first stained one; nothing is stored.

    Raises UserError, with the file's name, when nothing can be learnt from the pictures.
    """
    survey, _layout = look_through(plan, tell)
    tell.progress(0.3, "Preparing one field")
    how = measured(plan, survey)
    first = next(one for one in single_fields(survey) if one.targets)
    shown = preview(first, how, folder)
    return LabelLookResult(
        n_fields=len(survey.fields), names=[one.name for one in survey.fields], planes=how.planes,
        labels={label: sum(label in one.targets for one in survey.fields) for label in survey.labels},
        picture=PREVIEW, previewed=shown, skipped=survey.skipped, cues=survey.cues,
    )  # fmt: skip
