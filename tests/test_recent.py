from __future__ import annotations

from pathlib import Path

import pytest

from wizard import recent


def make_project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "plan.toml").write_text("", encoding="utf-8")
    return folder


def test_what_is_saved_is_read(settings_folder: Path, tmp_path: Path) -> None:
    preferences = recent.Preferences(theme="dark", scale=150)
    preferences.remember(make_project(tmp_path / "A"))
    preferences.save()
    assert recent.load() == preferences
    assert (settings_folder / "window.json").is_file()


def test_the_newest_comes_first_once(settings_folder: Path, tmp_path: Path) -> None:
    preferences = recent.Preferences()
    for name in ("A", "B", "A"):
        preferences.remember(tmp_path / name)
    assert preferences.recent == [str(tmp_path / "A"), str(tmp_path / "B")]
    for index in range(20):
        preferences.remember(tmp_path / f"P{index}")
    assert len(preferences.recent) == recent.MOST and preferences.recent[0].endswith("P19")


def test_projects_that_are_gone_are_not_offered(settings_folder: Path, tmp_path: Path) -> None:
    preferences = recent.Preferences(recent=[str(make_project(tmp_path / "A")), str(tmp_path / "gone")])
    assert preferences.present() == [tmp_path / "A"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"recent": 5, "theme": "pink", "scale": 7}', '{"recent": [1, null]}', "\x00\xff"]
)
def test_a_corrupt_file_gives_the_defaults(settings_folder: Path, text: str) -> None:
    settings_folder.mkdir(parents=True)
    (settings_folder / "window.json").write_text(text, encoding="utf-8")
    assert recent.load() == recent.Preferences()


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(tmp_path / "file"))
    recent.Preferences().save()
    assert recent.load() == recent.Preferences()


def test_the_usual_place_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CYTOWIZARD_CONFIG_DIR", raising=False)
    assert recent.folder().name == "CytoWizard"
