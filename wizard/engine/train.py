"""Step 3: a data set to a model."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import __version__, fileio
from wizard.engine import calibration
from wizard.engine.backend import keras
from wizard.engine.data import normalisation, splits
from wizard.engine.data import tags as tag_rules
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.familiarity import Familiarity
from wizard.engine.inference import Inference
from wizard.engine.inference import run as run_inference
from wizard.engine.model import Model
from wizard.engine.networks.base import build, network
from wizard.engine.run import versions
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.loop import Hooks, Task, Training
from wizard.plan import settings_hash
from wizard.project import Project, now
from wizard.reports import charts
from wizard.reports.card import model_card
from wizard.results import TrainResult
from wizard.train_plan import TrainPlan

OPTIONS = ("resume",)
_FEWEST = 2
"""Training cells that a class needs: one to learn from, one to validate."""


@dataclass(frozen=True)
class Parts:
    """The cells of a training: class names, rows and class numbers, and how the validation was drawn."""

    target: str
    classes: list[str]
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    class_of: NDArray[np.int64]
    """Class number of every cell of the data set, -1 for none."""
    validation_by: str


def train(plan: TrainPlan, project: Project, tell: Tell, folder: Path, resume: bool = False) -> TrainResult:
    """Train a network on the project's data set and write the model file.

    Stop keeps the best epoch so far; Cancel restores what was there before. `resume` continues an
    interrupted training. Raises UserError when there is nothing to tell apart.
    """
    tell.progress(0.0, "Opening the cells")
    data = DataSet.open(project.data_set(project.plan.parse.name))
    parts = choose_parts(data, plan)
    _remarks(data, parts, tell)
    keras.utils.set_random_seed(plan.seed)
    shape = (*data.frame, len(data.channels))
    net = build(plan.network, shape, len(parts.classes), {})
    constants = normalisation.fit(plan.normalisation, data.load(_sample(parts.train)))
    task = Task(
        data, parts.train, parts.class_of[parts.train], parts.validation, parts.class_of[parts.validation],
        len(parts.classes), constants,
    )  # fmt: skip
    files = Checkpoints(project.training_dir)
    training = Training(net, task, plan, files, _fingerprint(data, plan))
    _start(training, files, resume)
    try:
        _loop(training, tell)
        result = _finish(training, parts, plan, project, data, tell)
    except (Cancelled, KeyboardInterrupt):
        files.discard()
        raise
    files.finish()
    _write_history(result, [folder, project.training_dir])
    _draw_curves(result, project.training_dir)
    return result


def choose_parts(data: DataSet, plan: TrainPlan) -> Parts:
    """Choose target, classes, training and validation cells; raises UserError when they do not suffice."""
    counts = {tag: dict(Counter(data.values(tag).tolist())) for tag in data.tags}
    target = tag_rules.choose_target(counts, plan.target)
    if not target:
        raise UserError(
            "There is nothing to tell apart.",
            "The cells have no tag with two different values.",
            "Sort the images into one folder per class (or day, or dose) and parse again.",
        )
    values = data.values(target)
    if target == data.info["group"]:
        raise UserError(
            f"{target!r} cannot be the target: it is the group by which the hold-out was split.",
            "Some of its values would never be seen in training.",
            "Choose another group (or none) and parse again.",
        )
    usable = data.where("train")
    usable = usable[values[usable] != ""]
    present = Counter(values[usable].tolist())
    classes = sorted((name for name, number in present.items() if number >= _FEWEST), key=_natural)
    if len(classes) < 2:
        found = ", ".join(f"{name} ({number})" for name, number in sorted(present.items())) or "none"
        raise UserError(
            f"The target {target!r} has only one class to learn from.",
            f"Training cells found: {found}.",
            "Add cells of a second class and parse again, or choose another target.",
        )
    number_of = {name: index for index, name in enumerate(classes)}
    class_of = np.array([number_of.get(value, -1) for value in values])
    usable = usable[class_of[usable] >= 0]
    held, by = _validation(data, usable, class_of, plan)
    return Parts(target, classes, usable[~held], usable[held], class_of, by)


def _natural(name: str) -> list[tuple[int, Any]]:
    """Sort `day 2` before `day 10`."""
    return [(0, int(part)) if part.isdigit() else (1, part.casefold()) for part in re.split(r"(\d+)", name) if part]


def _validation(
    data: DataSet, usable: NDArray[np.int64], class_of: NDArray[np.int64], plan: TrainPlan
) -> tuple[NDArray[np.bool_], str]:
    """Draw the validation cells: by group where three or more are left, else by single images."""
    group = data.info["group"]
    keys = data.cells["cell_id"][usable].astype(str).tolist()
    labels = class_of[usable].astype(str).tolist()
    digests = data.cells["digest"][usable].astype(str)
    if group and len(set(data.values(group)[usable])) >= 3:
        held = splits.holdout_mask(data.values(group)[usable].tolist(), labels, keys, plan.validation, plan.seed)
        every_class = all(len(set(class_of[usable][part])) == len(set(labels)) for part in (held, ~held))
        if every_class:
            return held, f"group {group}"
    return splits.holdout_mask(digests.tolist(), labels, keys, plan.validation, plan.seed), "cell"


def _sample(rows: NDArray[np.int64], number: int = 4000) -> NDArray[np.int64]:
    return rows[:: max(1, len(rows) // number)]


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


def _remarks(data: DataSet, parts: Parts, tell: Tell) -> None:
    if data.info["group"] and parts.validation_by == "cell":
        tell.notice(
            "info", "Too few groups are left to validate by group, so validation cells were drawn one by one: "
            "the curves look better than new groups would. The hold-out is not affected.",
        )  # fmt: skip
    values = set(data.values(parts.target)[data.where("train")].tolist()) - {""}
    for name in sorted(values - set(parts.classes)):
        tell.notice("warning", f"{name} has fewer than {_FEWEST} training cells and is left out.")
    if is_weak(parts.target):
        tell.notice(
            "info", f"The target {parts.target} is weak: cells that look alike may carry different values, so a "
            "low accuracy is expected. What the network learned is in its features.",
        )  # fmt: skip


def is_weak(target: str) -> bool:
    """Tell whether a target is a circumstance (day, dose, batch) and not a class of cells."""
    circumstances = {"time", "timepoint", "hour", "dose", "concentration", "treatment", "condition"}
    return target in circumstances or target in tag_rules.GROUP_TAGS


def _loop(training: Training, tell: Tell) -> None:
    report = tell.part(0.02, 0.95)

    def tell_epoch(row: dict[str, float]) -> None:
        tell.metric(int(row["epoch"]), training.epochs, {k: v for k, v in row.items() if k != "epoch"})

    for row in training.state.history:
        tell_epoch(row)
    training.run(Hooks(report, tell_epoch, tell.should_stop))
    if not training.state.best_epoch:
        raise Cancelled


def _finish(
    training: Training, parts: Parts, plan: TrainPlan, project: Project, data: DataSet, tell: Tell
) -> TrainResult:
    """Calibrate on validation cells, learn what is familiar, write the model file."""
    tell.progress(0.95, "Calibrating")
    entry = network(plan.network)
    both = Inference(training.network, [training.network.layers[-1], training.network.get_layer(entry.stages["pool"])])
    task = training.task
    logits, val_features = run_inference(both, data, parts.validation, task.constants, lambda *_: None)
    known = _sample(parts.train)
    _, features = run_inference(both, data, known, task.constants, lambda *_: None)
    familiarity = Familiarity.fit(features, parts.class_of[known], val_features)
    result = _describe(training, parts, plan, data)
    result.model_id = uuid.uuid4().hex[:12]
    temperature = calibration.fit_temperature(logits, task.val_classes)
    manifest = _manifest(result, task.constants, temperature, plan, data, project)
    model = Model(manifest, training.network, familiarity)
    tell.progress(0.98, "Saving the model")
    path = project.root / "models" / f"{parts.target}_{plan.network}_{result.model_id}.cytomodel"
    path = path.with_name(re.sub(r"[^A-Za-z0-9._-]", "_", path.name))
    model.save(path, model_card(manifest))
    result.model = path.relative_to(project.root).as_posix()
    return result


def _describe(training: Training, parts: Parts, plan: TrainPlan, data: DataSet) -> TrainResult:
    history, best = training.state.history, training.state.best_epoch
    row = history[best - 1]
    counts = {
        name: {
            "train": int((parts.class_of[parts.train] == index).sum()),
            "validation": int((parts.class_of[parts.validation] == index).sum()),
        }
        for index, name in enumerate(parts.classes)
    }
    return TrainResult(
        network=plan.network,
        network_title=network(plan.network).title,
        parameters=int(training.network.count_params()),
        target=parts.target,
        classes=parts.classes,
        counts=counts,
        channels=data.channels,
        frame=data.frame,
        epochs=len(history),
        best_epoch=best,
        ended_because=training.ended_because,
        stopped=training.ended_because == "you stopped it",
        images_per_second=float(np.median([epoch["images_per_second"] for epoch in history])),
        validation={
            "loss": row["val_loss"],
            "accuracy": row["val_accuracy"],
            "balanced_accuracy": row["val_balanced_accuracy"],
            "n_cells": len(parts.validation),
        },
        validation_by=parts.validation_by,
        weak=is_weak(parts.target),
        history=history,
    )


def _manifest(
    result: TrainResult,
    constants: dict[str, Any],
    temperature: float,
    plan: TrainPlan,
    data: DataSet,
    project: Project,
) -> dict[str, Any]:
    info = data.info
    return {
        "id": result.model_id,
        "name": f"{project.name}: {result.target}",
        "created": now(),
        "program": __version__,
        "network": plan.network,
        "network_title": result.network_title,
        "options": {},
        "parameters": result.parameters,
        "target": result.target,
        "weak": result.weak,
        "classes": result.classes,
        "counts": result.counts,
        "channels": info["channels"],
        "frame": info["frame"],
        "dtype": info["dtype"],
        "parse": info["parse"],
        "normalisation": constants,
        "temperature": temperature,
        "data_set": {
            "fingerprint": info["fingerprint"],
            "n_cells": info["n_cells"],
            "group": info["group"],
            "split_by": info["split_by"],
            "training_groups": _training_groups(data),
        },
        "validation": result.validation,
        "validation_by": result.validation_by,
        "settings": plan.model_dump(),
        "settings_hash": settings_hash(project.plan, "train"),
        "versions": versions(),
    }


def _training_groups(data: DataSet) -> list[str]:
    """Return the group values that the model has seen, so that an evaluation can name shared ones."""
    group = data.info["group"]
    return sorted(set(data.values(group)[data.where("train")].tolist())) if group else []


def _write_history(result: TrainResult, folders: list[Path]) -> None:
    names = list(result.history[0])
    rows = [[row[name] for name in names] for row in result.history]
    for folder in folders:
        fileio.write_csv(folder / "history.csv", names, rows)
    result.files["History of the training"] = "history.csv"


def _draw_curves(result: TrainResult, folder: Path) -> None:
    """Draw curves.png beside the checkpoints' history; the step's own folder gets its copy from the report."""
    fileio.write_with(folder / "curves.png", partial(charts.curves, result.history, result.best_epoch))
