"""What was shown once and need not come again, remembered beside the recent projects."""

from __future__ import annotations

from pathlib import Path

from wizard import fileio, recent


def _file() -> Path:
    return recent.folder() / "seen.json"


def _all() -> dict[str, bool]:
    try:
        stored = fileio.read_json(_file())
    except (OSError, ValueError):
        return {}
    return {str(name): bool(value) for name, value in stored.items()} if isinstance(stored, dict) else {}


def was_seen(name: str) -> bool:
    """Tell whether something was shown before."""
    return _all().get(name, False)


def note(name: str) -> None:
    """Remember that something was shown; a disk that refuses costs only the memory of it."""
    try:
        fileio.write_json(_file(), {**_all(), name: True})
    except OSError:
        return
