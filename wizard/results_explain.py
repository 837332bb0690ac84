"""What an explanation of a model leaves behind."""

from __future__ import annotations

from wizard.results_base import StepResult


class ExplainResult(StepResult):
    """Where the network looks, and which channels it needs."""

    model: str = ""
