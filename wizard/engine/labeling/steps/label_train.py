"""Step 3 for stains: a set of fields of view to a model that predicts their stains."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from wizard import fileio
from wizard.engine.backend import keras
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.labeling import model as files
from wizard.engine.labeling import saving
from wizard.engine.labeling.changes import Changes
from wizard.engine.labeling.crops import Crops
from wizard.engine.labeling.field_set import FieldSet, open_set
from wizard.engine.labeling.judging import Answers, Judge
from wizard.engine.labeling.networks import build, network
from wizard.engine.labeling.networks.base import PictureNetwork, take_over
from wizard.engine.labeling.networks.cost import parameters
from wizard.engine.labeling.outputs import save_picture
from wizard.engine.labeling.sizes import refuse_small
from wizard.engine.labeling.steps.label_parse import NAME
from wizard.engine.labeling.training import Members, Recipe, Training, Weights, label_names
from wizard.engine.labeling.views import Region, View, check_part, with_planes
from wizard.engine.model import weights_of
from wizard.label_plan import LabelTrainPlan
from wizard.project import Project
from wizard.reports.label_card import card
from wizard.results import LabelTrainResult
from wizard.results_label import StainCheck

OPTIONS = ("resume",)
PREVIEW = "preview.png"
_BASE = 400
"""Base depth of the published network."""
_SAVE_SECONDS = 60.0
_MEASURED = 5
_FREE = ("minutes", "steps", "heads", "compare_minutes")
"""Settings that may change between a stop and taking the training up."""


@dataclass
class Prepared:
    """All that a training needs: fields, regions, labels and the network."""

    fields: FieldSet
    labels: list[str]
    stains: list[str]
    views: list[View]
    learnt: list[Region]
    checked: list[Region]
    entry: PictureNetwork
    training: Training
    fresh: list[str]
    start: Callable[[int], Weights]
    """Gives the weights with which the network of a number begins."""


def label_train(
    plan: LabelTrainPlan, project: Project, tell: Tell, folder: Path, resume: bool = False
) -> LabelTrainResult:
    """Train a network for the time of the plan and write the model file.

    Stop keeps the best so far and can be taken up with `resume`; Cancel restores what was there before.
    Raises UserError when there is nothing to learn from.
    """
    tell.progress(0.0, "Opening the fields of view")
    made = prepare(plan, open_set(project.root / "data" / NAME), project)
    place = project.stain_training_dir
    fingerprint = _fingerprint(plan, project)
    if resume:
        saving.restore(made.training, place, fingerprint)
    else:
        saving.begin(place)
    try:
        stopped = _follow(made, tell, place, fingerprint, tell.seconds)
        result = _finish(made, plan, project, tell, folder)
    except FloatingPointError:
        if not resume:
            saving.discard(place)
        raise UserError(
            "The training ran away: its loss is no number any more.",
            f"It happened in step {made.training.state.step + 1}; the learning rate is probably too large.",
            "Use a tenth of the learning rate and start again.",
        ) from None
    except (Cancelled, KeyboardInterrupt):
        if not resume:
            saving.discard(place)
        raise
    result.stopped = stopped
    if stopped:
        fileio.forget_aside(place)
    else:
        saving.finish(place)
    return result


def prepare(plan: LabelTrainPlan, fields: FieldSet, project: Project) -> Prepared:
    """Open the fields, divide their pixels, and build the network."""
    stains = _stains(plan, fields)
    labels = label_names(stains, fields.planes, plan.planes_too)
    entry = network(plan.network)
    used = sorted({region.view for region in fields.train})
    views = [fields.view(at, stains) for at in used]
    if plan.planes_too:
        views = [with_planes(view) for view in views]
    regions = [replace(region, view=used.index(region.view)) for region in fields.train]
    crop = entry.side(plan.crop)
    learnt, checked = check_part(regions, plan.check, min(32, crop // 2), entry.smallest)
    refuse_small([fields.fields[at] for at in used], entry, crop)
    judge = Judge(views, checked, entry, plan.head, labels)
    crops = Crops(views, learnt, crop, plan.bright, seed=plan.seed, labels=len(stains))

    def begun(number: int) -> tuple[Any, list[str]]:
        keras.utils.set_random_seed(plan.seed + number)
        made = build(plan.network, fields.planes, labels, plan.head, **_options(plan))
        return made, _start(plan, made, fields) if plan.start else []

    net, fresh = begun(0)
    only_heads = bool(fresh) and all(name.startswith("head_") for name in fresh)
    still = frozenset(layer.name for layer in net.layers if layer.name not in fresh) if only_heads else frozenset()
    weights = tuple([1.0] * len(stains) + [len(stains) / fields.planes] * (len(labels) - len(stains)))
    how = Changes(plan.turn, plan.turn, plan.gain, plan.offset, plan.noise, plan.focus, planes=plan.lost)
    recipe = Recipe(
        plan.head, plan.minutes * 60, plan.steps, plan.batch, plan.rate, how, plan.seed,
        label_weights=weights if plan.planes_too else (), still=still, margin=entry.lost,
        enough=_enough(plan, learnt, crop - 2 * entry.lost), networks=plan.networks,
    )  # fmt: skip
    return Prepared(fields, labels, stains, views, learnt, checked, entry, Training(net, crops, judge, recipe), fresh,
                    lambda number: weights_of(begun(number)[0]))  # fmt: skip


def _enough(plan: LabelTrainPlan, learnt: list[Region], side: int) -> int:
    """Return the steps after which each pixel was seen as often as the plan says; 0 = no limit."""
    return -(-plan.passes * sum(region.area for region in learnt) // (plan.batch * side * side))


def _options(plan: LabelTrainPlan) -> dict[str, Any]:
    if plan.network == "published":
        return {"base": max(16, round(_BASE * plan.width))}
    return {"width": plan.width, "dropout": plan.dropout}


def _stains(plan: LabelTrainPlan, fields: FieldSet) -> list[str]:
    trained = {label for region in fields.train for label in fields.fields[region.view].taken}
    there = [label for label in fields.labels if label in trained]
    unknown = [label for label in plan.stains if label not in there]
    if unknown:
        raise UserError(
            f"There is no stain called {unknown[0]}.", f"The fields for training have: {', '.join(there)}.",
            "Choose one of these.",
        )  # fmt: skip
    if not there:
        raise UserError("No field for training has a stain.", "", "Add stained fields, or hold fewer of them out.")
    return list(plan.stains) or there


def _start(plan: LabelTrainPlan, net: Any, fields: FieldSet) -> list[str]:
    """Take over the weights of another model; return the layers that it does not have."""
    old = files.load(Path(plan.start).expanduser())
    if old.manifest["network"] != plan.network:
        raise UserError(
            f"{Path(plan.start).name} has another network.", f"It is: {network(old.manifest['network']).title}.",
            "Choose that network, or another model to start from.",
        )  # fmt: skip
    fresh = take_over(net, old.network())
    if old.planes != fields.planes:
        fresh.append("planes")
    return fresh


def _fingerprint(plan: LabelTrainPlan, project: Project) -> str:
    parsed = project.result("label_parse")
    values = {name: value for name, value in plan.model_dump().items() if name not in _FREE}
    whole = json.dumps([values, parsed.id if parsed is not None else ""], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def _follow(made: Prepared, tell: Tell, place: Path, fingerprint: str, spent: float) -> bool:
    """Run the training and tell of it; return whether the user stopped it."""
    training, first = made.training, made.training.state.step
    saved = told = time.monotonic()
    marks = training.state.marks
    timing: list[float] = []
    stopped = False

    def listen(it: Training) -> bool:
        nonlocal saved, marks, stopped, told
        state = it.state
        timing.append(time.monotonic() - told)
        told = time.monotonic()
        # The first steps prepare the computation.
        if state.step - first == _MEASURED:
            _estimate(it, float(np.median(timing[2:])), tell)
        tell.progress(0.02 + 0.94 * _done(it), f"Step {state.step}, loss {state.history[-1]['loss']:.3f}")
        if state.marks != marks:
            marks = state.marks
            _show(it, tell, place)
        if time.monotonic() - saved >= _SAVE_SECONDS:
            saving.save(it, place, fingerprint)
            saved = time.monotonic()
        stopped = tell.should_stop()
        return stopped

    training.run(listen, spent)
    while not stopped and training.worth_another():
        number = len(training.earlier) + 1
        words = f"Network {number} has learnt these fields; network {number + 1} begins."
        tell.notice("info", f"{words} The answers of all are averaged.")
        training.again(made.start(number), len(made.stains))
        marks = 0
        training.run(listen)
    if stopped:
        saving.save(training, place, fingerprint)
    _show(training, tell, place)
    return stopped


def _done(it: Training) -> float:
    """Return how much of the whole training is done, 0 to 1."""
    return it.share() if it.recipe.steps else min(1.0, it.seconds() / max(1.0, it.expected()))


def _estimate(it: Training, step: float, tell: Tell) -> None:
    recipe = it.recipe
    left = time_left = recipe.seconds - it.seconds()
    wanted = recipe.steps or recipe.enough * (recipe.networks - len(it.earlier))
    if wanted:
        whole = (wanted - it.state.step + it.state.first) * step
        left = whole if recipe.steps else min(time_left, whole)
    count = recipe.steps or it.state.step + int(left / max(step, 1e-3))
    tell.notice("info", f"A step takes {step:.2g} s; about {count:,} steps fit into the time.")
    if not recipe.steps and left < 0.8 * time_left:
        tell.notice("info", "The training will end before its time: more would only learn these few fields by heart. "
                    "More fields make a better network than more time.")  # fmt: skip
    tell.expect(max(0.0, left))


def _show(it: Training, tell: Tell, place: Path) -> None:
    """Tell the figures of the last judgement and show a crop of the check pixels."""
    state = it.state
    last = max(state.means)
    save_picture(place / PREVIEW, it.judge.picture(it.net))
    tell.preview(str(place / PREVIEW))
    shown = sum("check_loss" in row for row in state.history)
    tell.metric(max(1, shown), max(shown, round(shown / max(it.share(), 1e-3))),
                {"loss": float(np.mean([row["loss"] for row in state.history[-20:]])), "val_loss": state.means[last],
                 "minutes": it.seconds() / 60})  # fmt: skip


def _finish(made: Prepared, plan: LabelTrainPlan, project: Project, tell: Tell, folder: Path) -> LabelTrainResult:
    tell.progress(0.97, "Writing the model")
    training = made.training
    members = training.members(len(made.stains))
    result = outcome(made, plan, members)
    found = model_of(made, plan, result, members)
    name = found.manifest["name"]
    path = found.save(
        project.root / "models" / "stains" / f"{_plain(name)}.cytomodel", card(name, found.manifest, result)
    )
    result.model = path.relative_to(project.root).as_posix()
    _table(result.history, folder)
    save_picture(folder / PREVIEW, training.judge.picture(training.net))
    result.files = {"History": "history.csv", "Check crop": PREVIEW}
    return result


def model_of(made: Prepared, plan: LabelTrainPlan, result: LabelTrainResult, members: Members) -> files.StainModel:
    """Return what a model file holds."""
    training, fields = made.training, made.fields
    name = f"{'_'.join(made.stains[:3])}_{plan.network}_{uuid.uuid4().hex[:8]}"
    manifest = {
        "name": name, "network": plan.network, "options": _options(plan), "head": plan.head, "labels": made.labels,
        "stains": len(made.stains), "planes": fields.planes, "prepare": list(fields.prepared),
        "light": list(fields.named),
        "levels": {key: fields.levels[key].as_dict() for key in ("light", *made.stains)},
        "ranges": fields.ranges().as_dict(), "members": [[made.labels[at] for at in used] for _, used in members],
        "crop": training.crops.size, "steps": training.state.step, "seconds": round(training.state.seconds, 1),
        "pixel_size": max(entry.pixel_size for entry in fields.fields),
        "widths": {check.label: check.width for check in result.checks},
        "check_pearson": {check.label: check.pearson for check in result.checks},
    }  # fmt: skip
    return files.StainModel(manifest, [weights for weights, _ in members])


def _plain(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name)[:100]


def outcome(made: Prepared, plan: LabelTrainPlan, members: Members) -> LabelTrainResult:
    """Return what a training came to, with the figures of the check pixels."""
    training = made.training
    state = training.state
    answers = _averaged(training, members)
    pearsons = dict(enumerate(training.judge.pearsons(answers)))
    widths = dict(enumerate(training.judge.widths(answers)))
    training.put(training.best_weights())
    checks = []
    for at, label in enumerate(made.stains):
        loss, step = state.best.get(at, (float("nan"), 0))
        checks.append(
            StainCheck(
                label=label, loss=_number(loss), best_step=step, pearson=_number(pearsons.get(at)),
                width=widths.get(at, 1.0),
            )
        )  # fmt: skip
    return LabelTrainResult(
        network=plan.network, network_title=made.entry.title, head=plan.head, labels=made.stains,
        planes=made.fields.planes, parameters=parameters(training.net), steps=state.step,
        train_seconds=round(state.seconds, 1), crop=training.crops.size, batch=plan.batch,
        n_train_fields=len({region.view for region in made.learnt}),
        train_pixels=sum(region.area for region in made.learnt), check_pixels=training.judge.pixels, checks=checks,
        members=len(members), networks=sum(0 in used for _, used in members),
        averaged=state.averaged[training.common()],
        started_from=Path(plan.start).name if plan.start else "", fresh=made.fresh, history=state.history,
    )  # fmt: skip


def _averaged(training: Training, members: Members) -> Answers:
    """Return what the model will tell of the check pixels: for each label the mean over its sets of weights."""
    sums: Answers = []
    counts = np.zeros(len(training.judge.labels), np.float32)
    for weights, used in members:
        training.put(weights)
        found = training.judge.answers(training.net)
        sums = sums or [np.zeros_like(part) for part in found]
        for whole, part in zip(sums, found, strict=True):
            whole[..., used, :] += part[..., used, :]
        counts[used] += 1
    return [whole / counts[:, None] for whole in sums]


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _table(history: list[dict[str, float]], folder: Path) -> None:
    names = list(dict.fromkeys(name for row in history for name in row))
    fileio.write_csv(folder / "history.csv", names, [[row.get(name, "") for name in names] for row in history])
