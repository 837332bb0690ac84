"""Before and around a training: cells, network and constants put together; what happens told to the user."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.data import augmentation, normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError, from_os_error
from wizard.engine.events import Tell
from wizard.engine.networks.base import build, network, options_of
from wizard.engine.training import freezing, transfer
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.determinism import be_deterministic
from wizard.engine.training.failures import memory_in_words
from wizard.engine.training.feed import Task
from wizard.engine.training.keeping import Keeper
from wizard.engine.training.loop import Hooks, Training
from wizard.engine.training.outcome import sample
from wizard.engine.training.parts import FEWEST, Parts, choose_parts
from wizard.frame_size import sides
from wizard.project import Project
from wizard.train_plan import TrainPlan
from wizard.weak_targets import is_weak


@dataclass(frozen=True)
class Prepared:
    """A training that is ready to run, and the cells that it was made from."""

    data: DataSet
    parts: Parts
    training: Training
    options: dict[str, Any]
    """Of the network."""
    network_name: str
    """That of the model it starts from, if there is one; else the plan's."""
    start: str = ""
    """What was taken over from that model, in words."""


def prepare(
    plan: TrainPlan,
    project: Project,
    files: Checkpoints,
    tell: Tell,
    parts: Parts | None = None,
    constants: dict[str, Any] | None = None,
) -> Prepared:
    """Open the cells, choose the parts and build the network; raises UserError when it cannot be done.

    `parts` and `constants` (of the normalisation) are given where several networks share them.
    """
    data = open_cells(project, plan)
    if parts is None:
        parts = choose_parts(data, plan)
        remarks(data, parts, plan, tell)
    if plan.deterministic and not be_deterministic():
        tell.notice("warning", "This process has computed before, so results may differ in the last bits. "
                    "Start the training on its own to get the same ones.")  # fmt: skip
    keras.utils.set_random_seed(plan.seed)
    name, options = transfer.network_of(plan)
    if not plan.start:
        options = options | options_of(plan)
    if plan.dropout >= 0:
        options = options | {"dropout": plan.dropout}
    shape = (*data.frame, len(data.channels))
    with memory_in_words(plan.batch):
        net = build(name, shape, len(parts.classes), options)
    start = transfer.begin(net, plan, data.channels, parts.classes, project)
    if constants is None:
        constants = normalisation.fit(plan.normalisation, data.load(sample(parts.train)))
    task = Task(
        data, parts.train, parts.class_of[parts.train], parts.validation, parts.class_of[parts.validation],
        tuple(parts.classes), constants,
    )  # fmt: skip
    training = Training(net, task, plan, files, fingerprint(data, plan, parts), stages=network(name).stages)
    start = f"{start} {transfer.continue_optimizer(training, plan, project)}".strip()
    if start:
        tell.notice("info", start)
    if plan.dropout > 0 and training.without_dropout:
        tell.notice("warning", "This network has no drop-out, so that setting does nothing.")
    return Prepared(data, parts, training, options, name, start)


def open_cells(project: Project, plan: TrainPlan) -> DataSet:
    """Open the project's data set, of which the plan may want the middle of the frame; raises UserError."""
    return DataSet.open(project.data_set(project.plan.parse.name)).middle(sides(plan.crop))


def fingerprint(data: DataSet, plan: TrainPlan, parts: Parts | None = None) -> str:
    """Return what names cells and settings of a training, and its `parts`: a resume with others is refused."""
    settings = plan.model_dump(exclude={"minutes"})
    text = json.dumps([data.info["fingerprint"], data.info["frame"], settings], sort_keys=True)
    split = "".join(data.cells["split"].astype(str))
    judged = "" if parts is None else json.dumps(parts.validation.tolist())
    return hashlib.sha256((text + split + judged).encode()).hexdigest()


def remarks(data: DataSet, parts: Parts, plan: TrainPlan, tell: Tell) -> None:
    """Say what the user should know about the chosen cells and the target."""
    if data.info["group"] and parts.validation_by == "cell":
        tell.notice(
            "info", "Too few groups are left to validate by group, so validation cells were drawn one by one: "
            "the curves look better than new groups would. The hold-out is not affected.",
        )  # fmt: skip
    values = set(data.values(parts.target)[data.where("train")].tolist()) - {""}
    for name in sorted(values - set(parts.classes)):
        tell.notice("warning", f"{name} has fewer than {FEWEST} training cells and is left out.")
    if is_weak(parts.target):
        tell.notice(
            "info", f"The target {parts.target} is weak: cells that look alike may carry different values, so a "
            "low accuracy is expected. What the network learned is in its features.",
        )  # fmt: skip
    for words in filter(None, (augmentation.remark(plan), freezing.remark(plan))):
        tell.notice("warning", words)


def start_or_resume(training: Training, files: Checkpoints, resume: bool) -> None:
    """Make room for a new training, or load the checkpoint of the interrupted one; raises UserError without one."""
    if not resume:
        files.begin()
    elif not training.resume():
        raise nothing_to_resume()


def nothing_to_resume() -> UserError:
    """Return the refusal of a resume where nothing was interrupted."""
    return UserError("There is no interrupted training to continue.", "", "Start a new training (without --resume).")


def in_words(error: UserError | OSError | MemoryError) -> str:
    """Return for the history why a training could not go on."""
    if isinstance(error, MemoryError):
        return "The computer ran out of memory."
    known = from_os_error(error) if isinstance(error, OSError) else error
    return " ".join(known.lines()) if known else f"{error}."


@dataclass(frozen=True)
class Place:
    """Where a training stands among several: its stretch of the bar, a prefix, and the epochs shown before it."""

    begin: float = 0.02
    end: float = 0.95
    words: str = ""
    before: int = 0
    after: int = 0
    """Epochs of the trainings to come, at most."""


def follow(made: Prepared, tell: Tell, keeper: Keeper, place: Place | None = None) -> None:
    """Run a training to its end and tell its course; raises Cancelled when it was stopped before its first epoch."""
    place = place or Place()
    training = made.training
    report = tell.part(place.begin, place.end)

    def tell_epoch(row: dict[str, float]) -> None:
        epochs = place.before + training.epochs + place.after
        tell.metric(place.before + int(row["epoch"]), epochs, {k: v for k, v in row.items() if k != "epoch"})

    for row in training.state.history:
        tell_epoch(row)
    training.run(Hooks(
        tick=lambda share, label: report(share, f"{place.words}{label}"),
        epoch=tell_epoch,
        stop=tell.should_stop,
        paused=tell.paused,
        changes=tell.changes,
        say=lambda text: tell.notice("warning", text),
        inform=lambda text: tell.notice("info", text),
        shown=tell.preview,
        kept=lambda: keeper.epoch(training),
    ))  # fmt: skip
    if not training.state.best_epoch:
        raise Cancelled
    if training.ran_away:
        tell.notice(
            "warning", f"{place.words}Training ended because {training.ended_because}. The model is that of epoch "
            f"{training.state.best_epoch}; a tenth of the learning rate would probably have gone on.",
        )  # fmt: skip
