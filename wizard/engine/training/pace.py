"""How long a training takes as a whole: foretold from a few steps, and learned from trainings that ended."""

from __future__ import annotations

from wizard import speeds, training_time
from wizard.engine import processors
from wizard.engine.training.measure import Timing
from wizard.engine.training.outcome import sample
from wizard.engine.training.preparing import Prepared
from wizard.project import Project, now
from wizard.speeds import Speed
from wizard.train_plan import TrainPlan
from wizard.training_time import Cells, Expected

_WRITING = 3.0
"""Seconds for the model file, its card and the figures, until a whole training has told them."""


def counted(made: Prepared) -> Cells:
    """Return the numbers of cells of a network that is ready to learn."""
    return Cells(len(made.parts.train), len(made.parts.validation), len(made.parts.classes))


def foretold(made: Prepared, timing: Timing, opening: float) -> Speed:
    """Return the speed that some steps showed; `opening` are the seconds before them."""
    known = len(made.parts.validation) + len(sample(made.parts.train))
    return Speed(
        learn=1 / timing.images_per_second, judge=timing.judge, epoch=timing.besides,
        opening=opening + timing.first, closing=known * timing.judge + _WRITING,
    )  # fmt: skip


def learned(made: Prepared, timing: Timing, opening: float, closing: float) -> Speed | None:
    """Return the speed that a whole training had; None for one that is too short or was changed on the way.

    `opening` and `closing` are the seconds before its first and after its last epoch.
    """
    state, plan = made.training.state, made.training.plan
    if len(state.history) < 2 or state.adjustments:
        return None
    speed = sorted(row["images_per_second"] for row in state.history)[len(state.history) // 2]
    validation = len(made.parts.validation)
    left = max(0.0, state.seconds / len(state.history) - len(made.training.feed.order(plan, 0)) / speed)
    judge = min(timing.judge, left / max(1, validation))
    return Speed(
        learn=1 / speed, judge=judge, epoch=left - judge * validation, opening=opening, closing=closing, real=True
    )


def remember(project: Project, plan: TrainPlan, cells: Cells, speed: Speed | None) -> None:
    """Keep a speed for the estimates to come on this computer."""
    parsed = project.result("parse")
    if parsed is not None and speed is not None:
        name = training_time.key_for(plan, parsed, cells.train, processors.count())
        speeds.keep(name, speed.model_copy(update={"created": now()}))


def told_before(project: Project, plan: TrainPlan) -> Expected | None:
    """Return what the user could be told before the training was started."""
    return training_time.expected(project, plan, processors.count())


def told_now(made: Prepared, plan: TrainPlan, timing: Timing, opening: float) -> Expected:
    """Return what can be told when the training has just been started."""
    return training_time.told(plan, counted(made), foretold(made, timing, opening))


def seconds_of(found: Expected | None) -> list[float]:
    """Return an expectation as a result stores it."""
    return [] if found is None else [round(value, 1) for value in (found.low, found.likely, found.high)]
