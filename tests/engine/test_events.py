from __future__ import annotations

import time

import pytest

from wizard.engine.events import Progress, Tell


def test_the_bar_never_goes_back():
    said: list[Progress] = []
    tell = Tell(said.append)
    for share in (0.2, 0.1, 1.0):
        tell.progress(share)
        time.sleep(0.11)
    assert [event.fraction for event in said] == [0.2, 0.2, 1.0]


def test_a_pause_does_not_lengthen_the_time_left(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    said: list[Progress] = []
    held = [False]
    tell = Tell(said.append, paused=lambda: held[0])
    tell.begin("train")
    now[0] += 10
    tell.progress(0.5)
    held[0] = True
    for _ in range(60):
        now[0] += 1
        tell.progress(0.5, "Paused")
    held[0] = False
    now[0] += 1
    tell.progress(0.55)
    assert said[0].seconds_left == 10
    assert said[-1].seconds_left == pytest.approx(11 * 0.45 / 0.55)
