"""What the command `train` does besides training."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.engine.training.conftest import TINY, easy_parsed, tiny
from wizard import cli_train, runs, training_queue
from wizard.cli import command
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Metric, Tell
from wizard.project import Project
from wizard.results import Candidate, CompareResult

__all__ = ["easy_parsed", "tiny"]


@pytest.fixture(autouse=True)
def signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def root(tiny, easy_parsed, tmp_path):
    """The folder of a project with cells and a network that trains in a second."""
    with Project.open(tmp_path / "p") as project:
        for name in ("data", "results"):
            shutil.copytree(easy_parsed.root / name, project.root / name, dirs_exist_ok=True)
        project.plan = easy_parsed.plan
        project.change({
            "train.network": TINY.name, "train.epochs": 2, "train.batch": 8, "train.learning_rate": 0.01,
            "train.save_epochs": 1,
        })  # fmt: skip
        return project.root


def train(root, *words):
    return CliRunner().invoke(command, ["train", "--project", str(root), *map(str, words)])


def entries(root):
    return training_queue.entries(Project.open(root, lock=False))


def plan(root):
    return Project.open(root, lock=False).plan.train


def last_result(answer):
    return json.loads(Path(answer.stdout.splitlines()[-1]).read_text(encoding="utf-8"))


def test_history_and_taking_back(root):
    answer = train(root, "--history")
    assert (answer.exit_code, answer.stdout) == (0, "Nothing has been trained in this project yet.\n")
    assert train(root).exit_code == 0
    (run,) = runs.every(Project.open(root, lock=False))
    answer = train(root, "--history")
    head, row = answer.stdout.splitlines()
    assert head.startswith("Run") and head.endswith("Saved epochs")
    assert row.startswith(run.id) and row.endswith("1, 2")
    assert "done" in row

    assert train(root, "--set", "train.learning_rate=0.001", "--take-back", f"{run.id}:1").exit_code == 2
    Project.open(root, lock=False).change({"train.learning_rate": 0.001})
    failed = train(root, "--take-back", f"{run.id}:9")
    assert failed.exit_code == 1
    assert "Saved epochs of this training: 1, 2." in failed.stderr
    assert plan(root).learning_rate == 0.001
    assert not Project.open(root, lock=False).result("train").taken_back

    answer = train(root, "--take-back", f"{run.id}:1")
    assert answer.exit_code == 0
    found = last_result(answer)
    assert (found["taken_back"], found["best_epoch"], found["run"]) == (True, 1, run.id)
    assert plan(root).learning_rate == 0.01
    assert Project.open(root, lock=False).state("train").kind == "done"


@pytest.mark.parametrize(
    "words",
    [
        ["--resume", "--queue"], ["--history", "--take-back", "a:1"], ["--take-back", "a"], ["--take-back", "a:b"],
        ["--take-back", ":1"], ["--queue", "--seed", "3"],
    ],
)  # fmt: skip
def test_wrong_usage_is_2(tmp_path, words):
    assert train(tmp_path / "p", *words).exit_code == 2


def test_the_history_of_a_folder_that_is_no_project(tmp_path):
    answer = train(tmp_path / "nowhere", "--history")
    assert answer.exit_code == 1
    assert "is not a CytoWizard project" in answer.stderr
    assert not (tmp_path / "nowhere").exists()


def test_the_queue_goes_on_after_a_failure(root):
    empty = train(root, "--queue")
    assert empty.exit_code == 1
    assert "No training waits in the queue." in empty.stderr
    for words in (["--seed", "7"], ["--target", "nothing"], ["--seed", "9"]):
        answer = train(root, *words, "--add-to-queue")
        assert answer.exit_code == 0
        assert Path(answer.stdout.splitlines()[-1]) == root / "queue.json"
    assert plan(root).seed == 1
    answer = train(root, "--queue")
    assert answer.exit_code == 1
    assert last_result(answer)["settings"]["seed"] == 9
    found = entries(root)
    assert [entry.outcome for entry in found] == ["done", "failed", "done"]
    assert "nothing" in found[1].why
    assert "nothing" in answer.stdout
    kept = {run.id: run.settings["seed"] for run in runs.every(Project.open(root, lock=False))}
    assert [kept[found[0].run], kept[found[2].run]] == [7, 9]
    assert plan(root).seed == 9


def queued(project, *seeds):
    for seed in seeds:
        training_queue.add(project, project.plan.train.model_copy(update={"seed": seed}))


def test_stop_ends_the_queue_after_this_training(root):
    seen = []
    with Project.open(root) as project:
        queued(project, 1, 2)
        _, code = cli_train.train_queue(project, Tell(seen.append, lambda: any(isinstance(e, Metric) for e in seen)))
    assert code == 0
    assert [entry.outcome for entry in entries(root)] == ["done", "waiting"]


def test_cancel_lets_the_entry_wait_again(root):
    seen = []
    with Project.open(root) as project:
        queued(project, 1, 2)
        tell = Tell(seen.append, cancelled=lambda: any(isinstance(e, Metric) for e in seen))
        with pytest.raises(Cancelled):
            cli_train.train_queue(project, tell)
        assert runs.every(project) == []
    assert [entry.outcome for entry in entries(root)] == ["waiting", "waiting"]


class Killed(BaseException):
    pass


def test_an_interrupted_entry_goes_on_where_it_was(root, monkeypatch):
    def fall(event):
        if isinstance(event, Metric) and event.epoch == 1:
            raise Killed

    with Project.open(root) as project:
        queued(project, 5)
        with pytest.raises(Killed):
            cli_train.train_queue(project, Tell(fall))
        (run,) = runs.every(project)
        assert training_queue.entries(project)[0].outcome == "running"
        monkeypatch.setattr(runs, "alive", lambda *_: False)
        cli_train.train_queue(project, Tell())
        (again,) = runs.every(project)
    assert (again.id, again.outcome, again.epochs) == (run.id, "done", 2)
    assert entries(root)[0].run == run.id


def test_a_damaged_queue_is_three_lines(root):
    (root / "queue.json").write_text("{")
    for words in (["--queue"], ["--add-to-queue"]):
        answer = train(root, *words)
        assert answer.exit_code == 1
        assert str(root / "queue.json") in answer.stderr


def test_the_learning_rate_is_said_before_the_path(root):
    answer = train(root, "--find-rate")
    assert answer.exit_code == 0, answer.stderr
    said, path = answer.stdout.splitlines()
    assert said.startswith("Suggested learning rate: ")
    assert Path(path) == root / "results" / "lr_finder" / "result.json"


def test_the_estimate_is_said_before_the_path(root):
    answer = train(root, "--estimate")
    assert answer.exit_code == 0, answer.stderr
    said, path = answer.stdout.splitlines()
    assert "on this PC" in said and "cells a second" in said
    assert Path(path) == root / "results" / "estimate" / "result.json"


def test_the_table_of_a_comparison():
    good = Candidate(
        network="fast", network_title="Fast", learning_rate=0.002, augmentation="flow cell", parameters=61_000,
        epochs=12, seconds=90, accuracy=0.9, balanced_accuracy=0.85, loss=0.3,
    )  # fmt: skip
    bad = Candidate(network="vgg", network_title="VGG", learning_rate=1.0, augmentation="none", failed="It ran away.")
    lines = cli_train.compare_lines(CompareResult(candidates=[good, bad], choice=0, reason="Fast is enough."))
    assert lines[-1] == "Fast is enough."
    assert lines[1].startswith("→") and "90.0%" in lines[1] and "1.5" in lines[1]
    assert lines[2].endswith("It ran away.")


@pytest.mark.slow
def test_compare(root):
    words = ["--set", "train.compare_networks=fast,balanced", "--set", "train.compare_minutes=0.4"]
    answer = train(root, *words, "--compare")
    assert answer.exit_code == 0, answer.stderr
    assert "Balanced" in answer.stdout
    assert last_result(answer)["choice"] in (0, 1)


def test_a_run_that_is_gone_leaves_the_settings(root):
    with Project.open(root) as project:
        before = project.plan
        with pytest.raises(UserError, match="no training called gone"):
            cli_train.take_back(project, Tell(), cli_train.Act("take_back", "gone", 1))
        assert project.plan == before
