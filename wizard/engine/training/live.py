"""The settings of a running training, and what of the network follows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError
from wizard.engine.training import changes, recipe
from wizard.engine.training.freezing import Freezing
from wizard.engine.training.schedules import Plateau
from wizard.train_plan import TrainPlan

RENEWING = ("dropout", "freeze", "freeze_layers")
"""Settings after whose change the step must be compiled anew."""

Adjustments = list[dict[str, Any]]


class Live:
    """The plan with the changes made on the way; drop-out rates and frozen layers of the network follow it.

    `counts` are the training cells of each class in `names`. Raises UserError when the plan cannot be used.
    """

    def __init__(
        self, network: Any, plan: TrainPlan, stages: Mapping[str, str], counts: NDArray[np.int64], names: Sequence[str]
    ) -> None:
        self.plan = plan
        self.waiting = Plateau()
        """For the next unfreezing."""
        self._dropout = changes.DropOut(network)
        self._own_dropout = plan.dropout < 0
        self._freezing = Freezing(network, stages)
        self._counts, self._names = counts, names
        self._check_weights(plan)
        self._put()

    @property
    def without_dropout(self) -> bool:
        """True when the network has no drop-out that could be set."""
        return self._dropout.fixed

    def take(
        self, values: Mapping[str, Any], epoch: int, why: str = changes.SET
    ) -> tuple[Adjustments, list[str]]:  # fmt: skip
        """Take over new values of settings from an epoch on; return the adjustments, and refusals in words."""
        plan, made, refused = changes.changed(self.plan, values, epoch, why)
        checks: dict[tuple[str, ...], Callable[[TrainPlan], object]] = {
            ("dropout",): self._check_dropout,
            ("class_weights", "class_weight_values"): self._check_weights,
            ("freeze", "freeze_layers"): self._freezing.names,
        }
        for names, check in checks.items():
            if not any(change["setting"] in names for change in made):
                continue
            try:
                check(plan)
            except UserError as error:
                refused.append(" ".join(error.lines()))
                made = [change for change in made if change["setting"] not in names]
                for name in names:
                    plan = changes.with_value(plan, name, getattr(self.plan, name))
        if any(change["setting"] == "freeze" for change in made):
            self.waiting.waited = 0
        self.plan = plan
        self._put()
        return made, refused

    def unfreeze(self, loss: float, epoch: int) -> Adjustments:
        """Take in the validation loss; let more layers learn from `epoch` on when it has not fallen for long enough."""
        if self.plan.unfreeze == "never" or self.plan.freeze == "none":
            return []
        before = self.waiting.drops
        self.waiting.note(loss, self.plan.unfreeze_patience)
        if self.waiting.drops == before:
            return []
        made, _ = self.take({"freeze": self._freezing.next_stage(self.plan)}, epoch, changes.UNFROZEN)
        return made

    def restore(self, adjustments: Adjustments, waiting: Mapping[str, Any]) -> None:
        """Make the adjustments of an interrupted training again."""
        self.waiting = Plateau.of(waiting)
        for change in adjustments:
            self.plan = changes.with_value(self.plan, change["setting"], change["new"])
        self._put()

    def _put(self) -> None:
        self._dropout.set(self.plan.dropout)
        self._freezing.apply(self.plan)

    def _check_weights(self, plan: TrainPlan) -> None:
        recipe.class_weights(plan, self._counts, self._names)

    def _check_dropout(self, plan: TrainPlan) -> None:
        if self._dropout.fixed or (plan.dropout < 0 and not self._own_dropout):
            raise UserError("The network was built without such a drop-out, so it cannot be set while it trains.")
