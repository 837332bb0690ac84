"""The engine in its own process: a real cheap step, stop, cancel, and a child that dies."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wizard.engine.events import Done, Event, Failed, Progress, Started
from wizard.jobs import Job
from wizard.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    Project.open(tmp_path / "P").close()
    return tmp_path / "P"


def follow(job: Job, at: Callable[[Event], None] = lambda event: None, seconds: float = 120) -> list[Event]:
    found: list[Event] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        new = job.events()
        for event in new:
            at(event)
        found += new
        if not new and job.finished:
            return found
        time.sleep(0.02)
    job.kill()
    raise AssertionError(f"the job did not end: {found}")


def test_a_step_runs_and_leaves_its_result(project: Path) -> None:
    events = follow(Job(project, ["check"]))
    assert isinstance(events[0], Started) and isinstance(events[-1], Done)
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions
    assert Project.open(project, lock=False).result("check").items
    assert (project / "engine.log").is_file()


def test_a_users_error_comes_as_three_sentences(project: Path) -> None:
    failed = follow(Job(project, ["parse"]))[-1]
    assert isinstance(failed, Failed) and failed.outcome == "error"
    assert failed.step == "parse" and failed.what and failed.action and not failed.detail


def test_cancel_restores_what_was_before(project: Path) -> None:
    job = Job(project, ["check"])
    job.cancel()
    events = follow(job)
    assert isinstance(events[-1], Failed) and events[-1].outcome == "cancelled"
    assert Project.open(project, lock=False).result("check") is None
    assert not [path for path in (project / "results").glob("*") if path.suffix == ".new"]


def test_stop_is_noted_and_the_run_ends(project: Path) -> None:
    job = Job(project, ["check"])
    job.stop()
    assert job.stopping
    assert isinstance(follow(job)[-1], Done)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_engine_is_said_in_words(project: Path) -> None:
    job = Job(project, ["check"])
    process = job._process
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    failed = follow(job)[-1]
    assert isinstance(failed, Failed) and failed.outcome == "error"
    assert "ended without warning" in failed.what and "memory" in failed.why and failed.action


def test_kill_ends_at_once(project: Path) -> None:
    job = Job(project, ["check"])
    began = time.monotonic()
    job.kill()
    assert time.monotonic() - began < 3
    assert not job.running
    assert job.events()[-1].outcome == "cancelled"  # type: ignore[union-attr]
    assert job.finished
