"""The training loop: epochs over augmented cells, validation, early stopping, checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from wizard.engine.backend import keras
from wizard.engine.calibration import fit_temperature
from wizard.engine.data import normalisation
from wizard.engine.data.augmentation import PRESETS, augment
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.inference import Inference
from wizard.engine.inference import run as run_inference
from wizard.engine.model import set_weights, weights_of
from wizard.engine.training import checkpoint
from wizard.engine.training.checkpoint import Arrays, Checkpoints, TrainingState
from wizard.train_plan import TrainPlan

_LOSSES = "validation/losses"
_SMOOTHING = 0.8
_IN_MEMORY = 2 * 2**30
"""Bytes of training images that are kept in memory; more are read batch by batch."""


@dataclass(frozen=True)
class Task:
    """What is to be learned: rows and class numbers of training and validation cells."""

    data: DataSet
    train_rows: NDArray[np.int64]
    train_classes: NDArray[np.int64]
    val_rows: NDArray[np.int64]
    val_classes: NDArray[np.int64]
    n_classes: int
    constants: dict[str, Any]


@dataclass(frozen=True)
class Hooks:
    """How the loop talks: `tick(share, label)` often, `epoch(row)` after each, `stop()` when asked to end."""

    tick: Callable[[float, str], None]
    epoch: Callable[[dict[str, float]], None]
    stop: Callable[[], bool]


class Training:
    """One training run, able to start from a checkpoint and to give back its best weights."""

    def __init__(self, network: Any, task: Task, plan: TrainPlan, files: Checkpoints, fingerprint: str) -> None:
        self.network = network
        self.task = task
        self.plan = plan
        self.files = files
        self.state = TrainingState(fingerprint)
        self.batch = batch_size(plan.batch, len(task.train_rows))
        self.epochs = epoch_number(plan.epochs, len(task.train_rows))
        self.steps = max(1, len(task.train_rows) // self.batch)
        self.best: Arrays = weights_of(network)
        self._smooth = self._lowest = np.zeros(len(task.val_rows))
        """Loss of every validation cell, smoothed over the epochs: now, and when its mean was lowest."""
        self.ended_because = ""
        self._weights = class_weights(task.train_classes, task.n_classes, plan.class_weights)
        self._images = self._cache()
        self._forward = Inference(network, [network.layers[-1]])
        network.compile(
            optimizer=keras.optimizers.AdamW(plan.learning_rate, weight_decay=0.01, global_clipnorm=5.0),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=plan.label_smoothing),
            weighted_metrics=[],
            metrics=["accuracy"],
            jit_compile=False,
        )
        network.optimizer.build(network.trainable_variables)

    def resume(self) -> bool:
        """Continue where an earlier run was interrupted; False when there is nothing to continue."""
        found = self.files.load()
        if found is None:
            return False
        state, arrays, best = found
        if state.fingerprint != self.state.fingerprint:
            raise UserError(
                "The interrupted training cannot be continued.",
                "Its cells or its settings have changed since.",
                "Put the settings back, or start a new training.",
            )
        self._smooth, self._lowest = arrays.pop(_LOSSES)
        checkpoint.restore(self.network, self.network.optimizer, arrays)
        self.state, self.best = state, best
        return True

    def run(self, hooks: Hooks) -> None:
        """Train until the epochs are over, nothing improves, the time is up, or the user stops."""
        began = time.monotonic() - self.state.seconds
        while not self._finished(time.monotonic() - began):
            row = self._epoch(hooks, time.monotonic() - began)
            if row is None:
                self.ended_because = "you stopped it"
                break
            self.state.seconds = time.monotonic() - began
            arrays = checkpoint.arrays_of(self.network, self.network.optimizer) | {
                _LOSSES: np.stack([self._smooth, self._lowest])
            }
            self.files.save(self.state, arrays, self.best)
            hooks.epoch(row)
            if hooks.stop():
                self.ended_because = "you stopped it"
                break
        if self.state.best_epoch:
            set_weights(self.network, self.best)

    def _finished(self, seconds: float) -> bool:
        plan, state = self.plan, self.state
        if state.epoch >= self.epochs:
            self.ended_because = "all epochs were done"
        elif state.epoch - state.best_epoch >= plan.patience:
            self.ended_because = f"it got worse for {plan.patience} epochs"
        elif plan.minutes and seconds >= plan.minutes * 60:
            self.ended_because = "the time limit was reached"
        return bool(self.ended_because)

    def _epoch(self, hooks: Hooks, seconds: float) -> dict[str, float] | None:
        """Show all training cells once; None when the user stopped in the middle."""
        epoch = self.state.epoch
        rng = np.random.default_rng((self.plan.seed, epoch))
        order = rng.permutation(len(self.task.train_rows))[: self.steps * self.batch]
        began = time.monotonic()
        sums = np.zeros(2)
        for step in range(self.steps):
            share = (epoch + step / self.steps) / self.epochs
            if self.plan.minutes:
                # With a time limit the schedule must come to its end when the time does.
                spent = seconds + time.monotonic() - began
                share = max(share, min(0.999, spent / (self.plan.minutes * 60)))
            hooks.tick(share, f"Epoch {epoch + 1} of {self.epochs}")
            if hooks.stop():
                return None
            self.network.optimizer.learning_rate = one_cycle(share) * self.plan.learning_rate
            sums += self._step(order[step * self.batch : (step + 1) * self.batch], rng)
        spent = time.monotonic() - began
        loss, accuracy = (sums / self.steps).tolist()
        row = {"epoch": float(epoch + 1), "loss": loss, "accuracy": accuracy}
        losses, figures = self._validate()
        row |= figures
        row["learning_rate"] = float(np.asarray(self.network.optimizer.learning_rate))
        row["images_per_second"] = len(order) / max(spent, 1e-9)
        row["seconds"] = time.monotonic() - began
        self._note(row, losses)
        return row

    def _step(self, members: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
        """Learn from one batch; return its loss and accuracy."""
        classes = self.task.train_classes[members]
        images = normalisation.apply(self._load(members), self.task.constants)
        images = augment(images, PRESETS[self.plan.augmentation], rng)
        truth = np.eye(self.task.n_classes, dtype=np.float32)[classes]
        logs: dict[str, Any] = self.network.train_on_batch(
            images, truth, sample_weight=self._weights[classes], return_dict=True
        )
        if not np.isfinite(logs["loss"]):
            raise UserError(
                "The training ran away: its loss is no number any more.",
                f"It happened in epoch {self.state.epoch + 1}; the learning rate is probably too large.",
                "Use a tenth of the learning rate and start again, or resume to try from the last epoch.",
            )
        return np.array([logs["loss"], logs["accuracy"]], np.float64)

    def _validate(self) -> tuple[NDArray[np.float64], dict[str, float]]:
        """Return the weighted loss of every validation cell, and the figures of the epoch."""
        task = self.task
        (logits,) = run_inference(self._forward, task.data, task.val_rows, task.constants, lambda *_: None)
        # Only what a later calibration cannot mend should choose the epoch.
        calibrated = logits / fit_temperature(logits, task.val_classes)
        weights = self._weights[task.val_classes]
        figures = validation_figures(logits, task.val_classes, self._weights)
        return cell_losses(calibrated, task.val_classes) * weights / weights.mean(), figures

    def _note(self, row: dict[str, float], losses: NDArray[np.float64]) -> None:
        """Keep this epoch as the best unless it is clearly worse than the one of the lowest loss.

        Later epochs have the smaller learning rate and are the better ones where the validation
        cells are too few to tell (one-standard-error rule, Breiman et al. 1984); smoothing keeps
        a lucky epoch from winning.
        """
        state = self.state
        state.epoch += 1
        state.history.append(row)
        self._smooth = losses if state.epoch == 1 else _SMOOTHING * self._smooth + (1 - _SMOOTHING) * losses
        if self._smooth.mean() < state.best_loss:
            state.best_loss, self._lowest = float(self._smooth.mean()), self._smooth
        if not clearly_worse(self._smooth, self._lowest):
            state.best_epoch = state.epoch
            self.best = weights_of(self.network)

    def _cache(self) -> NDArray[Any] | None:
        data = self.task.data
        size = len(self.task.train_rows) * int(np.prod(data.images.shape[1:])) * data.images.dtype.itemsize
        return data.load(self.task.train_rows) if size <= _IN_MEMORY else None

    def _load(self, members: NDArray[np.int64]) -> NDArray[Any]:
        if self._images is not None:
            return self._images[members]
        return self.task.data.load(self.task.train_rows[members])


def epoch_number(wanted: int, cells: int) -> int:
    """Return the number of epochs; 0 means fitted: few cells must be shown more often."""
    return wanted or min(150, 30 + round(12000 / cells))


def batch_size(wanted: int, cells: int) -> int:
    """Return the cells per step; 0 means fitted: small data sets need small batches for enough steps."""
    fitted = next(size for size in (64, 32, 16, 8) if size == 8 or cells >= 40 * size // 2)
    return max(2, min(wanted or fitted, cells))


def one_cycle(share: float) -> float:
    """Return the learning rate's factor at a share (0..1) of the training: a short rise, then a cosine to 0."""
    rise = 0.1
    if share < rise:
        return 0.05 + 0.95 * share / rise
    return float(0.5 * (1 + np.cos(np.pi * (share - rise) / (1 - rise))))


