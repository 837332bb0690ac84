"""Step 7 for stains: error panels, stains in colour on the transmitted light, and a map of the features."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from wizard import fileio
from wizard.engine.events import Tell
from wizard.engine.labeling import model as files
from wizard.engine.labeling.outputs import save_picture
from wizard.engine.labeling.panels import panel
from wizard.engine.labeling.steps.label_extract import TABLE
from wizard.engine.labeling.steps.label_predict import coloured, plain_name
from wizard.engine.labeling.tiling import Floats
from wizard.engine.labeling.using import Opened, Predictor, grown, source
from wizard.engine.labeling.views import Region
from wizard.label_use_plan import LabelVisualizePlan
from wizard.project import Project
from wizard.results import LabelVisualizeResult

MAP = "maps.parquet"
_SEEN = 96
"""Px around a part that the network may look at."""


def label_visualize(plan: LabelVisualizePlan, project: Project, tell: Tell, folder: Path) -> LabelVisualizeResult:
    """Draw some held-out fields: predicted, true and where they differ, and the stains in colour on the light.

    Raises UserError when there is no model or no field of view.
    """
    tell.progress(0.0, "Loading the model")
    model = files.load(files.chosen(project.root, ""))
    predictor, result = Predictor(model), LabelVisualizeResult()
    taken: set[str] = set()
    with source(model, [], project, tell) as fields:
        shown = list(islice((one for one in fields.each() if one.regions), plan.fields))
        for number, one in enumerate(shown):
            tell.progress(0.05 + 0.8 * number / len(shown), f"Drawing {one.entry.name}")
            _field(one, one.regions[0], predictor, plan, folder, plain_name(one.entry.name, taken), result)
            if tell.should_stop():
                result.stopped = True
                break
    features = project.result_dir("label_extract") / TABLE
    if plan.map and features.is_file():
        tell.progress(0.9, "Drawing the map")
        _map(features, plan.seed, folder, result)
    elif plan.map:
        tell.notice("info", "There is no map: Extract has not run yet.")
    return result


def _field(
    one: Opened, region: Region, predictor: Predictor, plan: LabelVisualizePlan, folder: Path, name: str,
    result: LabelVisualizeResult,
) -> None:  # fmt: skip
    part = _richest(one, region, plan.side)
    place = slice(part.top, part.bottom), slice(part.left, part.right)
    light = one.view.light[place][..., (predictor.model.planes - 1) // 2]
    stains, known = one.view.stains[place], one.view.known[place]
    told = predictor.middle(one.view.light, part, grown(part, _SEEN, one.around(region)))
    labels = predictor.model.stains
    there = [at for at in range(len(labels)) if known[..., at].any()]
    rows = {labels[at]: (stains[..., at], told[..., at]) for at in there}
    if rows:
        result.panels[one.entry.name] = save_picture(folder / f"{name}_errors.png", panel(rows, light)).name
        result.files[f"Error panel {one.entry.name}"] = result.panels[one.entry.name]
    picture = coloured(light, told, labels)
    if len(there) == len(labels):
        picture = np.concatenate([picture, coloured(light, stains, labels)], axis=1)
    result.overlays[one.entry.name] = save_picture(folder / f"{name}_stains.png", picture).name
    result.files[f"Stains of {one.entry.name}"] = result.overlays[one.entry.name]


def _richest(one: Opened, region: Region, side: int) -> Region:
    """Return the part of a region, `side` px at most, in which the stains vary most."""
    high, wide = min(side, region.bottom - region.top), min(side, region.right - region.left)
    step = max(16, side // 4)
    best, found = -1.0, region
    for top in range(region.top, region.bottom - high + 1, step):
        for left in range(region.left, region.right - wide + 1, step):
            stains: Floats = one.view.stains[top : top + high : 4, left : left + wide : 4]
            rich = float(stains.std(axis=(0, 1)).sum())
            if rich > best:
                best, found = rich, Region(region.view, top, left, top + high, left + wide)
    return found


def _map(features: Path, seed: int, folder: Path, result: LabelVisualizeResult) -> None:
    """Write the two main components of the features of each row."""
    table = pq.read_table(features)
    names = [name for name in table.column_names if name.startswith("f") and name[1:].isdigit()]
    values: NDArray[np.float32] = np.column_stack([table[name].to_numpy() for name in names])
    spread = values.std(axis=0)
    values = (values - values.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    if min(values.shape) < 3:
        return
    analysis = PCA(2, random_state=seed)
    places = analysis.fit_transform(values)
    kept = [name for name in table.column_names if name not in names]
    made = table.select(kept)
    for at in range(2):
        made = made.append_column(f"PCA {at + 1}", pa.array(places[:, at].astype(np.float32)))
    fileio.write_with(folder / MAP, lambda place: pq.write_table(made, place))
    result.map, result.n_rows = MAP, len(places)
    result.explained = [float(share) for share in analysis.explained_variance_ratio_]
    result.files["Map"] = MAP
