"""The support file: what the makers need to find a mistake, without images and without names."""

from __future__ import annotations

import json
import platform
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wizard import __version__, fileio, preferences, recent
from wizard.engine.errors import UserError, from_os_error
from wizard.engine.events import Failed
from wizard.engine.run import versions
from wizard.plan import MODELS, TITLES, Plan, step_settings
from wizard.project import Project
from wizard.settings import Setting
from wizard.support_clean import Cleaner, names_here, names_of_project

_LINES = 300
_BYTES = 200_000
_RUNS = 200
_DATE = (2000, 1, 1, 0, 0, 0)
_NUMBERS = re.compile(r"[\d\s.,;x:+-]*")
_OPEN_KINDS = ("whole", "number", "switch", "choice", "choices")
_OUTCOMES = ("done", "stopped", "error", "cancelled", "bug")

ABOUT = """CytoWizard support file

Made by the user for the makers of the program. It was shown before it was saved. It holds no images and no cells.
Names of people, files, folders, tags and their values were replaced by <name>, <path>, <file> and <text>.
"""


@dataclass(frozen=True)
class Situation:
    """Where the user is when the file is made: the open project, the error on the screen, facts of the window."""

    root: Path | None = None
    failed: Failed | None = None
    window: Mapping[str, str] = field(default_factory=dict)


def collect(where: Situation) -> dict[str, str]:
    """Return the content of the support file, name → text; everything in it is cleaned."""
    project = _project(where.root)
    names = names_here() | set(recent.load().projects)
    if where.root is not None:
        names |= {str(where.root), where.root.name}
    if project is not None:
        names |= names_of_project(project.root, _private(project.plan))
    clean = Cleaner(names)
    found = {
        "about.txt": ABOUT,
        "error.txt": _error(where.failed, clean),
        "versions.txt": _versions(where.window),
        "preferences.txt": _preferences(),
        "window.log": clean.log(_tail(recent.folder() / "window.log")),
    }
    if project is not None:
        found |= {
            "project.txt": _states(project),
            "install_check.txt": _install_check(project, clean),
            "plan.toml": _plan(project.plan),
            "journal.jsonl": _journal(project.root / "journal.jsonl"),
            "engine.log": clean.log(_tail(project.root / "engine.log")),
        }
    return {name: text.rstrip("\n") + "\n" for name, text in found.items() if text.strip()}


def save(path: Path, content: Mapping[str, str]) -> None:
    """Write the support file; raises UserError when the disk refuses."""

    def fill(place: Path) -> None:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in content.items():
                archive.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED)

    try:
        fileio.write_with(path, fill)
    except OSError as error:
        raise from_os_error(error) or UserError(
            "The support file could not be saved.", f"{error.strerror}.", "Choose another folder."
        ) from None


def _project(root: Path | None) -> Project | None:
    if root is None or not (root / "plan.toml").is_file():
        return None
    try:
        return Project.open(root, create=False, lock=False)
    except UserError:
        return None


def _error(failed: Failed | None, clean: Cleaner) -> str:
    if failed is None:
        return ""
    lines = [f"{failed.outcome} in {TITLES.get(failed.step, 'the window')}"]
    lines += [clean.text(line) for line in (failed.what, failed.why, failed.action) if line]
    return "\n".join([*lines, "", clean.log(failed.detail)])


def _versions(window: Mapping[str, str]) -> str:
    facts = {
        "program": __version__, "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        **versions(), **window,
    }  # fmt: skip
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


def _preferences() -> str:
    mine = preferences.load()
    values = mine.values.model_dump()
    values["folder"] = "chosen" if values["folder"] else "not chosen"
    lines = [f"{name} = {value}{' (locked)' if mine.locked(name) else ''}" for name, value in values.items()]
    return "\n".join([*lines, f"profile = {'yes' if mine.profile.path else 'no'}"])


def _states(project: Project) -> str:
    lines = [f"{TITLES[step]}: {project.state(step).kind}" for step in project.steps]
    parsed = project.result("parse")
    if parsed is not None:
        lines.append(f"Cells: {parsed.n_cells} from {parsed.n_files} files, frame {parsed.frame}, {parsed.dtype}")
    return "\n".join(lines)


def _install_check(project: Project, clean: Cleaner) -> str:
    found = project.result("check")
    if found is None:
        return ""
    return "\n".join(f"{item.name}: {item.verdict}. {clean.text(f'{item.text} {item.action}')}" for item in found.items)


def _private(plan: Plan) -> list[object]:
    """Return the values of the settings that may hold names."""
    found = []
    for step in MODELS:
        for item in step_settings(step):
            value = getattr(getattr(plan, step), item.name)
            if not _is_open(item, value):
                found.append(value)
    return found


def _is_open(item: Setting, value: object) -> bool:
    """Tell whether a value may be shown: as preset, chosen from a list, a switch or a number."""
    if value == item.default or item.kind in _OPEN_KINDS:
        return True
    texts = value if isinstance(value, list) else [value]
    return all(_NUMBERS.fullmatch(str(text)) for text in texts)


def _plan(plan: Plan) -> str:
    lines = []
    for step in MODELS:
        lines.append(f"[{step}]")
        for item in step_settings(step):
            value = getattr(getattr(plan, step), item.name)
            shown = value if _is_open(item, value) else _hidden(item, value)
            lines.append(f"{item.name} = {json.dumps(shown)}")
        lines.append("")
    return "\n".join(lines)


def _hidden(item: Setting, value: Any) -> str:
    number = len(value) if isinstance(value, list) else 1
    kind = {"paths": "path", "file": "path", "tag": "tag", "lines": "rule"}.get(item.kind, "text")
    return f"<{number} {kind}{'s' if number != 1 else ''}>"


def _journal(path: Path) -> str:
    """Return the last runs with only what the program itself wrote: steps, times, outcomes, versions."""
    lines, known = [], versions()
    for line in _tail(path, _RUNS).splitlines():
        try:
            entry = json.loads(line)
            kept = {
                "step": entry["step"] if entry["step"] in TITLES else "other",
                "start": _only(entry.get("start"), r"[\dT:+Z.-]+"), "end": _only(entry.get("end"), r"[\dT:+Z.-]+"),
                "outcome": entry["outcome"] if entry["outcome"] in _OUTCOMES else "other",
                "seed": entry["seed"] if isinstance(entry.get("seed"), int) else None,
                "settings_hash": _only(entry.get("settings_hash"), r"[0-9a-f]+"),
                "versions": {name: _only(value, r"\d[\w.+-]*") for name, value in entry.get("versions", {}).items()
                             if name in known},
            }  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        lines.append(json.dumps(kept))
    return "\n".join(lines)


def _only(value: object, pattern: str) -> str:
    return value if isinstance(value, str) and re.fullmatch(pattern, value) else ""


def _tail(path: Path, lines: int = _LINES) -> str:
    """Return the last lines of a text file, "" when it cannot be read."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - _BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
