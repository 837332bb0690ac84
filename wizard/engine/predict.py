"""Step 5: a model and cells to a table of predictions."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard.engine import cells, gallery
from wizard.engine.cells import Chosen
from wizard.engine.errors import Paused, UserError
from wizard.engine.events import Tell
from wizard.engine.inference import Inference, prepare, stream
from wizard.engine.predicting import class_maps, limits, outputs, reading, samples, shares, table
from wizard.engine.predicting.keeping import CHUNK, Chunks, folder_of, key_of
from wizard.engine.predicting.table import Decision, Predicted
from wizard.predict_plan import PredictPlan
from wizard.project import Project
from wizard.results_predict import CellMark, ClassShare, Limit, PredictResult

_PER_CLASS = 48


def predict(plan: PredictPlan, project: Project, tell: Tell, folder: Path) -> PredictResult:
    """Predict the class of every cell of `plan.input`, or of the project's data set.

    Writes predictions.csv and .parquet: one row per cell with its origin, every class's calibrated probability,
    and whether the network is unsure or the cell unlike all training cells; samples.csv; what else was asked for.
    A run that was stopped or killed goes on where it stood, and one with other thresholds needs no network.
    """
    chosen = reading.choose(plan, project, tell)
    if not len(chosen.data):
        raise UserError("There are no cells to predict.", "", "Choose images that hold cells.")
    inference = _prepared(plan, project, chosen, tell)
    key = key_of(chosen.data, chosen.model, inference.engine)
    with Chunks.open(folder_of(project), key, len(chosen.model.classes)) as chunks:
        before, began = chunks.done, time.monotonic()
        try:
            _compute(inference, chosen, chunks, tell)
        finally:
            if chunks.done > before:
                chunks.spent(time.monotonic() - began)
        tell.progress(0.85, "Writing the table")
        result = _result(plan, project, chosen, chunks, tell, folder)
        result.images_per_second = len(chosen.data) / max(chunks.seconds, 1e-9)
    result.engine, result.taken_up = inference.engine, before
    if before:
        tell.notice("info", f"{before:,} cells were not computed again: an earlier run had done them with this model.")
    return result


def _prepared(plan: PredictPlan, project: Project, chosen: Chosen, tell: Tell) -> Inference:
    model = chosen.model
    layers = [model.network.layers[-1], model.layer("pool")]
    return prepare(model, layers, plan.engine, project, len(chosen.data), tell)


def _compute(inference: Inference, chosen: Chosen, chunks: Chunks, tell: Tell) -> None:
    """Send the cells that are left through the network; raises Paused when the user stops."""
    data, model = chosen.data, chosen.model
    total = len(data)
    rows = np.arange(chunks.done, total)
    if not len(rows):
        return
    report = tell.part(chosen.start + (0.85 - chosen.start) * chunks.done / total, 0.85)
    logits: list[NDArray[np.float32]] = []
    distances: list[NDArray[np.float32]] = []

    def keep() -> None:
        if logits:
            chunks.add(np.concatenate(logits).astype(np.float32), np.concatenate(distances).astype(np.float32))
            logits.clear()
            distances.clear()

    answers = stream(inference, data, rows, model.manifest["normalisation"], report)
    try:
        for _, (scores, features) in answers:
            logits.append(scores)
            distances.append(model.familiarity.distance(features))
            stopped = tell.should_stop()
            if stopped or sum(map(len, logits)) >= CHUNK:
                keep()
            if stopped and chunks.done < total:
                raise Paused
    finally:
        # What reads ahead ends at once, not when the error is forgotten.
        getattr(answers, "close", lambda: None)()
    keep()


def _decision(plan: PredictPlan, chosen: Chosen, tell: Tell) -> tuple[Decision, Limit, float]:
    """Choose both thresholds; return them with the false-alarm rate that holds."""
    model = chosen.model
    limit = limits.choose(model.manifest.get("judged"), plan.error / 100, plan.unsure)
    if limit.why:
        tell.notice("warning", limit.why)
    rate = plan.false_alarms / 100
    farthest = model.familiarity.limit_at(rate)
    if farthest is None:
        rate, farthest = 0.01, model.familiarity.limit
        tell.notice("warning", "The model is of an older program version and knows only 1 % of false alarms; "
                    "this is used.")  # fmt: skip
    elif 0 < model.familiarity.judged * rate < 1:
        tell.notice("info", f"With only {model.familiarity.judged} validation cells the limit for "
                    f"{plan.false_alarms:g} % of false alarms is a rough guess.")  # fmt: skip
    how = Decision(model.classes, float(model.manifest["temperature"]), limit.threshold, farthest)
    return how, limit, rate


def _result(
    plan: PredictPlan, project: Project, chosen: Chosen, chunks: Chunks, tell: Tell, folder: Path
) -> PredictResult:  # fmt: skip
    data, model = chosen.data, chosen.model
    how, limit, rate = _decision(plan, chosen, tell)
    found = table.decide(chunks, how)
    table.write(folder, data, found, chunks, how)
    tell.progress(0.9, "Counting")
    by_class, over, rates, why = _shares(chosen, found)
    rows = samples.rows_of(data, found, model.manifest["target"], _group(chosen), rates)
    result = PredictResult(
        model=cells.model_name(chosen, project), data=chosen.words, n_cells=len(data), classes=model.classes,
        counts={name: share.cells for name, share in by_class.items()},
        n_unsure=int(found.unsure.sum()), n_unfamiliar=int(found.unfamiliar.sum()), threshold=limit.threshold,
        shares=by_class, intervals_over=over, uncorrected=why, limit=limit, false_alarms=rate,
        samples=samples.shown(rows), whole_workbook="excel" in plan.outputs,
    )  # fmt: skip
    result.files = {"Predictions of every cell": "predictions.csv", "Predictions (Parquet)": "predictions.parquet"}
    if rows:
        result.files["Counts per sample"] = samples.write(folder, rows, model.classes)
    _pictures(result, chosen, found, folder)
    result.maps = class_maps.write(folder, data, found, plan.input or project.plan.parse.input, tell)
    result.files |= outputs.write(plan, folder, chosen, found, chunks, how, project, tell)
    _remarks(result, chosen, tell)
    return result


def _shares(chosen: Chosen, found: Predicted) -> tuple[dict[str, ClassShare], str, shares.Rates | None, str]:
    """Return shares by class, what their intervals are over, and the rates of a correction or why there is none."""
    data, number = chosen.data, len(found.classes)
    rates, why = shares.rates_of(chosen.model.manifest.get("judged"), found.classes)
    group = _group(chosen)
    units = np.unique(data.values(group), return_inverse=True)[1] if group in data.tags else None
    by_group = shares.per_group(found.number, number, units)
    counted, better = shares.estimates(by_group, rates)
    if rates is not None and shares.too_wide(better):
        why = f"the {int(rates.counts.sum())} validation cells of the model tell too little about its mistakes"
        rates, better = None, [None] * number
    over = f"{len(by_group)} values of {group}" if len(by_group) > 1 else "cells"
    totals = np.bincount(found.number, minlength=number)
    sums = {name: np.bincount(found.number, values, number) for name, values in
            (("unsure", found.unsure), ("unfamiliar", found.unfamiliar), ("confidence", found.confidence))}  # fmt: skip
    answer = {}
    for index, name in enumerate(found.classes):
        cells_of = int(totals[index])
        answer[name] = ClassShare(
            cells=cells_of, share=counted[index], corrected=better[index], unsure=int(sums["unsure"][index]),
            unfamiliar=int(sums["unfamiliar"][index]),
            confidence=float(sums["confidence"][index] / cells_of) if cells_of else None,
        )  # fmt: skip
    return answer, over, rates, why


def _group(chosen: Chosen) -> str:
    """Return the tag that keeps samples apart, "" where there is none."""
    return str(chosen.model.manifest.get("group") or chosen.data.info.get("group") or "")


def _pictures(result: PredictResult, chosen: Chosen, found: Predicted, folder: Path) -> None:
    """Write a gallery of each class, from the most to the least certain cell."""
    names = found.names
    picked = gallery.pick_by_order(names, found.confidence, _PER_CLASS)
    sources = chosen.data.cells["source"]
    captions = []
    for row in picked.tolist():
        words = ["unsure"] * bool(found.unsure[row]) + ["unlike the training cells"] * bool(found.unfamiliar[row])
        captions.append(f"{sources[row]} ({found.confidence[row]:.0%}{''.join(', ' + word for word in words)})")
        result.marks.append(CellMark(
            confidence=float(found.confidence[row]), unsure=bool(found.unsure[row]),
            unfamiliar=bool(found.unfamiliar[row]),
        ))  # fmt: skip
    result.gallery = gallery.write_gallery(folder, chosen.data, picked, names[picked].tolist(), captions)


def _remarks(result: PredictResult, chosen: Chosen, tell: Tell) -> None:
    """Say what the user should know before believing the figures."""
    if result.uncorrected:
        tell.notice("info", f"The shares are not corrected for wrong predictions: {result.uncorrected}.")
    usual = result.false_alarms or 0.01
    if result.n_unfamiliar > max(5 * usual, 0.05) * result.n_cells:
        tell.notice(
            "warning", f"{result.n_unfamiliar / result.n_cells:.0%} of the cells are unlike the training cells (about "
            f"{usual:.1%} is usual): another sample, staining or instrument setting is likely.",
        )  # fmt: skip
    if chosen.own:
        number = len(chosen.data.where("train"))
        tell.notice(
            "info", f"These are the project's own cells; the model was trained on {number} of them (column split), "
            "so only the hold-out cells show how it does on new ones.",
        )  # fmt: skip
