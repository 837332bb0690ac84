"""How long a training will take on this computer, measured by a few real steps."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from wizard.engine import inference
from wizard.engine.calibration import fit_temperature
from wizard.engine.data import normalisation
from wizard.engine.training import checkpoint, judging, recipe
from wizard.engine.training.failures import memory_in_words
from wizard.engine.training.feed import Batch
from wizard.engine.training.loop import Training

_AHEAD = 5
"""Steps before the clock starts: the first compiles, and some batches are ready before they are asked for."""
_STEPS = 6
"""Steps that are enough for a word at the start of a training."""
_SAVES = 2
_JUDGED = 512
"""Validation cells that are judged to see how fast that goes, at most."""


@dataclass(frozen=True)
class Timing:
    """What was measured: training cells a second, and seconds with validation."""

    images_per_second: float
    seconds_per_epoch: float
    epochs: int
    """Epochs that are left, at most."""
    judge: float = 0.0
    """Seconds to judge a validation cell."""
    besides: float = 0.0
    """Seconds of an epoch that are neither learning nor judging."""
    first: float = 0.0
    """Seconds of the steps before the clock started."""

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


def measure(training: Training, least: float = 0.0, most: float = 2.0, scratch: Path | None = None) -> Timing:
    """Make a few steps and validate a few cells, then put everything back as it was.

    Steps are made for `least` to `most` seconds. In the folder `scratch` checkpoints are tried; they count then.
    """
    net, task, plan = training.network, training.task, training.plan
    optimizer = training.learn.optimizer
    before = {name: value.copy() for name, value in checkpoint.arrays_of(net, optimizer).items()}
    order = training.feed.order(plan, training.state.epoch)
    size = min(training.batch, len(order))
    weights = np.ones(len(task.names), np.float32)

    def endless() -> Generator[Batch, None, None]:
        while True:
            with closing(training.feed.batches(order, size, plan, weights, training.state.epoch)) as batches:
                yield from batches

    with memory_in_words(size), closing(endless()) as batches:
        began = time.monotonic()
        for step in range(_AHEAD):
            if step and time.monotonic() - began > most:
                break
            training.learn(next(batches))
        first = time.monotonic() - began
        began, steps = time.monotonic(), 0
        while not steps or ((steps < _STEPS or _since(began) < least) and _since(began) < most):
            training.learn(next(batches))
            steps += 1
        each = _since(began) / steps
        judge = _judge_seconds(training)
    besides = _figures_seconds(training) + (0.0 if scratch is None else _saving_seconds(training, scratch))
    checkpoint.restore(net, optimizer, before)
    per_epoch = each * max(1, len(order) // size) + judge * len(task.val_rows) + besides
    left = max(0, recipe.epoch_number(plan.epochs, len(task.train_rows)) - training.state.epoch)
    return Timing(size / each, per_epoch, left, judge, besides, first)


def _since(began: float) -> float:
    return time.monotonic() - began


def _judge_seconds(training: Training) -> float:
    """Return the seconds for a validation cell."""
    rows = training.task.val_rows[:_JUDGED]

    def once() -> float:
        began = time.monotonic()
        for start in range(0, len(rows), inference.BATCH):
            some = training.task.data.load(rows[start : start + inference.BATCH])
            training.forward(normalisation.apply(some, training.task.constants))
        return _since(began)

    once()
    return once() / max(1, len(rows))


def _figures_seconds(training: Training) -> float:
    """Return the seconds for the figures of all validation cells, tried on made-up answers of a network."""
    task = training.task
    weights = np.ones(len(task.names), np.float32)
    logits = np.random.default_rng(0).normal(size=(len(task.val_rows), len(task.names))).astype(np.float32)
    logits[np.arange(len(logits)), task.val_classes] += 1

    def once() -> float:
        began = time.monotonic()
        fit_temperature(logits, task.val_classes)
        judging.validation_figures(logits, task.val_classes, weights, task.names)
        return _since(began)

    return min(once(), once())


def _saving_seconds(training: Training, folder: Path) -> float:
    """Return the seconds for a checkpoint."""
    files = checkpoint.Checkpoints(folder)
    state = replace(training.state)
    began = time.monotonic()
    for _ in range(_SAVES):
        files.save(state, checkpoint.arrays_of(training.network, training.learn.optimizer), is_best=True)
    seconds = _since(began) / _SAVES
    for path in folder.glob("checkpoint_*"):
        path.unlink()
    return seconds
