"""What the user prefers, kept beside the recent projects; what the department presets stands below it."""

from __future__ import annotations

import contextlib
import locale
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from wizard import fileio, profile, recent
from wizard.engine.errors import UserError
from wizard.preference_plan import PART, PreferenceValues, preference_settings
from wizard.profile import Profile
from wizard.settings import refusal

FILE = "preferences.json"
SCHEMA = 1
SCALES = (80, 90, 100, 110, 125, 150, 175, 200)
"""The text sizes through which the keys step, in percent."""

_NAMES = tuple(item.name for item in preference_settings())


class Preferences:
    """The preferences of this user; `values` are those in force.

    Only what the user changed is stored, so that a new preset of the department reaches everybody else.
    `problems` are sentences to show once: a damaged file that was replaced, a profile that cannot be used.
    """

    def __init__(self) -> None:
        self.profile, broken = profile.load()
        self.problems: list[UserError] = [] if broken is None else [broken]
        stored, damaged = _read()
        if damaged is not None:
            self.problems.append(damaged)
        self._own = _sane(stored)
        self.values = self._in_force()

    def _in_force(self) -> PreferenceValues:
        found = dict(self.profile.preferences)
        found.update({name: value for name, value in self._own.items() if not self.locked(name)})
        return PreferenceValues(**found)

    def locked(self, name: str) -> bool:
        """Tell whether the department keeps a preference as it is."""
        return f"{PART}.{name}" in self.profile.locked

    def change(self, name: str, value: object) -> None:
        """Change one preference and store it; raises UserError when that is not possible."""
        if self.locked(name):
            raise refused_lock(name, self.profile)
        try:
            checked = _checked(name, value)
        except ValidationError as error:
            raise refusal(PART, PreferenceValues, error) from None
        if name == "folder" and checked.folder:
            checked = checked.model_copy(update={"folder": _folder(checked.folder)})
        self._own[name] = getattr(checked, name)
        self.values = self._in_force()
        # Another window of the same user may have stored something since.
        stored, _damaged = _read()
        _write({**stored, name: self._own[name]})

    @property
    def language(self) -> str:
        """The language to use: `en` or `de`."""
        return self.values.language if self.values.language != "auto" else _language_here()

    @property
    def decimal_mark(self) -> str:
        """What separates the decimals of a number that is shown: a point or a comma."""
        chosen = self.values.decimals
        if chosen == "auto":
            return "," if self.language == "de" else "."
        return "," if chosen == "comma" else "."


def load() -> Preferences:
    """Read the preferences; whatever is wrong with the files, there are some."""
    return Preferences()


def refused_lock(title: str, by: Profile) -> UserError:
    """Return the refusal to change what the department keeps."""
    return UserError(
        f"{title} is set by {by.who} and cannot be changed here.",
        f"It is locked in {by.path}." if by.path else "",
        "Ask the people who look after this computer.",
    )


def _folder(typed: str) -> str:
    path = Path(typed).expanduser()
    if not path.is_dir():
        raise UserError(f"Data folder: there is no folder {typed}.", "", "Choose a folder that is there.")
    return str(path.resolve())


def _read() -> tuple[dict[str, Any], UserError | None]:
    """Return what is stored; a damaged file is put aside under another name."""
    path = recent.folder() / FILE
    try:
        if not path.is_file():
            return _from_before(), None
        stored = fileio.read_json(path)
        if isinstance(stored, dict):
            return stored, None
    except OSError:
        return {}, None
    except ValueError:
        pass
    aside = path.with_name(f"preferences.damaged-{datetime.now():%Y%m%d-%H%M%S}.json")
    with contextlib.suppress(OSError):
        path.replace(aside)
    return {}, UserError(
        "Your preferences could not be read and are as preset again.",
        "Their file was damaged.",
        f"It was kept as {aside.name}. Choose your preferences again.",
    )


def _from_before() -> dict[str, Any]:
    """Return theme and text size as earlier versions remembered them."""
    try:
        stored = fileio.read_json(recent.folder() / recent.FILE)
    except (OSError, ValueError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {new: stored[old] for new, old in (("appearance", "theme"), ("scale", "scale")) if old in stored}


def _checked(name: str, value: Any) -> PreferenceValues:
    values: dict[str, Any] = {name: value}
    return PreferenceValues(**values)


def _sane(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the stored preferences whose value can be used."""
    found = {}
    for name in _NAMES:
        if name in stored:
            with contextlib.suppress(ValidationError):
                found[name] = getattr(_checked(name, stored[name]), name)
    return found


def _write(stored: dict[str, Any]) -> None:
    """Write the preferences with all keys that this version does not know; a full disk costs only the memory."""
    kept = stored.get("schema", SCHEMA)
    schema = max(kept, SCHEMA) if isinstance(kept, int) else SCHEMA
    with contextlib.suppress(OSError):
        fileio.write_json(recent.folder() / FILE, {**stored, "schema": schema})


def _language_here() -> str:
    if sys.platform == "win32":
        import ctypes

        # The low ten bits of the language id are the language; 7 is German.
        return "de" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 7 else "en"
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    if not named:
        with contextlib.suppress(ValueError):
            named = locale.getlocale()[0] or ""
    return "de" if named.lower().startswith("de") else "en"
