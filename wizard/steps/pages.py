"""Which page belongs to which step."""

from __future__ import annotations

from wizard.steps.check import CheckPage
from wizard.steps.evaluate import EvaluatePage
from wizard.steps.extract import ExtractPage
from wizard.steps.page import StepPage
from wizard.steps.parse import ParsePage
from wizard.steps.predict import PredictPage
from wizard.steps.report import ReportPage
from wizard.steps.train import TrainPage
from wizard.steps.visualize import VisualizePage

PAGES: dict[str, type[StepPage]] = {
    page.step: page
    for page in (
        CheckPage,
        ParsePage,
        TrainPage,
        EvaluatePage,
        PredictPage,
        ExtractPage,
        VisualizePage,
        ReportPage,
    )  # fmt: skip
}


def page_of(step: str) -> type[StepPage]:
    """Return the page of a step."""
    return PAGES[step]
