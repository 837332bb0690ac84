"""The queue of trainings as the window works through it, with a host that trains nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wizard import training_queue
from wizard.engine.events import Failed
from wizard.steps.queue_runner import QueueRunner, queue_entries, train_values
from wizard.steps.session import open_project


class Host:
    """Notes what is started; `end` ends it."""

    def __init__(self, root: Path) -> None:
        self.project = open_project(root)
        self.run: Any = None
        self.started: list[tuple[list[str], str]] = []
        self.options: list[object] = []
        self.told: list[Any] = []
        self.queue = QueueRunner(self)  # type: ignore[arg-type]

    def start(self, steps: list[str], options: object = None) -> None:
        self.run = SimpleNamespace(
            doing=steps[0], failed=None, stopped=False, job=SimpleNamespace(cancelling=False, stopping=False)
        )
        self.started.append((steps, self.project.plan.train.network))
        self.options.append(options)

    def end(self, failed: Failed | None = None, **more: Any) -> None:
        run, self.run = self.run, None
        run.failed = failed
        run.__dict__.update(more)
        self.queue.ended(run)

    def tell(self, refusal: Any) -> None:
        self.told.append(refusal)

    @property
    def outcomes(self) -> list[str]:
        return [entry.outcome for entry in training_queue.entries(self.project)]


@pytest.fixture
def host(tmp_path: Path) -> Any:
    made = Host(tmp_path / "P")
    for network in ("fast", "balanced", "thorough"):
        training_queue.add(made.project, made.project.plan.train.model_copy(update={"network": network}))
    yield made
    made.project.close()


def test_entries_are_trained_one_after_the_other_with_their_settings(host: Host) -> None:
    shown: list[str] = []
    host.queue.on_settings = lambda: shown.append(host.project.plan.train.network)
    host.queue.start()
    assert host.outcomes == ["running", "waiting", "waiting"] and not host.queue.goes_on
    assert host.queue.words == "Training 1 of 3 of the queue: Fast"
    host.end()
    assert host.outcomes == ["done", "running", "waiting"] and host.queue.goes_on
    assert host.queue.words == "Training 2 of 3 of the queue: Balanced"
    host.end()
    host.end()
    assert host.outcomes == ["done"] * 3 and not host.queue.on and host.queue.words == ""
    assert host.started == [(["train"], name) for name in ("fast", "balanced", "thorough")]
    assert shown == ["fast", "balanced", "thorough"], "the form hears of the settings before the training starts"


def test_one_that_fails_is_marked_and_the_next_starts(host: Host) -> None:
    host.queue.start()
    host.end(Failed("train", "Too few cells.", "G1 has one."))
    assert host.outcomes == ["failed", "running", "waiting"]
    assert queue_entries(host.project)[0].why == "Too few cells. G1 has one."


def test_cancel_ends_the_queue_and_the_entry_waits_again(host: Host) -> None:
    host.queue.start()
    host.end(Failed("train", "Cancelled.", outcome="cancelled"))
    assert host.outcomes == ["waiting"] * 3 and not host.queue.on and len(host.started) == 1


def test_stop_keeps_the_training_and_the_queue_goes_on(host: Host) -> None:
    host.queue.start()
    host.end(stopped=True)
    assert host.outcomes == ["done", "running", "waiting"]
    assert queue_entries(host.project)[0].why == "Stopped; its best epoch was kept."


def test_the_queue_ends_after_this_training_if_asked(host: Host) -> None:
    host.queue.start()
    host.queue.stop_after_this()
    host.end()
    assert host.outcomes == ["done", "waiting", "waiting"] and not host.queue.on
    host.queue.start()
    assert host.started[-1][1] == "balanced", "it goes on where it ended"
    assert host.queue.words == "Training 1 of 2 of the queue: Balanced"
    host.queue.stop_after_this()
    host.queue.go_on_after_this()
    host.end()
    assert host.queue.on


def test_settings_that_cannot_be_used_fail_without_a_start(host: Host) -> None:
    entries = training_queue.entries(host.project)
    entries[0].settings["epochs"] = -5
    training_queue._write(host.project, entries)
    host.queue.start()
    assert host.outcomes == ["failed", "running", "waiting"]
    assert "Epochs" in training_queue.entries(host.project)[0].why and host.started[0][1] == "balanced"


def test_closing_puts_the_entry_back_and_so_does_opening_after_a_kill(host: Host) -> None:
    host.queue.start()
    host.queue.leave()
    assert host.outcomes == ["waiting"] * 3
    training_queue.mark(host.project, queue_entries(host.project)[1].id, "running")
    host.queue.opened()
    assert host.outcomes == ["waiting"] * 3


def test_other_runs_do_not_touch_it_and_nothing_starts_twice(host: Host) -> None:
    host.queue.ended(SimpleNamespace(doing="train"))  # type: ignore[arg-type]
    host.start(["parse"])
    host.queue.start()
    assert not host.queue.on and host.outcomes == ["waiting"] * 3
    host.end()
    host.queue.start()
    host.queue.start()
    assert len(host.started) == 2


def test_a_damaged_file_is_told(host: Host) -> None:
    training_queue.place(host.project).write_text("{", encoding="utf-8")
    host.queue.start()
    assert not host.queue.on and "cannot be read" in host.told[0].what
    host.queue.opened()


def test_settings_of_another_version_can_be_used() -> None:
    values = train_values({"network": "fast", "no_longer": 3})
    assert values["train.network"] == "fast" and values["train.epochs"] == 0
    assert "train.no_longer" not in values


def test_a_training_that_was_interrupted_goes_on_where_it_was(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    first = training_queue.entries(host.project)[0].id
    monkeypatch.setattr(training_queue, "resumes", lambda project, entry: entry.id == first)
    host.queue.start()
    host.end()
    assert host.options == [{"resume": True}, None]
