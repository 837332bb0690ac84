"""Settings of Evaluate about explanations: where the network looks, and which channels it needs."""

from __future__ import annotations

from wizard.settings import StepPlan


class ExplainPlan(StepPlan):
    """Which cells and channels are explained, and how."""
