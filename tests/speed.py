"""How slow a computer is, for tests of time: limits hold for the one that they were set on, and stretch on slower ones."""

from __future__ import annotations

import time

REFERENCE = 0.013
"""Seconds of computing that the work below takes on the computer that the limits were set on."""


def slowness() -> float:
    """Return by what a limit is multiplied here: 1 on the reference or a faster computer, at most 3."""
    return min(3.0, max(1.0, min(_work() for _ in range(7)) / REFERENCE))


def _work() -> float:
    begin = time.thread_time()
    words = [f"{number} cells of {number % 7}" for number in range(40_000)]
    found = {word: len(word.split()) for word in words}
    assert len(found) == len(words)
    return time.thread_time() - begin
