"""The settings of Train that change the training images."""

from __future__ import annotations

from wizard.settings import StepPlan


class AugmentationPlan(StepPlan):
    """The ranges of the random changes, each on its own."""
