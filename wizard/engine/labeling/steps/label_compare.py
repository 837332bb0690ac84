"""Compares heads: each learns the same crops for the same time and is judged on the pixels that were held out."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.labeling.field_set import FieldSet, open_set
from wizard.engine.labeling.heads import head
from wizard.engine.labeling.steps.label_parse import NAME
from wizard.engine.labeling.steps.label_train import model_of, outcome, prepare
from wizard.engine.labeling.tallies import Tally, of_label
from wizard.engine.labeling.training import Training
from wizard.engine.labeling.using import Predictor, with_gap
from wizard.label_plan import LabelTrainPlan
from wizard.project import Project
from wizard.results import LabelCompareResult
from wizard.results_label import ComparedHead


def label_compare(plan: LabelTrainPlan, project: Project, tell: Tell, folder: Path) -> LabelCompareResult:
    """Train a network with each of the plan's heads and tell its figures; no model is kept.

    Raises UserError when no head is chosen or there is nothing to learn from.
    """
    if not plan.heads:
        raise UserError("No head was chosen.", "", "Choose two or more to compare.")
    fields = open_set(project.root / "data" / NAME)
    result = LabelCompareResult(minutes=plan.compare_minutes, split_by=fields.split_by)
    for number, name in enumerate(plan.heads):
        tell.progress(number / len(plan.heads), head(name).title)
        part = tell.within(number / len(plan.heads), (number + 1) / len(plan.heads))
        result.heads.append(_compared(plan, name, project, fields, part))
        if tell.should_stop():
            result.stopped = number + 1 < len(plan.heads)
            break
    names = ("label", "pearson", "pearson_foreground", "ssim", "mae", "coverage")
    fileio.write_csv(folder / "heads.csv", ["head", "steps", "seconds_per_megapixel", *names], [
        [one.head, one.steps, one.seconds_per_megapixel, *(getattr(stain, name) for name in names)]
        for one in result.heads for stain in one.stains
    ])  # fmt: skip
    result.files["Heads"] = "heads.csv"
    return result


def _compared(plan: LabelTrainPlan, name: str, project: Project, fields: FieldSet, tell: Tell) -> ComparedHead:
    began = time.monotonic()
    changed = plan.model_copy(update={"head": name, "minutes": plan.compare_minutes, "start": "", "networks": 1})
    made = prepare(changed, fields, project)
    title = head(name).title

    def listen(it: Training) -> bool:
        tell.progress(0.9 * it.share(), f"{title}: step {it.state.step}")
        return tell.should_stop()

    made.training.run(listen, time.monotonic() - began)
    members = made.training.members(len(made.stains))
    trained = outcome(made, changed, members)
    predictor = Predictor(model_of(made, changed, trained, members))
    tallies = [Tally(label) for label in made.stains]
    spent, pixels = 0.0, 0
    for region in fields.holdout:
        view = fields.view(region.view, made.stains)
        place = slice(region.top, region.bottom), slice(region.left, region.right)
        around = with_gap(region, fields.train)
        predictor.net(predictor.tiles((around.bottom - around.top, around.right - around.left)).tile)
        began = time.monotonic()
        answer = predictor.whole(view.light, region, around=around)
        spent, pixels = spent + time.monotonic() - began, pixels + region.area
        stains, known = view.stains[place], np.asarray(view.known[place])
        for at, tally in enumerate(tallies):
            tally.add(stains[..., at], of_label(answer, at, len(predictor.gives)), known[..., at])
        tell.progress(0.95, title)
    return ComparedHead(
        head=name, title=title, steps=trained.steps, seconds=trained.train_seconds,
        seconds_per_megapixel=round(spent / pixels * 1e6, 3) if pixels else None,
        stains=[tally.figures(plan.seed) for tally in tallies],
    )  # fmt: skip
