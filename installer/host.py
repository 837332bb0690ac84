"""What this machine and this Python are, and whether CytoWizard's packages exist for them."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from installer.console import Refusal

MACHINES = {"linux": {"x86_64", "amd64"}, "win32": {"amd64", "x86_64"}, "darwin": {"arm64"}}


@dataclass(frozen=True)
class Host:
    """The facts that decisions rest on."""

    platform: str
    """`linux`, `win32` or `darwin`."""
    machine: str
    """Processor family as the system names it, e.g. `x86_64`."""
    version: tuple[int, int]
    """Python, major and minor."""
    executable: Path
    """The Python that runs now (not one of an environment), its links resolved."""
    bits: int = 64
    implementation: str = "CPython"
    free_threaded: bool = False
    is_root: bool = False

    @classmethod
    def here(cls) -> Host:
        """Describe this machine."""
        return cls(
            platform="linux" if sys.platform.startswith("linux") else sys.platform,
            machine=platform.machine(),
            version=(sys.version_info.major, sys.version_info.minor),
            executable=Path(getattr(sys, "_base_executable", sys.executable)).resolve(),
            bits=64 if sys.maxsize > 2**32 else 32,
            implementation=platform.python_implementation(),
            free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
            is_root=getattr(os, "geteuid", lambda: 1)() == 0,
        )

    def has(self, program: str) -> bool:
        """Tell whether a program is on the search path."""
        return shutil.which(program) is not None


def check(host: Host) -> None:
    """Raise Refusal when CytoWizard's packages do not exist for this machine or Python."""
    known = MACHINES.get(host.platform)
    if known is None:
        raise Refusal(
            f"CytoWizard does not run on this system ({host.platform}).",
            "Its libraries exist for Linux, Windows and macOS.",
            "Use a machine with one of these.",
        )
    if host.bits == 32:
        raise Refusal(
            "This Python is a 32-bit program.",
            "CytoWizard needs a 64-bit Python; the two can be on one machine.",
            "Install Python 3.12 (64-bit) from python.org, then run this again with it.",
        )
    if host.machine.lower() not in known:
        needed = "Apple silicon" if host.platform == "darwin" else "a 64-bit Intel or AMD processor"
        raise Refusal(
            f"CytoWizard does not run on this processor or with a Python made for it ({host.machine}).",
            f"Its libraries need {needed}.",
            "Use another machine, or a Python made for this one.",
        )
    if host.implementation != "CPython" or host.free_threaded:
        name = "the free-threaded Python" if host.free_threaded else host.implementation
        raise Refusal(
            f"CytoWizard does not run on {name}.",
            "Its libraries are made for the usual Python (CPython).",
            "Install Python 3.12 from python.org or from your system, then run this again with it.",
        )
