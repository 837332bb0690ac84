"""The profile of a department: presets and locks that IT places in one TOML file for all users of a computer."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from wizard.engine.errors import UserError
from wizard.plan import Plan, step_settings
from wizard.preference_plan import PART, PreferenceValues, preference_settings
from wizard.settings import refusal

FILE = "profile.toml"
SCHEMA = 1
_KEYS = ("schema", "name", "locked", PART, "plan")


@dataclass(frozen=True)
class Profile:
    """Presets of preferences by name and of settings by full name; `locked` full names cannot be changed."""

    path: Path | None = None
    name: str = ""
    preferences: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()

    @property
    def who(self) -> str:
        """Who made the profile, for sentences."""
        return self.name or "your department"

    @property
    def locked_plan(self) -> dict[str, Any]:
        """The settings of steps that are locked, with the values that they keep."""
        presets = Plan()
        found = {}
        for key in sorted(self.locked):
            step, _, name = key.partition(".")
            if step != PART:
                found[key] = self.plan.get(key, getattr(getattr(presets, step), name))
        return found


def places() -> list[Path]:
    """Return where a profile is looked for, the first that is there counts."""
    chosen = os.environ.get("CYTOWIZARD_PROFILE")
    if chosen is not None:
        return [Path(chosen)] if chosen else []
    if sys.platform == "win32":
        shared = [Path(os.environ.get("PROGRAMDATA", "C:/ProgramData")) / "CytoWizard"]
    elif sys.platform == "darwin":
        shared = [Path(platformdirs.site_config_dir("CytoWizard", appauthor=False))]
    else:
        shared = [Path("/etc/cytowizard")]
    frozen = getattr(sys, "frozen", False)
    beside = Path(sys.executable).parent if frozen else Path(__file__).resolve().parents[1]
    return [folder / FILE for folder in (*shared, beside)]


def load() -> tuple[Profile, UserError | None]:
    """Read the profile of this computer; a broken one counts as none and comes with what is wrong in it."""
    for path in places():
        try:
            if path.is_file():
                return read(path), None
        except OSError:
            continue
        except UserError as problem:
            return Profile(), problem
    return Profile(), None


def read(path: Path) -> Profile:
    """Read a profile; raises UserError that names the file and the key."""
    try:
        stored: dict[str, Any] = tomlkit.parse(path.read_text(encoding="utf-8-sig")).unwrap()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise _refused(path, "", f"It cannot be read: {error}.") from None
    for key in stored:
        if key not in _KEYS:
            raise _refused(path, key, f"There is no such key; those of a profile are: {', '.join(_KEYS)}.")
    schema = stored.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise _refused(path, "schema", f"This program reads profiles of schema {SCHEMA}, not {schema!r}.")
    name = stored.get("name", "")
    if not isinstance(name, str):
        raise _refused(path, "name", "It must be text in quotation marks.")
    preferences = _preferences(path, stored.get(PART, {}))
    plan = _plan(path, stored.get("plan", {}))
    return Profile(path, name.strip(), preferences, plan, _locked(path, stored.get("locked", [])))


def _refused(path: Path, key: str, why: str) -> UserError:
    about = f": {key}" if key else ""
    return UserError(
        f"The profile of this computer cannot be used{about}.",
        f"{path}: {why}",
        "The program goes on without it. Ask the people who look after this computer to mend the file.",
    )


def _table(path: Path, key: str, found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _refused(path, key, f"It must be a table: a line [{key}] with its settings below.")
    return found


def _preferences(path: Path, found: object) -> dict[str, Any]:
    values = _table(path, PART, found)
    try:
        checked = PreferenceValues(**values)
    except ValidationError as error:
        first = error.errors()[0]
        wrong = refusal(PART, PreferenceValues, error)
        key = ".".join([PART, *(str(part) for part in first["loc"][:1])])
        raise _refused(path, key, " ".join(wrong.lines())) from None
    return {name: getattr(checked, name) for name in values}


def _plan(path: Path, found: object) -> dict[str, Any]:
    presets, keys = Plan(), []
    for step, values in _table(path, "plan", found).items():
        for name, value in _table(path, f"plan.{step}", values).items():
            key = f"{step}.{name}"
            try:
                presets = presets.with_values({key: value})
            except UserError as wrong:
                raise _refused(path, f"plan.{key}", " ".join(wrong.lines())) from None
            keys.append((key, step, name))
    return {key: getattr(getattr(presets, step), name) for key, step, name in keys}


def _locked(path: Path, found: object) -> frozenset[str]:
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise _refused(path, "locked", 'It must be a list of names, for example ["train.network"].')
    known = {item.key for item in preference_settings()}
    for key in found:
        step = key.partition(".")[0]
        if key not in known and key not in {item.key for item in step_settings(step)}:
            raise _refused(path, "locked", f"There is no setting called {key}.")
    return frozenset(found)
