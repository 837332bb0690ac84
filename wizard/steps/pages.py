"""Which page belongs to which step; each is loaded when it is first asked for, so that the window starts without."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tkinter as tk

    from wizard.steps.base import Page
    from wizard.steps.page import StepPage
    from wizard.steps.session import WindowProject


def _check() -> type[StepPage]:
    from wizard.steps.check import CheckPage

    return CheckPage


def _parse() -> type[StepPage]:
    from wizard.steps.parse import ParsePage

    return ParsePage


def _train() -> type[StepPage]:
    from wizard.steps.train import TrainPage

    return TrainPage


def _evaluate() -> type[StepPage]:
    from wizard.steps.evaluate import EvaluatePage

    return EvaluatePage


def _predict() -> type[StepPage]:
    from wizard.steps.predict import PredictPage

    return PredictPage


def _extract() -> type[StepPage]:
    from wizard.steps.extract import ExtractPage

    return ExtractPage


def _visualize() -> type[StepPage]:
    from wizard.steps.visualize import VisualizePage

    return VisualizePage


def _report() -> type[StepPage]:
    from wizard.steps.report import ReportPage

    return ReportPage


def _pass() -> type[Page]:
    from wizard.steps.pass_page import PassPage

    return PassPage


def _label_parse() -> type[StepPage]:
    from wizard.steps.label_parse import LabelParsePage

    return LabelParsePage


def _label_train() -> type[StepPage]:
    from wizard.steps.label_train import LabelTrainPage

    return LabelTrainPage


def _label_evaluate() -> type[StepPage]:
    from wizard.steps.label_evaluate import LabelEvaluatePage

    return LabelEvaluatePage


def _label_predict() -> type[StepPage]:
    from wizard.steps.label_predict import LabelPredictPage

    return LabelPredictPage


def _label_extract() -> type[StepPage]:
    from wizard.steps.label_extract import LabelExtractPage

    return LabelExtractPage


def _label_visualize() -> type[StepPage]:
    from wizard.steps.label_visualize import LabelVisualizePage

    return LabelVisualizePage


PAGES: dict[str, Callable[[], Callable[[tk.Misc, Any, WindowProject], Page]]] = {
    "check": _check,
    "parse": _parse,
    "train": _train,
    "evaluate": _evaluate,
    "predict": _predict,
    "extract": _extract,
    "visualize": _visualize,
    "report": _report,
    "pass": _pass,
    "label_parse": _label_parse,
    "label_train": _label_train,
    "label_evaluate": _label_evaluate,
    "label_predict": _label_predict,
    "label_extract": _label_extract,
    "label_visualize": _label_visualize,
}


def page_of(step: str) -> Callable[[tk.Misc, Any, WindowProject], Page]:
    """Return the page of a step."""
    return PAGES[step]()


def load() -> None:
    """Load all pages; may be called in a thread."""
    for page in PAGES.values():
        page()


def loaded(_nothing: None = None) -> None:
    """Keep the collector from looking through all that was loaded, each time it makes the window wait for it."""
    gc.freeze()


def left() -> None:
    """Let the collector look at everything again: the window is closed."""
    gc.unfreeze()
