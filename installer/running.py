"""Run other programs: ask them something, follow their lines, or hand the terminal to them."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType


class Terminated(KeyboardInterrupt):
    """This process was asked to end by another one, not by Ctrl-C."""


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def heed_termination() -> None:
    """Let a request to end stop the running program, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _terminated)


def clean_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would mix another Python's packages in."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return {**kept, **more}


class Runner:
    """Starts programs; the tests put another one in its place."""

    def ask(self, command: Sequence[str], seconds: float = 60) -> tuple[int, str]:
        """Run a short command without input; return its exit code and output (127 if it cannot start)."""
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                encoding="utf-8",
                errors="replace",
                env=clean_environment(),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return 127, str(error)
        return done.returncode, done.stdout

    def hand_over(self, command: Sequence[str], cwd: Path) -> int:
        """Give a program the terminal and wait; on Ctrl-C it ends itself, and is waited for."""
        child = subprocess.Popen(command, cwd=cwd, env=clean_environment())
        interrupts = 0
        while True:
            try:
                return child.wait()
            except Terminated:
                child.terminate()
            except KeyboardInterrupt:
                interrupts += 1
                if interrupts > 2:
                    child.kill()

    def follow(
        self,
        command: Sequence[str],
        on_line: Callable[[str], None],
        on_tick: Callable[[], None],
        environment: dict[str, str] | None = None,
        inherit: int | None = None,
    ) -> int:
        """Run a program without input and pass on each line that it writes.

        `on_tick` is called about twice a second. `inherit` is a file descriptor that the program
        keeps open, so that a lock on it holds as long as the program lives. On Ctrl-C the program is
        ended before the exception goes on.
        """
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=clean_environment(**(environment or {})),
            pass_fds=(inherit,) if inherit is not None and os.name == "posix" else (),
        )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(child, lines), daemon=True).start()
        try:
            _drain(lines, on_line, on_tick)
            return child.wait()
        except KeyboardInterrupt:
            _end(child)
            raise


def _read(child: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        lines.put(line.rstrip())
    lines.put(None)


def _drain(lines: queue.Queue[str | None], on_line: Callable[[str], None], on_tick: Callable[[], None]) -> None:
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            on_tick()
            continue
        if line is None:
            return
        on_line(line)


def _end(child: subprocess.Popen[str]) -> None:
    """End a program: after two seconds politely, after ten firmly."""
    for wait, ask in ((2, child.terminate), (10, child.kill)):
        try:
            child.wait(wait)
            return
        except subprocess.TimeoutExpired:
            ask()
    child.wait()
