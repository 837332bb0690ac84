"""What the command `train` does besides training: history, taking back, comparison, learning rate, queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from wizard import runs, training_queue, training_time
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.run import failure, run_steps
from wizard.plan import read_toml
from wizard.project import Project
from wizard.results import CompareResult, EstimateResult, RateResult, TrainResult

Ending = tuple[list[str], int]
"""Lines to print, the last one the path of the result, and the exit code."""

_FLAGS = {
    "resume": "Continue an interrupted training.",
    "history": "Print the trainings of the project and which of their epochs are saved.",
    "estimate": "Measure how long the training will take on this computer; nothing is trained.",
    "find_rate": "Look for the learning rate that suits cells and network; nothing is trained.",
    "compare": "Train several networks for the same time and print which is best.",
    "add_to_queue": "Put a training with these settings into the queue; the project's own stay as they are.",
    "queue": "Train what waits in the queue, one after the other.",
}


def with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make `train` do something else."""
    for name, text in reversed(_FLAGS.items()):
        function = click.option(f"--{name.replace('_', '-')}", f"act_{name}", is_flag=True, help=text)(function)
    return click.option(
        "--take-back", "act_take_back", default="", metavar="RUN:EPOCH",
        help="Make a saved epoch of an earlier training the newest model; see --history.",
    )(function)  # fmt: skip


@dataclass(frozen=True)
class Act:
    """What `train` was asked for: the name of an option, empty for a plain training."""

    name: str = ""
    run: str = ""
    epoch: int = 0


def asked(more: dict[str, Any]) -> Act:
    """Take the options of `with_options` out of the given ones; raises UsageError for two at once."""
    given = {name.removeprefix("act_"): more.pop(name) for name in list(more) if name.startswith("act_")}
    chosen = [name for name, value in given.items() if value]
    if len(chosen) > 1:
        raise click.UsageError(f"Only one of {' and '.join('--' + name.replace('_', '-') for name in chosen)} at once.")
    if chosen != ["take_back"]:
        return Act(chosen[0] if chosen else "")
    run, _, epoch = given["take_back"].rpartition(":")
    if not run or not epoch.isdecimal():
        raise click.UsageError("--take-back needs RUN:EPOCH, for example 20261121-115400-a1b2:12; see --history.")
    return Act("take_back", run, int(epoch))


def history_lines(project: Project) -> list[str]:
    """Return a table of the project's trainings, the newest first."""
    heads = ["Run", "Began (UTC)", "Network", "Part", "Target", "Outcome", "Epochs", "Best", "Accuracy", "Balanced",
             "Minutes", "Saved epochs"]  # fmt: skip
    rows = []
    for run in runs.every(project):
        outcome = "interrupted" if runs.interrupted(project, run) else run.outcome
        rows.append([
            run.id, run.created[:16].replace("T", " "), run.network_title or run.network, run.kind, run.target, outcome,
            str(run.epochs), str(run.best_epoch), _percent(run.validation, "accuracy"),
            _percent(run.validation, "balanced_accuracy"), f"{run.seconds / 60:.1f}", ", ".join(map(str, run.saved)),
        ])  # fmt: skip
    return _table(heads, rows) if rows else ["Nothing has been trained in this project yet."]


def rate_lines(result: RateResult) -> list[str]:
    """Return the suggestion in words."""
    return [f"Suggested learning rate: {result.suggestion:.2g} (train.learning_rate)"]


def estimate_lines(result: EstimateResult) -> list[str]:
    """Return how long the training will take, in words."""
    fewest, _, most = result.epochs
    epochs = f"{most}" if fewest == most else f"{fewest} to {most}"
    return [
        f"{training_time.stored_words(result.expected_seconds)}: {epochs} epochs of "
        f"{result.epoch_seconds:.2g} s, {result.images_per_second:.0f} cells a second with {result.network_title}"
    ]


