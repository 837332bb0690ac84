from __future__ import annotations

import pytest

from tests.cells import easy_folder
from wizard.engine.backend import keras
from wizard.engine.events import Tell
from wizard.engine.networks.base import NETWORKS, Network
from wizard.engine.run import run_steps
from wizard.engine.train import prepare
from wizard.engine.training.checkpoint import Checkpoints
from wizard.project import Project
from wizard.train_plan import TrainPlan


def build(shape, classes, options):
    inputs = keras.Input(shape, name="cells")
    x = keras.layers.Conv2D(4, 3, strides=2, name="conv")(inputs)
    x = keras.layers.BatchNormalization(momentum=0.9, name="norm")(x)
    x = keras.layers.ReLU(name="relu")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dropout(float(options.get("dropout", 0.2)), name="dropout")(x)
    return keras.Model(inputs, keras.layers.Dense(classes, name="classes")(x))


TINY = Network("tiny_test", "Tiny", "For tests.", 8, build, {"stage 4": "relu", "stage 5": "relu", "pool": "pool"})


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setitem(NETWORKS, TINY.name, TINY)


@pytest.fixture(scope="session")
def easy_parsed(tmp_path_factory):
    """A project with 36 easy cells to train on; tests must not change it."""
    place = tmp_path_factory.mktemp("easy")
    with Project.open(place / "project") as opened:
        opened.change({"parse.input": [str(easy_folder(place / "easy"))]})
        run_steps(opened, ["parse"], Tell())
        yield opened


@pytest.fixture
def make(tiny, easy_parsed, tmp_path):
    """Return a function that makes a training of the tiny network in a folder of its own."""

    def make(name="training", **values):
        plan = TrainPlan(**{"network": TINY.name, "epochs": 3, "batch": 8, "learning_rate": 0.01, **values})
        files = Checkpoints(tmp_path / name)
        files.folder.mkdir(exist_ok=True)
        return prepare(plan, easy_parsed, files, Tell()).training

    return make
