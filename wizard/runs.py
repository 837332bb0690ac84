"""The trainings of a project as its history keeps them: one folder in `runs/` for each."""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from wizard import fileio
from wizard.plan import step_settings
from wizard.project import Project

Outcome = Literal["running", "done", "stopped", "failed"]

PROCESS = "process.json"
"""In the folder of a run while it trains: the process that does it."""
_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Run(BaseModel):
    """A training: what it was to learn, with which settings, how far it came, and which epochs' weights are kept.

    Beside its `run.json` lie history.csv, adjustments.csv, `epoch_0012.safetensors` for every saved epoch and
    `last.safetensors` (weights and optimizer after the last epoch).
    """

    id: str
    kind: str = ""
    """What it was part of, e.g. `fold 2 of 5` or `comparison`; empty for a training by itself."""
    created: str = ""
    outcome: Outcome = "running"
    target: str = ""
    classes: list[str] = []
    network: str = ""
    network_title: str = ""
    options: dict[str, Any] = {}
    """With which the network was built."""
    settings: dict[str, Any] = {}
    """Of Train, as they were at the start."""
    start: str = ""
    """What was taken over from the model that it started from, in words."""
    data_set: str = ""
    """Fingerprint of the cells."""
    cells: str = ""
    """Checksum of the cells with their split and classes: only with the same ones an epoch can be taken back."""
    constants: dict[str, Any] = {}
    """Of the normalisation."""
    epochs: int = 0
    best_epoch: int = 0
    saved: list[int] = []
    """Epochs whose weights are kept."""
    saved_sha256: dict[str, str] = {}
    """File name → checksum of the weights."""
    history: list[dict[str, float]] = []
    adjustments: list[dict[str, Any]] = []
    validation: dict[str, float] = {}
    """accuracy, balanced_accuracy, loss, n_cells of the best epoch."""
    validation_by: str = ""
    seconds: float = 0.0
    ended_because: str = ""
    model: str = ""
    """Path of its model file from the project folder; empty when none was written."""
    note: str = ""
    """The user's own words."""


def folder(project: Project, run: str = "") -> Path:
    """Return the folder of a run, or of all runs."""
    return project.root / "runs" / run if run else project.root / "runs"


def load(project: Project, run: str) -> Run | None:
    """Return a run; None when it is not there or cannot be read."""
    if not _NAME.fullmatch(run):
        return None
    try:
        found = Run.model_validate(fileio.read_json(folder(project, run) / "run.json"))
    except (OSError, ValueError, ValidationError, RecursionError):
        return None
    return found if found.id == run else None


def save(project: Project, run: Run) -> Path:
    """Write a run's record."""
    return fileio.write_json(folder(project, run.id) / "run.json", run.model_dump(mode="json"))


def every(project: Project) -> list[Run]:
    """Return all runs of a project, the newest first."""
    paths = folder(project).glob("*/run.json")
    found = [load(project, path.parent.name) for path in paths]
    return sorted((run for run in found if run is not None), key=lambda run: (run.created, run.id), reverse=True)


def delete(project: Project, run: str) -> None:
    """Delete a run and its saved epochs; model files stay."""
    if _NAME.fullmatch(run):
        shutil.rmtree(folder(project, run), ignore_errors=True)


def bytes_of(project: Project, run: str) -> int:
    """Return what a run takes on the disk."""
    return sum(path.stat().st_size for path in folder(project, run).glob("*") if path.is_file())


def new_id(project: Project) -> str:
    """Return a new name for a run: its start (UTC) and four random digits, e.g. `20261121-115400-a1b2`."""
    while True:
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        if not folder(project, name).exists():
            return name


def values(run: Run) -> dict[str, Any]:
    """Return a run's settings by full name, as `Project.change` takes them; those that it had not yet as preset."""
    return {item.key: run.settings.get(item.name, item.default) for item in step_settings("train")}


def this_process() -> dict[str, Any]:
    """Return what names this process for as long as it lives, whichever numbers come again later."""
    import psutil

    return {"pid": os.getpid(), "started": psutil.Process().create_time(), "computer": platform.node()}


def interrupted(project: Project, run: Run) -> bool:
    """Tell whether a run ended without a word: it is noted as running, but its process is gone."""
    return run.outcome == "running" and not alive(project, run.id)


def alive(project: Project, run: str) -> bool:
    """Tell whether the process that trains a run is there."""
    import psutil

    try:
        noted = fileio.read_json(folder(project, run) / PROCESS)
        process = psutil.Process(int(noted["pid"]))
        return noted["computer"] == platform.node() and abs(process.create_time() - float(noted["started"])) < 1.0
    except (OSError, KeyError, TypeError, ValueError, psutil.Error):
        return False


def resumable(project: Project, aside: bool = False) -> list[str]:
    """Return the names of the runs whose checkpoints wait to be resumed; with `aside` those put aside for a new one."""
    found = set()
    places = [project.training_dir, *([project.training_dir.with_name(".training.before")] if aside else [])]
    for place in places:
        for path in place.rglob("checkpoint_*.json"):
            try:
                found.add(str(fileio.read_json(path)["state"]["run"]))
            except (OSError, KeyError, TypeError, ValueError):
                continue
    return sorted(found - {""})


def tidy(project: Project) -> None:
    """Close the records of interrupted runs that nothing can resume any more; empty ones are deleted."""
    waiting = resumable(project, aside=True)
    for run in every(project):
        if run.id in waiting or not interrupted(project, run):
            continue
        if not run.history:
            delete(project, run.id)
            continue
        run.outcome, run.ended_because = "stopped", "the program ended without warning and it was not continued"
        save(project, run)


def delete_of(root: Path, pid: int) -> None:
    """Delete the runs that a process was training when it was killed for a cancel."""
    for path in (root / "runs").glob(f"*/{PROCESS}"):
        try:
            if fileio.read_json(path)["pid"] == pid:
                shutil.rmtree(path.parent, ignore_errors=True)
        except (OSError, KeyError, TypeError, ValueError):
            continue
