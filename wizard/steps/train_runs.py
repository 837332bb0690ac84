"""The trainings of a project in words: rows of the history, names of curves, what differs between settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wizard import runs
from wizard.plan import NOT_COUNTING, step_settings
from wizard.runs import Run
from wizard.settings import Setting
from wizard.steps.page import percent, seconds_text
from wizard.steps.session import WindowProject
from wizard.widgets.basics import plural
from wizard.words import catalogue

DASH = "\u2013"
_OUTCOMES = {"done": "Done", "stopped": "Stopped", "failed": "Failed", "running": "Interrupted"}


def runs_of(project: WindowProject) -> list[Run]:
    """Return all runs, the newest first; each is read from disk only when its file changed."""
    kept: dict[str, tuple[tuple[int, int], Run]] = project.__dict__.setdefault("_runs", {})
    there: dict[str, tuple[tuple[int, int], Run]] = {}
    for path in runs.folder(project).glob("*/run.json"):
        name = path.parent.name
        try:
            facts = path.stat()
        except OSError:
            continue
        mark = (facts.st_mtime_ns, facts.st_size)
        known = kept.get(name)
        if known is None or known[0] != mark:
            run = runs.load(project, name)
            known = (mark, run) if run is not None else None
        if known is not None:
            there[name] = known
    project.__dict__["_runs"] = there
    return sorted((run for _mark, run in there.values()), key=lambda run: (run.created, run.id), reverse=True)


def any_runs(project: WindowProject) -> bool:
    """Tell whether there is any run; quicker than reading them."""
    return next(runs.folder(project).glob("*/run.json"), None) is not None


_FOLD = re.compile(r"fold (\d+) of (\d+)")
WHOLE = "whole "
"""Stands before the name of the first fold's run in the name of the row of a whole training."""


def wholes(found: Sequence[Run]) -> dict[str, list[Run]]:
    """Return the trainings of several networks: name of the row → runs of its folds, the first fold first."""
    made: dict[str, list[Run]] = {}
    waiting: dict[tuple[str, str], tuple[str, int]] = {}
    for run in sorted(found, key=lambda run: (run.created, run.id)):
        fold = _FOLD.fullmatch(run.kind)
        if fold is None:
            continue
        number, key = int(fold[1]), (fold[2], run.target)
        name, before = waiting.get(key, ("", 0))
        if number == 1 or number != before + 1:
            name = WHOLE + run.id
            made[name] = []
        made[name].append(run)
        waiting[key] = (name, number)
    return {name: runs for name, runs in made.items() if len(runs) > 1}


def row_of_whole(folds: Sequence[Run], present: str, training: bool = False) -> tuple[str, ...]:
    """Return the row of a training of several networks: means of their figures, the time of all."""
    first, last = folds[0], folds[-1]
    used = any(run.id == present for run in folds)
    words = (f"{len(folds)} networks", "model in use" if used else "")
    notes = " ".join(dict.fromkeys(" ".join(run.note.split()) for run in folds if run.note.strip()))
    return (
        short_when(first.created), catalogue.say(first.network_title or first.network),
        percent(_mean(folds, "accuracy")), percent(_mean(folds, "balanced_accuracy")), DASH,
        seconds_text(sum(run.seconds for run in folds)), catalogue.say(outcome_of(last, training)),
        ", ".join(catalogue.say(word) for word in words if word), first.target, notes,
    )  # fmt: skip


def keys_of_whole(folds: Sequence[Run], present: str, training: bool = False) -> tuple[object, ...]:
    """Return what the row of a training of several networks is sorted by."""
    row = row_of_whole(folds, present, training)
    figures = [_mean(folds, name) for name in ("accuracy", "balanced_accuracy")]
    return (
        folds[0].created, row[1], *("" if value is None else value for value in figures), "",
        sum(run.seconds for run in folds), *row[6:],
    )  # fmt: skip


def _mean(folds: Sequence[Run], name: str) -> float | None:
    values = [run.validation[name] for run in folds if name in run.validation]
    return sum(values) / len(values) if values else None


