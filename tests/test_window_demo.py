"""The whole demo through the real window: all seven steps, a picture of each page, and no frozen moment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import PICTURES, picture, settle, wait, words
from wizard.plan import STEPS

LONGEST_PAUSE = 0.2


class Ticker:
    """Measures the longest time between two rounds of the event loop while `on`."""

    def __init__(self, app: Any) -> None:
        self.app, self.longest, self.rounds, self.on = app, 0.0, 0, False
        self._last: float | None = None
        self._tick()

    def _tick(self) -> None:
        now = time.perf_counter()
        if self.on and self._last is not None:
            self.longest = max(self.longest, now - self._last)
            self.rounds += 1
        self._last = now if self.on else None
        self.app.after(5, self._tick)


def make_demo(app: Any, folder: Path) -> None:
    """Press `Try the demo` on the first page and make the project in `folder`."""
    app.page.buttons["Try the demo"].invoke()
    settle(app, 0.2)
    app.dialog.place.delete(0, "end")
    app.dialog.place.insert(0, str(folder))
    app.dialog.overlay.buttons["Make the demo project"].invoke()
    settle(app, 0.3)


def press_and_wait(app: Any, seconds: float = 240) -> None:
    """Press the page's main button and wait until the run is over."""
    app.page.acts.button.invoke()
    wait(app, lambda: app.run is None, seconds)
    assert app.failure is None, app.failure
    settle(app, 0.5)


def test_demo_in_the_window(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    make_demo(app, tmp_path)
    assert app.project.root.parent == tmp_path
    assert app.project.plan.train.target == "class"
    assert app.step == "check"
    press_and_wait(app)
    app.footer.forward.invoke()
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
    longest = run_the_rest(app)
    look_at_every_page(app)
    note(longest)
    assert longest < LONGEST_PAUSE


def run_the_rest(app: Any) -> float:
    """Press `Run all remaining steps`; returns the longest pause of the loop during the training (seconds)."""
    ticker = Ticker(app)
    app.footer.run_all.invoke()
    assert app.run is not None
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
    assert ticker.rounds > 50
    wait(app, lambda: app.run is None, 400)
    assert app.failure is None, app.failure
    assert app.step == "visualize"
    return ticker.longest


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
            wait(app, lambda: app.page.panel.figure is not None, 60)
        settle(app, 0.8)
        path = picture(app, f"{number}_{step}")
        assert path.stat().st_size > 10_000
    assert app.page.panel.data.total == 243


def note(longest: float) -> None:
    """Keep the measured pause beside the pictures."""
    text = json.dumps({"longest_pause_while_training_s": round(longest, 4)})
    (PICTURES.parent / "window.json").write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("pause", [0.15])
def test_ticker_sees_a_pause(root: Any, pause: float) -> None:
    ticker = Ticker(root)
    ticker.on = True
    settle(root, 0.05)
    root.after(1, lambda: time.sleep(pause))
    settle(root, 0.3)
    assert ticker.longest >= pause
