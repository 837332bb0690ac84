"""How long a training will take on this computer, told from measured speeds before it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wizard import speeds
from wizard.engine.data.tags import choose_target
from wizard.frame_size import sides
from wizard.project import Project
from wizard.results import EstimateResult, ParseResult
from wizard.speeds import Speed
from wizard.train_plan import TrainPlan
from wizard.training_length import expected_epochs, fitted_batch

ESTIMATE = "estimate"
"""The run that measures."""

_FASTER, _SLOWER = 0.8, 1.3
"""What the seconds of an epoch may become after a few measured steps: the computer has other work, too."""
_REAL_FASTER, _REAL_SLOWER = 0.9, 1.2
"""The same when they were taken from a whole training."""


@dataclass(frozen=True)
class Cells:
    """Cells of one network of a training: learned from, judged by, and classes among them."""

    train: int
    validation: int
    classes: int


@dataclass(frozen=True)
class Expected:
    """Seconds from the start of a training to its result: at least, most likely, at most."""

    low: float
    likely: float
    high: float
    epoch_seconds: float = 0.0
    epochs: int = 0
    """Most likely, of one network."""


def cells_of(project: Project, plan: TrainPlan) -> Cells | None:
    """Return how many cells a network would learn from; None without a data set or a target."""
    parsed: ParseResult | None = project.result("parse")
    target = choose_target(parsed.tags, plan.target) if parsed is not None else ""
    if parsed is None or not target:
        return None
    counted: EstimateResult | None = project.result(ESTIMATE)
    if counted is not None and counted.upstream.get("parse") == parsed.id and counted.counted == counting(plan, target):
        # Groups are not divided, so the true share of the validation cells may be another one.
        return Cells(counted.train_cells, counted.validation_cells, counted.classes)
    values = [name for name in parsed.tags.get(target, {}) if name]
    total = parsed.counts.get("train", 0)
    if target == parsed.target and parsed.classes:
        total = sum(count.get("train", 0) for name, count in parsed.classes.items() if name)
    elif parsed.n_cells:
        total = round(total * sum(parsed.tags[target][name] for name in values) / parsed.n_cells)
    held = round(total * (1 / plan.folds if plan.folds > 1 else plan.validation))
    return Cells(total - held, held, len(values))


def counting(plan: TrainPlan, target: str) -> str:
    """Return what the numbers of cells depend on."""
    return f"{target}, {plan.validation:g}, {plan.folds}, {plan.seed}"


def key_of(project: Project, plan: TrainPlan, cores: int) -> str:
    """Return what the speed of a plan is kept under; empty without a data set."""
    parsed: ParseResult | None = project.result("parse")
    cells = cells_of(project, plan)
    return "" if parsed is None or cells is None else key_for(plan, parsed, cells.train, cores)


def key_for(plan: TrainPlan, parsed: ParseResult, cells: int, cores: int) -> str:
    """Return what the speed of a plan is kept under when a network learns from so many cells."""
    height, width = sides(plan.crop) or parsed.frame
    batch = min(plan.batch or fitted_batch(cells), max(1, cells))
    return speeds.key(plan, (height, width, len(parsed.channels)), parsed.dtype, batch, cores)


def expected(project: Project, plan: TrainPlan, cores: int) -> Expected | None:
    """Return how long a training would take; None when this network was never measured on this computer."""
    cells = cells_of(project, plan)
    name = key_of(project, plan, cores)
    speed = speeds.find(name) if name else None
    return None if speed is None or cells is None else told(plan, cells, speed)


def told(plan: TrainPlan, cells: Cells, speed: Speed) -> Expected:
    """Return how long a training takes at a speed: fewer epochs where it may end early, the limit where there is one.

    A training ends between two epochs, so the time limit is passed by part of one.
    """
    shown = cells.classes * plan.cells_per_class if plan.sampling == "fixed" else cells.train
    each = speed.epoch_seconds(shown, cells.validation)
    epochs = expected_epochs(plan.epochs, cells.train, plan.patience)
    limit = plan.minutes * 60 / plan.folds if plan.minutes else math.inf
    faster, slower = (_REAL_FASTER, _REAL_SLOWER) if speed.real else (_FASTER, _SLOWER)

    def seconds(number: int, one: float, besides: float) -> float:
        within = number if math.isinf(limit) else min(number, math.ceil(limit / max(one, 1e-9)))
        return plan.folds * within * one + besides

    besides = speed.opening + speed.closing * plan.folds
    return Expected(
        seconds(epochs.low, each * faster, besides * faster), seconds(epochs.likely, each, besides),
        seconds(epochs.high, each * slower, besides * slower), each, epochs.likely,
    )  # fmt: skip


def stored_words(seconds: Sequence[float]) -> str:
    """Return what a result stored of an expectation in words; empty where nothing was known."""
    if len(seconds) != 3:
        return ""
    low, likely, high = seconds
    return in_words(Expected(low, likely, high))


def in_words(found: Expected) -> str:
    """Say it to the user, e.g. `About 4 min on this PC (3 to 8)`."""
    size, unit = (1, "s") if found.likely < 90 else (60, "min") if found.likely < 90 * 60 else (3600, "h")
    low, likely, high = (_rounded(value / size, unit) for value in (found.low, found.likely, found.high))
    if found.likely < 5:
        return "A few seconds on this PC"
    if low == high:
        return f"About {likely:g} {unit} on this PC"
    return f"About {likely:g} {unit} on this PC ({low:g} to {high:g})"


def _rounded(value: float, unit: str) -> float:
    if unit == "s":
        return max(5.0, 5.0 * round(value / 5))
    return round(value, 1) if value < 3 else float(round(value))
