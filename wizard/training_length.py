"""How many epochs a training has and how many cells a step takes, before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass

_SURE = 3
"""With at most so many times the patience, trainings of our data sets ran to their last epoch."""


def epoch_number(wanted: int, cells: int) -> int:
    """Return the number of epochs; 0 means fitted: few cells must be shown more often."""
    return wanted or min(150, 30 + round(70_000 / max(1, cells)))


def fitted_batch(cells: int) -> int:
    """Return the cells per step that suit a data set where the memory suffices: small ones need enough steps."""
    return next(size for size in (64, 32, 16, 8) if size == 8 or cells >= 40 * size // 2)


@dataclass(frozen=True)
class Epochs:
    """How many epochs are to be expected: ended early, usually, and at most."""

    low: int
    likely: int
    high: int


def expected_epochs(wanted: int, cells: int, patience: int) -> Epochs:
    """Return what early stopping leaves of the epochs: its wait begins when the network has learned most."""
    most = epoch_number(wanted, cells)
    low = min(most, patience + round(0.2 * most))
    return Epochs(low, most if most <= _SURE * patience else min(most, patience + round(0.5 * most)), most)
