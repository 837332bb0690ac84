"""One run of the engine as the window follows it."""

from __future__ import annotations

import time
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wizard.engine.events import Done, Event, Failed, Metric, Notice, Preview, Progress, Started
from wizard.jobs import Job
from wizard.plan import PLAN_OF, TITLES, plain
from wizard.results import NoticeText
from wizard.widgets.later import later

POLL_MS = 60
PAUSED = "Paused"
WAITING = "Waiting for new files"
_FIRST_WORDS = {"watching": "Loading the model"}
_MOST_EVENTS = 100
_WORK = {
    "check": 8.0, "parse": 10.0, "train": 80.0, "evaluate": 12.0, "extract": 4.0, "visualize": 40.0,
    "label_train": 600.0,
}  # fmt: skip
"""How the steps share the bar of a run: seconds that they took with the demo cells."""
_OTHER = 8.0


@dataclass(frozen=True)
class Sent:
    """Settings that were sent to the running training, the epochs and notices that there were by then."""

    values: dict[str, Any]
    epochs: int
    notices: int


_STOPPING = {"train": "this epoch", "parse": "these cells", "visualize": "this map", "watching": "these files"}
"""What is still brought to its end when a run is stopped."""


class Run:
    """Starts a job, reads its events a few times a second and remembers what they said.

    `on_tick` is called after each batch of events, `on_end` once when the run is over. `step` is the
    step whose page the run belongs to; `doing` is what the engine calls it.
    """

    def __init__(
        self,
        widget: tk.Misc,
        root: Path,
        steps: Sequence[str],
        on_tick: Callable[[list[Event]], None],
        on_end: Callable[[], None],
        options: dict[str, object] | None = None,
    ) -> None:
        self.steps = tuple(steps)
        self.doing = self.steps[0]
        self.index = 0
        self.fraction: float | None = None
        self.label = "Starting the engine\u2026"
        self.seconds_left: float | None = None
        self.metrics: list[dict[str, float]] = []
        self.epochs = 1
        self.notices: list[NoticeText] = []
        self.sent: list[Sent] = []
        self.preview = ""
        """The file with the last augmented batch of the training."""
        self.previews = 0
        """How often it was written."""
        self.done: list[str] = []
        self.stopped = False
        self.failed: Failed | None = None
        self.over = False
        self._widget, self._on_tick, self._on_end = widget, on_tick, on_end
        self._began = time.monotonic()
        self._home = str((options or {}).get("page", ""))
        """The page of a run that can be started from several."""
        self.options = dict(options or {})
        self.job = Job(root, self.steps, options)
        self._cancel_poll = later(widget, POLL_MS, self._poll)

    def _poll(self) -> None:
        events = self.job.events(_MOST_EVENTS)
        for event in events:
            self._take(event)
        if not events and self.job.finished:
            self.over = True
        if events:
            self._on_tick(events)
        if self.over:
            self._on_end()
        else:
            self._cancel_poll = later(self._widget, POLL_MS, self._poll)

    def _take(self, event: Event) -> None:
        match event:
            case Started():
                self.doing, self.index = event.step, event.index
                self.fraction = 0.0 if event.index else None
                self.label, self.seconds_left = _FIRST_WORDS.get(event.step, ""), None
                self.metrics, self.notices, self.sent, self.preview = [], [], [], ""
            case Progress():
                self.fraction = event.fraction
                self.seconds_left = event.seconds_left
                self._say(event.label)
            case Metric():
                if self.metrics and event.epoch <= self.metrics[-1]["epoch"]:
                    # The next of several networks begins.
                    self.metrics = []
                self.metrics.append({"epoch": float(event.epoch), **event.values})
                self.epochs = event.epochs
                if self.watches:
                    del self.metrics[:-1]
                    self._say(WAITING)
            case Preview():
                self.preview, self.previews = event.path, self.previews + 1
            case Notice():
                self.notices.append(NoticeText(level=event.level, text=event.text, file=event.file))
            case Done():
                self.done.append(event.step)
                self.fraction = 1.0
                self.stopped = self.stopped or event.stopped
                self.over = event.stopped or event.step == self.steps[-1]
            case Failed():
                self.failed, self.over = replace(event, step=self._page_of(event.step)), True

    def _say(self, label: str) -> None:
        if not (self.job.stopping or self.job.cancelling):
            # A word of the step that was under way when it was paused must not hide the pause.
            self.label = PAUSED if self.job.paused else label

    @property
    def step(self) -> str:
        """The step on whose page this run is shown."""
        return self._page_of(self.doing)

    def _page_of(self, name: str) -> str:
        return self._home if self._home and name in PLAN_OF else PLAN_OF.get(name, name)

    @property
    def watches(self) -> bool:
        """True for a run that has no end of its own: a folder is watched."""
        return self.doing == "watching"

    @property
    def overall(self) -> float | None:
        """Share of the whole run that is done, None before the engine's first word."""
        if self.fraction is None and not self.done:
            return None
        within = 0.0 if self.doing in self.done else (self.fraction or 0.0)
        work = [_WORK.get(step, _OTHER) for step in self.steps]
        done = len(self.done)
        return min(1.0, (sum(work[:done]) + within * sum(work[done : done + 1])) / sum(work))

    @property
    def minutes(self) -> float:
        """Minutes since the start."""
        return (time.monotonic() - self._began) / 60

    @property
    def title(self) -> str:
        """The step that runs, with its place among several."""
        name = TITLES[self.doing]
        return name if len(self.steps) == 1 else f"{name}: step {self.index + 1} of {len(self.steps)}"

    @property
    def stop_help(self) -> str:
        """What Stop does now."""
        if plain(self.doing) == "train":
            return "Keeps the best so far"
        if self.doing == "parse":
            return "Goes on from here next time"
        if self.watches:
            return "Keeps the table"
        return "Keeps what is done" if len(self.steps) == 1 else "Ends after this step"

    @property
    def can_pause(self) -> bool:
        """True while a training runs: only that can hold in the middle."""
        return self.doing == "train" and self.fraction is not None and "train" not in self.done

    def pause(self) -> None:
        """Hold the training, or let it go on."""
        if self.job.paused:
            self.job.go_on()
            self.label = "Going on\u2026"
        else:
            self.job.pause()
            self.label = PAUSED

    def change(self, values: dict[str, Any]) -> None:
        """Change settings of the running training by name, from its next epoch on."""
        self.sent.append(Sent(dict(values), len(self.metrics), len(self.notices)))
        self.job.change(values)

    def stop(self) -> None:
        """Ask for a good end; the label answers at once."""
        self.job.stop()
        after = _STOPPING.get(self.doing, "this step")
        self.label = f"Stopping after {after}\u2026"

    def cancel(self) -> None:
        """Ask to give up; the label answers at once."""
        self.job.cancel()
        self.label = "Cancelling; everything goes back to as it was\u2026"

    def kill(self) -> None:
        """End at once, without a word to anybody."""
        self._cancel_poll()
        self.over = True
        self.job.kill()
