from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cells import easy_folder
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: Any) -> Path:
    place: Path = tmp_path_factory.mktemp("trained")
    with Project.open(place / "project") as project:
        project.change({"parse.input": [str(easy_folder(place / "easy"))], "train.epochs": 8})
        run_steps(project, ["parse", "train"], Tell())
    return place / "project"


@pytest.fixture
def trained(_trained: Path, tmp_path: Path) -> Path:
    """A copy of a project with a model of two easy classes."""
    shutil.copytree(_trained, tmp_path / "trained", ignore=shutil.ignore_patterns(".lock*"))
    return tmp_path / "trained"
