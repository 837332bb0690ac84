"""Step 4: a model and labelled cells it never saw to honest figures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine import calibration, cells, metrics
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.evaluating import (
    by_tag,
    curves,
    leakage,
    ordinal,
    pictures,
    ranking,
    reliability,
    rival,
    suspects,
    thresholds,
)
from wizard.engine.evaluating.judged import Judged
from wizard.engine.evaluating.redraw import Redraw, Scale, all_or_none, of_groups
from wizard.engine.events import Tell
from wizard.engine.inference import prepare
from wizard.engine.inference import run as run_inference
from wizard.engine.model import Model
from wizard.evaluate_plan import EvaluatePlan
from wizard.project import Project
from wizard.results import Estimate, EvaluateResult

_FEW_GROUPS = 8
"""Below this many groups a bootstrap over groups says little; the interval is still by group from two on."""


def evaluate(plan: EvaluatePlan, project: Project, tell: Tell, folder: Path) -> EvaluateResult:
    """Compare predictions with labels on the hold-out, or on other labelled images.

    Raises UserError when there are no such cells, none has a class of the model, or the second model does not fit.
    """
    chosen = cells.choose(plan.model, plan.input, project, "evaluate", tell)
    data, model = chosen.data, chosen.model
    rows, true = _rows(chosen, data, tell)
    second = rival.open_rival(plan.second_model, chosen, project) if plan.second_model else None
    began = time.monotonic()
    inference = prepare(model, [model.network.layers[-1]], plan.engine, project, len(rows), tell)
    end = 0.75 if second is not None else 0.88
    (logits,) = run_inference(inference, data, rows, model.manifest["normalisation"], tell.part(chosen.start, end))
    seconds = time.monotonic() - began
    group = _group(chosen, data)
    judged = _judged(plan, data, rows, true, logits, model, group)
    others = None if second is None else rival.shares_of(
        second, model.classes, plan.engine, chosen, rows, project, tell
    )  # fmt: skip
    tell.progress(0.89, "Computing figures and intervals")
    result = _figures(judged)
    result.n_groups = len(np.unique(data.values(group)[rows])) if group else 0
    result.model, result.target = cells.model_name(chosen, project), model.manifest["target"]
    result.data = f"the hold-out of this project ({len(rows)} cells)" if chosen.own else chosen.words
    result.split_by = data.info["split_by"] if chosen.own else (f"group {group}" if group else "cell")
    result.engine, result.images_per_second = inference.engine, len(rows) / max(seconds, 1e-9)
    result.temperature = float(model.manifest["temperature"])
    _further(result, judged, plan, chosen, project, folder)
    if others is not None:
        result.rival = rival.compare(judged, others, Path(plan.second_model).name)
        result.files.update(rival.write(folder, judged, others))
    tell.progress(0.94, "Looking for suspect labels")
    _remarks(result, chosen, judged, tell)
    _suspects(result, judged, folder)
    result.gallery, result.behind = pictures.behind_matrix(folder, judged)
    tell.progress(0.97, "Writing the reports")
    return result


def _rows(chosen: cells.Chosen, data: DataSet, tell: Tell) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows to judge and their class numbers."""
    target = chosen.model.manifest["target"]
    if target not in data.tags:
        raise UserError(
            "These cells carry no labels for this model.",
            f"The model tells {target!r} apart; the tags of the cells are: {', '.join(data.tags) or 'none'}.",
            f"Sort the images into folders by {target}, or use Predict instead.",
        )
    numbers = cells.class_numbers(data, chosen.model)
    pool = data.where("holdout") if chosen.own else np.arange(len(data))
    if len(pool) == 0:
        raise UserError(
            "There are no hold-out cells.",
            "The data set was parsed without a hold-out, or has only one group.",
            "Parse again with a hold-out share above 0, or choose other labelled images.",
        )
    rows = pool[numbers[pool] >= 0]
    unknown = sorted(set(data.values(target)[pool[numbers[pool] < 0]].tolist()))
    if len(rows) == 0:
        raise UserError(
            "None of the labels is a class of this model.",
            f"The labels are {', '.join(unknown)}; the model knows {', '.join(chosen.model.classes)}.",
            "Choose other images, or another model.",
        )
    if unknown:
        names = ", ".join(name or "(no label)" for name in unknown)
        tell.notice("warning", f"Left out, because the model does not know the class: {names}.")
    return rows, numbers[rows]


def _group(chosen: cells.Chosen, data: DataSet) -> str:
    """Return the tag over whose values the intervals are drawn: the one of the training, where it is there."""
    group: str = chosen.model.manifest["data_set"]["group"]
    return group if group in data.tags else ""


def _judged(
    plan: EvaluatePlan,
    data: DataSet,
    rows: NDArray[np.int64],
    true: NDArray[np.int64],
    logits: NDArray[np.floating],
    model: Model,
    group: str,
) -> Judged:
    redraw = Redraw(None, len(rows), plan.bootstrap, plan.seed)
    if group:
        _, units = np.unique(data.values(group)[rows], return_inverse=True)
        redraw = of_groups(units, plan.bootstrap, plan.seed)
    shares = calibration.probabilities(logits, model.manifest["temperature"])
    plain = calibration.probabilities(logits, 1.0)
    return Judged(data, rows, true, shares.argmax(axis=1), shares, plain, model.classes, redraw, group)


