"""What a training leaves: the model file, its description, and the tables of its course."""

from __future__ import annotations

import re
import uuid
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import __version__, fileio
from wizard.engine import calibration, ensemble, judged
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.extracting.layers import readable
from wizard.engine.familiarity import Familiarity
from wizard.engine.inference import Inference
from wizard.engine.inference import run as run_inference
from wizard.engine.model import Model, read_manifest
from wizard.engine.networks.base import lasting, network
from wizard.engine.run import versions
from wizard.engine.training import changes
from wizard.engine.training.loop import Training
from wizard.engine.training.parts import Parts
from wizard.plan import settings_hash
from wizard.project import Project, now
from wizard.reports import charts
from wizard.reports.card import model_card
from wizard.results import LayerFacts, TrainResult
from wizard.train_plan import TrainPlan
from wizard.weak_targets import is_weak


def sample(rows: NDArray[np.int64], number: int = 4000) -> NDArray[np.int64]:
    """Return about `number` of the rows, evenly spread."""
    return rows[:: max(1, len(rows) // number)]


def finish(
    training: Training,
    parts: Parts,
    plan: TrainPlan,
    options: dict[str, Any],
    project: Project,
    data: DataSet,
    tell: Tell,
    name: str = "",
) -> TrainResult:
    """Calibrate on validation cells, learn what is familiar, write the model file.

    `name` is that of the network where it is not the plan's.
    """
    tell.progress(0.95, "Calibrating")
    name = name or plan.network
    pool = training.network.get_layer(network(name).stages["pool"])
    both = Inference(training.network, [training.network.layers[-1], pool])
    task = training.task
    logits, val_features = run_inference(both, data, parts.validation, task.constants, lambda *_: None)
    known = sample(parts.train)
    _, features = run_inference(both, data, known, task.constants, lambda *_: None)
    familiarity = Familiarity.fit(features, parts.class_of[known], val_features)
    result = describe(training, parts, name, data)
    temperature = calibration.fit_temperature(logits, task.val_classes)
    tell.progress(0.98, "Saving the model")
    known_facts = {
        "judged": judged.facts(logits, task.val_classes, len(parts.classes), temperature),
        "run": training.state.run,
    }
    return save_model(result, Model(known_facts, training.network, familiarity), task.constants, temperature, plan,
                      options, data, project)  # fmt: skip


def save_model(
    result: TrainResult,
    model: Model,
    constants: dict[str, Any],
    temperature: float,
    plan: TrainPlan,
    options: dict[str, Any],
    data: DataSet,
    project: Project,
) -> TrainResult:
    """Complete the model's manifest, write it under a new name, and note it in the result."""
    number = len(ensemble.members(model.network)) or 1
    result.model_id = uuid.uuid4().hex[:12]
    model.manifest |= _manifest(result, constants, temperature, plan, data, project)
    model.manifest |= {"options": lasting(options), "members": number}
    model.manifest["layers"] = [one.model_dump() for one in readable(model)]
    several = f"_x{number}" if number > 1 else ""
    path = project.root / "models" / f"{result.target}_{result.network}{several}_{result.model_id}.cytomodel"
    path = path.with_name(re.sub(r"[^A-Za-z0-9._-]", "_", path.name))
    model.save(path, model_card(model.manifest))
    result.model = path.relative_to(project.root).as_posix()
    return result


def describe(training: Training, parts: Parts, name: str, data: DataSet) -> TrainResult:
    """Return the record of one network's training, without a model file; `name` is that of the network."""
    history, best = training.state.history, training.state.best_epoch
    row = history[best - 1]
    return TrainResult(
        network=name,
        network_title=network(name).title,
        parameters=int(training.network.count_params()),
        target=parts.target,
        classes=parts.classes,
        counts=counts(parts),
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
        adjustments=training.state.adjustments,
        layers=layers(training.network),
    )


def counts(parts: Parts) -> dict[str, dict[str, int]]:
    """Return the training and validation cells of each class."""
    return {
        name: {
            "train": int((parts.class_of[parts.train] == index).sum()),
            "validation": int((parts.class_of[parts.validation] == index).sum()),
        }
        for index, name in enumerate(parts.classes)
    }


def layers(net: Any) -> list[LayerFacts]:
    """Return the layers that have weights, in their order."""
    return [
        LayerFacts(
            name=layer.name,
            kind=type(layer).__name__,
            shape=_shape(layer),
            parameters=int(layer.count_params()),
            frozen=not layer.trainable,
        )
        for layer in net.layers
        if layer.weights
    ]


def _shape(layer: Any) -> list[int]:
    output = layer.output[0] if isinstance(layer.output, (list, tuple)) else layer.output
    return [int(side or 0) for side in output.shape[1:]]


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
        "network": result.network,
        "network_title": result.network_title,
        "parameters": result.parameters,
        "target": result.target,
        "weak": result.weak,
        "classes": result.classes,
        "counts": result.counts,
        "channels": info["channels"],
        "frame": list(data.frame),
        "parsed_frame": info["frame"],
        "dtype": info["dtype"],
        "parse": info["parse"],
        "normalisation": constants,
        "temperature": temperature,
        "data_set": {
            "fingerprint": info["fingerprint"],
            "n_cells": info["n_cells"],
            "group": info["group"],
            "split_by": info["split_by"],
            "training_groups": _training_groups(data, plan),
        },
        "validation": result.validation,
        "validation_by": result.validation_by,
        "settings": plan.model_dump(),
        "settings_hash": settings_hash(project.plan, "train"),
        "versions": versions(),
    }


def _training_groups(data: DataSet, plan: TrainPlan) -> list[str]:
    """Return the group values that the model has seen, also through the model that it started from."""
    group = data.info["group"]
    if not group:
        return []
    seen = set(data.values(group)[data.where("train")].tolist())
    if plan.start:
        # The file may be gone after a long training.
        with suppress(UserError):
            known = read_manifest(Path(plan.start).expanduser()).get("data_set", {})
            if known.get("group") == group:
                seen |= set(known.get("training_groups", []))
    return sorted(seen)


def write_tables(result: TrainResult, folders: list[Path]) -> None:
    """Write history.csv, and adjustments.csv when settings were changed on the way."""
    names = list(dict.fromkeys(name for row in result.history for name in row))
    rows = [[row.get(name, "") for name in names] for row in result.history]
    for folder in folders:
        fileio.write_csv(folder / "history.csv", names, rows)
        (folder / "adjustments.csv").unlink(missing_ok=True)
        if result.adjustments:
            columns = [*(["fold"] if any("fold" in change for change in result.adjustments) else []), *changes.COLUMNS]
            changed = [[_text(change.get(name, "")) for name in columns] for change in result.adjustments]
            fileio.write_csv(folder / "adjustments.csv", columns, changed)
    result.files["History of the training"] = "history.csv"
    if result.adjustments:
        result.files["Settings changed while it ran"] = "adjustments.csv"


def _text(value: object) -> object:
    return "; ".join(str(item) for item in value) if isinstance(value, list) else value


def draw_curves(result: TrainResult, folder: Path) -> None:
    """Draw curves.png beside the checkpoints' history; the step's own folder gets its copy from the report."""
    fileio.write_with(folder / "curves.png", partial(charts.curves, result.history, result.best_epoch))
