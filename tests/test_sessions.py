from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wizard import fileio, recent, sessions
from wizard.project import Project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Project.open(tmp_path / "P").close()
    return tmp_path / "P"


def note_in_a_process_that_dies(root: Path, *arguments: Any) -> None:
    code = f"from pathlib import Path; from wizard import sessions; sessions.note(Path({str(root)!r}), *{arguments!r})"
    subprocess.run([sys.executable, "-c", code], check=True)


def checkpoint(root: Path, epoch: int) -> None:
    (root / "training").mkdir(exist_ok=True)
    fileio.write_json(root / "training" / f"checkpoint_{epoch}.json", {"state": {"epoch": epoch, "run": ""}})


def test_closed_in_good_order_nothing_is_left(root: Path) -> None:
    sessions.note(root, ("train",), "train")
    sessions.leave(root, working=False)
    assert sessions.left(root) is None and not (root / sessions.FILE).exists()


def test_a_project_that_is_open_is_not_taken_for_a_dead_one(root: Path) -> None:
    sessions.note(root, ("train",), "train")
    assert sessions.left(root) is None
    assert sessions.left(root, ours=True) is not None, "who holds the lock knows that the former holder is gone"


def test_a_training_that_was_killed_says_its_epoch(root: Path) -> None:
    note_in_a_process_that_dies(root, ("parse", "train", "evaluate"), "train", 80)
    checkpoint(root, 11)
    checkpoint(root, 12)
    left = sessions.left(root)
    assert left is not None and left.resumes
    assert left.title == "Training stopped at epoch 12 of 80."
    assert left.text == "It can go on from there. After it 1 more step is run."
    assert left.steps == ("train", "evaluate")


def test_a_training_without_a_checkpoint_starts_anew(root: Path) -> None:
    note_in_a_process_that_dies(root, ("train",), "train", 80)
    left = sessions.left(root)
    assert left is not None and not left.resumes
    assert left.title == "Train was interrupted." and left.text.startswith("It starts from its beginning.")


def test_a_window_that_died_without_work(root: Path) -> None:
    note_in_a_process_that_dies(root)
    left = sessions.left(root)
    assert left is not None and left.step == "" and left.title == "The window was closed without warning."


def test_closing_during_work_is_noted_at_once(root: Path) -> None:
    sessions.note(root, ("parse", "train"), "parse")
    sessions.leave(root, working=True)
    left = sessions.left(root)
    assert left is not None and left.steps == ("parse", "train") and "It can go on" in left.text


def test_a_step_that_ended_before_the_window_did_is_not_run_again(done_project: Path) -> None:
    sessions.note(done_project, ("parse", "train"), "parse")
    noted = fileio.read_json(done_project / sessions.FILE)
    fileio.write_json(done_project / sessions.FILE, {**noted, "since": "2000-01-01T00:00:00+00:00", "pid": 0})
    left = sessions.left(done_project)
    assert left is not None and left.steps == ("train",)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"pid": 1}', '{"pid": "x", "computer": 1}'])
def test_a_damaged_note_is_as_none(root: Path, text: str) -> None:
    (root / sessions.FILE).write_text(text, encoding="utf-8")
    assert sessions.left(root) is None and sessions.left(root, ours=True) is None


def test_the_recent_list_tells_the_last_step_and_missing_folders(root: Path, tmp_path: Path) -> None:
    with Project.open(root) as project:
        for step, outcome in (("parse", "done"), ("survey", "done"), ("train", "cancelled")):
            project.journal({"step": step, "outcome": outcome, "end": "2026-01-15T10:30:00+00:00"})
    found = recent.facts(str(root))
    assert found.there and found.step == "survey" and found.when.startswith("2026-01-15")
    assert not recent.facts(str(tmp_path / "gone")).there
    kept = recent.Recent(["/a", "/b"])
    kept.forget("/a")
    assert kept.projects == ["/b"]
