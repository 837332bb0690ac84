"""How long a training will take on this computer, measured by a few real steps."""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from wizard.engine import inference
from wizard.engine.data import normalisation
from wizard.engine.training import checkpoint, recipe
from wizard.engine.training.failures import memory_in_words
from wizard.engine.training.feed import Batch
from wizard.engine.training.loop import Training

_SECONDS = 2.0
"""Time after which no further step is made."""
_STEPS = 6


@dataclass(frozen=True)
class Timing:
    """What was measured: training cells a second, and seconds with validation."""

    images_per_second: float
    seconds_per_epoch: float
    epochs: int
    """Epochs that are left, at most."""

    @property
    def seconds(self) -> float:
        """Seconds for all epochs that are left."""
        return self.seconds_per_epoch * self.epochs

    def words(self, minutes: float = 0.0) -> str:
        """Say it to the user; `minutes` is the time limit, 0 for none."""
        limit = f" The time limit ends it after {minutes:g} min." if 0 < minutes * 60 < self.seconds else ""
        return (
            f"About {duration(self.seconds)} on this computer: at most {self.epochs} epochs of "
            f"{duration(self.seconds_per_epoch)}, {self.images_per_second:.0f} cells a second. Training often ends "
            f"earlier.{limit}"
        )


def duration(seconds: float) -> str:
    """Return a duration in words, to the precision of an estimate."""
    if seconds < 1:
        return "less than a second"
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size:
            number = seconds / size
            text = f"{number:.1f}".removesuffix(".0") if number < 3 else f"{number:.0f}"
            return f"{text} {name}s"
    whole = max(1, round(seconds))
    return f"{whole} second{'s' if whole > 1 else ''}"


def measure(training: Training) -> Timing:
    """Make a few steps and validate a few cells, then put everything back as it was."""
    net, task, plan = training.network, training.task, training.plan
    optimizer = training.learn.optimizer
    before = {name: value.copy() for name, value in checkpoint.arrays_of(net, optimizer).items()}
    order = training.feed.order(plan, training.state.epoch)
    size = min(training.batch, len(order))
    weights = np.ones(len(task.names), np.float32)

    def endless() -> Generator[Batch, None, None]:
        while True:
            with closing(training.feed.batches(order, size, plan, weights, training.state.epoch)) as batches:
                yield from itertools.islice(batches, _STEPS + 1)

    with memory_in_words(size), closing(endless()) as batches:
        training.learn(next(batches))
        began, steps = time.monotonic(), 0
        while steps < _STEPS and time.monotonic() - began < _SECONDS:
            training.learn(next(batches))
            steps += 1
        each = (time.monotonic() - began) / steps
        judging = _judging_seconds(training)
    checkpoint.restore(net, optimizer, before)
    per_epoch = each * max(1, len(order) // size) + judging
    left = max(0, recipe.epoch_number(plan.epochs, len(task.train_rows)) - training.state.epoch)
    return Timing(size / each, per_epoch, left)


def _judging_seconds(training: Training) -> float:
    """Return the seconds for all validation cells."""
    rows = training.task.val_rows
    some = rows[: inference.BATCH]

    def once() -> float:
        began = time.monotonic()
        training.forward(normalisation.apply(training.task.data.load(some), training.task.constants))
        return time.monotonic() - began

    once()
    return once() * -(-len(rows) // inference.BATCH)
