"""Step 4 for stains: a model and stained pixels that it never saw to honest figures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.labeling import model as files
from wizard.engine.labeling import objects, panels
from wizard.engine.labeling.baseline import Linear
from wizard.engine.labeling.field_set import FieldSet, open_set
from wizard.engine.labeling.fields import from_centre
from wizard.engine.labeling.outputs import save_picture
from wizard.engine.labeling.scores import pearson
from wizard.engine.labeling.steps.label_parse import NAME
from wizard.engine.labeling.tallies import Tally, known_number, mean_of, of_label
from wizard.engine.labeling.tiling import Floats
from wizard.engine.labeling.using import DEAD, NUCLEI, Opened, Predictor, Source, source, stain_of, within
from wizard.engine.labeling.views import Region, View
from wizard.label_use_plan import LabelEvaluatePlan
from wizard.project import Project
from wizard.results import LabelEvaluateResult
from wizard.results_label import ObjectFigures, PlanesFigures, SizeFigures

PANEL = "errors.png"
_SIDE, _MOST_REGIONS, _FITTED = 512, 4, 4
_USUAL = 20.0
_REACH = 4.5
"""µm between a nucleus and a mark of death, as published."""


@dataclass
class Gathered:
    """What the regions add up to."""

    tallies: list[Tally]
    errors: list[objects.Errors] = field(default_factory=list)
    diameter: float = 0.0
    sizes: dict[str, list[objects.Sizes]] = field(default_factory=dict)
    planes: dict[int, list[list[float]]] = field(default_factory=dict)
    panel: tuple[float, Any] = (-1.0, None)
    pixels: int = 0
    seconds: float = 0.0


def label_evaluate(plan: LabelEvaluatePlan, project: Project, tell: Tell, folder: Path) -> LabelEvaluateResult:
    """Predict all pixels that were held out (or other stained fields) and compare them with the true stains.

    Raises UserError when there is nothing to compare with.
    """
    tell.progress(0.0, "Loading the model")
    path = files.chosen(project.root, plan.model)
    model = files.load(path)
    predictor = Predictor(model)
    nuclei = stain_of(model.stains, plan.nuclei, NUCLEI)
    dead = stain_of(model.stains, plan.dead, DEAD) if plan.dead or nuclei else ""
    found = Gathered([Tally(label) for label in model.stains])
    result = LabelEvaluateResult(model=path.name, data=", ".join(plan.input) or f"data/{NAME}")
    with source(model, plan.input, project, tell, stained=True) as fields:
        tell.progress(0.02, "Fitting the linear model")
        linear = _linear(fields, model, project) if plan.linear else None
        for number, one in enumerate(fields.each()):
            if one.regions:
                result.fields.append(one.entry.name)
            for region in one.regions:
                tell.progress(0.1 + 0.85 * number / fields.count, f"Predicting {one.entry.name}")
                _region(one, region, predictor, found, linear, plan, (nuclei, dead if dead != nuclei else ""))
            if tell.should_stop():
                result.stopped = number + 1 < fields.count
                break
        result.split_by = fields.split_by
    if not any(tally.truth for tally in found.tallies):
        raise UserError("No field has a stain to compare with.", "", "Choose a folder with stained fields.")
    _fill(result, found, predictor, nuclei, plan)
    _tables(result, folder)
    if found.panel[1] is not None:
        save_picture(folder / PANEL, found.panel[1])
        result.files["Error panel"] = PANEL
    return result


def _linear(fields: Source, model: files.StainModel, project: Project) -> Linear | None:
    """Fit the linear model to the regions for training of the project's fields, None without them."""
    made = fields.fields
    if made is None:
        try:
            made = open_set(project.root / "data" / NAME)
        except UserError:
            return None
    if made.planes != model.planes or not set(model.stains) <= set(made.labels):
        return None
    parts = [_box(made.view(one.view, model.stains), _middle(one, 1024)) for one in _spread(made)]
    if not all(any(known[..., at].any() for _, _, known in parts) for at in range(len(model.stains))):
        return None
    return Linear.fit_all(parts)


def _spread(made: FieldSet) -> list[Region]:
    at = np.unique(np.linspace(0, len(made.train) - 1, min(len(made.train), _FITTED)).round().astype(int))
    return [made.train[number] for number in at]


def _middle(region: Region, side: int) -> Region:
    """Return the middle of a region, `side` px at most."""
    high, wide = min(side, region.bottom - region.top), min(side, region.right - region.left)
    top, left = (region.top + region.bottom - high) // 2, (region.left + region.right - wide) // 2
    return Region(region.view, top, left, top + high, left + wide)


def _box(view: View, region: Region) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    place = slice(region.top, region.bottom), slice(region.left, region.right)
    return view.light[place], view.stains[place], np.asarray(view.known[place])


def _region(
    one: Opened, region: Region, predictor: Predictor, found: Gathered, linear: Linear | None,
    plan: LabelEvaluatePlan, marks: tuple[str, str],
) -> None:  # fmt: skip
    labels, gives = predictor.model.stains, len(predictor.gives)
    light, stains, known = _box(one.view, region)
    around = one.around(region)
    # The first tile prepares the computation, which is no part of the time.
    predictor.net(predictor.tiles((around.bottom - around.top, around.right - around.left)).tile)
    began = time.monotonic()
    answer = predictor.whole(one.view.light, region, around=around)
    found.seconds += time.monotonic() - began
    found.pixels += region.area
    floor = within(linear.predict(_box(one.view, around)[0]), region, around) if linear is not None else None
    for at, tally in enumerate(found.tallies):
        tally.add(
            stains[..., at], of_label(answer, at, gives), known[..., at], None if floor is None else floor[..., at]
        )
    told = answer[..., ::gives]
    _count(found, (stains, told, known), labels, marks, plan, one.entry.pixel_size)
    if plan.planes and sum(map(len, found.planes.values())) < _MOST_REGIONS * 8:
        _fewer(found, one, _middle(region, _SIDE), predictor)
    _keep_panel(found, light, stains, told, known, labels)


