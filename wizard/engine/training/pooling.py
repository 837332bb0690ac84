"""The networks of all folds as one model, and what they say about cells that they never saw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio, runs
from wizard.engine import calibration, ensemble, judged, metrics
from wizard.engine.data.dataset import DataSet
from wizard.engine.familiarity import Familiarity
from wizard.engine.inference import Inference
from wizard.engine.inference import run as run_inference
from wizard.engine.model import Model, set_weights
from wizard.engine.networks.base import build, network
from wizard.engine.training import judging, recipe
from wizard.engine.training.folds import Fold, Whole
from wizard.engine.training.outcome import counts, layers, sample, save_model
from wizard.engine.training.parts import Parts
from wizard.results import FoldFigures, TrainResult
from wizard.weak_targets import is_weak

_ROUNDS = 1000
"""Of the bootstrap."""
_FEW_GROUPS = 5
"""Below this many groups a bootstrap over them says little."""


def finish(it: Whole, done: list[Fold]) -> TrainResult:
    """Make one model of the finished networks, write it, and describe it.

    The temperature is fitted to the members' own judgements of the cells that they never saw. The mean of several
    networks is less confident than each of them and right more often, so with this temperature the ensemble's
    probabilities are rather too careful than too bold; a temperature of the ensemble's own would need cells
    that none of the networks learned, and those are the hold-out.
    """
    it.tell.progress(0.95, "Calibrating")
    rows, _, logits = _pooled(it, done)
    classes = it.parts[0].class_of[rows]
    temperature = calibration.fit_temperature(logits, classes)
    model = _model(it, done)
    result = _describe(it, done, model)
    _cross(result, it, rows, logits)
    result.validation["loss"] = _loss(it, logits, classes)
    it.tell.progress(0.98, "Saving the model")
    model.manifest["judged"] = judged.facts(logits, classes, len(result.classes), temperature)
    save_model(result, model, it.constants, temperature, it.plan, done[0].options, it.data, it.project)
    for fold in done:
        _note_model(it, fold, result.model)
    return result


def write_tables(result: TrainResult, it: Whole, done: list[Fold], folder: Path) -> None:
    """Write folds.csv, and crossvalidation.csv with every cell judged by the network that never saw it."""
    names = [name for name in FoldFigures.model_fields if name != "groups"]
    lines = [[*(getattr(fold, name) for name in names), "; ".join(fold.groups)] for fold in result.folds]
    fileio.write_csv(folder / "folds.csv", [*names, "groups"], lines)
    rows, folds, logits = _pooled(it, done)
    shares = calibration.probabilities(logits, calibration.fit_temperature(logits, it.parts[0].class_of[rows]))
    cells, known = it.data.cells, result.classes
    head = ["cell_id", "source", "object", "fold", "true", "predicted", *(f"p_{name}" for name in known)]
    table = (
        [
            cells["cell_id"][row], cells["source"][row], int(cells["object"][row]), int(fold),
            known[it.parts[0].class_of[row]], known[share.argmax()], *(f"{one:.5f}" for one in share),
        ]
        for row, fold, share in zip(rows, folds, shares, strict=True)
    )  # fmt: skip
    fileio.write_csv(folder / "crossvalidation.csv", head, table)
    result.files |= {"Networks of the cross-validation": "folds.csv", "Cross-validated cells": "crossvalidation.csv"}


def _pooled(it: Whole, done: list[Fold]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Return the judged rows in order, the fold of each, and its logits from the network that never saw it."""
    parts = [it.parts[fold.number - 1] for fold in done]
    rows = np.concatenate([part.validation for part in parts])
    folds = np.concatenate([np.full(len(p.validation), f.number) for p, f in zip(parts, done, strict=True)])
    order = np.argsort(rows, kind="stable")
    return rows[order], folds[order], np.concatenate([fold.logits for fold in done])[order]


def _model(it: Whole, done: list[Fold]) -> Model:
    shape = (*it.data.frame, len(it.data.channels))
    stages = network(done[0].network).stages
    nets = []
    for fold in done:
        nets.append(build(fold.network, shape, len(it.parts[0].classes), fold.options))
        set_weights(nets[-1], fold.weights)
    if len(nets) > 1:
        net, features = ensemble.combine(nets, stages)
        pool = features[stages["pool"]]
    else:
        net, features = nets[0], {}
        pool = net.get_layer(stages["pool"])
    return Model({}, net, _familiarity(it, done, net, pool), features)


def _familiarity(it: Whole, done: list[Fold], net: Any, pool: Any) -> Familiarity:
    """Learn what is familiar from cells that all but one network learned.

    New cells lie farther off. By how much is known of each network alone from its validation cells, and the limit
    is moved out by the mean of these ratios.
    """
    parts = it.parts if len(done) > 1 else [it.parts[done[0].number - 1]]
    known = sample(np.sort(np.concatenate([p.validation for p in parts])) if len(done) > 1 else parts[0].train)
    (features,) = run_inference(Inference(net, [pool]), it.data, known, it.constants, lambda *_: None)
    inner = Familiarity.fit(features, it.parts[0].class_of[known], features)
    return replace(inner, limit=inner.limit * float(np.mean([fold.farther for fold in done])))


