"""The whole demo through the real window: all seven steps, a picture of each page, and no frozen moment."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.window import PICTURES, picture, settle, wait, words
from wizard.plan import STEPS

LONGEST_PAUSE = 0.2
"""Seconds."""

A_FREE_MACHINE = 0.25
"""Processors that other programs may use before the clock says nothing about the window any more."""


class Ticker:
    """Measures the longest time between two rounds of the event loop while `on`.

    `longest` is by the clock; `longest_own` leaves out the time in which the system let other
    processes run although the window wanted to: that is no pause of the window's making.
    """

    def __init__(self, app: Any) -> None:
        self.app, self.rounds, self.on = app, 0, False
        self.longest = self.longest_own = 0.0
        self._last: tuple[float, float] | None = None
        self._tick()

    def _tick(self) -> None:
        now, waited = time.perf_counter(), waited_for_processor()
        if self.on and self._last is not None:
            gap = now - self._last[0]
            self.longest = max(self.longest, gap)
            self.longest_own = max(self.longest_own, gap - (waited - self._last[1]))
            self.rounds += 1
        self._last = (now, waited) if self.on else None
        self.app.after(5, self._tick)


def waited_for_processor() -> float:
    """Return the seconds that this thread was ready to run but had no processor (0 if unknown)."""
    try:
        text = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(text.split()[1]) / 1e9


class OtherLoad:
    """Tells how many processors were used by processes that are not ours."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.monotonic(), busy_seconds(), own_seconds()

    def processors(self) -> float:
        """Return the mean since the start."""
        spent = max(0.001, time.monotonic() - self._began)
        return max(0.0, (busy_seconds() - self._busy) - (own_seconds() - self._own)) / spent


def busy_seconds() -> float:
    """Return the seconds in which the processors of this machine worked, summed up."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def own_seconds() -> float:
    """Return the processor time of this process and its children, including those that ended."""
    total = sum(os.times()[:4])
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            times = child.cpu_times()
            total += times.user + times.system
    return total


def make_demo(app: Any, folder: Path) -> None:
    """Press `Try the demo` on the first page and make the project in `folder`."""
    app.page.buttons["Try the demo"].invoke()
    settle(app, 0.2)
    app.dialog.place.delete(0, "end")
    app.dialog.place.insert(0, str(folder))
    app.dialog.overlay.buttons["Make the demo project"].invoke()
    wait(app, lambda: app.help.touring)
    app.help.tour.close()
    settle(app, 0.3)


def press_and_wait(app: Any, seconds: float = 240) -> None:
    """Press the page's main button and wait until the run is over."""
    app.page.acts.button.invoke()
    wait(app, lambda: app.run is None, seconds)
    assert app.failure is None, app.failure
    settle(app, 0.5)


def look_through(app: Any) -> None:
    """Press `Look through the images` and see what was found, without anything being parsed."""
    app.page.acts.more.invoke()
    wait(app, lambda: app.run is None, 60)
    assert app.failure is None, app.failure
    settle(app, 0.5)
    assert "243" in words(app.page)
    picture(app, "parse-check")
    app.page.tabs.choose("Tags")
    settle(app, 0.3)
    picture(app, "parse-tags")
    app.page.tabs.choose("Preview")
    settle(app, 0.5)
    picture(app, "parse-preview")
    assert app.project.result("parse") is None


def test_demo_in_the_window(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    make_demo(app, tmp_path)
    assert app.project.root.parent == tmp_path
    assert app.project.plan.train.target == "class"
    assert app.step == "check"
    press_and_wait(app)
    app.footer.forward.invoke()
    look_through(app)
    press_and_wait(app)
    assert "243" in words(app.page)

    app.footer.forward.invoke()
    assert app.step == "train"
    app.page.form.fields["epochs"].type("3")
    app.go("visualize")
    for method in ("umap", "phate"):
        app.page.form.fields["methods"].boxes[method].toggle()
    app.go("train")
    settle(app, 0.3)
    ticker, others = run_the_rest(app)
    look_at_every_page(app)
    note(ticker, others)
    assert ticker.longest_own < LONGEST_PAUSE
    if others < A_FREE_MACHINE:
        assert ticker.longest < LONGEST_PAUSE


def run_the_rest(app: Any) -> tuple[Ticker, float]:
    """Press `Run all remaining steps`; returns the pauses during the training, and the load by others."""
    ticker, load = Ticker(app), OtherLoad()
    app.footer.run_all.invoke()
    settle(app, 0.3)
    app.page.start_button.invoke()
    assert app.run is not None
    app.choose("train")
    assert app.run.steps == ("train", "evaluate", "predict", "extract", "visualize")
    ticker.on = True
    wait(app, lambda: app.run is None or len(app.run.metrics) >= 2, 240)
    assert app.run is not None, app.failure
    assert app.page.chart.charts["Loss"][0].points
    ticker.on = False
    settle(app, 0.05)
    picture(app, "running")
    settle(app, 0.05)
    ticker.on = True
    wait(app, lambda: app.run is None or app.run.step != "train", 240)
    ticker.on = False
    others = load.processors()
    assert ticker.rounds > 50
    wait(app, lambda: app.run is None, 400)
    assert app.failure is None, app.failure
    assert app.step == "pass" and app.page.mode == "results"
    return ticker, others


def look_at_every_page(app: Any) -> None:
    """Check that each page shows its result, and save a picture of it."""
    expected = {
        "check": "Memory", "parse": "243", "train": "Validation accuracy", "evaluate": "Balanced accuracy",
        "predict": "Cells of each predicted class", "extract": "Features", "visualize": "Colour by",
    }  # fmt: skip
    tabs = {"parse": "Cells", "evaluate": "Confusion matrix"}
    for number, step in enumerate(STEPS, start=1):
        app.choose(step)
        settle(app, 0.6)
        assert app.project.state(step).kind == "done", step
        assert app.rail.items[step].kind == "done"
        assert expected[step] in words(app.page), step
        if step in tabs:
            app.page.tabs.choose(tabs[step])
        if step == "visualize":
            wait(app, lambda: app.page.panel.frames and app.page.panel.frames[0].scatter.painted, 60)
        settle(app, 0.8)
        path = picture(app, f"{number}_{step}")
        assert path.stat().st_size > 10_000
    assert app.page.panel.data.total == 243


def note(ticker: Ticker, others: float) -> None:
    """Keep the measured pauses beside the pictures."""
    found = {
        "longest_pause_while_training_s": round(ticker.longest, 4),
        "of_which_not_waiting_for_a_processor_s": round(ticker.longest_own, 4),
        "processors_used_by_other_programs": round(others, 2),
    }
    (PICTURES.parent / "window.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("pause", [0.15])
def test_ticker_sees_a_pause(root: Any, pause: float) -> None:
    ticker = Ticker(root)
    ticker.on = True
    settle(root, 0.05)
    root.after(1, lambda: time.sleep(pause))
    settle(root, 0.3)
    assert ticker.longest >= pause and ticker.longest_own >= pause * 0.9
