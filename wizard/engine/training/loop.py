"""The training loop: epochs over augmented cells, validation, early stopping, checkpoints, changes on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.calibration import fit_temperature
from wizard.engine.errors import UserError
from wizard.engine.inference import Inference
from wizard.engine.inference import run as run_inference
from wizard.engine.model import set_weights, under, weights_of
from wizard.engine.training import averaging, changes, checkpoint, judging, losses, recipe, schedules
from wizard.engine.training.averaging import Average
from wizard.engine.training.checkpoint import Arrays, Checkpoints, TrainingState
from wizard.engine.training.failures import RanAway, disk_in_words, memory_in_words
from wizard.engine.training.feed import Batch, Feed, Task, too_large
from wizard.engine.training.hooks import Clock, Hooks
from wizard.engine.training.judging import clearly_worse
from wizard.engine.training.live import RENEWING, Adjustments, Live
from wizard.engine.training.shown import LastBatch
from wizard.engine.training.steps import Learner
from wizard.train_plan import TrainPlan

__all__ = ["Hooks", "Training"]

_LOSSES, _AVERAGE = "validation/losses", "average/"
_SMOOTHING = 0.8
_SAVE_SECONDS = 300.0
"""Longest time without a checkpoint."""
_STATISTICS_CELLS = 4000
"""Training cells from which the batch-norm statistics of averaged weights are taken."""


class Training:
    """One training run, able to start from a checkpoint and to give back its best weights.

    `stages` names the layer of each stage of the network, for freezing.
    """

    def __init__(
        self,
        network: Any,
        task: Task,
        plan: TrainPlan,
        files: Checkpoints,
        fingerprint: str,
        stages: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.network = network
        self.task = task
        self.files = files
        cells = len(task.train_rows)
        fitted = recipe.batch_size(0, cells, recipe.bytes_per_cell(network))
        self.state = TrainingState(fingerprint, batch=fitted, streamed=too_large(task))
        self.best: Arrays = weights_of(network)
        self._smooth = self._lowest = np.zeros(len(task.val_rows))
        """Loss of every validation cell, smoothed over the epochs: now, and when its mean was lowest."""
        self.ended_because = ""
        self.ran_away = False
        self._feed: Feed | None = None
        self._clock = Clock()
        self._average = Average(plan.averaging, plan.ema_decay)
        self._plateau = schedules.Plateau()
        self.forward = Inference(network, [network.layers[-1]])
        self._counts = np.bincount(task.train_classes, minlength=len(task.names))
        self.learn = Learner(network, recipe.optimizer(plan), losses.loss(plan.loss, plan.focal_gamma))
        self.kept: dict[str, Any] = {}
        """What the user has set while the network before this one was trained, by name: it counts from the start."""
        self._live = Live(network, plan, stages, self._counts, task.names)

    @property
    def plan(self) -> TrainPlan:
        """The plan with the changes made on the way."""
        return self._live.plan

    @property
    def epochs(self) -> int:
        """Epochs at most."""
        return recipe.epoch_number(self.plan.epochs, len(self.task.train_rows))

    @property
    def batch(self) -> int:
        """Cells per step."""
        return recipe.batch_size(self.plan.batch, len(self.task.train_rows)) if self.plan.batch else self.state.batch

    @property
    def judged_weights(self) -> Arrays:
        """The weights with which the last epoch was validated: averaged ones where there are any."""
        return self._average.values or weights_of(self.network)

    @property
    def without_dropout(self) -> bool:
        """True when the network has no drop-out that could be set."""
        return self._live.without_dropout

    @property
    def feed(self) -> Feed:
        """The training cells; loaded at the first use."""
        if self._feed is None:
            self._feed = Feed(self.task, self.state.streamed)
        return self._feed

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
        self._average.restore(under(arrays, _AVERAGE))
        own = {name: value for name, value in arrays.items() if not name.startswith(_AVERAGE)}
        checkpoint.restore(self.network, self.learn.optimizer, own)
        if best:
            averaged = averaging.averaged(under(best, _AVERAGE))
            self.best = averaged or checkpoint.network_weights(self.network, best)
        self.state = state
        self._plateau = schedules.Plateau.of(state.plateau)
        self._live.restore(state.adjustments, state.unfreezing)
        self.learn.renew()
        return True

    def run(self, hooks: Hooks) -> None:
        """Train until the epochs are over, nothing improves, the time is up, the user stops, or it runs away."""
        self._clock = Clock(self.state.seconds)
        channels = [channel.shown for channel in self.task.data.channels]
        pictures = LastBatch(self.files.folder, self.task.names, channels, hooks.shown)
        with memory_in_words(self.batch):
            self._keep_changes(hooks)
            while not self.ended_because:
                self._adjust(hooks)
                if self._finished():
                    break
                try:
                    whole = self._epoch(hooks, pictures)
                except RanAway:
                    self._note_runaway()
                    break
                if whole:
                    hooks.epoch(self.state.history[-1])
                if not whole or hooks.stop():
                    self.ended_because = "you stopped it"
        if self.state.best_epoch:
            set_weights(self.network, self.best)

    def _note_runaway(self) -> None:
        epoch = self.state.epoch + 1
        self.ran_away = True
        self.ended_because = f"it ran away in epoch {epoch}: its loss was no number any more"
        if not self.state.best_epoch:
            raise UserError(
                "The training ran away: its loss is no number any more.",
                f"It happened in epoch {epoch}; the learning rate is probably too large.",
                "Use a tenth of the learning rate and start again.",
            )

    def _finished(self) -> bool:
        plan, state = self.plan, self.state
        if state.epoch >= self.epochs:
            self.ended_because = "all epochs were done"
        elif state.epoch - state.best_epoch >= plan.patience:
            self.ended_because = f"it got worse for {plan.patience} epochs"
        elif plan.minutes and self._clock.seconds() >= plan.minutes * 60:
            self.ended_because = "the time limit was reached"
        return bool(self.ended_because)

    def _adjust(self, hooks: Hooks) -> None:
        """Take over changed settings; only between epochs."""
        values = {} if self.state.step else hooks.changes()
        if not values:
            return
        made, refused = self._live.take(values, self.state.epoch + 1)
        for text in refused:
            hooks.say(text)
        if made:
            self._note_changes(made, hooks)
            # At once: what the user chose must not be lost by a power cut in the next epoch.
            self._save()

    def _keep_changes(self, hooks: Hooks) -> None:
        """Begin with what was set while the network before was trained."""
        if self.kept and not self.state.epoch and not self.state.step:
            made, refused = self._live.take(self.kept, 1, changes.KEPT)
            for text in refused:
                hooks.say(text)
            self._note_changes(made, hooks, "As you set it for the network before. ")

    def _unfreeze(self, hooks: Hooks) -> None:
        """Let more layers learn when nothing has improved for long enough."""
        if self.state.epoch < self.epochs:
            made = self._live.unfreeze(float(self._smooth.mean()), self.state.epoch + 1)
            self._note_changes(made, hooks, "Nothing has improved, so more layers learn. ")

    def _note_changes(self, made: Adjustments, hooks: Hooks, why: str = "") -> None:
        self.state.adjustments += made
        if any(change["setting"] in RENEWING for change in made):
            self.learn.renew()
        for change in made:
            hooks.inform(why + changes.words(change))

    def _epoch(self, hooks: Hooks, pictures: LastBatch) -> bool:
        """Show an epoch's cells from the step where it was left; False when the user stopped in the middle."""
        state, plan = self.state, self.plan
        order = self.feed.order(plan, state.epoch)
        size = min(self.batch, len(order))
        steps = max(1, len(order) // size)
        shown = np.bincount(self.task.train_classes[order], minlength=len(self.task.names))
        weights = recipe.class_weights(plan, shown, self.task.names)
        zero = self._clock.seconds() - state.epoch_seconds
        saved = time.monotonic()
        with closing(self.feed.batches(order, size, plan, weights, state.epoch, state.step)) as batches:
            for batch in batches:
                self._wait(hooks)
                share = self._share(state.step / steps)
                speed = state.step * size / max(self._clock.seconds() - zero, 1e-9)
                hooks.tick(self._shown_share(state.step / steps), self._label(speed))
                if hooks.stop():
                    return False
                self.learn.optimizer.learning_rate = self._rate(share, state.step / steps)
                pictures.note(batch)
                self._learn(batch)
                state.step += 1
                state.epoch_seconds = self._clock.seconds() - zero
                if time.monotonic() - saved >= _SAVE_SECONDS and state.step < steps:
                    self._save()
                    saved = time.monotonic()
        row = {"epoch": state.epoch + 1.0, "loss": state.sums[0] / steps, "accuracy": state.sums[1] / steps}
        speed = steps * size / max(state.epoch_seconds, 1e-9)
        is_best = self._judge(row, speed, zero)
        self._unfreeze(hooks)
        self._save(is_best)
        hooks.kept()
        return True

    def _label(self, speed: float) -> str:
        speed_text = f", {speed:.0f} cells a second" if speed >= 1 else ""
        return f"Epoch {self.state.epoch + 1} of {self.epochs}{speed_text}"

    def _wait(self, hooks: Hooks) -> None:
        """Hold while the user pauses; the clock stands still."""
        began = time.monotonic()
        while hooks.paused() and not hooks.stop():
            hooks.tick(0.0, "Paused")
            time.sleep(0.05)
            self._clock.paused += time.monotonic() - began
            began = time.monotonic()

    def _share(self, within: float) -> float:
        """Return the share (0..1) of the training at a share of the epoch."""
        share = (self.state.epoch + within) / self.epochs
        if self.plan.minutes:
            # With a time limit the schedule must come to its end when the time does.
            share = max(share, min(0.999, self._clock.seconds() / (self.plan.minutes * 60)))
        return share

    def _shown_share(self, within: float) -> float:
        """Return the share for the user: as no better epoch comes, the end comes nearer."""
        state = self.state
        since = state.epoch - state.best_epoch
        done, left = state.epoch + within, self.epochs - state.epoch - within
        if since and state.best_epoch:
            likely = (since / self.plan.patience) ** 2
            left = min(left, likely * max(0.0, self.plan.patience - since - within) + (1 - likely) * left)
        return max(self._share(within), done / max(done + left, 1e-9))

    def _rate(self, share: float, within: float) -> float:
        epoch = self.state.epoch + within
        if self.plan.averaging == "swa":
            start = 1 - self.plan.swa_share
            share, epoch = min(share, start), min(epoch, start * self.epochs)
        return schedules.factor(self.plan, share, epoch, self._plateau.drops) * self.plan.learning_rate

    def _learn(self, batch: Batch) -> None:
        """Learn from one batch and count it; raises RanAway when its loss is no number."""
        figures = self.learn(batch)
        if not np.isfinite(figures[0]):
            raise RanAway
        self._average.after_step(self.network)
        self.state.sums = [total + figure for total, figure in zip(self.state.sums, figures, strict=True)]

    def _judge(self, row: dict[str, float], speed: float, zero: float) -> bool:
        """Validate, close the epoch and tell whether it is the best so far."""
        if not all(np.isfinite(value).all() for value in weights_of(self.network).values()):
            raise RanAway
        if self._share(1.0) > 1 - self.plan.swa_share + 1e-9:
            self._average.after_epoch(self.network)
        with self._averaged():
            losses, figures = self.validate()
            row |= figures
            row["learning_rate"] = float(np.asarray(self.learn.optimizer.learning_rate))
            row["images_per_second"] = speed
            row["seconds"] = self._clock.seconds() - zero
            return self._note(row, losses)

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Give the network its averaged weights, if there are any, for a while."""
        if not self._average.values:
            yield
            return
        own = weights_of(self.network)
        own = {name: value.copy() for name, value in own.items()}
        self._average.put_in(self.network, self.feed.plain(self.batch, _STATISTICS_CELLS))
        yield
        set_weights(self.network, own)

    def validate(self) -> tuple[NDArray[np.float64], dict[str, float]]:
        """Return the loss of every validation cell, calibrated and weighted by class, and the figures of all.

        Raises RanAway when the network gives no numbers.
        """
        task = self.task
        try:
            (logits,) = run_inference(self.forward, task.data, task.val_rows, task.constants, lambda *_: None)
        except UserError as error:
            raise RanAway from error
        # Only what a later calibration cannot mend should choose the epoch.
        calibrated = logits / fit_temperature(logits, task.val_classes)
        by_class = recipe.class_weights(self.plan, self._counts, task.names)
        weights = by_class[task.val_classes]
        figures = judging.validation_figures(logits, task.val_classes, by_class, task.names)
        return judging.cell_losses(calibrated, task.val_classes) * weights / weights.mean(), figures

    def _note(self, row: dict[str, float], losses: NDArray[np.float64]) -> bool:
        """Keep this epoch as the best unless it is clearly worse than the one of the lowest loss.

        Later epochs have the smaller learning rate and are the better ones where the validation
        cells are too few to tell (one-standard-error rule, Breiman et al. 1984); smoothing keeps
        a lucky epoch from winning.
        """
        state = self.state
        state.epoch += 1
        state.history.append(row)
        state.step, state.sums, state.epoch_seconds = 0, [0.0, 0.0], 0.0
        self._smooth = losses if state.epoch == 1 else _SMOOTHING * self._smooth + (1 - _SMOOTHING) * losses
        mean = float(self._smooth.mean())
        self._plateau.note(mean, self.plan.plateau_patience)
        if mean < state.best_loss:
            state.best_loss, self._lowest = mean, self._smooth
        if clearly_worse(self._smooth, self._lowest):
            return False
        state.best_epoch = state.epoch
        self.best = {name: value.copy() for name, value in weights_of(self.network).items()}
        return True

    def _save(self, is_best: bool = False) -> None:
        state = self.state
        state.seconds = self._clock.seconds()
        state.plateau = asdict(self._plateau)
        state.unfreezing = asdict(self._live.waiting)
        arrays = checkpoint.arrays_of(self.network, self.learn.optimizer)
        arrays |= {_AVERAGE + name: value for name, value in self._average.arrays().items()}
        arrays[_LOSSES] = np.stack([self._smooth, self._lowest])
        with disk_in_words(state.epoch):
            self.files.save(state, arrays, is_best)
