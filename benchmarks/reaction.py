"""How fast do Stop and Cancel react? Seconds from the press to the answer in the window, and to the end of the run.

python -m benchmarks.reaction PROJECT [--steps parse,train,visualize] [--at 0.2]

PROJECT is a copy of a project in which the steps can run. It needs a display.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wizard.app import App


def main() -> None:
    """Print a line for each step and button."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--steps", default="parse,train,visualize")
    parser.add_argument("--at", type=float, default=0.2, help="Share of the step at which the button is pressed.")
    parser.add_argument("--warm", type=float, default=1.0)
    given = parser.parse_args()
    app = App(str(given.project))
    app.geometry("1366x768+0+0")
    pump(app, lambda: False, given.warm)
    print("step, button: s to the answer in the window, s to the end of the run, longest pause of the window in s")
    for step in given.steps.split(","):
        for button in ("stop", "cancel"):
            print(press(app, step, button, given.at), flush=True)
    app.destroy()


def press(app: App, step: str, button: str, share: float) -> str:
    """Run a step, press a button on its way and measure."""
    app.choose(step)
    app.start([step])
    pump(app, lambda: app.run is None or (app.run.fraction or 0.0) >= share, 240.0)
    if app.run is None:
        return f"{step}, {button}: ended before it could be pressed"
    label = app.page.acts.progress.label
    before, began = str(label.cget("text")), time.monotonic()
    getattr(app.page.acts.progress, button).invoke()
    answered: list[float] = []

    def over() -> bool:
        if not answered and (app.run is None or str(label.cget("text")) != before):
            answered.append(time.monotonic() - began)
        return app.run is None

    pause = pump(app, over, 120.0)
    outcome = app.failure.outcome if app.failure is not None else "kept"
    app.dismiss_failure()
    return f"{step}, {button}: {answered[0]:.2f}, {time.monotonic() - began:.2f}, {pause:.2f} ({outcome})"


def pump(app: Any, until: Callable[[], bool], seconds: float) -> float:
    """Let the window work until something is true; return its longest pause."""
    end, longest = time.monotonic() + seconds, 0.0
    while not until() and time.monotonic() < end:
        began = time.monotonic()
        app.update()
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.005)
    return longest


if __name__ == "__main__":
    main()
