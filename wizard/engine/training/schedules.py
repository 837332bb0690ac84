"""Learning-rate schedules: factors of the plan's learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wizard.train_plan import TrainPlan

_LOWEST = 0.1
"""Of the cyclical schedule."""
_TINY = 1e-4
"""Relative fall of the validation loss that counts as one."""


def factor(plan: TrainPlan, share: float, epoch: float, drops: int = 0) -> float:
    """Return the factor at a share (0..1) of the training, at an epoch with fraction (from 0), after some drops."""
    match plan.schedule:
        case "one_cycle":
            return one_cycle(share)
        case "cosine":
            return float(0.5 * (1 + np.cos(np.pi * min(1.0, share))))
        case "plateau":
            return float(plan.plateau_factor**drops)
        case "cyclical":
            return triangle(epoch / plan.cycle)
        case "exponential":
            return float(plan.decay**epoch)
        case "constant":
            return 1.0


def one_cycle(share: float) -> float:
    """Return the factor at a share (0..1) of the training: a short rise, then a cosine to 0."""
    rise = 0.1
    if share < rise:
        return 0.05 + 0.95 * share / rise
    return float(0.5 * (1 + np.cos(np.pi * (share - rise) / (1 - rise))))


def triangle(cycles: float) -> float:
    """Return the factor after some cycles: a tenth, up to 1 in the middle, and down again (Smith 2017)."""
    within = cycles % 1.0
    return _LOWEST + (1 - _LOWEST) * (1 - abs(2 * within - 1))


@dataclass
class Plateau:
    """Counts the epochs without a lower loss; a drop each time the patience is over."""

    lowest: float = float("inf")
    waited: int = 0
    drops: int = 0

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Plateau:
        """Read what a checkpoint holds: infinity is stored as null."""
        lowest = stored.get("lowest")
        return cls(
            float("inf") if lowest is None else lowest, int(stored.get("waited", 0)), int(stored.get("drops", 0))
        )

    def note(self, loss: float, patience: int) -> None:
        """Take in the validation loss of an epoch."""
        if loss < self.lowest * (1 - _TINY):
            self.lowest, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= patience:
            self.drops, self.waited = self.drops + 1, 0
