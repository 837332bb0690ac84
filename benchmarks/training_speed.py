"""Images/s of training ResNet50 at 48×48×2 against plain PyTorch in turns, and each recommended network's share of
the machine's peak.

Run with: python -m benchmarks.training_speed --peer PYTHON [--rounds 5]
PYTHON is an interpreter that has torch and numpy.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from pathlib import Path

import numpy as np

from benchmarks.networks import CLASSES, SHAPE, peak, speed
from wizard.engine.networks.base import build
from wizard.engine.training import losses, recipe
from wizard.engine.training.feed import Batch
from wizard.engine.training.steps import Learner
from wizard.train_plan import TrainPlan

BATCH, STEPS = 64, 3


def learner() -> tuple[Learner, Batch]:
    """Our own compiled step, as training uses it."""
    plan = TrainPlan(network="resnet50")
    rng = np.random.default_rng(0)
    truth = np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, BATCH)]
    batch = Batch(rng.normal(size=(BATCH, *SHAPE)).astype(np.float32), truth, np.ones(BATCH, np.float32))
    net = build("resnet50", SHAPE, CLASSES, {})
    return Learner(net, recipe.optimizer(plan), losses.loss(plan.loss, plan.focal_gamma)), batch


class Peer:
    """The other program; both keep their process warm and take turns."""

    def __init__(self, python: str) -> None:
        script = str(Path(__file__).with_name("torch_peer.py"))
        sizes = [str(number) for number in (SHAPE[0], SHAPE[2], CLASSES, BATCH)]
        self._process = subprocess.Popen([python, script, *sizes], text=True, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self.parameters = int(self._out.readline())

    def seconds(self, steps: int) -> float:
        self._in.write(f"{steps}\n")
        self._in.flush()
        return float(self._out.readline())

    def close(self) -> None:
        self._in.close()
        self._process.wait()


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--peer", required=True)
    words.add_argument("--rounds", type=int, default=5)
    given = words.parse_args()
    learn, batch = learner()
    peer = Peer(given.peer)
    print(f"parameters: ours {learn.network.count_params():,}, the peer's {peer.parameters:,} (without averages)")
    learn(batch), peer.seconds(1)
    ours, theirs = [], []
    for _ in range(given.rounds):
        began = time.perf_counter()
        for _ in range(STEPS):
            learn(batch)
        ours.append(BATCH * STEPS / (time.perf_counter() - began))
        theirs.append(BATCH * STEPS / peer.seconds(STEPS))
        print(f"  ours {ours[-1]:.1f}, PyTorch {theirs[-1]:.1f} images/s")
    peer.close()
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"ResNet50 at 48×48×2, batches of {BATCH}: ours {np.median(ours):.1f}, PyTorch {np.median(theirs):.1f} images/s; "
          f"ratio {np.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f} in {given.rounds} turns)")  # fmt: skip
    highest = peak()
    print(f"peak of matrix products: {highest:.0f} GFLOP/s")
    for name in ("fast", "balanced", "thorough"):
        speed(name, highest)


if __name__ == "__main__":
    main()
