"""Opening files and showing them in the file manager, on each system, without a shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wizard.engine.errors import UserError
from wizard.widgets import opener


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that were started, with what they were given."""
    found: list[list[str]] = []

    def start(command: list[str], **options: Any) -> None:
        assert not options.get("shell")
        found.append(command)

    monkeypatch.setattr(opener.subprocess, "Popen", start)
    return found


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("linux", ["xdg-open", "{folder}"]),
        ("darwin", ["open", "-R", "{file}"]),
        ("win32", ["explorer", "/select,", "{file}"]),
    ],
)
def test_a_file_is_shown_in_its_folder(
    calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, command: list[str]
) -> None:
    path = tmp_path / "a b; rm.cytomodel"
    path.write_bytes(b"x")
    monkeypatch.setattr(opener.sys, "platform", platform)
    opener.show_in_folder(path)
    assert calls == [[part.format(folder=tmp_path, file=path) for part in command]]


def test_a_file_that_is_gone_is_said(calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr(opener.sys, "platform", platform)
        with pytest.raises(UserError, match="no longer there"):
            opener.show_in_folder(tmp_path / "gone" / "model.cytomodel")
    assert calls == []
