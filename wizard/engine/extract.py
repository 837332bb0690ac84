"""Step 6: a model and cells to a table of features."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wizard import fileio
from wizard.engine import cells
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.inference import prepare
from wizard.engine.inference import run as run_inference
from wizard.plan import ExtractPlan
from wizard.project import Project
from wizard.results import ExtractResult

_MOST_COLUMNS = 16000
_CSV_CELLS = 5_000_000
"""Above this many numbers the CSV is left out: no spreadsheet opens it, and Parquet holds the same."""


def extract(plan: ExtractPlan, project: Project, tell: Tell, folder: Path) -> ExtractResult:
    """Read a layer's output for every cell into features.parquet (and features.csv where it is not too large).

    Columns: cell_id, source, object, the tags, split, then f0000, f0001 … (float32). Cells are not augmented.
    """
    chosen = cells.choose(plan.model, plan.input, project, "extract", tell)
    data, model = chosen.data, chosen.model
    layer = model.layer(plan.layer)
    began = time.monotonic()
    rows = np.arange(len(data))
    inference = prepare(model, [_output(layer, plan.layout)], plan.engine, project, len(rows), tell)
    (features,) = run_inference(inference, data, rows, model.manifest["normalisation"], tell.part(chosen.start, 0.9))
    seconds = time.monotonic() - began
    features = features.reshape(len(features), -1)
    if features.shape[1] > _MOST_COLUMNS:
        raise UserError(
            f"Layer {plan.layer} kept flat has {features.shape[1]} columns per cell.",
            f"More than {_MOST_COLUMNS} cannot be handled in a table.",
            "Choose the layout Average, or the layer pool.",
        )
    tell.progress(0.92, "Writing the features")
    table: dict[str, object] = {name: data.cells[name] for name in ("cell_id", "source", "object")}
    table |= {tag: data.values(tag) for tag in data.tags}
    table["split"] = data.cells["split"]
    table |= {f"f{index:04d}": features[:, index] for index in range(features.shape[1])}
    fileio.write_with(folder / "features.parquet", lambda path: pq.write_table(pa.table(table), path))
    files = {"Features (Parquet)": "features.parquet"}
    if features.size <= _CSV_CELLS:
        lines = ([_number(column[row]) for column in table.values()] for row in range(len(data)))  # type: ignore[index]
        fileio.write_csv(folder / "features.csv", list(table), lines)
        files["Features (CSV)"] = "features.csv"
    return ExtractResult(
        model=cells.model_name(chosen, project),
        data=chosen.words,
        layer=plan.layer,
        layer_in_network=layer.name,
        shape=[int(side) for side in layer.output.shape[1:]],
        n_cells=len(data),
        n_features=features.shape[1],
        engine=inference.engine,
        images_per_second=len(data) / max(seconds, 1e-9),
        files=files,
    )


class _Averaged:
    """A layer whose output is averaged over the frame, so that memory stays small."""

    def __init__(self, output: object) -> None:
        self.output = output


def _output(layer: object, layout: str) -> object:
    output = layer.output  # type: ignore[attr-defined]
    if layout == "average" and len(output.shape) == 4:
        from wizard.engine.backend import keras

        return _Averaged(keras.ops.mean(output, axis=(1, 2)))
    return layer


def _number(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, np.floating) else value
