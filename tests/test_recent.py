from __future__ import annotations

from pathlib import Path

import pytest

from wizard import fileio, recent
from wizard.recent import Recent


def make_project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "plan.toml").write_text("", encoding="utf-8")
    return folder


def test_what_is_saved_is_read(settings_folder: Path, tmp_path: Path) -> None:
    kept = Recent()
    kept.remember(make_project(tmp_path / "A"))
    kept.save()
    assert recent.load() == kept
    assert (settings_folder / "window.json").is_file()


def test_what_others_keep_in_the_file_stays(settings_folder: Path) -> None:
    fileio.write_json(settings_folder / recent.FILE, {"theme": "dark", "recent": ["/a"]})
    Recent(["/b"]).save()
    assert fileio.read_json(settings_folder / recent.FILE) == {"theme": "dark", "recent": ["/b"]}


def test_the_newest_comes_first_once(settings_folder: Path, tmp_path: Path) -> None:
    kept = Recent()
    for name in ("A", "B", "A"):
        kept.remember(tmp_path / name)
    assert kept.projects == [str(tmp_path / "A"), str(tmp_path / "B")]
    for index in range(20):
        kept.remember(tmp_path / f"P{index}")
    assert len(kept.projects) == recent.MOST and kept.projects[0].endswith("P19")


def test_projects_that_are_gone_are_not_offered(settings_folder: Path, tmp_path: Path) -> None:
    kept = Recent([str(make_project(tmp_path / "A")), str(tmp_path / "gone")])
    assert kept.present() == [tmp_path / "A"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"recent": 5}', '{"recent": [1, null]}', "\x00\xff"])
def test_a_corrupt_file_gives_an_empty_list(settings_folder: Path, text: str) -> None:
    settings_folder.mkdir(parents=True)
    (settings_folder / "window.json").write_text(text, encoding="utf-8")
    assert recent.load() == Recent()


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(tmp_path / "file"))
    Recent(["/a"]).save()
    assert recent.load() == Recent()


def test_the_usual_place_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CYTOWIZARD_CONFIG_DIR", raising=False)
    assert recent.folder().name == "CytoWizard"