def time_lines(result: TrainResult) -> list[str]:
    """Return what a training took beside what was told before it began."""
    if not result.expected_seconds:
        return []
    return [f"Time: {result.seconds:.0f} s. Told before: {training_time.stored_words(result.expected_seconds)}"]


def compare_lines(result: CompareResult) -> list[str]:
    """Return the table of a comparison and the reason for its choice."""
    heads = ["", "Network", "Learning rate", "Augmentation", "Parameters", "Epochs", "Minutes", "Accuracy", "Balanced",
             "Loss", "Worse by"]  # fmt: skip
    rows = []
    for place, item in enumerate(result.candidates):
        said = ["", item.network_title or item.network, f"{item.learning_rate:g}", item.augmentation]
        if item.failed:
            rows.append([*said, "-", "-", "-", "-", "-", "-", item.failed])
            continue
        rows.append([
            "→" if place == result.choice else "", *said[1:], f"{item.parameters:,}", str(item.epochs),
            f"{item.seconds / 60:.1f}", f"{item.accuracy:.1%}", f"{item.balanced_accuracy:.1%}", f"{item.loss:.3f}",
            f"{item.worse_by:.3f} ± {item.worse_error:.3f}",
        ])  # fmt: skip
    return [*_table(heads, rows), result.reason]


def take_back(project: Project, tell: Tell, act: Act) -> Ending:
    """Make a saved epoch the newest model; its settings become the project's unless it fails."""
    before = project.plan
    kept = runs.load(project, act.run)
    if kept is not None:
        project.change(runs.values(kept))
    done = False
    try:
        paths = run_steps(project, ["train"], tell, take_back=(act.run, act.epoch))
        done = True
    finally:
        if not done:
            project.plan = before
            project.save_plan()
    return [str(paths[-1])], 0


def add_to_queue(project: Project, values: dict[str, Any], plan_file: str) -> list[str]:
    """Put a training with the project's settings and the given ones into the queue."""
    plan = (read_toml(Path(plan_file)) if plan_file else project.plan).with_values(values)
    entry = training_queue.add(project, plan.train)
    waiting = sum(item.outcome == "waiting" for item in training_queue.entries(project))
    return [f"In the queue: {entry.name}. {waiting} waiting.", str(training_queue.place(project))]


def train_queue(project: Project, tell: Tell) -> Ending:
    """Train every entry that waits; the first one that the user stops is the last.

    Raises UserError when none waits, Cancelled when the user gives up: that entry then waits again.
    """
    training_queue.recover(project)
    trained: list[str] = []
    last, code = "", 0
    while (entry := training_queue.next_waiting(project)) is not None and not tell.should_stop():
        trained.append(entry.id)
        options = {"resume": True} if training_queue.resumes(project, entry) else {}
        try:
            project.change(entry.values())
            training_queue.mark(project, entry.id, "running")
            last = str(run_steps(project, ["train"], tell, **options)[-1])
        except (Cancelled, KeyboardInterrupt):
            training_queue.mark(project, entry.id, "waiting")
            raise
        except Exception as error:  # noqa: BLE001 whatever ends one training, the next one gets its turn
            event = failure("train", error)
            tell.emit(event)
            training_queue.mark(project, entry.id, "failed", " ".join(part for part in (event.what, event.why) if part))
            code = 1
            continue
        training_queue.mark(project, entry.id, "done", run=project.result("train").run)
        _forget_networks()
    if not trained:
        raise UserError("No training waits in the queue.", "", "Add one with train --add-to-queue.")
    rows = [[item.name, item.outcome, item.why or item.run] for item in training_queue.entries(project)
            if item.id in trained]  # fmt: skip
    return [*_table(["Training", "Outcome", "Run, or why not"], rows), *([last] if last else [])], code


def _forget_networks() -> None:
    """Free what Keras keeps of the networks of this process: the next training needs the memory."""
    from wizard.engine.backend import keras

    keras.utils.clear_session()


def _percent(values: dict[str, float], name: str) -> str:
    return f"{values[name]:.1%}" if name in values else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in (heads, *rows)]  # fmt: skip
