from __future__ import annotations

import json
import os
import re

import pytest

from wizard import fileio, runs
from wizard.project import Project
from wizard.runs import Run


@pytest.fixture
def project(tmp_path):
    with Project.open(tmp_path / "p") as opened:
        yield opened


def checkpoint(folder, run):
    folder.mkdir(parents=True, exist_ok=True)
    fileio.write_json(folder / "checkpoint_3.json", {"state": {"run": run, "best_loss": None}, "sha256": ""})


def test_new_names_sort_by_time_and_differ(project):
    first = runs.new_id(project)
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", first)
    runs.save(project, Run(id=first))
    assert runs.new_id(project) != first


def test_runs_come_back_newest_first_and_damaged_ones_are_left_out(project):
    for number, name in enumerate(("b", "c", "a")):
        runs.save(project, Run(id=name, created=f"2026-01-0{number + 1}T00:00:00+00:00"))
    (runs.folder(project, "c") / "run.json").write_text("{")
    assert [run.id for run in runs.every(project)] == ["a", "b"]
    assert runs.load(project, "c") is None


@pytest.mark.parametrize("name", ["..", "../b", "", "a/b", "C:b"])
def test_only_names_of_runs_are_read_or_deleted(project, name):
    runs.save(project, Run(id="b"))
    assert runs.load(project, name) is None
    runs.delete(project, name)
    assert runs.load(project, "b") is not None
    assert (project.root / "plan.toml").is_file()


def test_a_record_that_names_another_run_is_not_taken(project):
    runs.save(project, Run(id="b"))
    runs.folder(project, "b").rename(runs.folder(project, "c"))
    assert runs.load(project, "c") is None


def test_interrupted_is_a_running_one_without_its_process(project):
    run = Run(id="b")
    runs.save(project, run)
    assert runs.interrupted(project, run)
    fileio.write_json(runs.folder(project, "b") / runs.PROCESS, runs.this_process())
    assert not runs.interrupted(project, run)
    fileio.write_json(runs.folder(project, "b") / runs.PROCESS, {**runs.this_process(), "computer": "another"})
    assert runs.interrupted(project, run)
    (runs.folder(project, "b") / runs.PROCESS).write_text(json.dumps({"pid": "no"}))
    assert runs.interrupted(project, run)
    run.outcome = "done"
    assert not runs.interrupted(project, run)


def test_what_can_be_resumed_is_left_open_and_the_rest_is_closed(project):
    for name in ("now", "aside", "old", "empty"):
        runs.save(project, Run(id=name, history=[] if name == "empty" else [{"epoch": 1.0}]))
    checkpoint(project.training_dir / "fold", "now")
    checkpoint(project.root / ".training.before", "aside")
    assert runs.resumable(project) == ["now"]
    runs.tidy(project)
    outcomes = {run.id: run.outcome for run in runs.every(project)}
    assert outcomes == {"now": "running", "aside": "running", "old": "stopped"}


def test_a_killed_process_takes_its_runs_along(project):
    for name, pid in (("mine", os.getpid()), ("other", 1)):
        runs.save(project, Run(id=name))
        fileio.write_json(runs.folder(project, name) / runs.PROCESS, {"pid": pid})
    runs.delete_of(project.root, os.getpid())
    assert [run.id for run in runs.every(project)] == ["other"]


def test_settings_are_those_of_the_run_and_new_ones_as_preset(project):
    run = Run(id="b", settings={"network": "fast", "no_longer_there": 3})
    project.change({"train.seed": 5})
    project.change(runs.values(run))
    assert project.plan.train.network == "fast"
    assert project.plan.train.seed == 1
