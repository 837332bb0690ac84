"""Trainings that wait for their turn: `queue.json` of a project, in the order in which they start."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from wizard import fileio, runs
from wizard.engine.errors import UserError
from wizard.network_names import TITLES
from wizard.plan import step_settings
from wizard.project import Project, now
from wizard.train_plan import TrainPlan

QueueOutcome = Literal["waiting", "running", "done", "failed"]


class Queued(BaseModel):
    """A training in the queue: its settings, and what became of it."""

    id: str
    name: str = ""
    settings: dict[str, Any] = {}
    """Of Train, by name."""
    added: str = ""
    """Time, UTC."""
    started: str = ""
    """Time, UTC; empty before."""
    outcome: QueueOutcome = "waiting"
    why: str = ""
    """Why it failed."""
    run: str = ""
    """Name of its folder in `runs/`, once it ran."""

    def values(self) -> dict[str, Any]:
        """Return the settings by full name, as `Project.change` takes them; those that it had not yet as preset."""
        return {item.key: self.settings.get(item.name, item.default) for item in step_settings("train")}


_ENTRIES = TypeAdapter(list[Queued])


def place(project: Project) -> Path:
    """Return the path of the queue's file."""
    return project.root / "queue.json"


def entries(project: Project) -> list[Queued]:
    """Return the queue in its order, done and failed ones included; raises UserError when its file is damaged."""
    path = place(project)
    try:
        found = _ENTRIES.validate_python(fileio.read_json(path))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, ValidationError, RecursionError):
        raise UserError(
            "The queue of trainings cannot be read.",
            f"The file {path} is damaged or was changed.",
            "Mend the file, or delete it to start with an empty queue.",
        ) from None
    return found


def add(project: Project, plan: TrainPlan, name: str = "") -> Queued:
    """Put a training at the end of the queue; without a name it gets that of its network and what sets it apart."""
    found = entries(project)
    entry = Queued(
        id=uuid.uuid4().hex[:8], name=name.strip() or _name(plan), settings=plan.model_dump(mode="json"), added=now()
    )
    _write(project, [*found, entry])
    return entry


def remove(project: Project, entry: str) -> None:
    """Take an entry out of the queue; nothing happens if it is not there."""
    _write(project, [item for item in entries(project) if item.id != entry])


def clear(project: Project) -> None:
    """Take out what is done or failed."""
    _write(project, [item for item in entries(project) if item.outcome in ("waiting", "running")])


def move(project: Project, entry: str, by: int) -> None:
    """Move an entry `by` places towards the end (negative: towards the start), as far as the ends allow."""
    found = entries(project)
    index = next((index for index, item in enumerate(found) if item.id == entry), None)
    if index is None:
        return
    item = found.pop(index)
    found.insert(min(max(index + by, 0), len(found)), item)
    _write(project, found)


def mark(project: Project, entry: str, outcome: QueueOutcome, why: str = "", run: str = "") -> None:
    """Note what became of an entry; nothing happens if it is not there."""
    found = entries(project)
    for item in found:
        if item.id == entry:
            item.outcome, item.why = outcome, why
            item.run = run or item.run
            item.started = now() if outcome == "running" else item.started
    _write(project, found)


def next_waiting(project: Project) -> Queued | None:
    """Return the entry that is to start next; None when none waits."""
    return next((item for item in entries(project) if item.outcome == "waiting"), None)


def recover(project: Project) -> None:
    """Settle entries that were running when the program ended; call it only while nothing trains.

    Those whose training was ended since, say by a resume, are done; the others wait again.
    """
    found = entries(project)
    if not any(item.outcome == "running" for item in found):
        return
    for item in found:
        if item.outcome == "running":
            item.run = _ended(project, item)
            item.outcome = "done" if item.run else "waiting"
    _write(project, found)


def resumes(project: Project, entry: Queued) -> bool:
    """Tell whether the training of an entry was interrupted and can be continued where it was."""
    waiting = runs.resumable(project)
    return any(run.id in waiting and not runs.alive(project, run.id) for run in _runs_of(project, entry))


def _ended(project: Project, entry: Queued) -> str:
    """Return the run that made a model of an entry since it was started; empty if none did."""
    result = project.result("train")
    if result is not None and result.settings == entry.settings and result.created >= entry.started:
        return str(result.run)
    return next((run.id for run in _runs_of(project, entry) if run.model), "")


def _runs_of(project: Project, entry: Queued) -> list[runs.Run]:
    """Return the runs of an entry since it was started, the newest first; each of several folds has its own seed."""
    if not entry.started:
        return []
    own = {name: value for name, value in entry.settings.items() if name not in ("seed", "minutes")}
    return [
        run
        for run in runs.every(project)
        if run.created >= entry.started
        and (run.settings == entry.settings or (run.kind.startswith("fold ") and own.items() <= run.settings.items()))
    ]


def _write(project: Project, found: list[Queued]) -> None:
    fileio.write_json(place(project), [item.model_dump(mode="json") for item in found])


def _name(plan: TrainPlan) -> str:
    title = TITLES.get(plan.network, plan.network)
    told = [] if plan.target == "auto" else [plan.target]
    if plan.learning_rate != TrainPlan().learning_rate:
        told.append(f"learning rate {plan.learning_rate:g}")
    if plan.augmentation != TrainPlan().augmentation:
        told.append(f"augmentation {plan.augmentation}")
    if plan.folds > 1:
        told.append(f"{plan.folds} networks")
    return ", ".join([title, *told])
