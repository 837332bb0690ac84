from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from installer import host as hosts
from installer import pieces
from installer.console import Refusal
from installer.host import Host

SYSTEM = Path("/usr/bin/python3").resolve()


@dataclass(frozen=True)
class Elsewhere(Host):
    """A host with named programs."""

    programs: tuple[str, ...] = ()

    def has(self, program: str) -> bool:
        return program in self.programs


def host(platform: str = "linux", *programs: str, machine: str = "x86_64", **more: object) -> Elsewhere:
    return Elsewhere(platform, machine, (3, 12), SYSTEM, programs=programs, **more)  # type: ignore[arg-type]


def test_debian_packages_follow_the_python() -> None:
    assert pieces.apt_packages(SYSTEM, ["venv", "tk"]) == ["python3-venv", "python3-tk", "fonts-dejavu-core"]
    other = Path("/usr/bin/python3.99")
    assert pieces.apt_packages(other, ["venv"]) == ["python3.99-venv"]
    assert pieces.apt_packages(SYSTEM, ["xvfb"]) == ["xvfb", "fonts-dejavu-core"]


@pytest.mark.parametrize(
    ("where", "wanted", "line"),
    [
        (host("linux", "dnf"), ["tk"], "sudo dnf install -y python3-tkinter"),
        (host("linux", "pacman"), ["tk"], "sudo pacman -S --noconfirm tk"),
        (host("darwin", "brew", machine="arm64"), ["tk"], "brew install python-tk@3.12"),
        (host("win32", machine="AMD64"), ["runtime"], pieces.RUNTIME_LINE),
        (host("linux"), ["tk"], ""),
    ],
)
def test_line_to_type_fits_the_system(where: Host, wanted: list[str], line: str) -> None:
    assert pieces.line_to_type(where, SYSTEM, wanted) == line


def test_windows_without_tk_is_told_the_installers_option() -> None:
    refusal = pieces.refusal(host("win32", machine="AMD64"), Path("C:/Python/python.exe"), ["tk"])
    assert "tcl/tk" in refusal.action


@pytest.mark.parametrize(
    ("where", "word"),
    [
        (host(machine="aarch64"), "processor"),
        (host("darwin", machine="x86_64"), "Apple silicon"),
        (host("win32", machine="AMD64", bits=32), "64-bit"),
        (host("freebsd14"), "Linux"),
        (host(implementation="PyPy"), "CPython"),
        (host(free_threaded=True), "free-threaded"),
    ],
)
def test_machines_without_packages_are_refused(where: Host, word: str) -> None:
    with pytest.raises(Refusal) as refused:
        hosts.check(where)
    assert word in str(refused.value)
    assert refused.value.action


@pytest.mark.parametrize(
    "where", [host(), host("win32", machine="AMD64"), host("darwin", machine="arm64"), Host.here()]
)
def test_machines_with_packages_pass(where: Host) -> None:
    hosts.check(where)
