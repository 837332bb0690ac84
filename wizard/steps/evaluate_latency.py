"""The latency study on the page of Evaluate."""

from __future__ import annotations

from wizard.steps.page import StepPage


class LatencyTab(StepPage):
    """Adds the latency study to a page."""