def _figures(judged: Judged) -> EvaluateResult:
    true, classes, units = judged.true, judged.classes, judged.redraw.number
    counts = metrics.confusion(true, judged.predicted, len(classes))
    matrix = counts.astype(float)
    drawn = judged.redraw.over(true * len(classes) + judged.predicted, len(classes) ** 2, lambda found: found)
    drawn = drawn.reshape(-1, len(classes), len(classes))
    per_class = metrics.per_class(matrix, true, judged.shares)
    of_class: dict[str, dict[str, Estimate]] = {name: {} for name in classes}
    for figure, estimates in metrics.class_estimates(matrix, drawn, units).items():
        for name, one in zip(classes, estimates, strict=True):
            of_class[name][figure] = one
    for name, areas in zip(classes, ranking.estimates(judged, per_class), strict=True):
        of_class[name].update(areas)
    support = judged.support[judged.support > 0]
    # As many cells as a mean over classes is worth.
    worth = len(support) ** 2 / float((1 / support).sum())
    scales: dict[str, Scale] = {"mcc": "correlation"}
    found: dict[str, Any] = {
        name: all_or_none(
            metrics.estimate(figure, matrix, drawn, min(units, number), scales.get(name, "share")), number
        )
        for name, figure, number in (
            ("accuracy", metrics.accuracy, len(true)),
            ("balanced_accuracy", metrics.balanced_accuracy, worth),
            ("macro_f1", metrics.macro_f1, worth),
            ("weighted_f1", metrics.weighted_f1, len(true)),
            ("mcc", metrics.correlation, worth),
        )
    }
    return EvaluateResult(
        n_cells=len(true),
        interval_by="cell" if judged.redraw.units is None else "group",
        classes=classes,
        **found,
        per_class=dict(zip(classes, per_class, strict=True)),
        recall_intervals={name: figures["recall"] for name, figures in of_class.items()},
        class_intervals=of_class,
        confusion=counts.tolist(),
        ece=calibration.calibration_error(judged.shares, true),
        ece_before=calibration.calibration_error(judged.plain, true),
        reliability=reliability.bins(judged.shares, true),
        reliability_before=reliability.bins(judged.plain, true),
    )


def _further(
    result: EvaluateResult, judged: Judged, plan: EvaluatePlan, chosen: cells.Chosen, project: Project, folder: Path
) -> None:
    """Add what is told beside the main figures, and write its tables."""
    _write_cells(folder, judged)
    result.files["Every evaluated cell"] = "cells.csv"
    result.by_tag = by_tag.figures(judged, result.target, plan.bootstrap)
    order = ordinal.order_of(result.target, judged.classes)
    if order:
        result.ordinal = ordinal.figures(judged, order)
    known = leakage.learned(chosen, project, judged.group)
    result.leakage = leakage.check(judged, known)
    for made in (
        thresholds.write(folder, judged),
        curves.write(folder, judged),
        by_tag.write(folder, result.by_tag),
        leakage.write(folder, judged, known),
    ):
        result.files.update(made)


def _suspects(result: EvaluateResult, judged: Judged, folder: Path) -> None:
    places = suspects.find(judged)
    result.n_suspects = len(places)
    if len(places):
        result.files.update(suspects.write(folder, judged, places))
        result.suspects = pictures.suspects(folder, judged, places)


def _remarks(result: EvaluateResult, chosen: cells.Chosen, judged: Judged, tell: Tell) -> None:
    absent = [name for name, figures in result.per_class.items() if figures.support == 0]
    if absent:
        tell.notice("warning", f"No cells to judge: {', '.join(absent)}.")
    if len(absent) == len(result.classes) - 1:
        tell.notice(
            "warning", "All judged cells are of one class: only how many of them were found can be told. AUC, average "
            "precision and the correlation coefficient need cells of other classes.",
        )  # fmt: skip
    if result.n_groups == 1:
        tell.notice(
            "warning", f"All judged cells are of one {judged.group}: the intervals are drawn over cells and do not "
            "show how figures vary between groups.",
        )  # fmt: skip
    elif 1 < result.n_groups < _FEW_GROUPS:
        tell.notice("info", f"Only {result.n_groups} groups: the intervals are rough.")
    found = result.leakage
    if found is not None and found.shared_groups:
        shown = ", ".join(found.shared_groups[:10]) + (" …" if len(found.shared_groups) > 10 else "")
        tell.notice(
            "warning", f"The model was trained on cells of the same {found.group}: {shown}. "
            "The figures may be too good.",
        )  # fmt: skip
    if found is not None and found.n_duplicates:
        tell.notice(
            "warning", f"{found.n_duplicates} judged cells have the same pixels as cells that the model learned from, "
            f"such as {found.duplicates[0]}. The figures may be too good.",
        )  # fmt: skip
    if chosen.own and chosen.model.manifest["data_set"]["fingerprint"] != judged.data.info["fingerprint"]:
        tell.notice(
            "warning", "The model was trained on another data set, so some of these hold-out cells may have "
            "been among its training cells.",
        )  # fmt: skip


def _write_cells(folder: Path, judged: Judged) -> None:
    classes = judged.classes
    names = ["cell_id", "source", "object", "true", "predicted", "right", *(f"p_{name}" for name in classes)]
    table = (
        [
            *judged.origin(place),
            classes[judged.true[place]],
            classes[judged.predicted[place]],
            "yes" if judged.true[place] == judged.predicted[place] else "no",
            *(f"{share:.5f}" for share in judged.shares[place]),
        ]
        for place in range(len(judged.rows))
    )
    fileio.write_csv(folder / "cells.csv", names, table)
