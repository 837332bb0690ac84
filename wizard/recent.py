"""The projects that were opened last, remembered between two starts of the window."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from wizard import fileio
from wizard.plan import TITLES

if TYPE_CHECKING:
    from wizard.sessions import Left

FILE = "window.json"
MOST = 8
"""Number of recent projects that are kept."""
_TAIL = 60_000


def folder() -> Path:
    """Return the folder of the window's own files; CYTOWIZARD_CONFIG_DIR overrides the usual place."""
    chosen = os.environ.get("CYTOWIZARD_CONFIG_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("CytoWizard", appauthor=False))


@dataclass(frozen=True)
class Facts:
    """What the list says of a project."""

    there: bool = True
    step: str = ""
    """The step that was done last."""
    when: str = ""
    left: Left | None = None


def facts(project: str) -> Facts:
    """Look at a project's folder; for a thread, as a drive may take long to answer."""
    # Loaded here: the window starts without them.
    from wizard import sessions
    from wizard.project import local_time

    root = Path(project)
    if not (root / "plan.toml").is_file():
        return Facts(there=False)
    step, ended = _last_done(root / "journal.jsonl")
    return Facts(True, step, local_time(ended), sessions.left(root))


def _last_done(journal: Path) -> tuple[str, str]:
    """Return the last step that was done, and when; of a long journal only the end is read."""
    try:
        with journal.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return "", ""
    for line in reversed(lines):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            if entry["outcome"] in ("done", "stopped") and entry["step"] in TITLES:
                return str(entry["step"]), str(entry["end"])
    return "", ""


@dataclass
class Recent:
    """The folders of the projects, the newest first."""

    projects: list[str] = field(default_factory=list)

    def remember(self, project: Path) -> None:
        """Put a project first in the list."""
        path = str(project)
        self.projects = [path, *(other for other in self.projects if other != path)][:MOST]

    def present(self) -> list[Path]:
        """Return the recent projects that are still there, newest first."""
        return [Path(path) for path in self.projects if (Path(path) / "plan.toml").is_file()]

    def forget(self, project: str) -> None:
        """Take a project out of the list; its folder stays."""
        self.projects = [other for other in self.projects if other != project]

    def save(self) -> None:
        """Write the list; a disk that refuses costs only the memory of it."""
        try:
            before = fileio.read_json(folder() / FILE)
        except (OSError, ValueError):
            before = {}
        kept = before if isinstance(before, dict) else {}
        try:
            fileio.write_json(folder() / FILE, {**kept, "recent": asdict(self)["projects"]})
        except OSError:
            return


def load() -> Recent:
    """Read the list; a missing or corrupt file gives an empty one."""
    try:
        stored = fileio.read_json(folder() / FILE)
    except (OSError, ValueError):
        return Recent()
    found = stored.get("recent") if isinstance(stored, dict) else None
    return Recent([path for path in found if isinstance(path, str)][:MOST] if isinstance(found, list) else [])
