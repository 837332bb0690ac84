from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import made_results
from wizard.plan import STEPS
from wizard.project import Project
from wizard.steps import moves


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.open(tmp_path / "P") as opened:
        yield opened


def test_neighbours_end_at_the_ends() -> None:
    assert moves.neighbour(STEPS, "check", -1) == "" and moves.neighbour(STEPS, "visualize", 1) == ""
    assert [moves.neighbour(STEPS, step, 1) for step in STEPS[:-1]] == list(STEPS[1:])


def test_reasons_why_next_is_off(project: Project) -> None:
    reasons = {step: moves.why_no_next(project, step) for step in STEPS}
    assert reasons == {
        "check": "", "parse": "Parse comes first.", "train": "Train comes first.", "evaluate": "Train comes first.",
        "predict": "Train comes first.", "extract": "Extract comes first.", "visualize": "This is the last step.",
    }  # fmt: skip
    made_results.write_results(project, ("parse", "train", "extract"))
    assert [moves.why_no_next(project, step) for step in STEPS[:-1]] == [""] * 6


def test_remaining_steps_include_stale_ones(project: Project) -> None:
    made_results.write_results(project, STEPS)
    assert moves.remaining(project, "check") == []
    project.change({"train.epochs": 7})
    assert moves.remaining(project, "check") == ["train", "evaluate", "predict", "extract", "visualize"]
    assert moves.remaining(project, "predict") == ["predict", "extract", "visualize"]


def test_reasons_why_steps_cannot_run(project: Project) -> None:
    everything = list(STEPS)
    assert "Parse page" in moves.why_no_run(project, everything)
    project.change({"parse.input": ["/x"]})
    assert moves.why_no_run(project, everything) == ""
    assert moves.why_no_run(project, ["train", "evaluate"]) == "Parse comes first."
    assert moves.why_no_run(project, ["evaluate"]) == "Train comes first."
    assert moves.why_no_run(project, []) == "All steps from here on are done."
