"""What the engine may say while it works, and what it may be asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from wizard.engine.errors import Cancelled
from wizard.engine.remaining import Remaining

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Progress:
    """Share of the step that is done: `fraction` in 0..1, never falling; seconds left or None."""

    step: str
    fraction: float
    label: str
    seconds_left: float | None
    kind: ClassVar[str] = "progress"


@dataclass(frozen=True)
class Metric:
    """Figures of one finished epoch, e.g. {"loss": 0.4, "val_accuracy": 0.8}."""

    step: str
    epoch: int
    epochs: int
    values: dict[str, float]
    kind: ClassVar[str] = "metric"


@dataclass(frozen=True)
class Preview:
    """A file with pictures of what is being done was written anew, e.g. the last batch of a training."""

    step: str
    path: str
    kind: ClassVar[str] = "preview"


@dataclass(frozen=True)
class Notice:
    """A sentence that the user should see, with the file it is about (or "")."""

    step: str
    level: Level
    text: str
    file: str = ""
    kind: ClassVar[str] = "notice"


@dataclass(frozen=True)
class Started:
    """A step of the run begins: the `index`-th (from 0) of `total`."""

    step: str
    index: int
    total: int
    kind: ClassVar[str] = "started"


@dataclass(frozen=True)
class Done:
    """A step ended well; `result` is the path of its result.json; `stopped` if the user stopped it."""

    step: str
    result: str
    stopped: bool = False
    kind: ClassVar[str] = "done"


@dataclass(frozen=True)
class Failed:
    """The run ended: a user's error (three sentences), a bug (`detail` holds the traceback) or a cancel."""

    step: str
    what: str
    why: str = ""
    action: str = ""
    detail: str = ""
    outcome: Literal["error", "bug", "cancelled"] = "error"
    kind: ClassVar[str] = "failed"


Event = Progress | Metric | Preview | Notice | Started | Done | Failed


def as_dict(event: Event) -> dict[str, Any]:
    """Return the event as a JSON-ready dictionary with its `kind` first."""
    return {"kind": event.kind, **asdict(event)}


@dataclass
class Tell:
    """A step's only way to the outside: progress, figures and notices out; stop and cancel in.

    Every call raises `Cancelled` once the user has cancelled, so a step that reports
    often reacts fast. `should_stop` is the gentler request: finish, and keep the best so far.
    While `paused` answers True, a training holds.
    """

    emit: Callable[[Event], None] = lambda event: None
    should_stop: Callable[[], bool] = lambda: False
    cancelled: Callable[[], bool] = lambda: False
    step: str = ""
    notices: list[Notice] = field(default_factory=list)
    paused: Callable[[], bool] = lambda: False
    changes: Callable[[], dict[str, Any]] = dict
    """Settings that the user has changed since the last call, by name; only a training takes them over."""
    _fraction: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _last: float = -1.0
    _seen: float = field(default_factory=time.monotonic)
    _remaining: Remaining = field(default_factory=lambda: Remaining(time.monotonic()))

    def begin(self, step: str) -> None:
        """Start a new step: the bar returns to zero, the notices are emptied."""
        self.step, self._fraction, self._last = step, 0.0, -1.0
        self._began = time.monotonic()
        self._remaining = Remaining(self._began)
        self.notices = []

    @property
    def seconds(self) -> float:
        """Seconds since the step began, pauses left out."""
        return time.monotonic() - self._began

    def progress(self, fraction: float, label: str = "") -> None:
        """Report the share done (0..1); a smaller share than before is lifted to it."""
        self.check_cancel()
        self._fraction = min(1.0, max(self._fraction, fraction))
        now = time.monotonic()
        if self.paused():
            # A pause is no work: the time left must not grow by it.
            self._began += now - self._seen
            self._remaining.shift(now - self._seen)
        self._seen = now
        if now - self._last < 0.1 and self._fraction < 1.0:
            return
        self._last = now
        self.emit(Progress(self.step, self._fraction, label, self._remaining.left(self._fraction, now)))

    def expect(self, seconds: float) -> None:
        """Tell how long the rest of the step will take; it counts until enough of it is done to be seen."""
        self._remaining.expect(seconds, self._fraction, time.monotonic())

    def part(self, start: float, end: float) -> Callable[[float, str], None]:
        """Return a progress function whose 0..1 fills only the stretch `start`..`end` of the bar."""

        def report(fraction: float, label: str = "") -> None:
            self.progress(start + (end - start) * min(1.0, max(0.0, fraction)), label)

        return report

    def within(self, start: float, end: float) -> Tell:
        """Return one for a part of a step, whose bar fills only the stretch `start`..`end` of this one's."""
        return _Within(
            self.emit, self.should_stop, self.cancelled, self.step, self.notices, self.paused, self.changes,
            outer=self, start=start, end=end,
        )  # fmt: skip

    def metric(self, epoch: int, epochs: int, values: dict[str, float]) -> None:
        """Report the figures of a finished epoch (from 1)."""
        self.check_cancel()
        self.emit(Metric(self.step, epoch, epochs, values))

    def preview(self, path: str) -> None:
        """Report that a file of pictures was written anew."""
        self.check_cancel()
        self.emit(Preview(self.step, path))

    def notice(self, level: Level, text: str, file: str = "") -> None:
        """Report a sentence for the user and keep it for the result."""
        self.check_cancel()
        said = Notice(self.step, level, text, file)
        self.notices.append(said)
        self.emit(said)

    def check_cancel(self) -> None:
        """Raise `Cancelled` if the user has asked for it."""
        if self.cancelled():
            raise Cancelled


@dataclass
class _Within(Tell):
    """Tells for a part of a step."""

    outer: Tell = field(default_factory=Tell)
    start: float = 0.0
    end: float = 1.0

    def progress(self, fraction: float, label: str = "") -> None:
        """Report the share of the part that is done (0..1)."""
        self.outer.progress(self.start + (self.end - self.start) * min(1.0, max(0.0, fraction)), label)
