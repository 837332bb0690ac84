"""A run beside the steps: which learning rate suits the cells and the network (Smith 2017)."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.train import prepare
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.failures import memory_in_words
from wizard.engine.training.feed import Batch
from wizard.engine.training.loop import Training
from wizard.project import Project
from wizard.reports import style
from wizard.results import RateResult
from wizard.train_plan import TrainPlan

_LOWEST, _HIGHEST, _STEPS = 1e-6, 1.0, 120
_MEMORY = 0.9
"""Share of the smoothed loss that is kept at each step."""
_TOO_MUCH = 3.0
"""The sweep ends where the loss is so many times its lowest."""


def lr_finder(plan: TrainPlan, project: Project, tell: Tell, folder: Path) -> RateResult:
    """Train for some steps while the learning rate rises from 1e-6 to 1, and suggest a rate; nothing is kept.

    Writes rates.csv and rates.png. Raises UserError where Train would, and when no rate lowers the loss.
    """
    tell.progress(0.0, "Opening the cells")
    training = prepare(plan, project, Checkpoints(project.training_dir), tell).training
    rates, losses = _sweep(training, plan, tell)
    best = suggestion(rates, losses)
    rows = list(zip(rates.tolist(), losses.tolist(), strict=True))
    fileio.write_csv(folder / "rates.csv", ["learning_rate", "loss"], rows)
    fileio.write_with(folder / "rates.png", partial(_draw, rates, losses, best))
    files = {"Loss by learning rate": "rates.csv", "Curve": "rates.png"}
    return RateResult(suggestion=best, rates=rates.tolist(), losses=losses.tolist(), files=files)


def _sweep(training: Training, plan: TrainPlan, tell: Tell) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rates = np.geomspace(_LOWEST, _HIGHEST, _STEPS)
    smooth, losses = 0.0, list[float]()
    with memory_in_words(training.batch), closing(_endless(training, plan)) as batches:
        for step, rate in enumerate(rates):
            tell.progress(step / _STEPS, f"Learning rate {rate:.1e}")
            training.learn.optimizer.learning_rate = rate
            loss, _ = training.learn(next(batches))
            smooth = _MEMORY * smooth + (1 - _MEMORY) * loss
            even = smooth / (1 - _MEMORY ** (step + 1))
            if not np.isfinite(even) or tell.should_stop() or (losses and even > _TOO_MUCH * min(losses)):
                break
            losses.append(even)
    return rates[: len(losses)], np.array(losses)


def _endless(training: Training, plan: TrainPlan) -> Generator[Batch, None, None]:
    weights = np.ones(len(training.task.names), np.float32)
    for epoch in itertools.count():
        order = training.feed.order(plan, epoch)
        with closing(training.feed.batches(order, min(training.batch, len(order)), plan, weights, epoch)) as batches:
            yield from batches


def suggestion(rates: NDArray[np.float64], losses: NDArray[np.float64]) -> float:
    """Return a fifth of the rate with the lowest smoothed loss, to one digit; raises UserError when none is lower.

    Smoothing shows a loss some steps late, so the lowest stands at a rate that is too large already.
    """
    if len(losses) < 2 or losses.min() > 0.98 * losses[0]:
        raise UserError(
            "No learning rate was found at which the network learns.",
            "The loss did not fall at any rate.",
            "Check the classes and the normalisation, or choose another network.",
        )
    return float(f"{rates[losses.argmin()] / 5:.0e}")


def _draw(rates: NDArray[np.float64], losses: NDArray[np.float64], best: float, path: Path) -> None:
    def draw(figure: Any) -> None:
        axis = figure.subplots()
        axis.semilogx(rates, losses, color=style.BLUE)
        axis.axvline(best, color=style.RED, linestyle="--", label=f"Suggested: {best:g}")
        axis.set(xlabel="Learning rate", ylabel="Loss (smoothed)")
        axis.legend()

    style.paint(path, (5.5, 4.0), draw)
