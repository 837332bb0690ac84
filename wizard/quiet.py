"""Sends what libraries print to a log file, so that our own output stays readable by people and programs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO


@contextlib.contextmanager
def quiet(log: Path) -> Iterator[tuple[TextIO, TextIO]]:
    """Redirect stdout and stderr, also of compiled code, to `log`; give the original two streams.

    Where a stream has no file (a windowed program, a test), only Python's own prints are redirected.
    """
    out, err = sys.stdout, sys.stderr
    with log.open("w", encoding="utf-8", errors="replace", buffering=1) as stream, contextlib.ExitStack() as undo:
        ours = []
        for number, original in ((1, out), (2, err)):
            ours.append(_detach(number, original, stream.fileno(), undo))
        undo.callback(_restore, out, err)
        sys.stdout = sys.stderr = stream
        yield ours[0], ours[1]


def _detach(number: int, original: TextIO | None, log: int, undo: contextlib.ExitStack) -> TextIO:
    """Point file descriptor `number` to the log and return a stream to where it pointed before."""
    try:
        if original is None or original.fileno() != number:
            raise OSError
    except (OSError, ValueError):
        return original or undo.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
    original.flush()
    kept = os.dup(number)
    stream = os.fdopen(kept, "w", encoding=original.encoding, errors="replace", buffering=1)
    os.dup2(log, number)

    def back() -> None:
        stream.flush()
        os.dup2(kept, number)
        stream.close()

    undo.callback(back)
    return stream


def _restore(out: TextIO, err: TextIO) -> None:
    sys.stdout, sys.stderr = out, err
