"""The time left in words: rounded, falling with the clock, and corrected slowly."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

_BOUNDS = [
    10.0, 50.0, *(60 * (minute + 0.5) for minute in range(1, 10)), *(60 * (five + 2.5) for five in range(10, 60, 5)),
    *(60 * (half + 15) for half in range(60, 6000, 30)),
]  # fmt: skip
"""Seconds at which the words change."""

_HOLD_SECONDS, _HOLD_RISE = 5.0, 10.0
"""A text stays at least this long before a shorter, and before a longer time is shown."""
_SOON = 10.0
"""When so little is left it is shown at once."""
_FALL, _RISE = 4.0, 30.0
"""Seconds in which most of a correction is made: downwards, and upwards."""
_WORTH = 1.1
"""A longer time counts only when it is at least this many times the present one."""


def time_left(seconds: float | None) -> str:
    """Say how long it will take, e.g. `about 3 minutes left`; "" when that is unknown."""
    if seconds is None or seconds != seconds or seconds < 0:
        return ""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 50:
        return "less than a minute left"
    minutes = seconds / 60
    if minutes < 1.5:
        return "about 1 minute left"
    if minutes < 9.5:
        return f"about {math.floor(minutes + 0.5)} minutes left"
    if minutes < 57.5:
        return f"about {max(10, 5 * math.floor(minutes / 5 + 0.5))} minutes left"
    halves = math.floor(minutes / 30 + 0.5)
    if halves <= 2:
        return "about 1 hour left"
    hours = f"{halves // 2}\u00bd" if halves % 2 else f"{halves // 2}"
    return f"about {hours} hours left"


@dataclass
class SteadyTimeLeft:
    """Keeps the shown time calm: it falls with the clock, and what the engine says moves it slowly.

    A shown time rises by one notch (a minute, say) at most, and never for a wobble.
    """

    value: float | None = None
    """Seconds left at the time of the last call."""
    shown: float | None = None
    """Seconds that the text stands for."""
    since: float = 0.0
    _last: float = 0.0

    def text(self, seconds: float | None, now: float) -> str:
        """Return what to show at time `now` (seconds of any steady clock)."""
        if seconds is None or seconds != seconds:
            return time_left(self.shown)
        self._follow(seconds, now)
        assert self.value is not None
        if self.shown is None or seconds < _SOON:
            self._show(self.value, now)
            return time_left(self.shown)
        by, held = self._notch(self.value) - self._notch(self.shown), now - self.since
        if by < 0 and held >= _HOLD_SECONDS:
            # Half at most, too: an early end that was not foreseen comes in steps.
            self._show(max(self.value, self.shown / 2), now)
        elif by > 0 and held >= _HOLD_RISE:
            # The next notch only, whatever the engine says.
            self._show(min(self.value, _BOUNDS[self._notch(self.shown)] + 0.01), now)
        return time_left(self.shown)

    def _follow(self, seconds: float, now: float) -> None:
        passed = max(0.0, now - self._last)
        self._last = now
        if self.value is None or seconds < _SOON:
            self.value = seconds
            return
        self.value = max(0.0, self.value - passed)
        apart = seconds - self.value
        if apart < 0 or seconds > self.value * _WORTH:
            self.value += apart * (1 - math.exp(-passed / (_FALL if apart < 0 else _RISE)))

    def _show(self, seconds: float, now: float) -> None:
        self.shown, self.since = seconds, now

    @staticmethod
    def _notch(seconds: float) -> int:
        return bisect_right(_BOUNDS, seconds)
