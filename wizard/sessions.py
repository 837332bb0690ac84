"""Which project a window holds open and what it runs there, noted so that a window that died can be told about."""

from __future__ import annotations

import contextlib
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from wizard import fileio, results, runs
from wizard.plan import TITLES
from wizard.project import local_time, now

FILE = ".session.json"


@dataclass(frozen=True)
class Left:
    """What was under way when a window died, or was closed during work; `step` is empty when nothing was."""

    when: str = ""
    """Local date and time at which the step began, or the project was opened."""
    step: str = ""
    steps: tuple[str, ...] = ()
    """This step and those that were to run after it."""
    epoch: int = 0
    epochs: int = 0
    resumes: bool = False
    """True when the training can go on from its last epoch."""
    queue: bool = False
    """True when it was a training of the queue."""

    @property
    def title(self) -> str:
        """What happened, in a short sentence."""
        if not self.step:
            return "The window was closed without warning."
        if self.step == "train" and self.epoch and self.epochs:
            return f"Training stopped at epoch {self.epoch} of {self.epochs}."
        return f"{TITLES.get(self.step, self.step)} was interrupted."

    @property
    def text(self) -> str:
        """What can be done about it."""
        if not self.step:
            return "Nothing was running. All settings and results are kept."
        if self.resumes or self.step == "parse":
            said = "It can go on from there."
        else:
            said = "It starts from its beginning. The results of all other steps are kept."
        more = len(self.steps) - 1
        if more:
            said += " After it 1 more step is run." if more == 1 else f" After it {more} more steps are run."
        return said


def note(root: Path, steps: tuple[str, ...] = (), step: str = "", epochs: int = 0, queue: bool = False) -> None:
    """Note that this process holds a project open, and what it runs there (nothing when `steps` is empty)."""
    noted = {
        **runs.this_process(), "since": now(), "steps": list(steps), "step": step, "epochs": epochs, "queue": queue,
    }  # fmt: skip
    with contextlib.suppress(OSError):
        fileio.write_json(root / FILE, noted)


def leave(root: Path, *, working: bool) -> None:
    """Note that the project is closed; with `working` a run was ended by that, and the note says so."""
    with contextlib.suppress(OSError, ValueError):
        if working:
            fileio.write_json(root / FILE, {**fileio.read_json(root / FILE), "pid": 0})
        else:
            (root / FILE).unlink(missing_ok=True)


def left(root: Path, *, ours: bool = False) -> Left | None:
    """Return what was left in a project; None when it was closed in good order, or is open somewhere.

    With `ours` the caller holds the project, so nobody else does.
    """
    try:
        noted = fileio.read_json(root / FILE)
        if not ours and _held(root, noted):
            return None
        steps, step = tuple(map(str, noted["steps"])), str(noted["step"])
        since, epochs, queue = str(noted["since"]), int(noted["epochs"]), bool(noted["queue"])
    except (OSError, KeyError, TypeError, ValueError):
        return None
    if step in steps:
        steps = steps[steps.index(step) :]
    done = results.load(root / "results" / step, step) if step in results.RESULTS else None
    if done is not None and done.created >= since:
        # It ended just before the window did; what is left are the steps after it.
        steps = steps[1:]
        if not steps:
            return Left(local_time(since))
        step = steps[0]
    epoch, resumes = _epoch(root) if step == "train" else (0, False)
    if step == "label_train":
        resumes = (root / "training_stains" / "state.json").is_file()
    return Left(local_time(since), step, steps, epoch, epochs, resumes, queue)


def _held(root: Path, noted: dict[str, Any]) -> bool:
    """Tell whether the process of a note still has the project."""
    import psutil

    if not noted["pid"]:
        return False
    if noted["computer"] != platform.node():
        try:
            FileLock(root / ".lock", timeout=0).acquire().lock.release()
        except Timeout:
            return True
        return False
    try:
        return abs(psutil.Process(int(noted["pid"])).create_time() - float(noted["started"])) < 1.0
    except psutil.Error:
        return False


def _epoch(root: Path) -> tuple[int, bool]:
    """Return the last epoch that is kept of the training, and whether there is a checkpoint at all."""
    found = 0
    checkpoints = list((root / "training").rglob("checkpoint_*.json"))
    single = [path for path in checkpoints if path.parent.name == "training"]
    for path in single:
        with contextlib.suppress(OSError, KeyError, TypeError, ValueError):
            found = max(found, int(fileio.read_json(path)["state"]["epoch"]))
    return found, bool(checkpoints)
