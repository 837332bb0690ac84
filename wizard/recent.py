"""What the window remembers between two starts: recent projects, theme, text size."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from wizard import fileio

MOST = 8
"""Number of recent projects that are kept."""

SCALES = (80, 90, 100, 110, 125, 150, 175, 200)
"""Text sizes in percent."""

THEMES = ("light", "dark")


def folder() -> Path:
    """Return the folder of the window's own files; CYTOWIZARD_CONFIG_DIR overrides the usual place."""
    chosen = os.environ.get("CYTOWIZARD_CONFIG_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("CytoWizard", appauthor=False))


@dataclass
class Preferences:
    """What is remembered; values that make no sense are replaced by the defaults when read."""

    recent: list[str] = field(default_factory=list)
    theme: str = "light"
    scale: int = 100

    def remember(self, project: Path) -> None:
        """Put a project first in the list."""
        path = str(project)
        self.recent = [path, *(other for other in self.recent if other != path)][:MOST]

    def present(self) -> list[Path]:
        """Return the recent projects that are still there, newest first."""
        return [Path(path) for path in self.recent if (Path(path) / "plan.toml").is_file()]

    def save(self) -> None:
        """Write the preferences; a disk that refuses costs only the memory of them."""
        try:
            fileio.write_json(folder() / "window.json", asdict(self))
        except OSError:
            return


def load() -> Preferences:
    """Read the preferences; a missing or corrupt file gives the defaults."""
    try:
        stored = fileio.read_json(folder() / "window.json")
    except (OSError, ValueError, json.JSONDecodeError):
        return Preferences()
    return _sane(stored) if isinstance(stored, dict) else Preferences()


def _sane(stored: dict[str, Any]) -> Preferences:
    found = Preferences()
    recent = stored.get("recent")
    if isinstance(recent, list):
        found.recent = [path for path in recent if isinstance(path, str)][:MOST]
    if stored.get("theme") in THEMES:
        found.theme = stored["theme"]
    if stored.get("scale") in SCALES:
        found.scale = stored["scale"]
    return found
