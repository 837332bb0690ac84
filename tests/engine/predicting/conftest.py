from __future__ import annotations

import csv

import pytest

from tests.analysed import FAST
from tests.cells import easy_folder
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A project with a model of two easy classes; tests must not change it."""
    place = tmp_path_factory.mktemp("trained")
    with Project.open(place / "project") as opened:
        opened.change({"parse.input": [str(easy_folder(place / "easy"))], **FAST})
        run_steps(opened, ["parse", "train"], Tell())
        yield opened


@pytest.fixture
def other(trained, tmp_path):
    """A new project that uses the trained model."""
    with Project.open(tmp_path / "other") as opened:
        opened.change({"predict.model": str(trained.root / trained.result("train").model)})
        yield opened


@pytest.fixture
def rows_of():
    """Reads the table of a project's predictions."""

    def read(project, name="predictions.csv"):
        with (project.result_dir("predict") / name).open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    return read
