"""An analysed project of easy cells, made once for all tests, and copies of it to be changed."""

from __future__ import annotations

import shutil

import pytest

from tests.cells import easy_folder
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project

FAST = {
    "train.epochs": 16,
    "visualize.methods": ["pca", "tsne"],
    "visualize.dimensions": ["2"],
    "evaluate.bootstrap": 100,
}


@pytest.fixture(scope="session")
def analysed(tmp_path_factory):
    """A project with every step but the install check done on easy cells; tests must not change it."""
    place = tmp_path_factory.mktemp("analysed")
    with Project.open(place / "project") as opened:
        opened.change({"parse.input": [str(easy_folder(place / "easy"))], **FAST})
        run_steps(opened, ["parse", "train", "evaluate", "predict", "extract", "visualize"], Tell())
        yield opened


@pytest.fixture
def copied_root(analysed, tmp_path):
    """The folder of a copy of the analysed project, for a window to open."""
    return shutil.copytree(analysed.root, tmp_path / "copy", ignore=shutil.ignore_patterns(".lock*"))


@pytest.fixture
def copied(copied_root):
    """A copy of the analysed project, to be changed."""
    with Project.open(copied_root) as opened:
        yield opened
