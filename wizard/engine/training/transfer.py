"""First weights from a model: by layer, by channel and by class; and going on where its training ended."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from wizard import runs
from wizard.engine import ensemble, model
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.networks.base import network as network_named
from wizard.engine.training import checkpoint
from wizard.engine.training.loop import Training
from wizard.engine.training.matching import Taken, spread_of
from wizard.project import Project
from wizard.results import Channel
from wizard.train_plan import TrainPlan

Arrays = dict[str, NDArray[Any]]
_LAST = "last.safetensors"


def network_of(plan: TrainPlan) -> tuple[str, dict[str, Any]]:
    """Return name and options of the network to build: those of the model that it starts from, if any.

    Raises UserError when the model cannot be read.
    """
    if not plan.start:
        return plan.network, {}
    manifest = _manifest(plan)
    return str(manifest.get("network")), dict(manifest.get("options", {}))


def begin(network: Any, plan: TrainPlan, channels: Sequence[Channel], classes: Sequence[str], project: Project) -> str:
    """Give a fresh network the weights of the model that a plan starts from; return what was taken over, in words.

    Without such a model nothing happens, and the answer is empty. Weights go by layer: those of the input by the
    channels' names and numbers, those of the output by the classes' names. What does not fit keeps its random values.
    Raises UserError when nothing fits or the model cannot be used.
    """
    if not plan.start:
        return ""
    path = _path(plan)
    donor = model.load(path)
    manifest = donor.manifest
    source = (ensemble.members(donor.network) or [donor.network])[0]
    spread = spread_of(_channels(manifest, path), channels)
    taken = Taken({weight.path: np.asarray(weight.numpy()) for weight in source.weights}, spread)
    taken.all_of(network, manifest["classes"], classes)
    if not taken.found:
        raise UserError(
            f"The training cannot start from {path.name}.",
            "None of its weights fits the network for these cells.",
            "Choose another model, or leave Start from empty.",
        )
    for weight in network.weights:
        if weight.path in taken.found:
            weight.assign(taken.found[weight.path])
    return " ".join(filter(None, [
        taken.words(path.name, network_named(manifest["network"]).title), _first_member(manifest), spread.words,
        _class_words(manifest["classes"], classes), _other_words(plan, manifest), _seen_words(plan, manifest, project),
    ]))  # fmt: skip


def continue_optimizer(training: Training, plan: TrainPlan, project: Project) -> str:
    """Go on with the last weights and the optimizer's state of the training that made the model.

    Call it before any step of a new training. Return in words what was done, or why not; empty when not asked for.
    """
    if not (plan.start and plan.keep_optimizer):
        return ""
    manifest, name = _manifest(plan), _path(plan).name
    if manifest.get("members", 1) > 1:
        return f"The optimizer starts anew from the weights of {name}: it holds several networks."
    run = _run_of(manifest, _path(plan), project)
    why = "this project has no record of its training" if run is None else _unlike(training, plan, run, manifest)
    arrays = _last_of(run, project) if run is not None and not why else None
    if run is not None and not why and arrays is None:
        why = "its last weights were not kept"
    if run is not None and arrays is not None:
        try:
            checkpoint.restore(training.network, training.learn.optimizer, arrays)
        except ValueError:
            why = "the network is another one"
        else:
            return f"It goes on after epoch {run.epochs} of {name}: last weights and optimizer as they were."
    return f"The optimizer starts anew from the weights of {name}: {why}."


def _class_words(before: Sequence[str], classes: Sequence[str]) -> str:
    new = [name for name in classes if name not in before]
    gone = [name for name in before if name not in classes]
    words = [f"New classes: {', '.join(new)}." if new else "", f"Classes left out: {', '.join(gone)}." if gone else ""]
    return " ".join(filter(None, words))


def _first_member(manifest: dict[str, Any]) -> str:
    number = manifest.get("members", 1)
    return f"They are those of the first of its {number} networks." if number > 1 else ""


def _other_words(plan: TrainPlan, manifest: dict[str, Any]) -> str:
    """Say which settings of the plan the model overrules, and what it was used to."""
    words = []
    if plan.network != manifest["network"]:
        words.append("The network is that of the model.")
    if plan.imagenet:
        words.append("ImageNet weights are not used, because it starts from a model.")
    kind = manifest["normalisation"].get("kind")
    if kind != plan.normalisation:
        words.append(f"It was trained with another normalisation ({kind}), so it has to learn more anew.")
    return " ".join(words)


def _seen_words(plan: TrainPlan, manifest: dict[str, Any], project: Project) -> str:
    """Warn of cells that are to judge the training, from which the model may have learned already."""
    known, settings = manifest.get("data_set", {}), manifest.get("settings", {})
    data = DataSet.open(project.data_set(project.plan.parse.name))
    group, words = data.info["group"], []
    if group and known.get("group") == group:
        seen = set(known.get("training_groups", []))
        if shared := sorted(seen & set(data.values(group)[data.where("holdout")].tolist())):
            words.append(f"It has learned from {group} {', '.join(shared)} of the hold-out, so the evaluation will "
                         "look too good.")  # fmt: skip
    divided = any(
        settings.get(name, getattr(plan, name)) != getattr(plan, name)
        for name in ("target", "seed", "validation", "folds")
    )
    if known.get("fingerprint") == data.info["fingerprint"] and (divided or plan.folds > 1):
        words.append("It has learned from some of the validation cells, so the curves will look too good.")
    return " ".join(words)


def _path(plan: TrainPlan) -> Path:
    return Path(plan.start).expanduser()


def _manifest(plan: TrainPlan) -> dict[str, Any]:
    path = _path(plan)
    if not path.is_file():
        raise UserError(f"The model {path} does not exist.", "", "Choose a .cytomodel file, or leave Start from empty.")
    manifest = model.read_manifest(path)
    kinds = {"network": str, "options": dict, "settings": dict, "data_set": dict}
    if not all(isinstance(manifest.get(name, kind()), kind) for name, kind in kinds.items()):
        raise _odd(path, "Its description is damaged.")
    return manifest


def _channels(manifest: dict[str, Any], path: Path) -> list[Channel]:
    try:
        return [Channel.model_validate(channel) for channel in manifest["channels"]]
    except ValidationError:
        raise _odd(path, "Its channels are damaged.") from None


def _odd(path: Path, why: str) -> UserError:
    return UserError(f"The model {path.name} cannot be used.", why, "Choose another file, or leave Start from empty.")


def _run_of(manifest: dict[str, Any], path: Path, project: Project) -> runs.Run | None:
    """Return the training that made a model, wherever its file lies now: its name ends in the model's own."""
    for run in runs.every(project):
        own = project.root / run.model
        if run.model and (own.stem.endswith(f"_{manifest.get('id')}") or own.resolve() == path.resolve()):
            return run
    return None


def _unlike(training: Training, plan: TrainPlan, run: runs.Run, manifest: dict[str, Any]) -> str:
    """Say why an optimizer's state would not fit; empty when it does."""
    if manifest.get("members", 1) > 1:
        return "it is one of several networks"
    old = [(channel.name, channel.number) for channel in _channels(manifest, _path(plan))]
    if old != [(channel.name, channel.number) for channel in training.task.data.channels]:
        return "the channels are others"
    if run.classes != list(training.task.names):
        return "the classes are others"
    if run.settings.get("optimizer") != plan.optimizer:
        return "the optimizer is another one"
    return ""


def _last_of(run: runs.Run, project: Project) -> Arrays | None:
    """Return a training's last arrays; None when they are gone or were changed."""
    try:
        data = (runs.folder(project, run.id) / _LAST).read_bytes()
        arrays: Arrays = load_tensors(data) if hashlib.sha256(data).hexdigest() == run.saved_sha256.get(_LAST) else {}
    except (OSError, SafetensorError):
        return None
    return arrays or None
