"""Accuracy on the demo cells, each part held out in turn, against PCA + logistic regression on the same cells.

Run with: python -m benchmarks.demo_accuracy
"""

from __future__ import annotations

import tempfile
import time

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from wizard.cli import DEMO_CELLS
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet, write_cells
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


def hold_out(project: Project, part: str) -> DataSet:
    """Move the hold-out of the parsed data set to another part."""
    data = DataSet.open(project.data_set("main"))
    split = np.where(data.values("part") == part, "holdout", "train")
    write_cells(data.path, {name: column.tolist() for name, column in (data.cells | {"split": split}).items()})
    return DataSet.open(data.path)


def baseline(data: DataSet) -> tuple[float, float]:
    """Accuracy and balanced accuracy of PCA (60) + class-balanced logistic regression on normalised pixels."""
    train, test = data.where("train"), data.where("holdout")
    constants = normalisation.fit("mean_sd", data.load(train))
    pixels = [normalisation.apply(data.load(rows), constants).reshape(len(rows), -1) for rows in (train, test)]
    labels = data.values("class")
    model = make_pipeline(PCA(60, random_state=0), StandardScaler(),
                          LogisticRegression(max_iter=2000, class_weight="balanced"))  # fmt: skip
    predicted = model.fit(pixels[0], labels[train]).predict(pixels[1])
    return float((predicted == labels[test]).mean()), float(balanced_accuracy_score(labels[test], predicted))


def main() -> None:
    ours, theirs, seconds = [], [], 0.0
    with tempfile.TemporaryDirectory() as place, Project.open(f"{place}/p") as project:
        project.change({"parse.input": [str(DEMO_CELLS)]})
        run_steps(project, ["parse"], Tell())
        for part in ("1", "2", "3"):
            theirs.append(baseline(hold_out(project, part)))
            began = time.process_time()
            run_steps(project, ["train", "evaluate"], Tell())
            seconds += time.process_time() - began
            result = project.result("evaluate")
            ours.append((result.accuracy.value, result.balanced_accuracy.value))
            print(f"  part {part} held out: ours {ours[-1][0]:.3f} / {ours[-1][1]:.3f}, "
                  f"PCA + LR {theirs[-1][0]:.3f} / {theirs[-1][1]:.3f}")  # fmt: skip
    us, them = np.mean(ours, axis=0), np.mean(theirs, axis=0)
    print(f"accuracy / balanced accuracy: ours {us[0]:.3f} / {us[1]:.3f}, PCA + LR {them[0]:.3f} / {them[1]:.3f}; "
          f"ratio {us[0] / them[0]:.2f} / {us[1] / them[1]:.2f}; {seconds / 3:.0f} CPU seconds per training")  # fmt: skip


if __name__ == "__main__":
    main()
