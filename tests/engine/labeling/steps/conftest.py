from __future__ import annotations

import pytest

from tests.engine.labeling import made_project


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    return made_project.write_fields(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="session")
def trained(tmp_path_factory, pictures):
    """A project with a quickly trained model; tests must not change what it holds."""
    project = made_project.opened(tmp_path_factory.mktemp("stains") / "project", pictures)
    made_project.run(project, "parse", "train")
    yield project
    project.close()
