from __future__ import annotations

import math

import pytest

from wizard.widgets.time_left import SteadyTimeLeft, time_left


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


def test_small_rises_are_not_shown() -> None:
    steady = SteadyTimeLeft()
    steady.text(140.0, now=0.0)
    assert steady.text(150.0, now=10.0) == "about 2 minutes left"
    assert steady.text(400.0, now=12.0) == "about 7 minutes left"


def test_the_end_is_shown_at_once() -> None:
    steady = SteadyTimeLeft()
    steady.text(120.0, now=0.0)
    assert steady.text(4.0, now=0.5) == "a few seconds left"