def short_when(created: str) -> str:
    """Return a stored time as local date and time."""
    try:
        time = datetime.fromisoformat(created).astimezone()
    except ValueError:
        return created
    return f"{time:%Y-%m-%d %H:%M}"


def outcome_of(run: Run, training: bool) -> str:
    """Return a run's outcome in a word; `training` says whether a training is under way now."""
    return "Running" if run.outcome == "running" and training else _OUTCOMES[run.outcome]


def row_of(run: Run, present: str, training: bool = False) -> tuple[str, ...]:
    """Return the row of a run in the history; `present` is the run of the model that the project uses now."""
    part = run.kind[:1].upper() + run.kind[1:]
    best = f"{run.best_epoch} of {run.epochs}" if run.best_epoch else f"{DASH} of {run.epochs}"
    return (
        short_when(run.created),
        catalogue.say(run.network_title or run.network),
        percent(run.validation.get("accuracy")),
        percent(run.validation.get("balanced_accuracy")),
        best,
        seconds_text(run.seconds),
        catalogue.say(outcome_of(run, training)),
        ", ".join(catalogue.say(word) for word in (part, "model in use" if run.id == present else "") if word),
        run.target,
        " ".join(run.note.split()),
    )


def keys_of(run: Run, present: str, training: bool = False) -> tuple[object, ...]:
    """Return what the row of a run is sorted by, column by column."""
    figures = run.validation
    row = row_of(run, present, training)
    return (
        run.created, row[1], figures.get("accuracy", ""), figures.get("balanced_accuracy", ""), run.best_epoch,
        run.seconds, *row[6:],
    )  # fmt: skip


def name_of(run: Run) -> str:
    """Return a short name for a legend or a heading."""
    parts = [run.network_title or run.network, run.kind, short_when(run.created)]
    return catalogue.own(", ".join(catalogue.say(part) for part in parts if part))


def shown_value(item: Setting, value: Any) -> str:
    """Return a setting's value as the form shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(item.choices.get(str(part), str(part)) for part in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    if value == "":
        return "none"
    return item.choices.get(str(value), str(value))


def differences(settings: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return a row for each setting of Train that is not the same in all: title, then the values in order."""
    rows = []
    for item in step_settings("train"):
        if item.name in NOT_COUNTING:
            continue
        values = [some.get(item.name, item.default) for some in settings]
        if any(value != values[0] for value in values):
            rows.append([catalogue.say(text) for text in (item.title, *(shown_value(item, value) for value in values))])
    return rows


def epochs_of(run: Run) -> list[list[str]]:
    """Return a row for each epoch whose weights are kept: epoch, figures of it, and what is special about it."""
    by_epoch = {int(row.get("epoch", index)): row for index, row in enumerate(run.history, start=1)}
    rows = []
    for epoch in sorted(run.saved):
        figures = by_epoch.get(epoch, {})
        loss = figures.get("val_loss")
        marks = (("best", run.best_epoch), ("last", run.epochs))
        special = ", ".join(catalogue.say(word) for word, number in marks if epoch == number)
        rows.append(
            [
                f"{epoch}", DASH if loss is None else f"{loss:.4f}", percent(figures.get("val_accuracy")),
                percent(figures.get("val_balanced_accuracy")), special,
            ]
        )  # fmt: skip
    return rows


def told(run: Run, training: bool = False) -> str:
    """Say how a run ended, on what it was judged, and where its model is."""
    if run.outcome == "running" and training:
        return "It is being trained."
    epochs, why = plural(run.epochs, "epoch"), run.ended_because.rstrip(".")
    if run.outcome == "failed":
        said = f"Failed after {epochs}. {why[:1].upper()}{why[1:]}." if why else f"Failed after {epochs}."
    elif run.outcome == "running":
        said = f"Interrupted after {epochs}."
    else:
        said = f"Ended after {epochs} because {why}." if why else f"Ended after {epochs}."
    cells = int(run.validation.get("n_cells", 0))
    if cells:
        said += f" Validated on {cells:,} cells, drawn by {run.validation_by or 'cell'}."
    return said + (f" Model: {run.model}." if run.model else "")
