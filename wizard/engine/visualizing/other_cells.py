"""Other cells for the maps: parsed and sent through the network as those of the table of features were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wizard.engine.data.dataset import DataSet
from wizard.engine.embeddings.space import Floats
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.extracting import layers
from wizard.engine.inference import prepare as prepare_inference
from wizard.engine.inference import stream
from wizard.engine.model import load
from wizard.engine.parse import parse_for_model
from wizard.engine.visualizing.prepared import Prepared
from wizard.project import Project

NAME = "visualize"
"""Name of the data set that holds them."""


def check(prepared: Prepared) -> None:
    """Raise UserError when other cells cannot be placed with these settings."""
    plan = prepared.plan
    if plan.features != "network":
        raise UserError(
            "Other cells can be placed only by features of the network.", "", "Choose the features of the network, "
            "or leave the other cells out.",
        )  # fmt: skip
    if plan.correct != "none":
        raise UserError(
            "Other cells cannot be placed among corrected batches.",
            "The correction is known only for the batches that it was made from.",
            "Leave the batches uncorrected, or the other cells out.",
        )


def scores(prepared: Prepared, project: Project, tell: Tell) -> tuple[DataSet, dict[str, Any], Floats]:
    """Return the data set of the other cells, their columns and their scores (cell, k); raises UserError."""
    extracted = prepared.extracted
    path = project.root / Path(extracted.model)
    model = load(path)
    data = parse_for_model(prepared.plan.place, model.manifest, project, NAME, tell, 0.5)
    rows = np.arange(len(data))
    output = layers.read(layers.find(model, extracted.layer)[1], extracted.layout)
    inference = prepare_inference(model, [output], "auto", project, len(rows), tell)
    made = [
        prepared.reduction.scores(values.reshape(len(part), -1))
        for part, (values,) in stream(inference, data, rows, model.manifest["normalisation"], tell.part(0.5, 1.0))
    ]
    columns: dict[str, Any] = {name: data.cells[name] for name in ("cell_id", "source", "object")}
    columns |= {tag: data.values(tag) for tag in data.tags}
    columns["split"] = data.cells["split"]
    return data, columns, np.concatenate(made)
