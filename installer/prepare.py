"""Bring an environment from whatever state it is in to the one that a command needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from installer import host as hosts
from installer import packages, pieces
from installer.console import Console, Refusal
from installer.environment import Environment, Probe, repair
from installer.host import Host
from installer.running import Runner

SUPPORTED = ((3, 11), (3, 13))


@dataclass(frozen=True)
class Setup:
    """One repository, the machine it is on, and its environment."""

    root: Path
    host: Host
    environment: Environment
    runner: Runner
    console: Console

    def prepare(self, requirements: Path, *, window: bool, screen: bool = False, again: bool = False) -> None:
        """Install what is missing; `window` asks for Tk, `screen` for Xvfb, `again` checks every file."""
        hosts.check(self.host)
        self.environment.check_owner()
        if screen:
            self._need({"xvfb"}, self.host.executable)
        probe = self.environment.probe()
        if window and probe is not None and usable(probe) and not probe.tk:
            self._tk_for(probe)
            probe = self.environment.probe()
        fits = probe is not None and fit(probe, window)
        if probe is not None and fits and not again and self.environment.installed(requirements, probe):
            return
        self._need({"runtime"}, self.host.executable)
        if not fits:
            self._need({"venv", "tk"} if window else {"venv"}, self.host.executable)
        self._install(requirements, window, again)

    def _tk_for(self, probe: Probe) -> None:
        """Get Tk for an environment whose Python lacks it, unless the Python that runs now has it."""
        lacks_too = pieces.missing(self.host, {"tk"}, self.runner, self.host.executable)
        if probe.base == self.host.executable or lacks_too:
            self._need({"tk"}, probe.base)

    def _need(self, needs: set[str], python: Path) -> None:
        """Install from the system what `python` or the machine lacks; raise Refusal when it stays away."""
        absent = pieces.missing(self.host, needs, self.runner, python)
        if not absent:
            return
        pieces.supply(self.host, absent, python, self.runner, self.console, self._log)
        still = pieces.missing(self.host, set(absent), self.runner, python)
        if still:
            raise pieces.refusal(self.host, python, still)

    def _install(self, requirements: Path, window: bool, again: bool) -> None:
        environment = self.environment
        with environment.locked(self.console) as lock:
            probe = environment.probe()
            fits = probe is not None and fit(probe, window)
            if probe is not None and fits and not again and environment.installed(requirements, probe):
                return
            self.console.say(f"Installing into {environment.folder}: several minutes the first time.")
            environment.forget()
            wanted = packages.names(requirements, self.host.platform)
            if probe is None or not fits or not packages.works(self.runner, environment.python):
                packages.check_space(environment.folder, len(wanted))
                probe = self._made_anew()
            mended = repair(probe.packages)
            if mended:
                self.console.say("Half-installed packages of an earlier try are installed anew: " + ", ".join(mended))
            packages.check_space(environment.folder, len(wanted - packages.present(probe.packages)))
            packages.install(environment, probe, requirements, wanted, self.console, self._log, lock.fileno())
            environment.stamp(requirements, probe)

    def _made_anew(self) -> Probe:
        self.environment.make(self.host.executable)
        probe = self.environment.probe()
        if probe is None:
            raise Refusal(
                f"The Python in {self.environment.folder} does not start.",
                f"It was made with {self.host.executable}.",
                "Remove this folder, then run this again with another Python.",
            )
        return probe

    def _log(self, line: str) -> None:
        self.environment.folder.mkdir(parents=True, exist_ok=True)
        with self.environment.log_file.open("a", encoding="utf-8", errors="replace") as stream:
            stream.write(line + "\n")


def usable(probe: Probe) -> bool:
    """Tell whether packages can be installed into an environment as it is."""
    return probe.own and probe.pip and SUPPORTED[0] <= probe.version <= SUPPORTED[1]


def fit(probe: Probe, window: bool) -> bool:
    """Tell whether an environment can serve, for the window (with Tk) or without it."""
    return usable(probe) and (probe.tk or not window)
