"""What a latency study leaves behind."""

from __future__ import annotations

from wizard.results_base import StepResult


class LatencyResult(StepResult):
    """How long networks need on this computer, and the sorting rates that this allows."""
