from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports import samples
from wizard.reports import write_step_reports
from wizard.results import StepResult


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[StepResult, Path]], dict]:
    """A project folder with the reports of all seven steps: (root, step → (result, folder), step → what was said)."""
    root = tmp_path_factory.mktemp("project")
    made = samples.every_step(root)
    said = {step: write_step_reports("Demo", result, folder) for step, (result, folder) in made.items()}
    return root, made, said
