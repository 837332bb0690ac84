"""Step 5: a model and cells to a table of predictions."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine import calibration, cells, gallery
from wizard.engine.data.dataset import BOX, DataSet
from wizard.engine.events import Tell
from wizard.engine.inference import prepare
from wizard.engine.inference import run as run_inference
from wizard.predict_plan import PredictPlan
from wizard.project import Project
from wizard.results import PredictResult


def predict(plan: PredictPlan, project: Project, tell: Tell, folder: Path) -> PredictResult:
    """Predict the class of every cell of `plan.input`, or of the project's data set.

    Writes predictions.csv: one row per cell with its origin, every class's calibrated probability,
    and whether the network is unsure or the cell unlike all training cells.
    """
    chosen = cells.choose(plan.model, plan.input, project, "predict", tell)
    data, model = chosen.data, chosen.model
    rows = np.arange(len(data))
    began = time.monotonic()
    layers = [model.network.layers[-1], model.layer("pool")]
    inference = prepare(model, layers, plan.engine, project, len(rows), tell)
    logits, features = run_inference(
        inference, data, rows, model.manifest["normalisation"], tell.part(chosen.start, 0.9)
    )
    seconds = time.monotonic() - began
    shares = calibration.probabilities(logits, model.manifest["temperature"])
    confidence = shares.max(axis=1)
    predicted = np.asarray(model.classes)[shares.argmax(axis=1)]
    unsure, unfamiliar = confidence < plan.unsure, model.familiarity.unfamiliar(features)
    tell.progress(0.92, "Writing the table")
    _write_table(folder, data, model.classes, predicted, shares, unsure, unfamiliar)
    if chosen.own:
        number = len(data.where("train"))
        tell.notice(
            "info", f"These are the project's own cells; the model was trained on {number} of them (column split), "
            "so only the hold-out cells show how it does on new ones.",
        )  # fmt: skip
    counts = Counter(predicted.tolist())
    picked = gallery.pick(predicted.tolist())
    captions = [f"{data.cells['source'][row]} ({confidence[row]:.0%})" for row in picked]
    return PredictResult(
        model=cells.model_name(chosen, project),
        data=chosen.words,
        n_cells=len(data),
        classes=model.classes,
        counts={name: counts.get(name, 0) for name in model.classes},
        n_unsure=int(unsure.sum()),
        n_unfamiliar=int(unfamiliar.sum()),
        threshold=plan.unsure,
        engine=inference.engine,
        images_per_second=len(data) / max(seconds, 1e-9),
        gallery=gallery.write_gallery(folder, data, picked, predicted[picked].tolist(), captions),
        files={"Predictions of every cell": "predictions.csv"},
    )


def _write_table(
    folder: Path,
    data: DataSet,
    classes: list[str],
    predicted: NDArray[np.str_],
    shares: NDArray[np.float64],
    unsure: NDArray[np.bool_],
    unfamiliar: NDArray[np.bool_],
) -> None:
    head = ["cell_id", "source", "object", "predicted", "confidence", *(f"p_{name}" for name in classes)]
    boxes = [name for name in BOX if name in data.cells]
    names = [*head, "unsure", "unfamiliar", *data.tags, *boxes, "split"]
    tags = [data.values(tag) for tag in data.tags]
    table = (
        [
            data.cells["cell_id"][row],
            data.cells["source"][row],
            int(data.cells["object"][row]),
            predicted[row],
            f"{shares[row].max():.5f}",
            *(f"{share:.5f}" for share in shares[row]),
            "yes" if unsure[row] else "no",
            "yes" if unfamiliar[row] else "no",
            *(values[row] for values in tags),
            *(data.cells[name][row] for name in boxes),
            data.cells["split"][row],
        ]
        for row in range(len(data))
    )
    fileio.write_csv(folder / "predictions.csv", names, table)
