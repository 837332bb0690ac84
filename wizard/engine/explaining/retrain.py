"""Networks of the model's kind trained anew on subsets of the channels, for the same time each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from wizard import fileio, runs
from wizard.engine import cells
from wizard.engine.backend import keras
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.explaining.ablation import Scales
from wizard.engine.explaining.channel_view import ChannelView
from wizard.engine.explaining.judged import Judged, Rows
from wizard.engine.explaining.subsets import Subset
from wizard.engine.inference import run as run_inference
from wizard.engine.networks.base import build, network
from wizard.engine.training import keeping
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.failures import memory_in_words
from wizard.engine.training.feed import Task
from wizard.engine.training.hooks import Hooks
from wizard.engine.training.loop import Training
from wizard.engine.training.outcome import sample
from wizard.engine.training.parts import Parts, choose_parts
from wizard.project import Project
from wizard.results_explain import Ablation
from wizard.train_plan import TrainPlan

_PLAIN: dict[str, Any] = {
    "epochs": 0, "folds": 1, "start": "", "imagenet": "", "freeze": "none", "freeze_layers": [], "unfreeze": "never",
}  # fmt: skip
"""All networks start from random weights and learn in all layers until their time is up."""


@dataclass(frozen=True)
class Source:
    """From what networks are trained anew: the model's settings, its cells, and which of them it validated on."""

    plan: TrainPlan
    data: DataSet
    parts: Parts


def source(judged: Judged, project: Project, minutes: float, tell: Tell) -> Source | None:
    """Find the cells and settings of the model's own training; None, with a notice, where they are not here."""
    manifest = judged.chosen.model.manifest
    try:
        data = (
            judged.chosen.data
            if judged.chosen.own
            else cells.of_model(DataSet.open(project.data_set(project.plan.parse.name)), manifest)
        )
        cells.check_fit(data, judged.chosen.model)
        run = runs.load(project, manifest["run"]) if manifest.get("run") else None
        plan = _plan(run, project, manifest, minutes)
        parts = _parts(run, project, data, plan, tell)
    except UserError as error:
        tell.notice("warning", f"No network was trained anew: {error.what} {error.why}".strip())
        return None
    if sorted(parts.classes) != sorted(manifest["classes"]):
        tell.notice("warning", "No network was trained anew: this project's training cells have other classes than "
                    "the model.")  # fmt: skip
        return None
    return Source(plan, data, parts)


def _plan(run: runs.Run | None, project: Project, manifest: dict[str, Any], minutes: float) -> TrainPlan:
    settings = run.settings if run is not None else project.plan.train.model_dump()
    try:
        plan = TrainPlan(**settings)
    except ValidationError:
        plan = project.plan.train
    own = {"network": manifest["network"], "target": manifest["target"], "minutes": minutes, "deterministic": False}
    return plan.model_copy(update=_PLAIN | own)


def _parts(run: runs.Run | None, project: Project, data: DataSet, plan: TrainPlan, tell: Tell) -> Parts:
    if run is not None and not run.kind:
        try:
            return keeping.kept_parts(project, run, data)
        except (OSError, ValueError):
            pass
    tell.notice(
        "info", "The model's own choice of training and validation cells is not kept here, so it was made anew."
    )
    return choose_parts(data, plan)


def retrained(
    judged: Judged, places: Rows, scales: Scales, subsets: Sequence[Subset], found: Source, place: Path, tell: Tell,
    stretch: tuple[float, float],
) -> list[Ablation]:  # fmt: skip
    """Train a network for each subset, judge it on the cells at `places`, and return a row for each.

    All networks are of the model's kind, have its settings and seed, and learn its training cells for the same
    time. Stop ends the present one with its best epoch so far; those that had no turn are left out.
    """
    rows: list[Ablation] = []
    step = (stretch[1] - stretch[0]) / len(subsets)
    for number, subset in enumerate(subsets):
        if tell.should_stop():
            break
        names = " + ".join(judged.chosen.data.channels[one].shown for one in subset)
        begin = stretch[0] + step * number
        words = f"Training network {number + 1} of {len(subsets)}, {names}: "
        tell.progress(begin, words.rstrip(": "))
        try:
            made = _train(judged, found, subset, place, tell, (begin, begin + step), words)
        except UserError as error:
            rows.append(Ablation(channels=list(subset), how="retrained", failed=f"{error.what} {error.why}".strip()))
            continue
        finally:
            fileio.remove_folder(place)
        if made is None:
            break
        row = scales.row(subset, "retrained", _answers(judged, places, subset, made, found.parts.classes, tell)[None])
        row.epochs, row.seconds = len(made.state.history), round(made.state.seconds, 1)
        rows.append(row)
    return rows


def _train(
    judged: Judged, found: Source, subset: Subset, place: Path, tell: Tell, stretch: tuple[float, float], words: str
) -> Training | None:
    """Train one network; None when it was stopped before its first epoch."""
    plan, parts = found.plan, found.parts
    view = ChannelView.of(found.data, subset)
    fileio.remove_folder(place)
    place.mkdir(parents=True)
    keras.utils.set_random_seed(plan.seed)
    with memory_in_words(plan.batch):
        net = build(
            plan.network, (*view.frame, len(subset)), len(parts.classes), judged.chosen.model.manifest["options"]
        )
    constants = normalisation.fit(plan.normalisation, view.load(sample(parts.train)))
    task = Task(
        view, parts.train, parts.class_of[parts.train], parts.validation, parts.class_of[parts.validation],
        tuple(parts.classes), constants,
    )  # fmt: skip
    training = Training(net, task, plan, Checkpoints(place), "channels", stages=network(plan.network).stages)
    report = tell.part(*stretch)
    training.run(
        Hooks(tick=lambda share, label: report(share, f"{words}{label}"), stop=tell.should_stop, paused=tell.paused)
    )
    return training if training.state.best_epoch else None


def _answers(
    judged: Judged, places: Rows, subset: Subset, training: Training, classes: Sequence[str], tell: Tell
) -> Rows:
    """Return the model's class number that a trained network gives each cell at `places`."""
    held, rows = ChannelView.of(judged.chosen.data, subset), judged.rows[places]
    order = np.argsort(rows, kind="stable")
    (logits,) = run_inference(
        training.forward, held, rows[order], training.task.constants, lambda *_: tell.check_cancel()
    )
    number_of = {name: index for index, name in enumerate(judged.classes)}
    answers = np.empty(len(places), np.int64)
    answers[order] = np.array([number_of[name] for name in classes])[logits.argmax(axis=1)]
    return answers
