"""A run beside the steps: how long the training will take on this computer, measured in seconds."""

from __future__ import annotations

import time
from pathlib import Path

from wizard import training_time
from wizard.engine.events import Tell
from wizard.engine.networks.base import network
from wizard.engine.training import folds, pace
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.measure import measure
from wizard.engine.training.parts import choose_parts, fold_parts
from wizard.engine.training.preparing import Prepared, open_cells, prepare
from wizard.project import Project
from wizard.results import EstimateResult
from wizard.train_plan import TrainPlan
from wizard.training_length import expected_epochs

_LEAST, _MOST = 3.0, 6.0
"""Seconds of real training steps; with loading and validation the whole run takes some seconds more."""


def estimate(plan: TrainPlan, project: Project, tell: Tell, folder: Path) -> EstimateResult:
    """Measure in a few seconds how long the training of a plan would take; nothing is kept but the speed.

    Raises UserError where Train would.
    """
    tell.progress(0.0, "Opening the cells")
    made = _prepared(plan, project, tell)
    opening = tell.seconds
    tell.progress(0.5, "Measuring the speed")
    began = time.monotonic()
    timing = measure(made.training, _LEAST, _MOST, folder)
    took = time.monotonic() - began
    cells = pace.counted(made)
    speed = pace.foretold(made, timing, opening)
    pace.remember(project, plan, cells, speed)
    found = training_time.told(plan, cells, speed)
    epochs = expected_epochs(plan.epochs, cells.train, plan.patience)
    return EstimateResult(
        network=made.network_name,
        network_title=network(made.network_name).title,
        train_cells=cells.train,
        validation_cells=cells.validation,
        classes=cells.classes,
        counted=training_time.counting(plan, made.parts.target),
        images_per_second=timing.images_per_second,
        epoch_seconds=found.epoch_seconds,
        epochs=[epochs.low, epochs.likely, epochs.high],
        expected_seconds=pace.seconds_of(found),
        measured_seconds=round(took, 2),
    )


def _prepared(plan: TrainPlan, project: Project, tell: Tell) -> Prepared:
    """Build the network of a plan, of several the first; what is to be said of the cells is left to Train."""
    quiet = Tell(cancelled=tell.cancelled)
    files = Checkpoints(project.training_dir)
    if plan.folds == 1:
        return prepare(plan, project, files, quiet)
    data = open_cells(project, plan)
    parts, _words = fold_parts(data, choose_parts(data, plan), plan.folds, plan.seed)
    return folds.prepare_fold(folds.whole(plan, project, files, quiet, data, parts), 1)
