"""The engine in its own process: a real cheap step, stop, cancel, and a child that dies."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wizard.engine import worker
from wizard.engine.events import Done, Event, Failed, Progress, Started, Tell
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


class Pipe:
    """The engine's end of the pipe: messages for it, then silence; what it says is kept."""

    def __init__(self, *messages: object) -> None:
        self._messages = list(messages)
        self.heard = threading.Event()
        self.said: list[Event] = []

    def recv(self) -> object:
        if self._messages:
            return self._messages.pop(0)
        self.heard.set()
        threading.Event().wait()
        return None

    def send(self, event: Event) -> None:
        self.said.append(event)


def test_settings_and_a_pause_reach_the_step(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = (("set", {"epochs": 3}), "pause", ("set", {"batch": 8, "epochs": 4}))
    found: list[object] = []
    monkeypatch.setattr(worker, "_be_polite", lambda: None)

    def steps(opened: Project, names: object, tell: Tell) -> None:
        assert pipe.heard.wait(10)
        found.extend([tell.paused(), tell.changes(), tell.changes(), tell.should_stop()])

    for sent, paused in ((messages, True), ((*messages, "go on"), False)):
        pipe = Pipe(*sent)
        found.clear()
        monkeypatch.setattr(worker.run, "run_steps", steps)
        worker.main(pipe, str(project), ["train"], {})  # type: ignore[arg-type]
        assert found == [paused, {"epochs": 4, "batch": 8}, {}, False]
        assert not pipe.said


def test_a_job_sends_pause_and_settings(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(project, ["check"])
    sent: list[object] = []
    monkeypatch.setattr(job, "_say", sent.append)
    job.pause()
    assert job.paused
    job.go_on()
    job.change({"learning_rate": 0.01})
    assert not job.paused and sent == ["pause", "go on", ("set", {"learning_rate": 0.01})]
    job.kill()


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
