"""Step 7: features to maps, clusters and a progression."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from wizard.engine.analysing import batch as batches
from wizard.engine.analysing import clusters, correction, film, progression
from wizard.engine.data.dataset import DataSet
from wizard.engine.embeddings.placing import Placement, place
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.model import newest, read_manifest
from wizard.engine.visualizing import laid_out, other_cells, tables
from wizard.engine.visualizing.naming import free
from wizard.engine.visualizing.prepared import Prepared, prepare
from wizard.project import Project
from wizard.results import VisualizeResult
from wizard.visualize_plan import VisualizePlan

Columns = dict[str, Any]


def visualize(plan: VisualizePlan, project: Project, tell: Tell, folder: Path) -> VisualizeResult:
    """Draw the chosen maps of the extracted features, find clusters and a progression, and look for batch effects.

    Writes maps.parquet and maps.csv (see `wizard.results_visualize`), loadings.csv, clusters.csv and the film.
    Maps that an earlier run drew from the same features and settings are taken over. Raises UserError without
    features, with too few cells, for a tag that is not there, or when no map was chosen.
    """
    if not plan.methods or not plan.dimensions:
        raise UserError("No map was chosen.", "", "Choose at least one of PCA, t-SNE, UMAP, PHATE and 2-D or 3-D.")
    prepared = prepare(plan, project, tell)
    colour = _colour(plan.colour, prepared.tags, prepared.columns, project)
    if plan.progression.strip():
        progression.check(prepared.laid_out, plan)
    result = VisualizeResult(
        n_cells=len(prepared.scores),
        n_features=len(prepared.reduction.kept),
        n_laid_out=len(prepared.rows),
        features=plan.features,
        colour=colour,
        explained=[float(share) for share in prepared.reduction.explained[:10]],
    )
    if plan.place:
        other_cells.check(prepared)
    _batches(prepared, result, project, tell)
    earlier = laid_out.Earlier(
        project.result("visualize"), project.result_dir("visualize"), prepared.columns["cell_id"]
    )
    rest = laid_out.rest(prepared)
    reference = prepared.scores[prepared.rows]
    tell.progress(0.03, "Looking for the nearest cells")
    others = place(reference, prepared.scores[rest], plan.seed) if len(rest) else None
    result.maps, made, judge = laid_out.draw(prepared, others, earlier, tell.within(0.04, 0.72))
    result.stopped = len(result.maps) < len(plan.methods) * len(plan.dimensions)
    result.judged_cells, result.judged_neighbours = len(judge.rows), judge.number
    data, columns = _own_cells(prepared, project, result)
    columns |= made
    found = _analysed(prepared, result, project, data, folder, tell.within(0.72, 0.82))
    columns |= _everywhere(prepared, found, others, columns)
    if plan.place:
        columns = _placed(prepared, result, project, columns, made, found, tell.within(0.82, 0.88))
    tell.progress(0.88, "Writing the tables and figures")
    result.tags = _tags(prepared, found, columns)
    result.files = tables.write(columns, folder)
    result.loadings, files = tables.loadings(prepared, folder)
    result.files |= files
    if result.clusters is not None:
        result.files |= clusters.write(result.clusters, folder)
    for part in (result.progression, result.batch):
        for said in part.cautions if part is not None else []:
            tell.notice("warning", said)
    return result


def _colour(wanted: str, tags: list[str], columns: Columns, project: Project) -> str:
    if wanted not in ("auto", ""):
        if wanted not in columns:
            raise _no_such_tag(wanted, tags)
        return wanted
    models = project.models()
    target = read_manifest(newest(models, project.plan.extract.model))["target"] if models else ""
    if target in tags:
        return str(target)
    return tags[0] if tags else "split"


def _no_such_tag(wanted: str, tags: list[str]) -> UserError:
    return UserError(
        f"The cells have no tag called {wanted!r}.", f"Their tags are: {', '.join(tags)}.",
        "Choose one of these, or auto.",
    )  # fmt: skip


def _group(prepared: Prepared, project: Project) -> str:
    """Return the tag of the groups of the split, where these cells have it."""
    parsed = project.result("parse")
    return parsed.group if parsed is not None and parsed.group in prepared.tags else ""


def _batches(prepared: Prepared, result: VisualizeResult, project: Project, tell: Tell) -> None:
    """Correct the batches if that was chosen, and measure how well they can be told."""
    plan = prepared.plan
    tag = plan.batch.strip()
    if tag == "auto":
        tag = _group(prepared, project)
    if tag in ("", "none"):
        if plan.correct != "none":
            raise UserError(
                "The batches cannot be corrected.", "No tag says which cells belong to a batch.",
                "Choose the tag of the batches, or no correction.",
            )  # fmt: skip
        return
    if tag not in prepared.columns:
        raise _no_such_tag(tag, prepared.tags)
    values = prepared.columns[tag]
    tell.progress(0.02, "Looking for batch effects")
    if plan.correct != "none":
        prepared.scores = correction.corrected(prepared.scores, values, plan.correct, plan.seed)
        tell.notice("info", f"The maps show features corrected for {tag} ({plan.correct}).")
    rows = prepared.rows
    after = prepared.scores[rows] if plan.correct != "none" else None
    class_tag = result.colour if result.colour in prepared.tags and result.colour != tag else ""
    classes = prepared.columns[class_tag][rows] if class_tag else np.full(len(rows), "")
    result.batch = batches.compare(prepared.before[rows], after, classes, values[rows], plan, class_tag, tag)


def _own_cells(prepared: Prepared, project: Project, result: VisualizeResult) -> tuple[DataSet | None, Columns]:
    """Return the data set that holds the pictures of the cells, if it is there, and a copy of their columns."""
    name = prepared.extracted.data_set
    path = project.root / name if name else project.data_set(project.plan.parse.name)
    try:
        data = DataSet.open(path)
    except UserError:
        return None, dict(prepared.columns)
    result.data_sets = [path.relative_to(project.root).as_posix()] if path.is_relative_to(project.root) else []
    return data, dict(prepared.columns)


def _analysed(
    prepared: Prepared, result: VisualizeResult, project: Project, data: DataSet | None, folder: Path, tell: Tell
) -> Columns:
    """Return clusters (0 ...) and pseudotime of the cells that were laid out."""
    plan = prepared.plan
    found: Columns = {}
    described = prepared.laid_out
    if plan.clusters:
        tell.progress(0.0, "Clusters")
        found["cluster"], result.clusters = clusters.find(prepared.space, described, result.colour, plan)
    if plan.progression.strip():
        tell.progress(0.4, "Progression")
        group = _group(prepared, project)
        found["pseudotime"], result.progression = progression.arrange(prepared.space, described, group, plan)
        if data is not None:
            row_of = {name: row for row, name in enumerate(data.cells["cell_id"].tolist())}
            rows = [row_of.get(name, -1) for name in described["cell_id"].tolist()]
            if min(rows) >= 0:
                result.progression.film = film.strip(
                    result.progression, found["pseudotime"], prepared.space, described, data,
                    np.asarray(rows, np.int64), folder, tell,
                )  # fmt: skip
    return found


def _everywhere(prepared: Prepared, found: Columns, others: Placement | None, taken: Columns) -> Columns:
    """Return clusters (as text from 1) and pseudotime of all cells, those that were not laid out by their nearest."""
    made: Columns = {}
    rest = laid_out.rest(prepared)
    for name, values in found.items():
        every = np.empty(len(prepared.scores), values.dtype)
        every[prepared.rows] = values
        if others is not None:
            every[rest] = _of_nearest(others, values)
        made[free(name, taken)] = _shown(every)
    return made


def _of_nearest(others: Placement, values: Any) -> Any:
    return others.mean(values) if values.dtype.kind == "f" else others.majority(values)


def _shown(values: Any) -> Any:
    return values if values.dtype.kind == "f" else (values + 1).astype(str).astype(object)


def _placed(
    prepared: Prepared, result: VisualizeResult, project: Project, columns: Columns, made: Columns, found: Columns,
    tell: Tell,
) -> Columns:  # fmt: skip
    """Return the columns with those of other cells below, which are placed into the maps."""
    data, new, scores = other_cells.scores(prepared, project, tell)
    placement = place(prepared.scores[prepared.rows], scores, prepared.plan.seed)
    for one in result.maps:
        coordinates = placement.mean(laid_out.of_laid_out(prepared, made, one))
        new |= {name: coordinates[:, axis] for axis, name in enumerate(one.columns)}
    for name, values in found.items():
        new[free(name, prepared.columns)] = _shown(_of_nearest(placement, values))
    mark = free("placed", {**columns, **new})
    columns[mark], new[mark] = np.zeros(len(prepared.scores), bool), np.ones(len(scores), bool)
    result.n_placed = len(scores)
    result.data_sets.append(data.path.relative_to(project.root).as_posix())
    return tables.joined(columns, new)


def _tags(prepared: Prepared, found: Columns, columns: Columns) -> list[str]:
    """Return the columns by which points can be coloured."""
    own = [free(name, prepared.columns) for name in found]
    placed = [name for name in columns if name.startswith("placed") and columns[name].dtype.kind == "b"]
    return [*prepared.tags, "split", *own, *placed]