def _describe(it: Whole, done: list[Fold], model: Model) -> TrainResult:
    first, entry = it.parts[0], network(done[0].network)
    number = len(done)
    title = f"{number} × {entry.title}" if number > 1 else entry.title
    stopped = it.tell.should_stop()
    missing = f"you stopped it after {number} of {len(it.parts)} networks" if stopped else ""
    reasons = list(dict.fromkeys(fold.ended_because for fold in done))
    return TrainResult(
        network=entry.name,
        network_title=title,
        parameters=int(model.network.count_params()),
        target=first.target,
        classes=first.classes,
        counts=_counts(it, done),
        channels=it.data.channels,
        frame=it.data.frame,
        epochs=max(len(fold.history) for fold in done),
        best_epoch=int(np.median([fold.best_epoch for fold in done])),
        ended_because=missing or (reasons[0] if len(reasons) == 1 else "all networks were trained"),
        images_per_second=float(np.median([row["images_per_second"] for fold in done for row in fold.history])),
        validation_by=first.validation_by,
        weak=is_weak(first.target),
        stopped=stopped,
        history=mean_history([fold.history for fold in done]),
        adjustments=[change for fold in done for change in fold.adjustments],
        start=done[0].start,
        layers=layers((ensemble.members(model.network) or [model.network])[0]),
        folds=[_figures(it, fold) for fold in done],
    )


def _counts(it: Whole, done: list[Fold]) -> dict[str, dict[str, int]]:
    """Return the cells of each class: those that any network learned, and those that were judged."""
    learned = np.unique(np.concatenate([it.parts[fold.number - 1].train for fold in done]))
    judged = np.concatenate([it.parts[fold.number - 1].validation for fold in done])
    return counts(replace(it.parts[0], train=learned, validation=judged))


def mean_history(histories: list[list[dict[str, float]]]) -> list[dict[str, float]]:
    """Return the mean of each figure over the networks that reached an epoch; their own courses are in their runs."""
    rows: list[dict[str, float]] = []
    for place in range(max(len(history) for history in histories)):
        reached = [history[place] for history in histories if place < len(history)]
        names = dict.fromkeys(name for row in reached for name in row)
        rows.append({name: float(np.mean([row[name] for row in reached if name in row])) for name in names})
    return rows


def _figures(it: Whole, fold: Fold) -> FoldFigures:
    part, row = it.parts[fold.number - 1], fold.history[fold.best_epoch - 1]
    return FoldFigures(
        fold=fold.number,
        n_train=len(part.train),
        n_validation=len(part.validation),
        groups=_groups(it.data, part),
        epochs=len(fold.history),
        best_epoch=fold.best_epoch,
        loss=row["val_loss"],
        accuracy=row["val_accuracy"],
        balanced_accuracy=row["val_balanced_accuracy"],
        run=fold.run,
    )


def _groups(data: DataSet, part: Parts) -> list[str]:
    group = data.info["group"]
    return sorted(set(data.values(group)[part.validation].tolist())) if group and part.validation_by != "cell" else []


def _cross(result: TrainResult, it: Whole, rows: NDArray[np.int64], logits: NDArray[Any]) -> None:
    """Set the cross-validated figures; intervals by bootstrap over groups where these were kept whole, else cells."""
    true, predicted, number = it.parts[0].class_of[rows], logits.argmax(axis=1), len(result.classes)
    group = it.data.info["group"] if result.validation_by != "cell" else ""
    names, units = np.unique(it.data.values(group)[rows] if group else rows, return_inverse=True)
    if group and len(names) < _FEW_GROUPS:
        it.tell.notice("info", f"Only {len(names)} groups: the intervals of the cross-validation are rough.")
    matrix = metrics.confusion(true, predicted, number).astype(float)
    drawn = metrics.bootstrap(true, predicted, units, number, _ROUNDS, it.plan.seed)
    result.cross_accuracy = metrics.estimate(metrics.accuracy, matrix, drawn, len(names))
    result.cross_balanced_accuracy = metrics.estimate(metrics.balanced_accuracy, matrix, drawn, len(names))
    result.validation = {
        "accuracy": float(metrics.accuracy(matrix)),
        "balanced_accuracy": float(metrics.balanced_accuracy(matrix)),
        "n_cells": len(rows),
    }


def _loss(it: Whole, logits: NDArray[Any], classes: NDArray[np.int64]) -> float:
    """Return the mean loss of the judged cells, weighted by class as the training is."""
    names = it.parts[0].classes
    weights = recipe.class_weights(it.plan, np.bincount(classes, minlength=len(names)), names)[classes]
    return float(np.average(judging.cell_losses(logits, classes), weights=weights))


def _note_model(it: Whole, fold: Fold, model: str) -> None:
    """Name the model in the record of a network's training."""
    run = runs.load(it.project, fold.run)
    if run is not None:
        run.model = model
        runs.save(it.project, run)
