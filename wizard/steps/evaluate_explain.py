"""Explanations on the page of Evaluate."""

from __future__ import annotations

from wizard.steps.evaluate_latency import LatencyTab


class ExplainTab(LatencyTab):
    """Adds explanations to a page."""
