"""Runs the queue of trainings one after the other; the window owns it, so that it goes on whichever page is shown."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from wizard import training_queue
from wizard.engine.errors import UserError, from_os_error
from wizard.plan import step_settings
from wizard.steps.host import Host
from wizard.steps.run import Run
from wizard.steps.session import WindowProject
from wizard.training_queue import Queued

TRAIN = "train"


class QueueHost(Host, Protocol):
    """The window, as far as the queue and its tabs know it."""

    queue: QueueRunner


def queue_entries(project: WindowProject) -> list[Queued]:
    """Return the queue; it is read from disk only when it changed. Raises UserError when its file is damaged."""
    kept: list[Any] = project.__dict__.setdefault("_queue", [None, []])
    try:
        facts = training_queue.place(project).stat()
    except OSError:
        return []
    mark = (facts.st_mtime_ns, facts.st_size)
    if kept[0] != mark:
        kept[:] = [mark, training_queue.entries(project)]
    found: list[Queued] = kept[1]
    return found


def train_values(settings: dict[str, Any]) -> dict[str, Any]:
    """Return stored settings of Train as `Project.change` takes them: all there are now, missing ones as preset."""
    return {item.key: settings.get(item.name, item.default) for item in step_settings(TRAIN)}


class QueueRunner:
    """Which entry of the queue is trained now, and what comes after it."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.entry = ""
        """Id of the entry that is trained now; empty while the queue is off."""
        self.name = ""
        self.number = 0
        """Its place among those of this go, from 1."""
        self.ends_after = False
        self.on_settings: Callable[[], None] = lambda: None
        """Hears that the settings of Train are those of an entry now."""

    @property
    def on(self) -> bool:
        """True while the queue is worked through."""
        return bool(self.entry)

    @property
    def goes_on(self) -> bool:
        """True while a later entry is started: the user may be looking at something else."""
        return self.number > 1

    @property
    def total(self) -> int:
        """How many entries this go has, with those that still wait."""
        return self.number + sum(item.outcome == "waiting" for item in self._entries())

    @property
    def words(self) -> str:
        """What is trained now, e.g. `Training 2 of 4 of the queue: Fast`; empty while the queue is off."""
        return f"Training {self.number} of {self.total} of the queue: {self.name}" if self.on else ""

    def _entries(self) -> Iterable[Queued]:
        with contextlib.suppress(UserError):
            return queue_entries(self._project)
        return []

    @property
    def _project(self) -> WindowProject:
        assert self.host.project is not None
        return self.host.project

    def opened(self) -> None:
        """Note that a project was opened: what the last window left in the middle waits again."""
        self._off()
        with contextlib.suppress(UserError, OSError):
            training_queue.recover(self._project)

    def start(self) -> None:
        """Begin with the first entry that waits; nothing happens while something runs."""
        if self.host.run is None and not self.on and not self._next():
            self._off()

    def stop_after_this(self) -> None:
        """Let the training that runs be the last of this go."""
        self.ends_after = self.on

    def go_on_after_this(self) -> None:
        """Take `stop_after_this` back."""
        self.ends_after = False

    def ended(self, run: Run) -> None:
        """Note how a run ended; the next entry starts unless the user gave up."""
        if not self.on or run.doing != TRAIN:
            return
        ends = self.ends_after or run.job.cancelling
        failed = run.failed
        if failed is not None and failed.outcome == "cancelled":
            self._mark("waiting")
            ends = True
        elif failed is not None:
            self._mark("failed", " ".join(line for line in (failed.what, failed.why) if line))
        else:
            result = self._project.result(TRAIN)
            self._mark("done", "Stopped; its best epoch was kept." if run.stopped else "",
                       result.run if result is not None else "")  # fmt: skip
        if ends or not self._next():
            self._off()

    def leave(self) -> None:
        """Put the entry that is trained back, because the window closes."""
        if self.on:
            with contextlib.suppress(UserError, OSError):
                training_queue.mark(self._project, self.entry, "waiting")
        self._off()

    def _mark(self, outcome: training_queue.QueueOutcome, why: str = "", run: str = "") -> None:
        try:
            training_queue.mark(self._project, self.entry, outcome, why, run)
        except UserError as error:
            self.host.tell(error)
        except OSError as error:
            self.host.tell(from_os_error(error) or UserError("The queue could not be written.", f"{error}."))

    def _next(self) -> bool:
        """Start the next entry whose settings can be used; those that cannot are marked with the reason."""
        try:
            while (entry := training_queue.next_waiting(self._project)) is not None:
                if self._take(entry):
                    return True
        except UserError as error:
            self.host.tell(error)
        except OSError as error:
            self.host.tell(from_os_error(error) or UserError("The queue could not be written.", f"{error}."))
        return False

    def _take(self, entry: Queued) -> bool:
        try:
            self._project.change(train_values(entry.settings))
        except UserError as error:
            training_queue.mark(self._project, entry.id, "failed", " ".join(error.lines()[:2]))
            return False
        # Asked before it is marked: that notes a new start.
        resumes = training_queue.resumes(self._project, entry)
        training_queue.mark(self._project, entry.id, "running")
        self.entry, self.name, self.number = entry.id, entry.name, self.number + 1
        self.on_settings()
        self.host.start([TRAIN], {"resume": True} if resumes else None)
        return True

    def _off(self) -> None:
        self.entry = self.name = ""
        self.number, self.ends_after = 0, False
