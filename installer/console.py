"""Speak to the person at the terminal: sentences, one moving line, refusals."""

from __future__ import annotations

import errno
import shutil
import sys
import time
from typing import TextIO


class Refusal(Exception):
    """A reason to end: what happened, why, and what to do, in the user's words."""

    def __init__(self, what: str, why: str, action: str) -> None:
        super().__init__(what)
        self.what, self.why, self.action = what, why, action

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.why, self.action) if part)


def from_os_error(error: OSError, doing: str) -> Refusal:
    """Turn an error of the operating system into sentences; `doing` completes "Could not ..."."""
    what = f"Could not {doing}."
    full = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    if error.errno in full or getattr(error, "winerror", None) == 112:
        return Refusal(what, "The disk is full.", "Free some space (about 4 GB in all), then run this again.")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return Refusal(
            what,
            f"Writing is not allowed: {error.filename or error.strerror}.",
            "Close CytoWizard if it is open. Else move its folder to a place of your own, "
            "such as your home folder, then run this again.",
        )
    return Refusal(what, f"{error}.", "Run this again; if it happens again, report this text.")


class Console:
    """Writes to one stream; on a terminal the progress line moves, else it is said at each tenth."""

    def __init__(self, stream: TextIO | None = None, moving: bool | None = None) -> None:
        self._stream = stream or sys.stdout
        reconfigure = getattr(self._stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
        self._moving = self._stream.isatty() if moving is None else moving
        self._width = 0
        self._said = -1
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Write a line."""
        self.end_progress()
        self._stream.write(text + "\n")
        self._stream.flush()

    def begin_progress(self) -> None:
        """Start a new progress line at nought."""
        self._said, self._began = -1, time.monotonic()

    def progress(self, fraction: float, text: str) -> None:
        """Show how far the work is (0..1) and what it does now."""
        fraction = min(max(fraction, 0.0), 1.0)
        seconds = int(time.monotonic() - self._began)
        clock = f"{seconds // 60}:{seconds % 60:02d}"
        if self._moving:
            filled = round(20 * fraction)
            line = f"[{'#' * filled}{'-' * (20 - filled)}] {fraction:4.0%}  {clock}  {text}"[
                : shutil.get_terminal_size().columns - 1
            ]
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
            self._stream.flush()
        elif int(fraction * 10) > self._said:
            self._said = int(fraction * 10)
            self._stream.write(f"{fraction:4.0%}  {clock}  {text}\n")
            self._stream.flush()

    def end_progress(self) -> None:
        """Finish the moving line, if there is one."""
        if self._width:
            self._stream.write("\n")
            self._width = 0
