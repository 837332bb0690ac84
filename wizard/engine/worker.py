"""The engine process: runs steps, sends events up the pipe, obeys stop and cancel."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from wizard.engine import processors, run
from wizard.engine.errors import UserError
from wizard.engine.events import Event, Tell
from wizard.project import Project
from wizard.quiet import quiet


def main(pipe: Connection, root: str, steps: Sequence[str], options: dict[str, object], threads: int = 0) -> None:
    """Run `steps` of the project in `root`; the window keeps the project's lock meanwhile.

    Events go up the pipe as objects; the words "stop", "cancel", "pause" and "go on" come down, and
    ("set", {...}) with settings for a running training. When the window dies the pipe closes and this
    process ends at once. `threads` is how many cores it may use, 0 for all.
    """
    processors.limit(threads)
    _be_polite()
    stop, cancel, pause = threading.Event(), threading.Event(), threading.Event()
    lock, settings_lock = threading.Lock(), threading.Lock()
    settings: dict[str, Any] = {}

    def emit(event: Event) -> None:
        with lock, contextlib.suppress(BrokenPipeError):
            pipe.send(event)

    def listen() -> None:
        try:
            while True:
                match pipe.recv():
                    case "pause":
                        pause.set()
                    case "go on":
                        pause.clear()
                    case ("set", values):
                        with settings_lock:
                            settings.update(values)
                    case word:
                        (stop if word == "stop" else cancel).set()
        except (EOFError, OSError):
            os._exit(3)

    def changes() -> dict[str, Any]:
        with settings_lock:
            found = dict(settings)
            settings.clear()
            return found

    threading.Thread(target=listen, daemon=True).start()
    tell = Tell(emit, stop.is_set, cancel.is_set, paused=pause.is_set, changes=changes)
    try:
        if not Path(root).is_dir():
            raise UserError(f"The project folder {root} is gone.", "", "Check the drive, then open the project again.")
        with quiet(Path(root) / "engine.log"):
            run.run_steps(Project.open(root, lock=False), steps, tell, **options)
    except BaseException as error:  # noqa: BLE001 the process boundary: every end must reach the window
        emit(run.failure(tell.step, error))


def _be_polite() -> None:
    """Leave the window its share of a small machine."""
    import psutil

    lower = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 5)
    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process().nice(lower)
