"""How long a step will still take, from what it has done so far: the newest stretch counts most."""

from __future__ import annotations

from collections import deque

_QUIET_SECONDS, _LEAST = 4.0, 0.02
"""Nothing is said before so many seconds and such a share."""
_STRETCH, _SHARE = 10.0, 0.4
"""The newest stretch is so many seconds long, or this share of the time so far where that is longer."""
_NEWEST = 0.3
"""Weight of the newest stretch; the rest is that of the whole."""
_TRUST = 0.15
"""After such a share of the work an expectation counts no more."""


class Remaining:
    """The seconds left of one step; times are of any steady clock."""

    def __init__(self, now: float) -> None:
        self._anchor = (now, 0.0)
        self._expected: float | None = None
        self._seen: deque[tuple[float, float]] = deque([(now, 0.0)])

    def expect(self, seconds: float, fraction: float, now: float) -> None:
        """Take over what is known of the time left; what came before, such as loading, says nothing of it."""
        self._anchor, self._expected = (now, fraction), seconds
        self._seen = deque([self._anchor])

    def shift(self, seconds: float) -> None:
        """Leave a pause out."""
        self._anchor = (self._anchor[0] + seconds, self._anchor[1])
        self._seen = deque((then + seconds, fraction) for then, fraction in self._seen)

    def left(self, fraction: float, now: float) -> float | None:
        """Note the share that is done now and return the seconds left, None while that is unknown."""
        self._seen.append((now, fraction))
        spent = now - self._anchor[0]
        start = now - max(_STRETCH, _SHARE * spent)
        while len(self._seen) > 2 and self._seen[1][0] <= start:
            self._seen.popleft()
        done = fraction - self._anchor[1]
        # An early end shows as a jump of the bar: the work that it left out was not done so fast.
        whole = (1 - fraction) * spent / done if done > 0 else None
        if self._expected is not None:
            return self._blended(self._expected - spent, whole, fraction, now)
        if spent < _QUIET_SECONDS or fraction < _LEAST or whole is None:
            return None
        return self._newest(whole, fraction, now)

    def _newest(self, whole: float, fraction: float, now: float) -> float:
        then, before = self._seen[0]
        gained = fraction - before
        if gained <= 0 or now <= then:
            return whole
        return _NEWEST * (1 - fraction) * (now - then) / gained + (1 - _NEWEST) * whole

    def _blended(self, expected: float, whole: float | None, fraction: float, now: float) -> float:
        if whole is None:
            return max(0.0, expected)
        trust = min(1.0, (fraction - self._anchor[1]) / _TRUST)
        return trust * self._newest(whole, fraction, now) + (1 - trust) * max(0.0, expected)
