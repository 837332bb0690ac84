"""How a training talks to whoever started it, and its clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hooks:
    """How the loop talks: `tick(share, label)` often, `epoch(row)` after each, `stop()` when asked to end.

    `paused()` holds it between two batches, `changes()` gives new values of settings by name, `say` takes a
    refusal for the user and `inform` what was changed, in words. `kept()` comes when an epoch's checkpoint is
    written, `shown(path)` when a file with the last batch is; without it there is none.
    """

    tick: Callable[[float, str], None] = lambda share, label: None
    epoch: Callable[[dict[str, float]], None] = lambda row: None
    stop: Callable[[], bool] = lambda: False
    paused: Callable[[], bool] = lambda: False
    changes: Callable[[], dict[str, Any]] = dict
    say: Callable[[str], None] = lambda text: None
    inform: Callable[[str], None] = lambda text: None
    kept: Callable[[], None] = lambda: None
    shown: Callable[[str], None] | None = None


@dataclass
class Clock:
    """Seconds of training, pauses left out."""

    before: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    paused: float = 0.0

    def seconds(self) -> float:
        """Return the seconds so far, with those of the runs before a resume."""
        return self.before + time.monotonic() - self._began - self.paused
