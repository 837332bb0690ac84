"""Step 3: a data set to a model."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.data import augmentation, normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.networks.base import build, options_of
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.determinism import be_deterministic
from wizard.engine.training.failures import memory_in_words
from wizard.engine.training.feed import Task
from wizard.engine.training.loop import Hooks, Training
from wizard.engine.training.measure import Timing, measure
from wizard.engine.training.outcome import draw_curves, finish, sample, write_tables
from wizard.engine.training.parts import FEWEST, Parts, choose_parts, is_weak
from wizard.project import Project
from wizard.results import TrainResult
from wizard.train_plan import TrainPlan

OPTIONS = ("resume",)


@dataclass(frozen=True)
class Prepared:
    """A training that is ready to run, and the cells that it was made from."""

    data: DataSet
    parts: Parts
    training: Training
    options: dict[str, Any]
    """Of the network."""


def train(plan: TrainPlan, project: Project, tell: Tell, folder: Path, resume: bool = False) -> TrainResult:
    """Train a network on the project's data set and write the model file.

    Stop keeps the best epoch so far; Cancel restores what was there before. `resume` continues an
    interrupted training. Raises UserError when there is nothing to tell apart.
    """
    tell.progress(0.0, "Opening the cells")
    files = Checkpoints(project.training_dir)
    made = prepare(plan, project, files, tell)
    training = made.training
    _start(training, files, resume)
    try:
        tell.progress(0.01, "Measuring the speed")
        tell.notice("info", measure(training).words(plan.minutes))
        _loop(training, tell)
        result = finish(training, made.parts, plan, made.options, project, made.data, tell)
    except (Cancelled, KeyboardInterrupt):
        files.discard()
        raise
    files.finish()
    write_tables(result, [folder, project.training_dir])
    draw_curves(result, project.training_dir)
    return result


def estimate(plan: TrainPlan, project: Project) -> Timing:
    """Measure in a few seconds how long the training of a plan would take; nothing is written.

    Raises UserError where `train` would, too.
    """
    return measure(prepare(plan, project, Checkpoints(project.training_dir), Tell()).training)


def prepare(plan: TrainPlan, project: Project, files: Checkpoints, tell: Tell) -> Prepared:
    """Open the cells, choose the parts and build the network; raises UserError when it cannot be done."""
    data = DataSet.open(project.data_set(project.plan.parse.name))
    parts = choose_parts(data, plan)
    _remarks(data, parts, plan, tell)
    if plan.deterministic and not be_deterministic():
        tell.notice("warning", "This process has computed before, so results may differ in the last bits. "
                    "Start the training on its own to get the same ones.")  # fmt: skip
    keras.utils.set_random_seed(plan.seed)
    options = options_of(plan) | ({"dropout": plan.dropout} if plan.dropout >= 0 else {})
    shape = (*data.frame, len(data.channels))
    with memory_in_words(plan.batch):
        net = build(plan.network, shape, len(parts.classes), options)
    constants = normalisation.fit(plan.normalisation, data.load(sample(parts.train)))
    task = Task(
        data, parts.train, parts.class_of[parts.train], parts.validation, parts.class_of[parts.validation],
        tuple(parts.classes), constants,
    )  # fmt: skip
    training = Training(net, task, plan, files, _fingerprint(data, plan))
    if plan.dropout > 0 and training.without_dropout:
        tell.notice("warning", "This network has no drop-out, so that setting does nothing.")
    return Prepared(data, parts, training, options)


def _fingerprint(data: DataSet, plan: TrainPlan) -> str:
    settings = plan.model_dump(exclude={"minutes"})
    text = json.dumps([data.info["fingerprint"], data.info["frame"], settings], sort_keys=True)
    split = "".join(data.cells["split"].astype(str))
    return hashlib.sha256((text + split).encode()).hexdigest()


def _start(training: Training, files: Checkpoints, resume: bool) -> None:
    if not resume:
        files.begin()
    elif not training.resume():
        raise UserError("There is no interrupted training to continue.", "", "Start a new training (without --resume).")


def _remarks(data: DataSet, parts: Parts, plan: TrainPlan, tell: Tell) -> None:
    if data.info["group"] and parts.validation_by == "cell":
        tell.notice(
            "info", "Too few groups are left to validate by group, so validation cells were drawn one by one: "
            "the curves look better than new groups would. The hold-out is not affected.",
        )  # fmt: skip
    values = set(data.values(parts.target)[data.where("train")].tolist()) - {""}
    for name in sorted(values - set(parts.classes)):
        tell.notice("warning", f"{name} has fewer than {FEWEST} training cells and is left out.")
    if is_weak(parts.target):
        tell.notice(
            "info", f"The target {parts.target} is weak: cells that look alike may carry different values, so a "
            "low accuracy is expected. What the network learned is in its features.",
        )  # fmt: skip
    if unused := augmentation.remark(plan):
        tell.notice("warning", unused)


def _loop(training: Training, tell: Tell) -> None:
    report = tell.part(0.02, 0.95)

    def tell_epoch(row: dict[str, float]) -> None:
        tell.metric(int(row["epoch"]), training.epochs, {k: v for k, v in row.items() if k != "epoch"})

    for row in training.state.history:
        tell_epoch(row)
    training.run(Hooks(
        report, tell_epoch, tell.should_stop, tell.paused, tell.changes, lambda text: tell.notice("warning", text),
    ))  # fmt: skip
    if not training.state.best_epoch:
        raise Cancelled
    if training.ran_away:
        tell.notice(
            "warning", f"Training ended because {training.ended_because}. The model is that of epoch "
            f"{training.state.best_epoch}; a tenth of the learning rate would probably have gone on.",
        )  # fmt: skip
