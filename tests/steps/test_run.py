"""What the window remembers of a run, from events alone."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.window import wait
from wizard.engine.events import Done, Event, Failed, Metric, Notice, Progress, Started
from wizard.steps import run as run_module
from wizard.steps.run import Run


class FakeJob:
    """Gives prepared events, two at a time; does what a job does when it is stopped."""

    events_to_give: list[Event] = []

    def __init__(self, root: Path, steps: tuple[str, ...], options: object) -> None:
        self.waiting = list(self.events_to_give)
        self.stopping = self.cancelling = self.killed = self.paused = False
        self.changes: list[dict[str, object]] = []

    def events(self, limit: int) -> list[Event]:
        now, self.waiting = self.waiting[:2], self.waiting[2:]
        return now

    @property
    def finished(self) -> bool:
        return not self.waiting

    def stop(self) -> None:
        self.stopping = True

    def cancel(self) -> None:
        self.cancelling = True

    def pause(self) -> None:
        self.paused = True

    def go_on(self) -> None:
        self.paused = False

    def change(self, values: dict[str, object]) -> None:
        self.changes.append(values)

    def kill(self) -> None:
        self.killed = True


@pytest.fixture
def play(root: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(run_module, "Job", FakeJob)

    def start(steps: list[str], events: list[Event]) -> tuple[Run, list[float | None], list[int]]:
        monkeypatch.setattr(FakeJob, "events_to_give", events)
        shares: list[float | None] = []
        ended: list[int] = []
        run = Run(root, Path(), steps, lambda _events: shares.append(run.overall), lambda: ended.append(1))
        return run, shares, ended

    return start


def test_the_share_of_the_whole_never_falls(root: Any, play: Any) -> None:
    events: list[Event] = []
    for index, step in enumerate(("parse", "train")):
        events.append(Started(step, index, 2))
        events += [Progress(step, part / 4, f"{part}", None) for part in range(5)]
        events.append(Done(step, "x"))
    run, shares, ended = play(["parse", "train"], events)
    assert run.overall is None
    wait(root, lambda: ended)
    known = [share for share in shares if share is not None]
    assert known == sorted(known) and known[-1] == 1.0
    assert run.done == ["parse", "train"] and run.title == "Train: step 2 of 2"
    assert ended == [1]


def test_figures_and_notices_belong_to_the_step_that_runs(root: Any, play: Any) -> None:
    events = [
        Started("train", 0, 2), Metric("train", 1, 5, {"loss": 0.5}), Notice("train", "warning", "Odd.", "a.tif"),
        Metric("train", 2, 5, {"loss": 0.4}),
    ]  # fmt: skip
    run, _shares, ended = play(["train", "evaluate"], events)
    wait(root, lambda: ended)
    assert run.metrics == [{"epoch": 1.0, "loss": 0.5}, {"epoch": 2.0, "loss": 0.4}]
    assert run.epochs == 5 and run.notices[0].text == "Odd."
    run, _shares, ended = play(["train", "evaluate"], [*events, Done("train", "x"), Started("evaluate", 1, 2)])
    wait(root, lambda: ended)
    assert run.metrics == [] and run.notices == []


def test_a_stopped_step_ends_the_run(root: Any, play: Any) -> None:
    run, _shares, ended = play(["train", "evaluate"], [Started("train", 0, 2), Done("train", "x", stopped=True)])
    wait(root, lambda: ended)
    assert run.stopped and run.over and run.failed is None


def test_a_failure_ends_the_run(root: Any, play: Any) -> None:
    run, _shares, ended = play(["train"], [Started("train", 0, 1), Failed("train", "Broken.")])
    wait(root, lambda: ended)
    assert run.failed is not None and run.failed.what == "Broken."


def test_stop_and_cancel_say_so_and_later_labels_do_not_hide_it(root: Any, play: Any) -> None:
    run, _shares, ended = play(["train"], [Started("train", 0, 1), Progress("train", 0.5, "Epoch 3 of 9", None)])
    run.stop()
    assert run.label == "Stopping after this epoch\u2026" and run.stop_help == "Keeps the best so far"
    run._take(Progress("train", 0.6, "Epoch 4 of 9", None))
    assert run.label == "Stopping after this epoch\u2026"
    run.cancel()
    assert "Cancelling" in run.label
    wait(root, lambda: ended)


def test_a_killed_run_calls_nobody(root: Any, play: Any) -> None:
    run, shares, ended = play(["train"], [Started("train", 0, 1)] * 50)
    run.kill()
    for _ in range(20):
        root.update()
    assert run.job.killed and shares == [] and ended == []


def test_the_bar_of_a_recorded_run_of_all_steps_never_goes_back(root: Any, play: Any) -> None:
    path = Path(__file__).parents[1] / "widgets" / "traces" / "one_pass.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    steps = list(dict.fromkeys(step for _, step, _ in rows))
    events: list[Event] = []
    for index, step in enumerate(steps):
        events.append(Started(step, index, len(steps)))
        events += [Progress(step, share, "", None) for _, name, share in rows[::4] if name == step]
        events.append(Done(step, "x"))
    run, shares, ended = play(steps, events)
    wait(root, lambda: ended)
    known = [share for share in shares if share is not None]
    assert known == sorted(known) and known[-1] == 1.0
    assert max(after - before for before, after in pairwise(known)) < 0.4
    assert run.done == steps
