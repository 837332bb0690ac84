"""The trainings of a project as its history keeps them: one folder in `runs/` for each."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from wizard import fileio
from wizard.project import Project

Outcome = Literal["running", "done", "stopped", "failed"]


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
    data_set: str = ""
    """Fingerprint of the cells."""
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
    try:
        return Run.model_validate(fileio.read_json(folder(project, run) / "run.json"))
    except (OSError, ValueError, ValidationError):
        return None


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
    shutil.rmtree(folder(project, Path(run).name), ignore_errors=True)


def bytes_of(project: Project, run: str) -> int:
    """Return what a run takes on the disk."""
    return sum(path.stat().st_size for path in folder(project, run).glob("*") if path.is_file())
