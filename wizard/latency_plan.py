"""Settings of Evaluate about the latency study."""

from __future__ import annotations

from wizard.settings import StepPlan


class LatencyPlan(StepPlan):
    """Which networks, channels and precisions are timed."""