def _count(
    found: Gathered, pictures: tuple[Floats, Floats, NDArray[np.bool_]], labels: list[str], marks: tuple[str, str],
    plan: LabelEvaluatePlan, pixel_size: float,
) -> None:  # fmt: skip
    """Count the nuclei of true and predicted stain, and compare the sizes of live and dead ones."""
    nuclei, dead = marks
    stains, told, known = pictures
    if not nuclei or not known[..., labels.index(nuclei)].all():
        return
    at = labels.index(nuclei)
    if not found.diameter:
        found.diameter = plan.diameter or objects.usual_diameter(stains[..., at]) or _USUAL
    size = found.diameter
    found.errors.append(objects.count_errors(stains[..., at], told[..., at], size))
    if not dead or not known[..., labels.index(dead)].all():
        return
    reach = _REACH / pixel_size if pixel_size else size / 2
    for kind, pictures_ in (("true", stains), ("predicted", told)):
        cells = objects.segment(pictures_[..., at], size)
        gone = objects.centres(objects.segment(pictures_[..., labels.index(dead)], size))
        found.sizes.setdefault(kind, []).append(objects.sizes(cells, gone, reach))


def _fewer(found: Gathered, one: Opened, region: Region, predictor: Predictor) -> None:
    """Predict a part from fewer planes: each that is not given is replaced by the nearest that is."""
    planes = predictor.model.planes
    light, stains, known = _box(one.view, region)
    whole = Region(0, 0, 0, *light.shape[:2])
    for count in sorted({1, 3, 5, 7, 9, planes}):
        if count > planes:
            continue
        given = np.array(from_centre(planes, count))
        nearest = given[np.abs(np.arange(planes)[:, None] - given[None]).argmin(axis=1)]
        answer = predictor.middle(light[..., nearest], whole)
        found.planes.setdefault(count, []).append(
            [pearson(stains[..., at], answer[..., at], known[..., at]) for at in range(stains.shape[-1])]
        )


def _keep_panel(
    found: Gathered, light: Floats, stains: Floats, told: Floats, known: NDArray[np.bool_], labels: list[str]
) -> None:
    """Keep the error panel of the region with the most variation in its stains."""
    rich = float(stains[known].std()) if known.any() else -1.0
    if rich <= found.panel[0]:
        return
    high, wide = min(_SIDE, stains.shape[0]), min(_SIDE, stains.shape[1])
    spread = [float(stains[top : top + high].std()) for top in range(0, stains.shape[0] - high + 1, 64)]
    top = 64 * int(np.argmax(spread))
    part = slice(top, top + high), slice(0, wide)
    there = [at for at in range(len(labels)) if known[..., at].any()]
    rows = {labels[at]: (stains[part][..., at], told[part][..., at]) for at in there}
    found.panel = (rich, panels.panel(rows, light[part][..., (light.shape[-1] - 1) // 2]))


def _fill(
    result: LabelEvaluateResult, found: Gathered, predictor: Predictor, nuclei: str, plan: LabelEvaluatePlan
) -> None:
    result.n_fields = len(result.fields)
    result.stains = [tally.figures(plan.seed) for tally in found.tallies if tally.truth]
    result.engine, result.pixels = predictor.engine, found.pixels
    result.predict_seconds = round(found.seconds, 3)
    labels = predictor.model.stains
    for count, rows in sorted(found.planes.items()):
        means = {label: mean_of([row[at] for row in rows]) for at, label in enumerate(labels)}
        result.planes.append(PlanesFigures(planes=count, pearson=means))
    if found.errors:
        sums = {name: sum(getattr(one, name) for one in found.errors)
                for name in ("true", "predicted", "split", "merged", "added", "missed")}  # fmt: skip
        whole = objects.Errors(**sums)
        result.objects = ObjectFigures(
            label=nuclei, diameter=round(found.diameter, 1), accuracy=known_number(whole.accuracy), **sums
        )
    for kind, parts in found.sizes.items():
        live, gone = (np.concatenate([getattr(part, name) for part in parts]) for name in ("live", "dead"))
        made = SizeFigures(kind=kind, live=len(live), dead=len(gone), live_mean=mean_of(live), dead_mean=mean_of(gone))
        if len(live) and len(gone):
            test = stats.ks_2samp(live, gone)
            made.statistic, made.p = float(test.statistic), float(test.pvalue)
        result.sizes.append(made)


def _tables(result: LabelEvaluateResult, folder: Path) -> None:
    names = [name for name in type(result.stains[0]).model_fields if name != "heat_map"]
    fileio.write_csv(folder / "stains.csv", names, [[getattr(one, name) for name in names] for one in result.stains])
    rows = [
        [one.label, row / 10, column / 10, value]
        for one in result.stains for row, values in enumerate(one.heat_map) for column, value in enumerate(values)
    ]  # fmt: skip
    fileio.write_csv(folder / "heat_map.csv", ["stain", "true_from", "predicted_from", "per_1000"], rows)
    result.files |= {"Figures of the stains": "stains.csv", "Heat maps": "heat_map.csv"}
    if result.planes:
        labels = list(result.planes[0].pearson)
        fileio.write_csv(
            folder / "planes.csv", ["planes", *labels],
            [[one.planes, *(one.pearson[label] for label in labels)] for one in result.planes],
        )  # fmt: skip
        result.files["Number of planes"] = "planes.csv"
