"""What must come from the system and not from pip: venv, Tk, Xvfb; installed if that is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from installer.console import Console, Refusal
from installer.host import Host
from installer.running import Runner

NAMES = {
    "venv": "the part of Python that makes environments (venv)",
    "tk": "the part of Python that draws windows (Tk)",
    "xvfb": "Xvfb, the screen that the tests draw on",
    "runtime": "Microsoft's Visual C++ runtime",
}
OTHER_MANAGERS = {
    "dnf": ("dnf install -y", {"venv": "python3", "tk": "python3-tkinter", "xvfb": "xorg-x11-server-Xvfb"}),
    "zypper": ("zypper install -y", {"venv": "python3", "tk": "python3-tk", "xvfb": "xorg-x11-server-Xvfb"}),
    "pacman": ("pacman -S --noconfirm", {"venv": "python", "tk": "tk", "xvfb": "xorg-server-xvfb"}),
}
RUNTIME_LINE = "winget install --exact --id Microsoft.VCRedist.2015+.x64"


def can_import(runner: Runner, python: Path, module: str) -> bool:
    """Tell whether a Python can import a module."""
    return runner.ask([str(python), "-I", "-c", f"import {module}"])[0] == 0


def missing(host: Host, needs: set[str], runner: Runner, python: Path) -> list[str]:
    """Return those of `needs` (keys of NAMES) that are not there; `python` is asked for its parts."""
    tests: dict[str, Callable[[], bool]] = {
        "venv": lambda: can_import(runner, python, "venv, ensurepip"),
        "tk": lambda: can_import(runner, python, "tkinter"),
        "xvfb": lambda: host.platform != "linux" or host.has("Xvfb"),
        "runtime": lambda: (
            host.platform != "win32" or can_import(runner, python, "ctypes; ctypes.WinDLL('msvcp140_1.dll')")
        ),
    }
    return [need for need in NAMES if need in needs and not tests[need]()]


def from_the_system(python: Path) -> bool:
    """Tell whether a Python (links resolved) is the Linux distribution's own."""
    return python.parent == Path("/usr/bin")


def apt_packages(python: Path, pieces: Sequence[str]) -> list[str]:
    """Name the Debian packages of pieces for the distribution's Python `python`."""
    default = Path("/usr/bin/python3").resolve() == python
    prefix = "python3" if default else python.name
    names = {"venv": f"{prefix}-venv", "tk": f"{prefix}-tk", "xvfb": "xvfb"}
    fonts = ["fonts-dejavu-core"] if {"tk", "xvfb"} & set(pieces) else []
    return [names[piece] for piece in pieces] + fonts


def line_to_type(host: Host, python: Path, pieces: Sequence[str]) -> str:
    """Return the one line that installs the pieces on this system, or "" when there is none."""
    needs_python = {"venv", "tk"} & set(pieces)
    if host.platform == "win32":
        return RUNTIME_LINE if list(pieces) == ["runtime"] else ""
    if host.platform == "darwin":
        return f"brew install python-tk@{host.version[0]}.{host.version[1]}" if "tk" in pieces else ""
    if needs_python and not from_the_system(python):
        return ""
    if host.has("apt-get"):
        names = " ".join(apt_packages(python, pieces))
        return f"sudo apt-get update && sudo apt-get install -y {names}"
    for manager, (command, names_there) in OTHER_MANAGERS.items():
        if host.has(manager):
            return f"sudo {command} {' '.join(names_there[piece] for piece in pieces)}"
    return ""


def refusal(host: Host, python: Path, pieces: Sequence[str]) -> Refusal:
    """Say which pieces are missing and how to get them."""
    what = "Missing: " + "; ".join(NAMES[piece] for piece in pieces) + "."
    line = line_to_type(host, python, pieces)
    if line:
        action = f"Type this line, then run this again:\n  {line}"
        return Refusal(what, "Installing it needs an administrator.", action)
    if host.platform == "win32":
        action = "Install Python 3.12 from python.org with the option 'tcl/tk and IDLE', then run this again."
    elif {"venv", "tk"} & set(pieces) and Path("/usr/bin/python3").exists():
        action = "Run this again with the system's own Python: /usr/bin/python3 installer/bootstrap.py"
    else:
        action = "Install it with your system's package manager, then run this again."
    return Refusal(what, f"{python} came without it.", action)


def supply(
    host: Host,
    pieces: Sequence[str],
    python: Path,
    runner: Runner,
    console: Console,
    log: Callable[[str], None],
) -> None:
    """Install missing pieces by apt-get where that is allowed, else raise Refusal with what to type."""
    own = not {"venv", "tk"} & set(pieces) or from_the_system(python)
    prefix = _administrator(host, runner) if own and host.has("apt-get") else None
    if prefix is None:
        raise refusal(host, python, pieces)
    names = apt_packages(python, pieces)
    console.say("Installing from the system's packages: " + ", ".join(names))
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    runner.follow([*apt, "update"], log, _nothing)
    lines: list[str] = []

    def keep(line: str) -> None:
        lines.append(line)
        log(line)

    if runner.follow([*apt, "install", "-y", "--no-install-recommends", *names], keep, _nothing) != 0:
        raise Refusal(
            "The system's packages could not be installed.",
            next((line for line in reversed(lines) if line.startswith("E:")), "apt-get ended with an error."),
            f"Check the network, then type:\n  {line_to_type(host, python, pieces)}\nand run this again.",
        )


def _administrator(host: Host, runner: Runner) -> list[str] | None:
    """Return what to put before a command that needs an administrator, or None when it may not be run."""
    if host.is_root:
        return []
    if host.has("sudo") and runner.ask(["sudo", "-n", "true"])[0] == 0:
        return ["sudo", "-n"]
    return None


def _nothing() -> None:
    return None
