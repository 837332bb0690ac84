"""Step 4: a model and labelled cells it never saw to honest figures."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine import calibration, cells, gallery, metrics
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.inference import prepare
from wizard.engine.inference import run as run_inference
from wizard.evaluate_plan import EvaluatePlan
from wizard.project import Project
from wizard.results import EvaluateResult, Gallery

_FEW_GROUPS = 5
"""Below this many groups a bootstrap over groups says little; the interval is still by group from two on."""


@dataclass(frozen=True)
class Judged:
    """The judged cells: rows of the data set, true and predicted class numbers, probabilities (cell, class)."""

    data: DataSet
    rows: NDArray[np.int64]
    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    shares: NDArray[np.float64]
    classes: list[str]


def evaluate(plan: EvaluatePlan, project: Project, tell: Tell, folder: Path) -> EvaluateResult:
    """Compare predictions with labels on the hold-out, or on other labelled images.

    Raises UserError when there are no such cells or none has a class of the model.
    """
    chosen = cells.choose(plan.model, plan.input, project, "evaluate", tell)
    data, model = chosen.data, chosen.model
    rows, true = _rows(chosen, data, tell)
    began = time.monotonic()
    inference = prepare(model, [model.network.layers[-1]], plan.engine, project, len(rows), tell)
    (logits,) = run_inference(inference, data, rows, model.manifest["normalisation"], tell.part(chosen.start, 0.9))
    seconds = time.monotonic() - began
    shares = calibration.probabilities(logits, model.manifest["temperature"])
    group = _group(chosen, data)
    judged = Judged(data, rows, true, shares.argmax(axis=1), shares, model.classes)
    result = _figures(plan, judged, *_units(data, rows, group))
    result.model = cells.model_name(chosen, project)
    result.data = f"the hold-out of this project ({len(rows)} cells)" if chosen.own else chosen.words
    result.split_by = data.info["split_by"] if chosen.own else (f"group {group}" if group else "cell")
    result.engine, result.images_per_second = inference.engine, len(rows) / max(seconds, 1e-9)
    _remarks(result, chosen, data, rows, group, tell)
    result.gallery = _wrong(folder, judged)
    _write_cells(folder, judged)
    result.files["Every evaluated cell"] = "cells.csv"
    tell.progress(0.95, "Writing the reports")
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


def _units(data: DataSet, rows: NDArray[np.int64], group: str) -> tuple[NDArray[np.int64], int]:
    """Return the number of each cell's group (or of the cell) and the number of groups (0 for none)."""
    if group:
        names, units = np.unique(data.values(group)[rows], return_inverse=True)
        return units, len(names)
    return np.arange(len(rows)), 0


def _figures(plan: EvaluatePlan, judged: Judged, units: NDArray[np.int64], n_groups: int) -> EvaluateResult:
    true, predicted, classes = judged.true, judged.predicted, judged.classes
    by_group = n_groups > 1
    counts = metrics.confusion(true, predicted, len(classes))
    matrix = counts.astype(float)
    drawn = metrics.bootstrap(
        true, predicted, units if by_group else np.arange(len(true)), len(classes), plan.bootstrap, plan.seed
    )
    return EvaluateResult(
        n_cells=len(true),
        n_groups=n_groups,
        interval_by="group" if by_group else "cell",
        classes=classes,
        accuracy=metrics.estimate(metrics.accuracy, matrix, drawn),
        balanced_accuracy=metrics.estimate(metrics.balanced_accuracy, matrix, drawn),
        macro_f1=metrics.estimate(metrics.macro_f1, matrix, drawn),
        per_class=dict(zip(classes, metrics.per_class(matrix, true, judged.shares), strict=True)),
        recall_intervals=dict(zip(classes, metrics.recall_estimates(matrix, drawn), strict=True)),
        confusion=counts.tolist(),
        ece=calibration.calibration_error(judged.shares, true),
    )


def _remarks(
    result: EvaluateResult, chosen: cells.Chosen, data: DataSet, rows: NDArray[np.int64], group: str, tell: Tell
) -> None:
    absent = [name for name, figures in result.per_class.items() if figures.support == 0]
    if absent:
        tell.notice("warning", f"No cells to judge: {', '.join(absent)}.")
    if result.n_groups == 1:
        tell.notice(
            "warning", f"All judged cells are of one {group}: the intervals are drawn over cells and do not "
            "show how figures vary between groups.",
        )  # fmt: skip
    elif 1 < result.n_groups < _FEW_GROUPS:
        tell.notice("info", f"Only {result.n_groups} groups: the intervals are rough.")
    if not chosen.own:
        seen = set(chosen.model.manifest["data_set"]["training_groups"])
        shared = sorted(seen & set(data.values(group)[rows].tolist())) if group else []
        if shared:
            tell.notice(
                "warning", f"The model was trained on cells of the same {group}: {', '.join(shared)}. "
                "The figures may be too good.",
            )  # fmt: skip
    if chosen.own and chosen.model.manifest["data_set"]["fingerprint"] != data.info["fingerprint"]:
        tell.notice(
            "warning", "The model was trained on another data set, so some of these hold-out cells may have "
            "been among its training cells.",
        )  # fmt: skip


def _wrong(folder: Path, judged: Judged) -> Gallery | None:
    """Gather the wrongly predicted cells, most confident first, up to 24 of each kind of mistake."""
    true, predicted, classes = judged.true, judged.predicted, judged.classes
    confidence = judged.shares.max(axis=1)
    kinds: dict[tuple[int, int], list[int]] = {}
    for place in np.argsort(-confidence):
        if true[place] != predicted[place]:
            kinds.setdefault((int(true[place]), int(predicted[place])), []).append(int(place))
    chosen = [place for kind in sorted(kinds) for place in kinds[kind][:24]]
    rows = judged.rows[chosen]
    labels = [f"{classes[true[place]]} → {classes[predicted[place]]}" for place in chosen]
    captions = [f"{judged.data.cells['source'][judged.rows[place]]} ({confidence[place]:.0%})" for place in chosen]
    return gallery.write_gallery(folder, judged.data, rows, labels, captions)


def _write_cells(folder: Path, judged: Judged) -> None:
    data, classes = judged.data, judged.classes
    names = ["cell_id", "source", "object", "true", "predicted", "right", *(f"p_{name}" for name in classes)]
    table = (
        [
            data.cells["cell_id"][row],
            data.cells["source"][row],
            int(data.cells["object"][row]),
            classes[judged.true[place]],
            classes[judged.predicted[place]],
            "yes" if judged.true[place] == judged.predicted[place] else "no",
            *(f"{share:.5f}" for share in judged.shares[place]),
        ]
        for place, row in enumerate(judged.rows)
    )
    fileio.write_csv(folder / "cells.csv", names, table)
