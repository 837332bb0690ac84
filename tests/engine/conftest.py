from __future__ import annotations

import pytest

from tests.cells import DEMO, easy_folder
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


@pytest.fixture
def project(tmp_path):
    with Project.open(tmp_path / "project") as opened:
        yield opened


@pytest.fixture
def easy(tmp_path):
    return easy_folder(tmp_path / "easy")


@pytest.fixture(scope="session")
def demo_parsed(tmp_path_factory):
    """A project with the demo cells parsed; tests must not change it."""
    with Project.open(tmp_path_factory.mktemp("demo") / "project") as opened:
        opened.change({"parse.input": [str(DEMO)]})
        run_steps(opened, ["parse"], Tell())
        yield opened