def class_weights(classes: NDArray[np.int64], number: int, balance: bool) -> NDArray[np.float32]:
    """Return a weight per class with mean 1 over the cells; capped at 10 so that a few cells do not rule."""
    if not balance:
        return np.ones(number, np.float32)
    counts = np.bincount(classes, minlength=number)
    weights = np.minimum(len(classes) / (number * np.maximum(counts, 1)), 10.0)
    weights *= len(classes) / (weights * counts).sum()
    return weights.astype(np.float32)


def cell_losses(logits: NDArray[Any], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the cross-entropy of every cell from logits (cell, class)."""
    return -log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(classes)), classes]


def clearly_worse(losses: NDArray[np.float64], lowest: NDArray[np.float64]) -> bool:
    """Tell whether the mean of paired losses is above the lowest by more than its standard error."""
    apart = losses - lowest
    return bool(apart.mean() > apart.std() / np.sqrt(len(apart)))


def validation_figures(
    logits: NDArray[Any], classes: NDArray[np.int64], weights: NDArray[np.float32]
) -> dict[str, float]:
    """Return val_loss (weighted by class), val_accuracy and val_balanced_accuracy from logits (cell, class)."""
    losses = cell_losses(logits, classes)
    right = logits.argmax(axis=1) == classes
    return {
        "val_loss": float(np.average(losses, weights=weights[classes])),
        "val_accuracy": float(right.mean()),
        "val_balanced_accuracy": float(np.mean([right[classes == c].mean() for c in np.unique(classes)])),
    }
