"""Install Python packages by pip: progress in one line, failures in plain words."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from installer.console import Console, Refusal
from installer.environment import Environment, Probe, included
from installer.running import Runner

GIGABYTE = 1024**3
SPACE_WANTED = 4 * GIGABYTE
ALL = 80
BEGUN = re.compile(r"\s*(Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")
OBTAINED = re.compile(
    r"\s*(?:Downloading|Using cached|Processing) \S*?([A-Za-z0-9._]+)-[^/\s]+\.whl(?:\s+(\([\d.]+ \w+\))|\s|$)"
)
FAILURES: list[tuple[str, str, str]] = [
    (
        r"Errno 28\b|No space left|WinError 112|Errno 122\b",
        "The disk is full.",
        "Free some space (about 4 GB in all), then run this again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        "Python does not know the network's certificate; networks of hospitals and firms often have their own.",
        "Ask your IT department for its certificate file, set the variable PIP_CERT to its path, then run this again.",
    ),
    (
        r"ProxyError|407 Proxy Authentication",
        "The network's proxy refused the connection.",
        "Ask your IT department for the proxy's address, set the variable HTTPS_PROXY to it, then run this again.",
    ),
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Read timed out|getaddrinfo failed"
        r"|name resolution|ConnectionResetError|RemoteDisconnected|IncompleteRead|Connection broken"
        r"|Max retries",
        "The package server could not be reached.",
        "Check the network, then run this again; what is downloaded already is kept.",
    ),
    (
        r"Windows Long Path",
        "The path of CytoWizard's folder is too long for Windows.",
        "Move the folder to a short path such as C:\\cytowizard, then run this again.",
    ),
    (
        r"Permission denied|Errno 13\b|WinError 5\b|WinError 32\b|Access is denied|Read-only file system",
        "Writing into CytoWizard's folder is not allowed, or a file in it is in use.",
        "Close CytoWizard, or move its folder to a place of your own, then run this again.",
    ),
    (
        r"No matching distribution found for (\S+)",
        "A package does not exist for this system and Python, or the package server does not have it.",
        "Use Python 3.12 on 64-bit Linux, Windows or an Apple silicon Mac.",
    ),
]


def check_space(folder: Path, to_install: int) -> None:
    """Raise Refusal when the disk has too little room for that many packages."""
    room = shutil.disk_usage(folder).free
    wanted = SPACE_WANTED * min(to_install, ALL) // ALL
    if room < wanted:
        raise Refusal(
            f"There is too little room on the disk of {folder}.",
            f"The installation needs {wanted / GIGABYTE:.1f} GB; {room / GIGABYTE:.1f} GB are free.",
            "Free some space, or move CytoWizard's folder to another disk, then run this again.",
        )


def names(requirements: Path, platform: str) -> set[str]:
    """Return the names of the packages that a list and the lists it includes ask for on a system."""
    wanted = set()
    for path in (requirements, *included(requirements)):
        for line in path.read_text(encoding="utf-8").splitlines():
            asked = re.match(r"([A-Za-z0-9._-]+)\s*==", line)
            only = re.search(r"""sys_platform (==|!=) ["'](\w+)""", line)
            if asked and (only is None or (only[1] == "==") == (only[2] == platform)):
                wanted.add(plain(asked[1]))
    return wanted


def plain(name: str) -> str:
    """Return a package's name in the spelling that all its spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def present(packages: Path) -> set[str]:
    """Return the names of the packages in a folder of packages."""
    return {plain(info.name.split("-")[0]) for info in packages.glob("*.dist-info")}


class Progress:
    """Follows pip: a tenth of the bar is looking up, four tenths are downloading, half is unpacking."""

    def __init__(self, console: Console, wanted: set[str], packages: Path, log: Callable[[str], None]) -> None:
        self._console, self._wanted, self._packages, self._log = console, wanted, packages, log
        self._begun: set[str] = set()
        self._obtained: set[str] = set()
        self._unpacked = 0
        self._unpacking = False
        self._text = "Looking up packages"
        self._looked = 0.0
        self._share = 0.0
        self.lines: list[str] = []

    def line(self, line: str) -> None:
        """Take one line of pip's."""
        self._log(line)
        self.lines.append(line)
        begun, obtained = BEGUN.match(line), OBTAINED.match(line)
        if begun:
            self._begun.add(plain(begun[2]))
            if begun[1].startswith("Requirement"):
                self._obtained.add(plain(begun[2]))
        elif obtained:
            self._obtained.add(plain(obtained[1]))
            self._text = f"Downloading {obtained[1]} {obtained[2] or ''}".rstrip()
        elif line.startswith("Installing collected packages"):
            self._unpacking = True
        self.tick()

    def tick(self) -> None:
        """Bring the bar up to date; it never goes back."""
        total = max(len(self._wanted), 1)
        obtained = len(self._obtained & self._wanted)
        share = (0.1 * len(self._begun & self._wanted) + 0.4 * obtained) / total
        text = f"{self._text}, {obtained} of {total}" if obtained else self._text
        if self._unpacking:
            self._look()
            share = 0.5 + 0.5 * self._unpacked / total
            text = f"Unpacking, {self._unpacked} of {total}" if self._unpacked < total else "Finishing"
        self._share = max(self._share, share)
        self._console.progress(min(self._share, 0.99), text)

    def _look(self) -> None:
        if time.monotonic() - self._looked > 0.4:
            self._looked = time.monotonic()
            self._unpacked = len(present(self._packages) & self._wanted)


def install(
    environment: Environment,
    probe: Probe,
    requirements: Path,
    wanted: set[str],
    console: Console,
    log: Callable[[str], None],
    lock: int | None = None,
) -> None:
    """Install a list of packages (their names in `wanted`) into an environment; Refusal when it fails."""
    console.begin_progress()
    progress = Progress(console, wanted, probe.packages, log)
    progress.tick()
    command = [str(environment.python), "-I", "-X", "utf8", "-m", "pip", "install", "--only-binary", ":all:"]
    command += ["--no-input", "--progress-bar", "off", "--no-warn-script-location", "-r", str(requirements)]
    with environment.temporary() as variables:
        variables |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_USER": "0"}
        code = environment.runner.follow(command, progress.line, progress.tick, variables, lock)
    if code != 0:
        console.end_progress()
        raise failure(code, progress.lines, environment.log_file)
    console.progress(1.0, f"{len(wanted)} packages are installed.")
    console.end_progress()


def failure(code: int, lines: list[str], log_file: Path) -> Refusal:
    """Say in plain words why pip failed."""
    text = "\n".join(lines)
    what = "The Python packages could not be installed."
    for pattern, why, action in FAILURES:
        found = re.search(pattern, text)
        if found:
            package = f" ({found[1]})" if found.groups() else ""
            return Refusal(what, why.removesuffix(".") + package + ".", action + f"\nDetails: {log_file}")
    if code < 0:
        return Refusal(
            what,
            "pip was ended by the system, perhaps for want of memory.",
            f"Close other programs, then run this again.\nDetails: {log_file}",
        )
    last = next((line for line in reversed(lines) if line.startswith("ERROR")), "pip gave no reason.")
    return Refusal(what, last, f"Run this again; if it happens again, report the text in {log_file}")


def works(runner: Runner, python: Path) -> bool:
    """Tell whether pip starts."""
    return runner.ask([str(python), "-I", "-m", "pip", "--version"])[0] == 0
