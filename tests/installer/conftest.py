"""A pretended machine: programs answer from a table, and what was run is kept."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from installer import host as hosts
from installer.console import Console
from installer.environment import Environment
from installer.host import Host
from installer.prepare import Setup
from installer.running import Runner


@dataclass
class PretendedRunner(Runner):
    """Python's parts are in `parts`, sudo works if `sudo`; apt-get adds parts, pip adds packages."""

    folder: Path
    parts: dict[str, set[str]] = field(default_factory=dict)
    sudo: bool = False
    apt_works: bool = True
    pip_lines: list[str] = field(default_factory=list)
    pip_code: int = 0
    pip_stops: bool = False
    pip_packages: tuple[str, ...] = ("numpy-2.4.6", "pillow-13.0.0")
    ran: list[list[str]] = field(default_factory=list)
    version: tuple[int, int] = (3, 11)

    def of(self, python: str) -> set[str]:
        """Return the parts of a Python; an environment's Python has those of its base."""
        if python.startswith(str(self.folder)):
            base = next(
                line.split(" = ")[1]
                for line in (self.folder / "pyvenv.cfg").read_text().splitlines()
                if line.startswith("base")
            )
            return self.of(base) | {"pip"}
        return self.parts.get(python, set())

    def ask(self, command: Sequence[str], seconds: float = 60) -> tuple[int, str]:
        command = list(command)
        self.ran.append(command)
        if command[0] == "sudo":
            return (0 if self.sudo else 1), ""
        if "venv" in command[1:]:
            return self._make(command)
        if "pip" in command:
            return (0 if (self.folder / "pip-works").is_file() else 1), ""
        if "import venv, ensurepip" in command:
            return (0 if "venv" in self.of(command[0]) else 1), ""
        if "import tkinter" in command:
            return (0 if "tk" in self.of(command[0]) else 1), ""
        return 0, json.dumps(self._probe(command[0]))

    def _make(self, command: list[str]) -> tuple[int, str]:
        if "venv" not in self.parts.get(command[0], set()):
            return 1, "ensurepip is not available"
        python = self.folder / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text("")
        (self.folder / "packages").mkdir()
        (self.folder / "pip-works").write_text("")
        (self.folder / "pyvenv.cfg").write_text(f"base = {command[0]}\n")
        return 0, ""

    def _probe(self, python: str) -> dict[str, object]:
        lines = dict(line.split(" = ") for line in (self.folder / "pyvenv.cfg").read_text().splitlines())
        return {
            "version": list(self.version),
            "base": lines["base"],
            "pip": (self.folder / "pip-works").is_file(),
            "tk": "tk" in self.of(python),
            "packages": str(self.folder / "packages"),
            "own": True,
        }

    def follow(
        self,
        command: Sequence[str],
        on_line: Callable[[str], None],
        on_tick: Callable[[], None],
        environment: dict[str, str] | None = None,
        inherit: int | None = None,
    ) -> int:
        command = list(command)
        self.ran.append(command)
        on_tick()
        if "apt-get" in command:
            if "install" in command and self.apt_works:
                for name in command:
                    for part in ("venv", "tk"):
                        if name == f"python3-{part}":
                            self.parts.setdefault(str(SYSTEM), set()).add(part)
            elif "install" in command:
                on_line("E: Failed to fetch the package")
            return 0 if self.apt_works else 100
        for line in self.pip_lines:
            on_line(line)
        for name in self.pip_packages:
            write_package(self.folder / "packages", name)
        if self.pip_stops:
            raise KeyboardInterrupt
        return self.pip_code

    def hand_over(self, command: Sequence[str], cwd: Path) -> int:
        self.ran.append(list(command))
        return 0

    def pip_runs(self) -> int:
        """Count the installations by pip."""
        return sum("pip" in command and "install" in command for command in self.ran)

    def made(self) -> int:
        """Count how often the environment was made."""
        return sum("venv" in command for command in self.ran)


SYSTEM = Path("/usr/bin/python3").resolve()
OTHER = Path("/opt/python/bin/python3.12")


def write_package(folder: Path, name: str, *, whole: bool = True) -> Path:
    """Write a package as pip leaves it; without pip's own record if it is not whole."""
    module = folder / f"{name.split('-')[0]}.py"
    module.write_text("x = 1\n")
    info = folder / f"{name}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "INSTALLER").write_text("pip\n")
    rows = [f"{module.name},sha256=x,6", f"{info.name}/RECORD,,"]
    rows += [f"{info.name}/INSTALLER,sha256=x,4"] if whole else []
    (info / "RECORD").write_text("\n".join(rows) + "\n")
    return info


@dataclass
class Machine:
    """A pretended machine with a repository on it."""

    setup: Setup
    runner: PretendedRunner
    folder: Path
    requirements: Path
    output: io.StringIO

    def prepare(self, *, window: bool = False, screen: bool = False, again: bool = False) -> None:
        """Prepare the environment as a command does."""
        self.setup.prepare(self.requirements, window=window, screen=screen, again=again)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Debian machine whose administrator runs the system's Python, which has venv but no Tk."""
    programs = {"apt-get", "Xvfb"}
    monkeypatch.setattr(hosts.shutil, "which", lambda name: name if name in programs else None)
    return pretend(tmp_path, SYSTEM, is_root=True)


def pretend(root: Path, python: Path, *, is_root: bool, platform: str = "linux") -> Machine:
    """Make a pretended machine whose running Python is `python`."""
    requirements = root / "requirements.txt"
    requirements.write_text('numpy==2.4.6  # arrays\npillow==13.0.0\ncolorama==1 ; sys_platform == "win32"\n')
    folder = root / ".venv"
    runner = PretendedRunner(folder, {str(SYSTEM): {"venv"}, str(OTHER): {"venv", "tk"}})
    output = io.StringIO()
    host = Host(platform, "x86_64", (3, 11), python, is_root=is_root)
    setup = Setup(root, host, Environment(folder, runner), runner, Console(output, moving=False))
    return Machine(setup, runner, folder, requirements, output)
