from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from installer.packages import plain

ROOT = Path(__file__).resolve().parents[2]
LISTS = ("requirements.txt", "requirements-dev.txt")


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-r "))]


def pinned(*names: str) -> dict[str, Requirement]:
    wanted = [Requirement(line.split(" #")[0]) for name in names for line in lines(name)]
    here = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    return {plain(one.name): one for one in here}


@pytest.mark.parametrize("name", LISTS)
def test_every_line_is_one_exact_version_with_a_reason(name: str) -> None:
    for line in lines(name):
        assert re.fullmatch(r'[a-z0-9-]+==[\w.]+( ; sys_platform [!=]= "\w+")? +# \S.*', line), line


@pytest.mark.parametrize("name", LISTS)
def test_no_server_and_no_path_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--find-links|@ |/home|/root", text)


def test_no_package_is_listed_twice() -> None:
    names = [Requirement(line.split(" #")[0]).name for name in LISTS for line in lines(name)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("names", [LISTS[:1], LISTS])
def test_everything_that_a_listed_package_needs_is_listed(names: tuple[str, ...]) -> None:
    listed = pinned(*names)
    for name, requirement in listed.items():
        for text in metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
                continue
            assert plain(needed.name) in listed, f"{name} needs {needed}"
            version = next(iter(listed[plain(needed.name)].specifier)).version
            assert needed.specifier.contains(version, prereleases=True), f"{requirement} needs {needed}"


def test_installed_versions_are_the_listed_ones() -> None:
    for name, requirement in pinned(*LISTS).items():
        if name not in ("setuptools", "wheel"):
            assert requirement.specifier.contains(metadata.version(name), prereleases=True), requirement
