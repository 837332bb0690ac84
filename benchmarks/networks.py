"""Networks: parameters, multiply-adds, training speed, and what they reach on validation cells in a given time.

Run with: python -m benchmarks.networks [NETWORK ...] [--cells FOLDER --group TAG --table FILE] [--minutes 1.5]
Without --cells only costs and speed are measured, at 48×48 px, 2 channels, 7 classes. The hold-out is not touched.
"""

from __future__ import annotations

import argparse
import tempfile
import time

import numpy as np

from wizard.engine.events import Tell
from wizard.engine.networks.base import build
from wizard.engine.networks.cost import cost, seconds_per_image
from wizard.engine.run import run_steps
from wizard.project import Project

SHAPE, CLASSES = (48, 48, 2), 7


def peak() -> float:
    """GFLOP/s of the best of ten products of matrices."""
    a = np.random.default_rng(0).normal(size=(2048, 2048)).astype(np.float32)
    best = 0.0
    for _ in range(10):
        began = time.perf_counter()
        a @ a
        best = max(best, 2 * 2048**3 / (time.perf_counter() - began) / 1e9)
    return best


def speed(name: str, highest: float) -> None:
    parameters, multiplications = cost(build(name, SHAPE, CLASSES, {}))
    per_second = 1 / seconds_per_image(name, SHAPE, CLASSES)
    # Backward takes two forwards; a multiply-add is two operations.
    share = per_second * multiplications * 6 / 1e9 / highest
    print(f"{name:12} {parameters / 1e6:7.3f} M parameters, {multiplications / 1e6:7.1f} M multiply-adds, "
          f"{per_second:6.0f} images/s in training, {share:.0%} of the peak")  # fmt: skip


def reach(project: Project, name: str, minutes: float, seed: int) -> None:
    project.change({"train.network": name, "train.minutes": minutes, "train.epochs": 1000, "train.seed": seed})
    began = time.process_time()
    run_steps(project, ["train"], Tell())
    result = project.result("train")
    print(f"{name:12} seed {seed}: accuracy {result.validation['accuracy']:.3f}, balanced "
          f"{result.validation['balanced_accuracy']:.3f} on {result.validation['n_cells']:.0f} validation cells by "
          f"{result.validation_by}; {result.epochs} epochs, {time.process_time() - began:.0f} CPU seconds")  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("networks", nargs="*", default=["fast", "balanced", "thorough", "resnet18", "resnet50"])
    words.add_argument("--cells")
    words.add_argument("--table", default="")
    words.add_argument("--group", default="auto")
    words.add_argument("--minutes", type=float, default=1.5)
    words.add_argument("--seeds", type=int, default=1)
    given = words.parse_args()
    highest = peak()
    print(f"peak of matrix products: {highest:.0f} GFLOP/s")
    for name in given.networks:
        speed(name, highest)
    if not given.cells:
        return
    with tempfile.TemporaryDirectory() as place, Project.open(f"{place}/p") as project:
        project.change({"parse.input": [given.cells], "parse.table": given.table, "parse.group": given.group})
        run_steps(project, ["parse"], Tell())
        for seed in range(1, given.seeds + 1):
            for name in given.networks:
                reach(project, name, given.minutes, seed)


if __name__ == "__main__":
    main()
