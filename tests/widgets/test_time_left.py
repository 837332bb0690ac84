from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from wizard.engine.remaining import Remaining
from wizard.widgets.time_left import _BOUNDS, SteadyTimeLeft, time_left

TRACES = Path(__file__).with_name("traces")
"""Recorded by `python -m benchmarks.progress_traces`: [second, step, share of the step]."""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""), (math.nan, ""), (-1.0, ""), (0.0, "a few seconds left"), (9.0, "a few seconds left"),
        (30.0, "less than a minute left"), (60.0, "about 1 minute left"), (130.0, "about 2 minutes left"),
        (565.0, "about 9 minutes left"), (12 * 60, "about 10 minutes left"), (23 * 60, "about 25 minutes left"),
        (60 * 60, "about 1 hour left"), (85 * 60, "about 1\u00bd hours left"), (3 * 3600, "about 3 hours left"),
    ],
)  # fmt: skip
def test_words(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text


def test_longer_times_never_sound_shorter() -> None:
    order = list(dict.fromkeys(time_left(seconds) for seconds in range(0, 20_000, 7)))
    assert len(order) == len({*order})
    assert all("left" in text for text in order)


def test_a_text_holds_for_some_seconds() -> None:
    steady = SteadyTimeLeft()
    assert steady.text(180.0, now=0.0) == "about 3 minutes left"
    assert steady.text(100.0, now=1.0) == "about 3 minutes left"
    assert steady.text(100.0, now=6.0) == "about 2 minutes left"


def test_small_rises_are_not_shown_and_large_ones_notch_by_notch() -> None:
    steady = SteadyTimeLeft()
    steady.text(140.0, now=0.0)
    assert steady.text(150.0, now=10.0) == "about 2 minutes left"
    said = [steady.text(400.0, now=10.0 + second) for second in range(90)]
    assert list(dict.fromkeys(said))[:3] == [f"about {minutes} minutes left" for minutes in (2, 3, 4)]


def test_the_end_is_shown_at_once() -> None:
    steady = SteadyTimeLeft()
    steady.text(120.0, now=0.0)
    assert steady.text(4.0, now=0.5) == "a few seconds left"


def test_words_and_notches_change_together() -> None:
    for seconds in range(0, 40_000, 3):
        same = SteadyTimeLeft._notch(seconds) == SteadyTimeLeft._notch(seconds + 3)
        assert same == (time_left(seconds) == time_left(seconds + 3)), seconds


def replayed(rows: list[list[Any]], expected: float | None = None) -> list[tuple[float, float, float]]:
    """Show a recorded step; return (second, share, seconds shown) for each word of progress."""
    zero = rows[0][0]
    engine, steady, found = Remaining(zero), SteadyTimeLeft(), []
    for now, _step, fraction in rows:
        if expected is not None and fraction >= 0.02:
            engine.expect(expected - (now - zero), fraction, now)
            expected = None
        steady.text(engine.left(fraction, now), now)
        if steady.shown is not None:
            found.append((now - zero, fraction, steady.shown))
    return found


def stretches() -> Iterator[Any]:
    """Give the long steps of all recorded runs; for a training it is known how long it takes, more or less."""
    for path in sorted(TRACES.glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        for step, part in groupby(rows, key=lambda row: row[1]):
            found = list(part)
            if found[-1][0] - found[0][0] < 20 or len(found) < 10:
                continue
            for off in (None, *((0.6, 1.0, 1.6) if step == "train" else ())):
                yield pytest.param(found, off, id=f"{path.stem}-{step}-{off}")


@pytest.mark.parametrize(("rows", "off"), list(stretches()))
def test_the_time_left_of_recorded_runs_does_not_jump(rows: list[list[Any]], off: float | None) -> None:
    whole = rows[-1][0] - rows[0][0]
    found = replayed(rows, None if off is None else off * whole)
    later = [item for item in found if item[1] >= 0.1]
    notch = SteadyTimeLeft._notch
    rises = 0
    for (before, _, last), (now, _, shown) in pairwise(later):
        assert notch(shown) <= notch(last) + 1, (now, last, shown)
        rises += notch(shown) > notch(last)
        if shown > 10:
            assert shown > last / 2 - (now - before), (now, last, shown)
            assert shown < 2 * last or notch(shown) == notch(last) + 1, (now, last, shown)
    # Parts of a step whose length nobody knows may make it longer, a notch at a time.
    assert rises <= (6 if off is None else 2)
    right = [_holds(shown, whole - now) for now, _, shown in later]
    assert sum(right) >= 0.6 * len(right)


def _holds(shown: float, left: float) -> bool:
    """Tell whether the words for a time fit what was really left within a factor of two."""
    notch = SteadyTimeLeft._notch(shown)
    return _BOUNDS[notch] >= left / 2 and (_BOUNDS[notch - 1] if notch else 0.0) <= 2 * left
