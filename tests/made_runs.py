"""Hand-made trainings, queue entries and a comparison, for fast tests of the window."""

from __future__ import annotations

import random
from typing import Any

from tests.made_results import CLASSES, history
from wizard import results, runs
from wizard.project import Project
from wizard.results import Candidate, CompareResult
from wizard.runs import Run

TITLES = {"fast": "Fast", "balanced": "Balanced", "thorough": "Thorough"}


def made_run(number: int, network: str = "balanced", epochs: int = 30, **more: Any) -> Run:
    """Return a training with plausible figures; `number` sets its name, its time and its noise."""
    chance = random.Random(number)
    rows = history(epochs)
    for row in rows:
        for key in ("val_loss", "val_accuracy", "val_balanced_accuracy"):
            row[key] += chance.gauss(0.01 * number, 0.02)
        row |= {f"recall_{name}": min(1.0, row["val_accuracy"] + chance.gauss(0, 0.05)) for name in CLASSES}
        row["seconds"] = 2.0
    best = min(rows, key=lambda row: row["val_loss"])
    values = {
        "id": f"run-{number}", "created": f"2026-01-{10 + number:02d}T10:30:00+00:00", "outcome": "done",
        "target": "class", "classes": CLASSES, "network": network, "network_title": TITLES[network],
        "settings": {"target": "class", "network": network, "learning_rate": 0.001 * (1 + number)},
        "data_set": "cells", "epochs": epochs, "best_epoch": int(best["epoch"]),
        "saved": sorted({10, 20, int(best["epoch"]), epochs}), "history": rows,
        "validation": {"accuracy": best["val_accuracy"], "balanced_accuracy": best["val_balanced_accuracy"],
                       "loss": best["val_loss"], "n_cells": 39.0},
        "validation_by": "cell", "seconds": 65.0 + number, "ended_because": "no improvement for 8 epochs",
        "model": f"models/{network}.cytomodel",
    }  # fmt: skip
    return Run.model_validate(values | more)


def write_run(project: Project, run: Run) -> Run:
    """Write a training's record with some bytes for each saved epoch."""
    runs.save(project, run)
    for epoch in run.saved:
        (runs.folder(project, run.id) / f"epoch_{epoch:04d}.safetensors").write_bytes(bytes(50_000))
    return run


def write_runs(project: Project) -> list[Run]:
    """Write four trainings and the folds of a cross-validation; the newest first."""
    adjusted = [
        {"epoch": 7, "setting": "learning_rate", "old": 0.004, "new": 0.001, "time": "2026-01-13T10:31:00+00:00"}
    ]
    found = [
        write_run(project, made_run(1, "fast", 12)),
        write_run(project, made_run(2, "balanced", note="the first good one")),
        write_run(project, made_run(3, "thorough", 22, adjustments=adjusted)),
        write_run(project, made_run(4, "balanced", 9, outcome="failed", ended_because="the loss became infinite")),
        *(write_run(project, made_run(4 + fold, "fast", 10, kind=f"fold {fold} of 3", saved=[])) for fold in (1, 2, 3)),
    ]
    return found[::-1]


def write_comparison(project: Project, made: str = "1") -> CompareResult:
    """Write the result of a comparison of three networks, of which one failed."""
    common = {"learning_rate": 0.002, "augmentation": "flow cell", "seconds": 100.0}
    candidates = [
        Candidate(network="fast", network_title="Fast", parameters=71_000, epochs=40, best_epoch=35, loss=0.52,
                  images_per_second=2100.0, accuracy=0.81, balanced_accuracy=0.78, worse_by=0.041, worse_error=0.012,
                  run="run-1", **common),
        Candidate(network="balanced", network_title="Balanced", parameters=271_348, epochs=25, best_epoch=22, loss=0.48,
                  images_per_second=812.0, accuracy=0.846, balanced_accuracy=0.812, run="run-2", **common),
        Candidate(network="resnet50", network_title="ResNet50", failed="The memory is too small for this network.",
                  **common),
    ]  # fmt: skip
    result = CompareResult(
        step="compare", id=made, created="2026-01-15T10:30:00+00:00", candidates=candidates, choice=1,
        reason="Balanced has the lowest loss; Fast is worse by 0.041 \u00b1 0.012, more than chance would make it.",
        minutes=10.0, target="class", n_train=155, n_validation=39, validation_by="cell",
    )  # fmt: skip
    folder = project.result_dir("compare")
    folder.mkdir(parents=True, exist_ok=True)
    results.save(result, folder)
    return result
