"""Step 7: features to maps."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wizard import fileio
from wizard.engine import embeddings
from wizard.engine.data.dataset import FIXED
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.model import newest, read_manifest
from wizard.plan import VisualizePlan
from wizard.project import Project
from wizard.results import Map, VisualizeResult

_FEWEST = 10


def visualize(plan: VisualizePlan, project: Project, tell: Tell, folder: Path) -> VisualizeResult:
    """Draw the chosen maps of the extracted features; writes maps.parquet and maps.csv.

    Raises UserError without features, with too few cells, or when no map was chosen.
    """
    if not plan.methods or not plan.dimensions:
        raise UserError("No map was chosen.", "", "Choose at least one of PCA, t-SNE, UMAP, PHATE and 2-D or 3-D.")
    tell.progress(0.0, "Opening the features")
    columns, features = read_features(project.result_dir("extract") / "features.parquet")
    if len(features) < _FEWEST:
        raise UserError(
            f"{len(features)} cells are too few for a map.", "", f"Extract features of at least {_FEWEST} cells."
        )
    if (features.std(axis=0) > embeddings.FLAT).sum() < 3:
        raise UserError(
            "The features are the same for all cells.", "There is nothing to map.", "Check the model and the cells."
        )
    prepared = embeddings.Features(features, plan)
    tags = [name for name in columns if name not in FIXED]
    coordinates: dict[str, Any] = {}
    maps = []
    tasks = [(name, int(dimensions)) for name in plan.methods for dimensions in sorted(plan.dimensions)]
    for index, (name, dimensions) in enumerate(tasks):
        entry = embeddings.METHODS[name]
        tell.progress(0.02 + 0.93 * index / len(tasks), f"{entry.title} in {dimensions}-D")
        began = time.monotonic()
        made, note = entry.make(prepared, dimensions, plan)
        axes = [f"{name}_{dimensions}d_{axis + 1}" for axis in range(dimensions)]
        coordinates |= {axis: made[:, place].astype(np.float32) for place, axis in enumerate(axes)}
        maps.append(
            Map(
                method=name,
                title=f"{entry.title} {dimensions}-D",
                dimensions=dimensions,
                columns=axes,
                figure=f"{name}_{dimensions}d.png",
                seconds=round(time.monotonic() - began, 2),
                note=note,
            )
        )
    tell.progress(0.96, "Drawing the figures")
    table = {**columns, **coordinates}
    fileio.write_with(folder / "maps.parquet", lambda path: pq.write_table(pa.table(table), path))
    lines = ([_short(column[row]) for column in table.values()] for row in range(len(features)))
    fileio.write_csv(folder / "maps.csv", list(table), lines)
    return VisualizeResult(
        n_cells=len(features),
        n_features=features.shape[1],
        colour=_colour(plan.colour, tags, columns, project),
        tags=[*tags, "split"],
        maps=maps,
        files={"Map coordinates (Parquet)": "maps.parquet", "Map coordinates (CSV)": "maps.csv"},
    )


def read_features(path: Path) -> tuple[dict[str, Any], embeddings.Floats]:
    """Return the describing columns and the features (cell, d) of a features.parquet."""
    if not path.is_file():
        raise UserError("There are no features yet.", "", "Run Extract first.")
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError("The features cannot be read.", f"{error}.", "Run Extract again.") from None
    names = [name for name in table.column_names if name[:1] == "f" and name[1:].isdigit()]
    columns = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names
               if name not in set(names)}  # fmt: skip
    features = np.stack([table.column(name).to_numpy() for name in names], axis=1).astype(np.float32)
    return columns, features


def _colour(wanted: str, tags: list[str], columns: dict[str, Any], project: Project) -> str:
    if wanted not in ("auto", ""):
        if wanted not in columns:
            raise UserError(
                f"The cells have no tag called {wanted!r}.", f"Their tags are: {', '.join(tags)}.",
                "Choose one of these, or auto.",
            )  # fmt: skip
        return wanted
    models = project.models()
    target = read_manifest(newest(models, project.plan.extract.model))["target"] if models else ""
    if target in tags:
        return str(target)
    return tags[0] if tags else "split"


def _short(value: object) -> object:
    return f"{value:.5g}" if isinstance(value, np.floating) else value
