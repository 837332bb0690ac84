"""Training speed of cells that are read from disk again and again, against the same cells kept in memory.

Run with: python -m benchmarks.larger_than_memory [--gigabytes 4] [--network balanced] [--steps 150] [--rounds 3]
Each training is a process of its own, in turns; printed are images/s, the largest memory and the ratio (target: 0.9).
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIDE, CHANNELS, CLASSES, BATCH = 64, 2, 7, 64
_PIECE = 4096


def write(place: Path, gigabytes: float) -> None:
    """Write images of noise as a data set stores them."""
    from wizard.engine.data.dataset import create_images

    number = int(gigabytes * 2**30 / (CHANNELS * SIDE * SIDE * 2))
    images = create_images(place, number, CHANNELS, (SIDE, SIDE), np.dtype("uint16"))
    some = np.random.default_rng(0).normal(500, 60, (_PIECE, CHANNELS, SIDE, SIDE)).astype("uint16")
    for start in range(0, number, _PIECE):
        images[start : start + _PIECE] = some[: min(_PIECE, number - start)]


def train(place: Path, network: str, streamed: bool, steps: int) -> dict[str, float]:
    """Make some steps as training makes them; return images/s and the largest memory in GB."""
    import zarr

    from wizard.engine.data import normalisation
    from wizard.engine.data.dataset import DataSet
    from wizard.engine.networks.base import build
    from wizard.engine.training import feed, losses, recipe
    from wizard.engine.training.steps import Learner
    from wizard.train_plan import TrainPlan

    channels = [{"name": f"Ch{number}", "number": number} for number in range(1, CHANNELS + 1)]
    info = {"channels": channels, "frame": [SIDE, SIDE], "tags": []}
    number = zarr.open_array(place / "images.zarr", mode="r").shape[0]
    data = DataSet(place, info, {"cell_id": np.arange(number)})
    rows = np.sort(np.random.default_rng(0).permutation(number)[: int(number * 0.64)])
    classes = rows * CLASSES // number
    constants = normalisation.fit("mean_sd", data.load(rows[:500]))
    task = feed.Task(data, rows, classes, rows[:10], classes[:10], tuple("abcdefg"), constants)
    plan = TrainPlan(network=network)
    learn = Learner(build(network, (SIDE, SIDE, CHANNELS), CLASSES, {}), recipe.optimizer(plan), losses.loss(plan.loss))
    cells = feed.Feed(task, streamed)
    batches = cells.batches(cells.order(plan, 0), BATCH, plan, np.ones(CLASSES, np.float32), 0)
    began, warm = 0.0, 10
    for step, batch in enumerate(itertools.islice(batches, steps + warm)):
        if step == warm:
            began = time.perf_counter()
        learn(batch)
    seconds = time.perf_counter() - began
    batches.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"images_per_second": steps * BATCH / seconds, "memory_gb": memory}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--gigabytes", type=float, default=4.0)
    words.add_argument("--network", default="balanced")
    words.add_argument("--steps", type=int, default=150)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.child:
        place, kind = given.child
        print(json.dumps(train(Path(place), given.network, kind == "disk", given.steps)))
        return
    found: dict[str, list[float]] = {"memory": [], "disk": []}
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), given.gigabytes)
        for _ in range(given.rounds):
            for kind, speeds in found.items():
                command = [sys.executable, "-m", "benchmarks.larger_than_memory", "--network", given.network, "--steps",
                           str(given.steps), "--child", folder, kind]  # fmt: skip
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                row = json.loads(told.splitlines()[-1])
                speeds.append(row["images_per_second"])
                print(f"from {kind:6}: {row['images_per_second']:6.0f} images/s, {row['memory_gb']:.2f} GB at most")
    memory, disk = (float(np.median(found[kind])) for kind in ("memory", "disk"))
    print(f"{given.gigabytes:g} GB, {given.network}: from disk {disk:.0f}, from memory {memory:.0f} images/s, "
          f"ratio {disk / memory:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
