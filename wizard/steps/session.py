"""The open project as the window sees it: results are read from disk only when they changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typing_extensions import override

from wizard import preferences, profile
from wizard.engine.errors import UserError
from wizard.plan import Plan, step_settings
from wizard.profile import Profile
from wizard.project import Project
from wizard.undo import Undo


class WindowProject(Project):
    """A project whose results are kept in memory until their file changes; it heeds the department's profile."""

    profile = Profile()

    @property
    def undo(self) -> Undo:
        """What was changed in this session and can be taken back."""
        found: Undo = self.__dict__.setdefault("_undo", Undo())
        return found

    @override
    def change(self, values: dict[str, Any]) -> None:
        locked = [key for key in values if key in self.profile.locked]
        if locked:
            after = self.plan.with_values(values)
            for key in locked:
                if _value(after, key) != _value(self.plan, key):
                    raise preferences.refused_lock(_title(key), self.profile)
        super().change(values)

    def heed(self, found: Profile, new: bool) -> None:
        """Take over what the profile locks, and in a new project all that it presets."""
        wanted = {**(found.plan if new else {}), **found.locked_plan}
        changed = {key: value for key, value in wanted.items() if _value(self.plan, key) != value}
        if changed:
            super().change(changed)
        self.profile = found

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
    new = not (Path(root).expanduser() / "plan.toml").is_file()
    project = WindowProject.open(root, create=create)
    assert isinstance(project, WindowProject)
    try:
        # A broken profile is said by the preferences, once.
        project.heed(profile.load()[0], new)
    except UserError:
        project.close()
        raise
    return project


def _value(plan: Plan, key: str) -> Any:
    step, _, name = key.partition(".")
    return getattr(getattr(plan, step), name)


def _title(key: str) -> str:
    return next(item.title for item in step_settings(key.partition(".")[0]) if item.key == key)
