"""The tabs of Train about more than one training: history, queue, comparison."""

from __future__ import annotations

from wizard.steps.train_augmented import AugmentedTab


class SeveralTabs(AugmentedTab):
    """A page with these tabs."""
