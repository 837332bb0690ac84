"""Step 6 for stains: what the network sees around each nucleus or square, as a table of features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.labeling import features
from wizard.engine.labeling import model as files
from wizard.engine.labeling.objects import segment, usual_diameter
from wizard.engine.labeling.tiling import Floats
from wizard.engine.labeling.using import NUCLEI, Opened, Predictor, source, stain_of
from wizard.label_use_plan import LabelExtractPlan
from wizard.project import Project
from wizard.results import LabelExtractResult

TABLE = "features.parquet"
_CSV_ROWS = 20_000


def label_extract(plan: LabelExtractPlan, project: Project, tell: Tell, folder: Path) -> LabelExtractResult:
    """Average the features of the network's trunk over each nucleus of the predicted stain, or over squares.

    Raises UserError when nuclei are asked for and no stain shows them, or when there are none.
    """
    tell.progress(0.0, "Loading the model")
    path = files.chosen(project.root, plan.model)
    model = files.load(path)
    predictor, trunk = Predictor(model), features.Trunk(model)
    nuclei = "" if plan.rows == "squares" else stain_of(model.stains, plan.nuclei, NUCLEI)
    if plan.rows == "nuclei" and not nuclei:
        raise UserError(
            "No stain of nuclei is known.", f"The model predicts: {', '.join(model.stains)}.",
            "Name the stain in the settings, or take squares.",
        )  # fmt: skip
    columns: dict[str, list[Any]] = {}
    result = LabelExtractResult(
        model=path.name, rows="nucleus" if nuclei else "square", layer=trunk.layer, n_features=trunk.count,
        diameter=plan.diameter,
    )  # fmt: skip
    with source(model, plan.input, project, tell) as fields:
        for number, one in enumerate(fields.each()):
            part = tell.part(0.05 + 0.9 * number / fields.count, 0.05 + 0.9 * (number + 1) / fields.count)
            part(0.0, f"Predicting {one.entry.name}")
            answer = predictor.middle(one.view.light, one.whole)
            objects = _objects(answer, model.stains, nuclei, plan, result)
            found = features.averaged(
                trunk,
                one.view.light,
                objects,
                lambda done, part=part, one=one: part(done, one.entry.name),  # type: ignore[misc]
            )
            _rows(columns, one, found, objects, answer, model.stains)
            result.n_fields += 1
            if tell.should_stop():
                result.stopped = number + 1 < fields.count
                break
    result.n_rows = len(columns.get("cell_id", []))
    if not result.n_rows:
        raise UserError(
            "No row was found.", f"The fields have no {result.rows} of this size.",
            "Take squares, or set the size of a nucleus.",
        )  # fmt: skip
    _write(columns, folder, result)
    return result


def _objects(
    answer: Floats, stains: list[str], nuclei: str, plan: LabelExtractPlan, result: LabelExtractResult
) -> NDArray[np.int32]:
    if not nuclei:
        return features.squares((answer.shape[0], answer.shape[1]), plan.square)
    stain = answer[..., stains.index(nuclei)]
    if not result.diameter:
        result.diameter = round(usual_diameter(stain), 1) or 20.0
    return segment(stain, result.diameter)


def _rows(
    columns: dict[str, list[Any]], one: Opened, found: features.Means, objects: NDArray[np.int32], answer: Floats,
    stains: list[str],
) -> None:  # fmt: skip
    """Add the rows of a field: where, how large, how bright each stain is predicted, and the features."""
    count = len(found.areas)
    entry = one.entry

    def add(name: str, values: Any) -> None:
        columns.setdefault(name, []).extend(values)

    add("cell_id", [f"{entry.name}#{number}" for number in range(1, count + 1)])
    add("field", [entry.name] * count)
    add("source", [entry.file] * count)
    add("object", range(1, count + 1))
    for at, axis in enumerate("yx"):
        add(axis, found.centres[:, at].round(2).tolist())
    add("area", found.areas.tolist())
    for at, label in enumerate(stains):
        sums = np.bincount(objects.ravel(), answer[..., at].ravel(), count + 1)[1:]
        add(f"predicted {label}", (sums / np.maximum(found.areas, 1)).tolist())
    for feature in range(found.values.shape[1]):
        add(f"f{feature:04}", found.values[:, feature].tolist())


def _write(columns: dict[str, list[Any]], folder: Path, result: LabelExtractResult) -> None:
    table = pa.table(columns)
    fileio.write_with(folder / TABLE, lambda place: pq.write_table(table, place))
    result.files["Features"] = TABLE
    if table.num_rows <= _CSV_ROWS:
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        fileio.write_csv(folder / "features.csv", table.column_names, rows)
        result.files["Features, for spreadsheets"] = "features.csv"
