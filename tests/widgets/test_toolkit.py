"""A window that starts leaves the fonts of the others alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.widgets.toolkit import copy_font


@pytest.fixture
def font(tmp_path: Path) -> Path:
    path = tmp_path / "from" / "letters.otf"
    path.parent.mkdir()
    path.write_bytes(b"font" * 100)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fonts").mkdir()
    return tmp_path / "fonts"


def test_a_missing_font_is_written(font: Path, folder: Path) -> None:
    assert copy_font(str(font), str(folder)) == str(folder / "letters.otf")
    assert [path.name for path in folder.iterdir()] == ["letters.otf"]
    assert (folder / "letters.otf").read_bytes() == font.read_bytes()
    assert (folder / "letters.otf").stat().st_mode & 0o777 == 0o644


def test_a_font_that_is_there_stays_the_same_file(font: Path, folder: Path) -> None:
    copy_font(str(font), str(folder))
    before = (folder / "letters.otf").stat()
    copy_font(str(font), str(folder))
    after = (folder / "letters.otf").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_another_font_of_the_name_is_replaced_not_written_over(font: Path, folder: Path) -> None:
    (folder / "letters.otf").write_bytes(b"older")
    with (folder / "letters.otf").open("rb") as mapped:
        copy_font(str(font), str(folder))
        assert mapped.read() == b"older"
    assert (folder / "letters.otf").read_bytes() == font.read_bytes()


def test_a_folder_that_is_not_there_is_an_error_of_the_system(font: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        copy_font(str(font), str(tmp_path / "none"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fonts are copied on Linux only")
@pytest.mark.parametrize("first", ["wizard.app", "wizard.steps.pages", "wizard.widgets.basics"])
def test_the_second_start_writes_no_font(tmp_path: Path, first: str) -> None:
    seen = []
    for _start in range(2):
        subprocess.run(
            [sys.executable, "-c", f"import {first}, customtkinter"],
            env={**os.environ, "HOME": str(tmp_path)},
            check=True,
        )
        fonts = sorted((tmp_path / ".fonts").iterdir())
        seen.append([(path.name, path.stat().st_ino, path.stat().st_mtime_ns) for path in fonts])
    assert len(seen[0]) == 3
    assert seen[0] == seen[1]
