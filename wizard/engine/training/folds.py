"""Several networks on the same cells, each validated on another fold; together they are one model.

Fold by fold the results are kept in `training/`: the checkpoints of the fold that is being trained,
`fold_N.safetensors` with the best weights and the judgements of each finished one, and
`checkpoint_folds.json`, which names those with their checksums. A killed training goes on in its fold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from wizard import fileio, runs
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.familiarity import Familiarity
from wizard.engine.inference import Inference
from wizard.engine.inference import run as run_inference
from wizard.engine.model import weights_of
from wizard.engine.networks.base import network
from wizard.engine.training import changes, keeping
from wizard.engine.training.checkpoint import Arrays, Checkpoints
from wizard.engine.training.failures import disk_in_words
from wizard.engine.training.keeping import Keeper
from wizard.engine.training.measure import measure
from wizard.engine.training.outcome import describe, sample
from wizard.engine.training.parts import Parts
from wizard.engine.training.preparing import Place, Prepared, fingerprint, follow, in_words, nothing_to_resume, prepare
from wizard.project import Project
from wizard.train_plan import TrainPlan

RECORD = "checkpoint_folds.json"
"""Named like a checkpoint, so that an interrupted training is seen as one between two folds, too."""
_ORDER = "The networks are trained one after the other, each validated on another part of the cells."
_NETWORK, _LOGITS = "network/", "validation/logits"


@dataclass
class Fold:
    """A finished network: its course, its weights, and its judgements of the cells that it never saw."""

    number: int
    """From 1."""
    network: str
    options: dict[str, Any]
    start: str
    run: str
    ended_because: str
    best_epoch: int
    farther: float
    """How much farther than learned cells others lie in its features: ratio of the distances of the last 1 %."""
    history: list[dict[str, float]]
    adjustments: list[dict[str, Any]]
    weights: Arrays = field(repr=False)
    logits: NDArray[Any] = field(repr=False)
    """Of the validation cells (cell, class)."""
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Whole:
    """What all folds share."""

    plan: TrainPlan
    project: Project
    files: Checkpoints
    tell: Tell
    data: DataSet
    parts: list[Parts]
    constants: dict[str, Any]
    """Of the normalisation: mean and spread of all training cells, without their labels, for all networks alike."""

    @property
    def fingerprint(self) -> str:
        """Names cells and settings."""
        return fingerprint(self.data, self.plan)


def whole(
    plan: TrainPlan, project: Project, files: Checkpoints, tell: Tell, data: DataSet, parts: list[Parts]
) -> Whole:
    """Fit what all networks share."""
    rows = np.sort(np.concatenate([part.validation for part in parts]))
    return Whole(
        plan, project, files, tell, data, parts, normalisation.fit(plan.normalisation, data.load(sample(rows)))
    )


def plan_of(plan: TrainPlan, number: int) -> TrainPlan:
    """Return the plan of a fold: one network with a seed of its own and its share of the time limit."""
    own = {"folds": 1, "seed": plan.seed + number, "minutes": plan.minutes / plan.folds}
    return plan.model_copy(update=own)


def prepare_fold(it: Whole, number: int) -> Prepared:
    """Build the network of a fold (from 1); what concerns all folds is said at the first."""
    said = it.tell if number == 1 else Tell(cancelled=it.tell.cancelled)
    return prepare(plan_of(it.plan, number), it.project, it.files, said, it.parts[number - 1], it.constants)


def train_all(it: Whole, resume: bool) -> list[Fold]:
    """Train the networks one after the other and return the finished ones.

    Stop ends the fold that is trained, which counts where it has a best epoch. Raises Cancelled when there is
    none at all; a cancelled training leaves no runs.
    """
    done = _begin(it, resume)
    first = len(done) + 1
    try:
        for number in range(first, len(it.parts) + 1):
            fold = _train(it, number, done, resume and number == first)
            if fold is not None:
                done.append(fold)
            if fold is None or it.tell.should_stop():
                break
        if not done:
            raise Cancelled
    except (Cancelled, KeyboardInterrupt):
        forget_runs(it.project, done)
        raise
    return done


def forget_runs(project: Project, done: Sequence[Fold]) -> None:
    """Delete the records of the folds of a cancelled training."""
    for fold in done:
        runs.delete(project, fold.run)


def _begin(it: Whole, resume: bool) -> list[Fold]:
    if not resume:
        it.files.begin()
        _write_record(it, [])
        return []
    place = it.files.folder / RECORD
    if not place.is_file():
        if it.files.load() is None:
            raise nothing_to_resume()
        raise _changed()
    try:
        record = fileio.read_json(place)
        if record["fingerprint"] != it.fingerprint:
            raise _changed()
        entries = record["folds"]
    except (OSError, KeyError, TypeError, ValueError):
        raise _changed() from None
    done: list[Fold] = []
    for entry in entries:
        try:
            done.append(_load(it.files.folder, entry))
        except (OSError, KeyError, TypeError, ValueError, SafetensorError):
            # This network and those after it are trained again.
            break
    return done


def _changed() -> UserError:
    return UserError(
        "The interrupted training cannot be continued.",
        "Its cells or its settings have changed since.",
        "Put the settings back, or start a new training.",
    )


def _train(it: Whole, number: int, done: list[Fold], resume: bool) -> Fold | None:
    """Train a fold; None when the user stopped it before its first epoch."""
    tell, total = it.tell, len(it.parts)
    tell.progress(_share(number - 1, total), f"Network {number} of {total}")
    made = prepare_fold(it, number)
    _start(it, made, resume)
    made.training.kept = changes.to_keep(done[-1].adjustments) if done else {}
    kind = f"fold {number} of {total}"
    keeper = keeping.begin(it.project, made.training.plan, made, kind, lambda text: tell.notice("warning", text))
    try:
        if all(notice.text != _ORDER for notice in tell.notices):
            _say_time(it, made, number)
        follow(made, tell, keeper, _place(number, total, done, made))
        fold = _judged(it, made, number, keeper)
    except Cancelled:
        keeper.discard()
        if tell.cancelled():
            raise
        return None
    except KeyboardInterrupt:
        keeper.discard()
        raise
    except (UserError, OSError, MemoryError) as error:
        keeper.fail(in_words(error))
        raise
    _keep(it, fold, done)
    return fold


def _start(it: Whole, made: Prepared, resume: bool) -> None:
    """Load the checkpoint of this very fold, if there is one; drop those of the fold before."""
    found = it.files.load() if resume else None
    if found is not None and found[0].fingerprint == made.training.state.fingerprint:
        made.training.resume()
        return
    for path in it.files.folder.glob("checkpoint_*"):
        if path.name != RECORD:
            path.unlink()


def _say_time(it: Whole, made: Prepared, number: int) -> None:
    timing = measure(made.training)
    left = timing.epochs + (len(it.parts) - number) * made.training.epochs
    it.tell.notice("info", _ORDER)
    it.tell.notice("info", replace(timing, epochs=left).words(it.plan.minutes))


def _share(done: int, total: int) -> float:
    return 0.02 + 0.93 * done / total


def _place(number: int, total: int, done: list[Fold], made: Prepared) -> Place:
    before = sum(len(fold.history) for fold in done)
    after = (total - number) * made.training.epochs
    return Place(_share(number - 1, total), _share(number, total), f"Network {number} of {total}: ", before, after)


def _judged(it: Whole, made: Prepared, number: int, keeper: Keeper) -> Fold:
    """Let a network judge its validation cells, and close its record."""
    training, parts = made.training, made.parts
    net = training.network
    pool = net.get_layer(network(made.network_name).stages["pool"])
    both = Inference(net, [net.layers[-1], pool])
    logits, features = run_inference(both, it.data, parts.validation, it.constants, lambda *_: None)
    known = sample(parts.train)
    _, learned = run_inference(both, it.data, known, it.constants, lambda *_: None)
    result = describe(training, parts, made.network_name, it.data)
    result.start = made.start
    keeper.finish(training, result)
    return Fold(
        number=number,
        network=made.network_name,
        options=made.options,
        start=made.start,
        run=keeper.id,
        ended_because=training.ended_because,
        best_epoch=result.best_epoch,
        farther=_farther(learned, parts.class_of[known], features),
        history=result.history,
        adjustments=[{"fold": number, **change} for change in result.adjustments],
        weights={name: value.copy() for name, value in weights_of(net).items()},
        logits=logits,
    )


def _farther(learned: NDArray[Any], classes: NDArray[np.int64], others: NDArray[Any]) -> float:
    inner = Familiarity.fit(learned, classes, learned)
    limit = Familiarity.fit(learned, classes, others).limit
    return float(np.clip(limit / max(inner.limit, 1e-9), 1.0, 100.0))


def _keep(it: Whole, fold: Fold, done: list[Fold]) -> None:
    """Write a finished fold; only then may its checkpoints go."""
    arrays = {_NETWORK + name: np.ascontiguousarray(value) for name, value in fold.weights.items()}
    data = save_tensors(arrays | {_LOGITS: np.ascontiguousarray(fold.logits)})
    fold.file, fold.sha256 = f"fold_{fold.number}.safetensors", hashlib.sha256(data).hexdigest()
    with disk_in_words(len(fold.history)):
        fileio.write_bytes(it.files.folder / fold.file, data)
        _write_record(it, [*done, fold])


def _write_record(it: Whole, done: list[Fold]) -> None:
    large = ("weights", "logits")
    entries = [{name: value for name, value in vars(fold).items() if name not in large} for fold in done]
    fileio.write_json(it.files.folder / RECORD, {"fingerprint": it.fingerprint, "folds": entries})


def _load(folder: Path, entry: dict[str, Any]) -> Fold:
    data = (folder / Path(entry["file"]).name).read_bytes()
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise ValueError("the file was changed")
    arrays = load_tensors(data)
    logits = arrays.pop(_LOGITS)
    weights = {name.removeprefix(_NETWORK): value for name, value in arrays.items()}
    return Fold(**entry, weights=weights, logits=logits)


def tidy(files: Checkpoints) -> None:
    """Remove the weights of the folds once they are in the model file."""
    for path in files.folder.glob("fold_*.safetensors"):
        path.unlink()
