"""The folder of CytoWizard's own Python packages: its state, its making and its repair."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from installer.console import Console, Refusal, from_os_error
from installer.running import Runner

LOCK, LOG, STAMP, TEMPORARY = "cytowizard.lock", "install.log", "cytowizard-installed.json", "cytowizard-tmp"
QUESTION = """
import importlib.util, json, sys, sysconfig
try:
    import tkinter
except ImportError:
    tkinter = None
print(json.dumps({
    "version": sys.version_info[:2],
    "base": sys._base_executable,
    "pip": importlib.util.find_spec("pip") is not None,
    "tk": tkinter is not None,
    "packages": sysconfig.get_path("purelib"),
    "own": sys.prefix != sys.base_prefix,
}))
"""


@dataclass(frozen=True)
class Probe:
    """What the environment's Python says of itself."""

    version: tuple[int, int]
    base: Path
    pip: bool
    tk: bool
    packages: Path
    own: bool


@dataclass(frozen=True)
class Environment:
    """A virtual environment in `folder`."""

    folder: Path
    runner: Runner

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def log_file(self) -> Path:
        """The full text of the installations."""
        return self.folder / LOG

    def program(self, name: str) -> Path:
        """Return the path of a program that a package put there."""
        return self.python.with_name(name + (".exe" if os.name == "nt" else ""))

    def probe(self) -> Probe | None:
        """Ask its Python what it is; None when there is none or it does not start."""
        if not self.python.exists():
            return None
        code, text = self.runner.ask([str(self.python), "-I", "-c", QUESTION])
        try:
            told: dict[str, Any] = json.loads(text.strip().splitlines()[-1]) if code == 0 else {}
            return Probe(
                version=(told["version"][0], told["version"][1]),
                base=Path(told["base"]).resolve(),
                pip=told["pip"],
                tk=told["tk"],
                packages=Path(told["packages"]),
                own=told["own"],
            )
        except (ValueError, LookupError):
            return None

    def installed(self, requirements: Path, probe: Probe) -> bool:
        """Tell whether the packages that `requirements` lists were completely installed for this Python."""
        return self._stamps(probe).get(requirements.name) == fingerprint(requirements)

    def stamp(self, requirements: Path, probe: Probe) -> None:
        """Note that all of a list, and of the lists it includes, is installed."""
        stamps = self._stamps(probe)
        for path in (requirements, *included(requirements)):
            stamps[path.name] = fingerprint(path)
        text = json.dumps({"python": list(probe.version), "lists": stamps}, indent=1)
        draft = self.folder / (STAMP + ".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.folder / STAMP)

    def _stamps(self, probe: Probe) -> dict[str, str]:
        try:
            told = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
            return dict(told["lists"]) if told["python"] == list(probe.version) else {}
        except (OSError, ValueError, LookupError, TypeError):
            return {}

    def forget(self) -> None:
        """Drop the note of what is installed, before anything is changed."""
        (self.folder / STAMP).unlink(missing_ok=True)

    def make(self, base: Path) -> None:
        """Make the environment anew with the Python `base`, clearing what an older one left."""
        self._clear()
        code, text = self.runner.ask([str(base), "-I", "-m", "venv", str(self.folder)], seconds=300)
        if code != 0:
            if "Errno 28" in text or "No space left" in text:
                raise from_os_error(OSError(28, "no space"), f"make the folder {self.folder}")
            raise Refusal(
                f"Could not make the folder {self.folder}.",
                text.strip().splitlines()[-1] if text.strip() else f"{base} ended with code {code}.",
                "Run this again; if it happens again, report this text.",
            )

    def check_owner(self) -> None:
        """Raise Refusal when the folder holds files that are not CytoWizard's to empty."""
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            return
        ours = (self.folder / LOCK).is_file() or (self.folder / LOG).is_file()
        if not ours and not (self.folder.name == ".venv" and (self.folder / "pyvenv.cfg").is_file()):
            raise Refusal(
                f"The folder {self.folder} has other files in it.",
                "CytoWizard wants this folder for itself and may have to empty it.",
                "Move your files away, or name another folder in the variable CYTOWIZARD_VENV.",
            )

    def _clear(self) -> None:
        """Remove all but the lock and the log."""
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name not in (LOCK, LOG):
                path.unlink()

    @contextmanager
    def locked(self, console: Console) -> Iterator[IO[str]]:
        """Hold the folder's lock, waiting while another installation has it; yields the lock file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("a+", encoding="utf-8") as stream:
            waiting = False
            while not _try_lock(stream):
                if not waiting:
                    console.say("Another installation is at work in this folder; waiting until it ends.")
                waiting = True
                time.sleep(1)
            yield stream

    @contextmanager
    def temporary(self) -> Iterator[dict[str, str]]:
        """Yield variables that keep temporary files on the disk whose free space was checked."""
        folder = self.folder / TEMPORARY
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def repair(packages: Path) -> list[str]:
    """Let pip install half-installed packages again; return their names.

    A package is whole when pip's own record is there and every file in it has its size.
    """
    for leftover in packages.glob("~*"):
        shutil.rmtree(leftover, ignore_errors=True)
    broken = [info for info in packages.glob("*.dist-info") if not _whole(info)]
    for info in broken:
        shutil.rmtree(info)
    return sorted(info.name.split("-")[0] for info in broken)


def _whole(info: Path) -> bool:
    """Tell whether a package is completely there; pip lists its INSTALLER note once all is written."""
    try:
        with (info / "RECORD").open(encoding="utf-8", newline="") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    if not any(row[0].endswith(".dist-info/INSTALLER") for row in rows):
        return False
    sized = [row for row in rows if len(row) > 2 and row[2].isdigit()]
    return all(_size(info.parent / row[0]) == int(row[2]) for row in sized)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def included(requirements: Path) -> list[Path]:
    """Return the lists that a list of requirements includes by `-r`."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return [requirements.parent / line[3:].strip() for line in lines if line.startswith("-r ")]


def fingerprint(requirements: Path) -> str:
    """Return a hash of what a list asks for, with the lists it includes, without comments."""
    digest = hashlib.sha256()
    for path in (requirements, *included(requirements)):
        for line in path.read_text(encoding="utf-8").splitlines():
            wanted = line.split(" #")[0].strip()
            if wanted and not wanted.startswith("#"):
                digest.update(wanted.encode() + b"\n")
    return digest.hexdigest()


def _try_lock(stream: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
