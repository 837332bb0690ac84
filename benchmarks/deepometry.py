"""CPU time to the accuracy that Deepometry's recipe reaches after 20 epochs, on the same cells.

Run with: python -m benchmarks.deepometry --cells FOLDER --table FILE --group TAG --train 1,2 --validate 3
    --peer PYTHON36 [--epochs 20]
PYTHON36 is an interpreter of Python 3.6 with tensorflow 1.9, keras 2.1.5 and keras-resnet 0.0.7. With --peer-rows
FILE its figures are taken from an earlier run (what it wrote beside its cells).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from wizard.engine.data.dataset import DataSet, write_cells
from wizard.engine.events import Metric, Tell
from wizard.engine.run import run_steps
from wizard.project import Project

Row = dict[str, float]


def parse(given: argparse.Namespace, project: Project) -> DataSet:
    """Parse the cells; those to train on and to validate on are told apart by the group."""
    project.change({"parse.input": [given.cells], "parse.table": given.table, "parse.group": given.group,
                    "parse.frame": 48})  # fmt: skip
    run_steps(project, ["parse"], Tell())
    return DataSet.open(project.data_set("main"))


def rows_of(data: DataSet, tag: str, values: str) -> np.ndarray:
    return np.flatnonzero(np.isin(data.values(tag), values.split(",")))


def stretched(images: np.ndarray) -> np.ndarray:
    """Deepometry's input: each channel of each cell stretched to 0..255, (cell, y, x, channel)."""
    low, high = images.min(axis=(2, 3), keepdims=True), images.max(axis=(2, 3), keepdims=True)
    scaled = (images - low.astype(np.float64)) / np.maximum(high.astype(np.float64) - low, 1) * 255
    return scaled.astype(np.uint8).transpose(0, 2, 3, 1)


def peer(given: argparse.Namespace, data: DataSet, train: np.ndarray, validate: np.ndarray) -> list[Row]:
    if given.peer_rows:
        return json.loads(Path(given.peer_rows).read_text())
    place = Path(tempfile.mkdtemp(prefix="deepometry-"))
    names, numbers = np.unique(data.values("class"), return_inverse=True)
    np.savez(place / "cells.npz", train_x=stretched(data.load(train)), train_y=numbers[train],
             val_x=stretched(data.load(validate)), val_y=numbers[validate])  # fmt: skip
    script = Path(__file__).with_name("deepometry_peer.py")
    out = place / "rows.json"
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([given.peer, str(script), str(place / "cells.npz"), str(given.epochs), str(out)], check=True,
                   env=bare, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    print(f"the peer's figures are kept in {out}")
    return json.loads(out.read_text())


def ours(project: Project, data: DataSet, train: np.ndarray, validate: np.ndarray, seed: int) -> list[Row]:
    """Train our default recipe, its validation cells being the same; return the figures of each epoch."""
    split = np.full(len(data), "excluded", dtype="U8")
    split[train], split[validate] = "train", "train"
    write_cells(data.path, {name: column.tolist() for name, column in (data.cells | {"split": split}).items()})
    found: list[Row] = []
    began = time.process_time()

    def note(event: object) -> None:
        if isinstance(event, Metric):
            found.append({**event.values, "cpu_seconds": time.process_time() - began})

    from wizard.engine.training import parts as choosing

    real = choosing._validation
    # The same validation cells as the peer's, not ones drawn by us.
    choosing._validation = lambda data, usable, class_of, plan: (
        np.isin(usable, validate),
        f"group {data.info['group']}",
    )  # noqa: E501
    try:
        project.change({"train.seed": seed})
        run_steps(project, ["train"], Tell(note))
    finally:
        choosing._validation = real
    return found


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--cells", required=True)
    words.add_argument("--table", default="")
    words.add_argument("--group", required=True)
    words.add_argument("--train", required=True)
    words.add_argument("--validate", required=True)
    words.add_argument("--peer", default="")
    words.add_argument("--peer-rows", default="")
    words.add_argument("--epochs", type=int, default=20)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as place, Project.open(f"{place}/p") as project:
        data = parse(given, project)
        train, validate = (rows_of(data, given.group, values) for values in (given.train, given.validate))
        print(f"{len(train)} cells to train on, {len(validate)} to validate on")
        theirs = peer(given, data, train, validate)
        last = theirs[-1]
        print(f"Deepometry's recipe: epoch {last['epoch']}: accuracy {last['val_accuracy']:.3f}, balanced "
              f"{last['val_balanced_accuracy']:.3f} after {last['cpu_seconds']:.0f} CPU seconds; best so far "
              f"{max(row['val_accuracy'] for row in theirs):.3f}")  # fmt: skip
        ours_rows = ours(project, data, train, validate, 1)
        goal = max(row["val_accuracy"] for row in theirs)
        first = next((row for row in ours_rows if row["val_accuracy"] >= goal), None)
        end = ours_rows[-1]
        print("ours by epoch: " + " ".join(f"{row['val_accuracy']:.3f}" for row in ours_rows))
        print(f"ours at the end: {end['val_accuracy']:.3f} / {end['val_balanced_accuracy']:.3f} after "
              f"{end['cpu_seconds']:.0f} CPU seconds")  # fmt: skip
        if first:
            print(f"ours reaches {goal:.3f} after {first['cpu_seconds']:.1f} CPU seconds (start and measuring of the "
                  f"speed included): 1/{last['cpu_seconds'] / first['cpu_seconds']:.0f} of the peer's")  # fmt: skip


if __name__ == "__main__":
    main()
