"""A run beside the steps: where the project's model looks, and which channels it needs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from wizard import fileio
from wizard.engine import cells
from wizard.engine.ensemble import members
from wizard.engine.errors import Cancelled
from wizard.engine.events import Tell
from wizard.engine.explaining import judged as judging
from wizard.engine.explaining import retrain, subsets, verdict
from wizard.engine.explaining.ablation import Scales, middle, quick
from wizard.engine.explaining.judged import Judged
from wizard.engine.explaining.maps import Maps, draw_maps
from wizard.engine.explaining.score import BASELINES
from wizard.engine.explaining.tables import write_tables
from wizard.engine.networks.base import network
from wizard.evaluate_plan import EvaluatePlan
from wizard.project import Project
from wizard.results import ExplainResult


def explain(plan: EvaluatePlan, project: Project, tell: Tell, folder: Path) -> ExplainResult:
    """Map where the model looks in cells that it did not learn, and try it with fewer channels.

    Writes maps.npz, cells.csv and channels.csv. Networks are trained anew on subsets of the channels when
    `explain_minutes` is above 0; the project's model stays as it is. Stop keeps what was done. Raises UserError
    when there is no model, no labelled cell, or a channel subset names an unknown channel.
    """
    judged = judging.judge(plan, project, tell)
    model, data = judged.chosen.model, judged.chosen.data
    asked = subsets.wanted(plan.explain_subsets, data.channels)
    result = ExplainResult(
        model=cells.model_name(judged.chosen, project),
        data="the hold-out of this project" if judged.chosen.own else judged.chosen.words,
        engine=judged.engine, target=model.manifest["target"], classes=model.classes, channels=data.channels,
        frame=data.frame, baseline=BASELINES[plan.explain_baseline], minutes=plan.explain_minutes,
    )  # fmt: skip
    begin = judged.chosen.start + 0.1
    ends = _stretches(begin, plan, len(data.channels))
    maps = draw_maps(plan, judged, result, tell, (begin, ends[0]))
    _study(plan, project, judged, asked, result, tell, folder, ends)
    result.stopped = tell.should_stop()
    if result.stopped and not result.cells and not result.ablation:
        raise Cancelled
    verdict.suggest(result)
    sees_totals = bool(model.manifest["options"].get("intensities")) and network(model.manifest["network"]).intensities
    result.caveats = verdict.caveats(result, sees_totals, len(members(model.network)))
    _write(result, maps, folder)
    return result


def _stretches(begin: float, plan: EvaluatePlan, channels: int) -> tuple[float, float]:
    """Return where on the bar maps and quick study end: trainings take most of the time."""
    if plan.explain_minutes:
        return begin + 0.1, begin + 0.15
    return (0.75 if plan.explain_methods else begin), 0.97


def _study(
    plan: EvaluatePlan, project: Project, judged: Judged, asked: list[subsets.Subset], result: ExplainResult,
    tell: Tell, folder: Path, ends: tuple[float, float],
) -> None:  # fmt: skip
    """Try subsets of the channels, and train networks for them if wished."""
    places = judged.study()
    scales = Scales(judged, places, plan.bootstrap, plan.seed)
    result.n_cells, result.n_groups = len(places), scales.n_groups
    result.interval_by = "group" if scales.n_groups else "cell"
    if tell.should_stop():
        return
    found = quick(judged, places, scales, asked, plan.seed, tell, ends)
    result.ablation = found
    if not plan.explain_minutes or tell.should_stop():
        return
    source = retrain.source(judged, project, plan.explain_minutes, tell)
    if source is None:
        return
    scores = [(tuple(row.channels), middle(row)) for row in found if row.how == "mean"]
    wanted = subsets.trained(len(result.channels), asked, scores)
    tell.notice("info", f"{len(wanted)} networks are trained anew, {plan.explain_minutes:g} minutes each.")
    made = retrain.retrained(
        judged, places, scales, wanted, source, folder / "training", tell, (ends[1], 0.97)
    )  # fmt: skip
    result.ablation = [*made, *found]


def _write(result: ExplainResult, maps: Maps, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if maps:
        fileio.write_with(folder / "maps.npz", partial(_save, maps))
        result.files["Maps as arrays"] = "maps.npz"
    write_tables(result, folder)


def _save(maps: Maps, path: Path) -> None:
    arrays: dict[str, Any] = dict(maps)
    np.savez_compressed(path, **arrays)
