"""Back to a saved epoch of an earlier training: its weights become the project's newest model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from wizard import runs
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.inference import run as run_inference
from wizard.engine.model import set_weights
from wizard.engine.networks.base import build, network
from wizard.engine.training import changes, judging, recipe
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.failures import memory_in_words
from wizard.engine.training.feed import Task
from wizard.engine.training.keeping import cells_digest, epoch_file, kept_parts
from wizard.engine.training.loop import Training
from wizard.engine.training.outcome import finish, write_tables
from wizard.engine.training.parts import Parts
from wizard.engine.training.preparing import open_cells
from wizard.project import Project
from wizard.results import TrainResult
from wizard.train_plan import TrainPlan


def take_back(plan: TrainPlan, project: Project, tell: Tell, folder: Path, run: str, epoch: int) -> TrainResult:
    """Write a model with the weights of a saved epoch, calibrated and judged on the run's own validation cells.

    Nothing is trained, and checkpoints of an interrupted training stay. `plan` holds the run's settings, which
    the caller has made those of the project. Raises UserError when the run or the epoch is not kept, its files
    are damaged, or the cells are not those that it learned from.
    """
    tell.progress(0.0, "Opening the cells")
    kept = _kept(project, run, epoch)
    data = open_cells(project, plan)
    if kept.cells != cells_digest(data, kept.target):
        raise UserError(
            "This epoch cannot be taken back.",
            "The cells, their classes or the split into training and hold-out cells are not those of its training.",
            "Parse with the same settings and images as then, or train again.",
        )
    try:
        parts = kept_parts(project, kept, data)
        training = _training(kept, plan, project, parts, data, epoch)
        tell.progress(0.3, "Judging the epoch")
        kept.history[epoch - 1] |= _figures(training, data, parts)
    except (OSError, KeyError, TypeError, ValueError, ValidationError, SafetensorError) as error:
        raise UserError(
            f"Epoch {epoch} cannot be taken back.",
            f"The files of this training are damaged or were changed: {str(error).splitlines()[0]}.",
            "Choose another epoch or another training.",
        ) from None
    result = finish(training, parts, plan, kept.options, project, data, tell, kept.network)
    result.run, result.taken_back, result.start, result.stopped = kept.id, True, kept.start, False
    tell.notice("info", f"The model is that of epoch {epoch} of the training of {_when(kept)}.")
    write_tables(result, [folder])
    return result


def _kept(project: Project, run: str, epoch: int) -> runs.Run:
    found = runs.load(project, run)
    if found is None:
        raise UserError(
            f"There is no training called {run}.",
            "It was deleted, or its record is damaged.",
            "Choose one from the history of trainings.",
        )
    if epoch not in found.saved or not 1 <= epoch <= len(found.history):
        saved = ", ".join(str(number) for number in found.saved)
        raise UserError(
            f"The weights of epoch {epoch} are not kept.",
            f"Saved epochs of this training: {saved}." if saved else "No epoch of this training was saved.",
            "Choose a saved epoch, or train again and save more of them.",
        )
    return found


def _training(kept: runs.Run, plan: TrainPlan, project: Project, parts: Parts, data: DataSet, epoch: int) -> Training:
    """Build the run's network with the weights of the epoch, in the state after it."""
    normalisation.check(kept.constants, len(data.channels))
    with memory_in_words(plan.batch):
        net = build(kept.network, (*data.frame, len(data.channels)), len(kept.classes), kept.options)
    set_weights(net, _weights(project, kept, epoch))
    task = Task(
        data, parts.train, parts.class_of[parts.train], parts.validation, parts.class_of[parts.validation],
        tuple(parts.classes), kept.constants,
    )  # fmt: skip
    training = Training(net, task, plan, Checkpoints(project.training_dir), "", stages=network(kept.network).stages)
    if any("images_per_second" not in row for row in kept.history):
        raise ValueError("its history is incomplete")
    training.state.history, training.state.adjustments = kept.history, kept.adjustments
    training.state.epoch, training.state.best_epoch = len(kept.history), epoch
    training.ended_because = kept.ended_because
    return training


def _weights(project: Project, kept: runs.Run, epoch: int) -> dict[str, Any]:
    name = epoch_file(epoch)
    path = runs.folder(project, kept.id) / name
    if not path.is_file():
        raise ValueError(f"{name} is missing")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != kept.saved_sha256[name]:
        raise ValueError(f"{name} does not match its checksum")
    arrays: dict[str, Any] = load_tensors(data)
    return arrays


def _figures(training: Training, data: DataSet, parts: Parts) -> dict[str, float]:
    """Return the history's figures of the validation cells anew, from the weights as they are on the disk."""
    task, plan = training.task, training.plan
    for change in training.state.adjustments:
        if change["epoch"] <= training.state.best_epoch:
            plan = changes.with_value(plan, change["setting"], change["new"])
    (logits,) = run_inference(training.forward, data, parts.validation, task.constants, lambda *_: None)
    counts = np.bincount(task.train_classes, minlength=len(task.names))
    weights = recipe.class_weights(plan, counts, task.names)
    return judging.validation_figures(logits, task.val_classes, weights, task.names)


def _when(kept: runs.Run) -> str:
    """Say when a training began, e.g. `2026-11-21, 11:54 (UTC)`."""
    return f"{kept.created[:10]}, {kept.created[11:16]} (UTC)"
