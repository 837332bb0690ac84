"""The open project as the window sees it: results are read from disk only when they changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wizard.project import Project


class WindowProject(Project):
    """A project whose results are kept in memory until their file changes."""

    def result(self, step: str) -> Any:
        """Return a step's typed result, or None."""
        kept: dict[str, tuple[tuple[int, int], Any]] = self.__dict__.setdefault("_kept", {})
        path = self.result_dir(step) / "result.json"
        try:
            facts = path.stat()
        except OSError:
            kept.pop(step, None)
            return None
        mark = (facts.st_mtime_ns, facts.st_size)
        if step not in kept or kept[step][0] != mark:
            kept[step] = (mark, super().result(step))
        return kept[step][1]


def open_project(root: Path | str, *, create: bool = True) -> WindowProject:
    """Open (or make) a project for the window; raises UserError when that is not possible."""
    project = WindowProject.open(root, create=create)
    assert isinstance(project, WindowProject)
    return project
