"""The time left in words: rounded, and changing slowly."""

from __future__ import annotations

from dataclasses import dataclass

_HOLD_SECONDS = 5.0
"""A text stays at least this long, unless the work is nearly done."""

_RISE = 1.25
"""A longer time is shown only when it is at least this many times the shown one."""


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
        return f"about {round(minutes)} minutes left"
    if minutes < 57.5:
        return f"about {5 * round(minutes / 5)} minutes left"
    halves = round(minutes / 30)
    if halves <= 2:
        return "about 1 hour left"
    hours = f"{halves // 2}\u00bd" if halves % 2 else f"{halves // 2}"
    return f"about {hours} hours left"


@dataclass
class SteadyTimeLeft:
    """Keeps the shown time calm: it holds for some seconds and does not wobble upwards."""

    shown: float | None = None
    since: float = 0.0

    def text(self, seconds: float | None, now: float) -> str:
        """Return what to show at time `now` (seconds of any steady clock)."""
        if seconds is None:
            return time_left(self.shown)
        if self.shown is None or self._should_change(seconds, now):
            self.shown, self.since = seconds, now
        return time_left(self.shown)

    def _should_change(self, seconds: float, now: float) -> bool:
        assumed = max(0.0, (self.shown or 0.0) - (now - self.since))
        if seconds < 10:
            return True
        if now - self.since < _HOLD_SECONDS:
            return False
        return seconds <= assumed or seconds > assumed * _RISE
