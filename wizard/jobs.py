"""Runs engine steps in a process of their own; the window only reads their events."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Sequence
from pathlib import Path

from wizard import fileio, preferences, runs
from wizard.engine import worker
from wizard.engine.events import Done, Event, Failed, Started

GRACE_SECONDS = 5.0
"""After a cancel the engine has this long to end by itself before it is killed."""


class Job:
    """One run of steps in a child process; every method returns at once."""

    def __init__(self, root: Path, steps: Sequence[str], options: dict[str, object] | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, child = context.Pipe()
        self.steps = tuple(steps)
        self._root, self._training = root, root / "training"
        self._process = context.Process(
            target=worker.main,
            args=(child, str(root), self.steps, options or {}, preferences.load().values.threads),
            daemon=True,
        )
        self._process.start()
        child.close()
        self._kill_at: float | None = None
        self._ended = False
        self._closed = False
        self._at_training = False
        self.stopping = False
        self.cancelling = False
        self.paused = False

    def events(self, limit: int = 100) -> list[Event]:
        """Return up to `limit` waiting events; an engine that died without a word yields a `Failed`."""
        found: list[Event] = []
        try:
            while len(found) < limit and self._pipe.poll():
                found.append(self._pipe.recv())
        except (EOFError, OSError):
            self._closed = True
        self._note_end(found)
        return found

    def _note_end(self, found: list[Event]) -> None:
        for event in found:
            if isinstance(event, (Started, Done)):
                self._at_training = isinstance(event, Started) and event.step == "train"
        if self._kill_at is not None and time.monotonic() > self._kill_at and self._process.is_alive():
            self._process.kill()
            self._process.join(2.0)
        if found and isinstance(found[-1], Failed):
            self._ended = True
        if self.running or self._ended or found:
            return
        self._ended = True
        code = self._process.exitcode
        if self.cancelling:
            if self._kill_at is not None and self._at_training:
                # The engine had no time left to undo it by itself.
                fileio.bring_back(self._training)
                if self._process.pid is not None:
                    runs.delete_of(self._root, self._process.pid)
            found.append(Failed("", "Cancelled. Everything is as it was before.", outcome="cancelled"))
        elif code != 0:
            found.append(
                Failed(
                    "",
                    "The engine ended without warning.",
                    f"Its exit code was {code}; the usual reason is too little memory.",
                    "Close other programs or choose a smaller network or batch, then start again.",
                )
            )

    @property
    def running(self) -> bool:
        """True while the engine process lives."""
        return self._process.is_alive()

    @property
    def finished(self) -> bool:
        """True when the engine has ended and all its events were read."""
        if self.running:
            return False
        # A closed pipe looks as if something waited in it.
        if self._closed:
            return True
        with contextlib.suppress(EOFError, OSError):
            return not self._pipe.poll()
        return True

    def stop(self) -> None:
        """Ask the engine to finish soon and keep what is done."""
        self.stopping = True
        self._say("stop")

    def cancel(self) -> None:
        """Ask the engine to give up; it is killed if it does not within the grace time."""
        self.cancelling = True
        self._kill_at = time.monotonic() + GRACE_SECONDS
        self._say("cancel")

    def pause(self) -> None:
        """Hold a running training between two steps."""
        self.paused = True
        self._say("pause")

    def go_on(self) -> None:
        """End the pause."""
        self.paused = False
        self._say("go on")

    def change(self, values: dict[str, object]) -> None:
        """Change settings of the running training by name; they count from its next epoch on."""
        self._say(("set", dict(values)))

    def kill(self) -> None:
        """End the engine at once; what it had not finished is discarded at the next start."""
        self.cancelling = True
        self._process.kill()
        self._process.join(2.0)

    def _say(self, word: object) -> None:
        with contextlib.suppress(BrokenPipeError, OSError):
            self._pipe.send(word)
