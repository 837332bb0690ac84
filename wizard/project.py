"""The project folder: open, save, lock, journal, and which results are fresh or stale."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from wizard import fileio, results
from wizard.changes import AGAIN, what_changed
from wizard.engine.errors import UserError, from_os_error
from wizard.plan import TITLES, Plan, plain, read_toml, settings_hash, steps_of, to_toml
from wizard.results import StepResult

CORRECTIONS = "corrections.csv"
"""Tags and classes that were given to cells by hand; Parse joins them."""

UPSTREAM: dict[str, tuple[str, ...]] = {
    "check": (),
    "parse": (),
    "train": ("parse",),
    "evaluate": ("train",),
    "predict": ("train",),
    "extract": ("train",),
    "visualize": ("extract",),
    "report": ("parse", "train", "evaluate", "predict", "extract", "visualize"),
    "label_parse": (),
    "label_train": ("label_parse",),
    "label_evaluate": ("label_train",),
    "label_predict": ("label_train",),
    "label_extract": ("label_train",),
    "label_visualize": ("label_train",),
}
"""The steps whose results a step builds on."""


@dataclass(frozen=True)
class StepState:
    """How a step stands: `done`, `stale` (done, but something it builds on changed), `ready`, `blocked`."""

    kind: Literal["done", "stale", "ready", "blocked"]
    reason: str = ""


class Project:
    """A folder with plan, data sets, models, results and journal.

    Opened for writing it is locked: a second window or command is refused with a UserError.
    """

    def __init__(self, root: Path, plan: Plan, lock: FileLock | None) -> None:
        self.root = root
        self.plan = plan
        self._lock = lock

    @classmethod
    def open(cls, root: Path | str, *, create: bool = True, lock: bool = True) -> Project:
        """Open the project in `root`, making it if it is new and `create` is true.

        Raises UserError when the folder cannot be written, is no project, or is open elsewhere.
        """
        root = Path(root).expanduser().resolve()
        if not create and not (root / "plan.toml").is_file():
            raise UserError(
                f"{root} is not a CytoWizard project.",
                "It has no plan.toml.",
                "Choose a project folder, or make a new project.",
            )
        if root.exists() and not root.is_dir():
            raise UserError(f"{root} is a file, not a folder.", "", "Choose or type the name of a folder.")
        try:
            root.mkdir(parents=True, exist_ok=True)
            held = _take_lock(root) if lock else None
            if lock:
                for parent in (root / "results", root / "data"):
                    fileio.recover_folders(parent)
            project = cls(root, _read_plan(root), held)
            if not (root / "plan.toml").is_file():
                project.save_plan()
        except OSError as error:
            raise from_os_error(error) or error from error
        return project

    def close(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            self._lock.release()
            (self.root / ".lock-owner").unlink(missing_ok=True)
            self._lock = None

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def steps(self) -> tuple[str, ...]:
        """The seven steps of the project's task."""
        return steps_of(self.plan.project.task)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.root.name

    def save_plan(self) -> None:
        """Write plan.toml."""
        fileio.write_text(self.root / "plan.toml", to_toml(self.plan))

    def change(self, values: dict[str, Any]) -> None:
        """Change settings by full name and save the plan; raises UserError and keeps the old ones."""
        before, self.plan = self.plan, self.plan.with_values(values)
        try:
            self.save_plan()
        except OSError as error:
            self.plan = before
            raise from_os_error(error) or error from error

    def result_dir(self, step: str) -> Path:
        """Return the folder of a step's result."""
        return self.root / "results" / step

    def result(self, step: str) -> Any:
        """Return a step's typed result (see `wizard.results`), or None."""
        return results.load(self.result_dir(step), step)

    def data_set(self, name: str) -> Path:
        """Return the path of a data set by name."""
        return self.root / "data" / f"{name}.cells"

    @property
    def training_dir(self) -> Path:
        """The folder of checkpoints and history."""
        return self.root / "training"

    @property
    def stain_training_dir(self) -> Path:
        """The folder of the checkpoint of a training for stains."""
        return self.root / "training_stains"

    def models(self, *, stains: bool = False) -> list[Path]:
        """Return this project's model files, newest first; `stains` asks for those that predict stains."""
        return newest_models(self.root / "models" / "stains" if stains else self.root / "models")

    def state(self, step: str) -> StepState:
        """Tell whether a step is done, stale (with what changed), ready, or blocked (with what is missing)."""
        own = self.result(step)
        upstream = self._upstream(step)
        missing = [name for name in upstream if self.result(name) is None]
        if step == "report" and len(missing) < len(upstream):
            # The report covers what there is.
            missing = []
        if own is None:
            if missing:
                return StepState("blocked", f"{TITLES[missing[0]]} comes first.")
            if plain(step) == "parse" and not getattr(self.plan, step).input:
                return StepState("blocked", "Choose the folder with your images first.")
            return StepState("ready")
        cause = self._own_change(step, own, upstream)
        if cause:
            return StepState("stale", f"{cause} {AGAIN[step]}")
        first = self._stale_before(upstream)
        if first:
            said = (f"{TITLES[first[0]]} is out of date.", first[1], f"{TITLES[step]} comes after it.")
            return StepState("stale", " ".join(said))
        return StepState("done")

    def _own_change(self, step: str, own: StepResult, upstream: tuple[str, ...]) -> str:
        """Say what changed since a result was made: its settings, the cells, or what it builds on."""
        if own.settings_hash != settings_hash(self.plan, step):
            now = getattr(self.plan, step).model_dump() if hasattr(self.plan, step) else {}
            return what_changed(step, own.settings, now) or "Settings changed."
        if step == "parse" and self._corrected_since(own):
            return "Labels or tags of cells were changed by hand since."
        for name in upstream:
            before: StepResult | None = self.result(name)
            if before is not None and own.upstream.get(name) != before.id:
                when = local_time(before.created)
                return f"{TITLES[name]} ran again since, on {when}." if when else f"{TITLES[name]} ran again since."
        return ""

    def _stale_before(self, upstream: tuple[str, ...]) -> tuple[str, str] | None:
        """Return the first step among these and those before them that is out of date by itself, and why."""
        for name in upstream:
            own = self.result(name)
            if own is None:
                continue
            before = self._upstream(name)
            found = self._stale_before(before)
            if found:
                return found
            cause = self._own_change(name, own, before)
            if cause:
                return name, cause
        return None

    def _corrected_since(self, parsed: Any) -> bool:
        """Tell whether the table of corrections is another one than when the data set was made."""
        return parsed.corrections is not None and fileio.digest(self.root / CORRECTIONS) != parsed.corrections

    def _upstream(self, step: str) -> tuple[str, ...]:
        """The steps that a step builds on here: a model from elsewhere needs no training in this project."""
        own_model = getattr(getattr(self.plan, step, None), "model", "")
        return () if own_model else UPSTREAM[step]

    def states(self) -> dict[str, StepState]:
        """Return the state of all steps."""
        return {step: self.state(step) for step in self.steps}

    def journal(self, entry: dict[str, Any]) -> None:
        """Append one line to journal.jsonl."""
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with (self.root / "journal.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())


def newest_models(folder: Path) -> list[Path]:
    """Return the model files of a folder, newest first."""
    return sorted(folder.glob("*.cytomodel"), key=lambda path: path.stat().st_mtime, reverse=True)


def now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def local_time(created: str) -> str:
    """Return a stored time (ISO 8601, UTC) as local date and time, "" when it is none."""
    try:
        return datetime.fromisoformat(created).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""


def _read_plan(root: Path) -> Plan:
    path = root / "plan.toml"
    return read_toml(path) if path.is_file() else Plan()


def _take_lock(root: Path) -> FileLock:
    lock = FileLock(root / ".lock", timeout=0)
    owner = root / ".lock-owner"
    try:
        lock.acquire()
    except Timeout:
        who = owner.read_text(encoding="utf-8") if owner.is_file() else "another program"
        raise UserError(
            f"The project {root.name} is open already.",
            f"It is in use by {who}; two at a time would mix their results.",
            "Close it there, or choose another project folder.",
        ) from None
    fileio.write_text(owner, f"process {os.getpid()} on {platform.node()}")
    return lock
