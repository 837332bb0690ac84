"""Accuracy of the default recipe on the shared data sets, each with its own hold-out, and the CPU time that it takes.

Run with: python -m benchmarks.accuracy --data FOLDER [NAME ...] [--set train.network=thorough ...] [--seeds 1]
Names: jurkat, label_free, chula, cifar. Printed beside each: the accuracy to beat, from the data sets' descriptions.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from wizard.engine.data.dataset import DataSet, write_cells
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


@dataclass(frozen=True)
class Set:
    """Where a data set lies, what its hold-out is (values of a tag), and what is to be beaten."""

    folder: str
    beat: str
    parse: dict[str, Any]
    holdout: tuple[str, tuple[str, ...]]
    train: dict[str, Any] = field(default_factory=dict)


_JURKAT = {"parse.group": "run_fifth"}
SETS = {
    "jurkat": Set("jurkat_cellcycle/Experiment_1", ".83/.72 (HOG + SVM)", _JURKAT, ("run_fifth", ("4",))),
    "label_free": Set(
        "jurkat_cellcycle/Experiment_1", ".73/.58 (HOG + SVM)", _JURKAT | {"parse.channels": "3,6"},
        ("run_fifth", ("4",)),
    ),
    "chula": Set("chula_rbc11", ".51 (HOG + SVM)", {"parse.group": "block"}, ("", ())),
    # The reference is the best of 160 epochs on these validation cells; ours never sees them before the end.
    "cifar": Set(
        "rtdc/cifar10_rgb_cat_auto", ".9325 (LeNet5, epoch 128 of 160)", {}, ("class", ("validation",)),
        {"train.augmentation": "own", "train.flip_vertical": False, "train.rotation": 0.0, "train.epochs": 12},
    ),
}  # fmt: skip


def parse(project: Project, place: Path, cells: Set) -> None:
    """Parse the cells and move the hold-out to where it belongs."""
    folder = place / cells.folder
    table = next((path for path in (folder / "metadata.csv", folder.parent / "metadata.csv") if path.is_file()), "")
    project.change({"parse.input": [str(folder)], "parse.table": str(table), **cells.parse})
    run_steps(project, ["parse"], Tell())
    tag, values = cells.holdout
    if tag:
        data = DataSet.open(project.data_set("main"))
        split = np.where(np.isin(data.values(tag), values), "holdout", "train")
        write_cells(data.path, {name: column.tolist() for name, column in (data.cells | {"split": split}).items()})


def measure(project: Project, name: str, cells: Set, seed: int) -> None:
    """Train and judge once; print the figures."""
    project.change({"train.seed": seed})
    began = time.process_time()
    run_steps(project, ["train"], Tell())
    seconds = time.process_time() - began
    run_steps(project, ["evaluate"], Tell())
    trained, judged = project.result("train"), project.result("evaluate")
    accuracy, balanced = judged.accuracy, judged.balanced_accuracy
    recalls = ", ".join(f"{name} {one.recall:.2f}" for name, one in judged.per_class.items() if one.recall is not None)
    print(
        f"{name} seed {seed}: hold-out {accuracy.value:.3f} ({accuracy.low:.3f} to {accuracy.high:.3f}) / balanced "
        f"{balanced.value:.3f} ({balanced.low:.3f} to {balanced.high:.3f}); to beat: {cells.beat}; validation "
        f"{trained.validation['accuracy']:.3f} / {trained.validation['balanced_accuracy']:.3f}; epoch "
        f"{trained.best_epoch} of {trained.epochs}, {seconds / 60:.1f} CPU minutes; recalls: {recalls}",
        flush=True,
    )


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("names", nargs="*", default=list(SETS), metavar="NAME")
    words.add_argument("--data", required=True, type=Path)
    words.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE")
    words.add_argument("--seeds", type=int, default=1)
    given = words.parse_args()
    for name in given.names:
        with tempfile.TemporaryDirectory() as place, Project.open(f"{place}/p") as project:
            parse(project, given.data, SETS[name])
            project.change({**SETS[name].train, **dict(item.split("=", 1) for item in given.set)})
            for seed in range(1, given.seeds + 1):
                measure(project, name, SETS[name], seed)


if __name__ == "__main__":
    main()
