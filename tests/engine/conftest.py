from __future__ import annotations

import shutil

import pytest

from tests.cells import DEMO, easy_folder
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project

FAST = {
    "train.epochs": 16,
    "visualize.methods": ["pca", "tsne"],
    "visualize.dimensions": ["2"],
    "evaluate.bootstrap": 100,
}


@pytest.fixture
def project(tmp_path):
    with Project.open(tmp_path / "project") as opened:
        yield opened


@pytest.fixture
def easy(tmp_path):
    return easy_folder(tmp_path / "easy")


@pytest.fixture(scope="session")
def analysed(tmp_path_factory):
    """A project with every step but the install check done on easy cells; tests must not change it."""
    place = tmp_path_factory.mktemp("analysed")
    with Project.open(place / "project") as opened:
        opened.change({"parse.input": [str(easy_folder(place / "easy"))], **FAST})
        run_steps(opened, ["parse", "train", "evaluate", "predict", "extract", "visualize"], Tell())
        yield opened


@pytest.fixture(scope="session")
def demo_parsed(tmp_path_factory):
    """A project with the demo cells parsed; tests must not change it."""
    with Project.open(tmp_path_factory.mktemp("demo") / "project") as opened:
        opened.change({"parse.input": [str(DEMO)]})
        run_steps(opened, ["parse"], Tell())
        yield opened


@pytest.fixture
def copied(analysed, tmp_path):
    """A copy of the analysed project, to be changed."""
    shutil.copytree(analysed.root, tmp_path / "copy", ignore=shutil.ignore_patterns(".lock*"))
    with Project.open(tmp_path / "copy") as opened:
        yield opened
