"""A training that is killed for good (SIGKILL) goes on to the same curve as one that never was."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.cells import easy_folder
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project

ROOT = Path(__file__).parents[3]
_KILLS = 20
SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from tests.engine.training.conftest import TINY
from wizard.engine.events import Tell
from wizard.engine.model import weights_of
from wizard.engine.networks.base import NETWORKS
from wizard.engine.train import prepare
from wizard.engine.training import loop
from wizard.engine.training.checkpoint import Checkpoints
from wizard.project import Project
import json, time

NETWORKS[TINY.name] = TINY
loop._SAVE_SECONDS = 0.05
root, folder, pause = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
project = Project.open(root, lock=False)
training = prepare(project.plan.train, project, Checkpoints(folder), Tell()).training
folder.mkdir(exist_ok=True)
training.resume()
ticks = 0


def tick(share, label):
    global ticks
    ticks += 1
    if ticks == 2:
        # The step is compiled: from here on each takes milliseconds.
        (folder / "started").touch()
    time.sleep(pause)


training.run(loop.Hooks(tick))
np.savez(folder / "weights.npz", **{str(i): v for i, v in enumerate(weights_of(training.network).values())})
(folder / "history.json").write_text(json.dumps(training.state.history))
"""


def training_process(root, folder, pause=0.0):
    arguments = [sys.executable, "-c", SCRIPT, str(root), str(folder), str(pause)]
    return subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE)


def outcome(folder):
    rows = json.loads((folder / "history.json").read_text())
    names = [name for name in rows[0] if name not in ("seconds", "images_per_second")]
    weights = np.load(folder / "weights.npz", allow_pickle=False)
    return [[row[name] for name in names] for row in rows], [weights[name] for name in weights.files]


def kill_at_random_moments(root, folder, moments, longest):
    rng, killed = random.Random(5), 0
    while killed < moments:
        (folder / "started").unlink(missing_ok=True)
        process = training_process(root, folder, pause=0.02)
        while process.poll() is None and not (folder / "started").exists():
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, longest))
        if process.poll() is None:
            process.kill()
            killed += 1
        process.communicate()
        if (folder / "history.json").exists():
            return killed
    return killed


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_at_twenty_random_moments_it_ends_with_the_same_bits(tmp_path):
    with Project.open(tmp_path / "p") as project:
        project.change({
            "parse.input": [str(easy_folder(tmp_path / "easy", per_class=60))], "train.epochs": 40,
            "train.patience": 40, "train.batch": 8, "train.deterministic": True,
        })  # fmt: skip
        run_steps(project, ["parse"], Tell())
        plan = project.plan.model_copy(update={"train": project.plan.train.model_copy(update={"network": "tiny_test"})})
        project.plan = plan
        project.save_plan()
        root = project.root
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    broken.mkdir()
    assert training_process(root, whole).wait() == 0
    assert kill_at_random_moments(root, broken, _KILLS, 0.6) == _KILLS
    if not (broken / "history.json").exists():
        assert training_process(root, broken).wait() == 0
    (rows, weights), (rows_again, weights_again) = outcome(whole), outcome(broken)
    assert rows == rows_again
    for one, two in zip(weights, weights_again, strict=True):
        np.testing.assert_array_equal(one, two)
