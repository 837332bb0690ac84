"""The longest pause of the window for everything that can be done in it, against 100 ms.

    python -m benchmarks.pauses [PROJECT] [--cells 100000]

PROJECT is a copy of an analysed project (the demo is analysed where none is given). Needs a display
(`xvfb-run -a python -m ...` where there is none). A pause is one turn of the event loop, in which nothing that the
user does is answered; it is counted in computing time of the window's thread, so that other programs do not count,
and in seconds by the clock.
"""

from __future__ import annotations

import _tkinter
import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LIMIT_SECONDS = 0.1
Act = tuple[str, Callable[[], object], float]
"""Its name, what to do, and for how many seconds to watch."""


class Meter:
    """Runs a window's event loop turn by turn and keeps the longest turn."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.computing = self.clock = 0.0

    def turn(self, call: Callable[[], object]) -> object:
        """Do something as one turn."""
        computing, clock = time.thread_time(), time.perf_counter()
        answer = call()
        self.computing = max(self.computing, time.thread_time() - computing)
        self.clock = max(self.clock, time.perf_counter() - clock)
        return answer

    def watch(self, call: Callable[[], object], seconds: float, done: Callable[[], object] = lambda: True) -> float:
        """Do something and watch the window afterwards; return the longest computing of a turn."""
        self.computing = self.clock = 0.0
        self.turn(call)
        end = time.monotonic() + seconds
        while time.monotonic() < end or not done():
            if not self.turn(lambda: self.app.tk.dooneevent(_tkinter.DONT_WAIT)):
                time.sleep(0.002)
        return self.computing


def pages(app: Any) -> Iterator[Act]:
    """All pages, their tabs, and all their settings."""
    from wizard.plan import STEPS

    for step in (*STEPS, "report"):
        yield f"page {step}", lambda step=step: app.choose(step), 1.5  # type: ignore[misc]
        if app.page.tabs is not None:
            for title in list(app.page.tabs.heads):
                yield f"  {step}: {title}", lambda title=title: app.page.tabs.choose(title), 1.0  # type: ignore[misc]
        if app.page.form is not None:
            yield f"  {step}: Advanced", lambda: app.page.form.unfold(), 0.5
            for title, fold in list(app.page.form.sections.items()):
                yield f"  {step}: Advanced, {title}", fold.toggle, 0.5


def maps(app: Any) -> Iterator[Act]:
    """What is done with maps."""
    yield "page visualize again", lambda: app.choose("visualize"), 0.5
    yield "maps", lambda: app.page.tabs.choose("Maps"), 3.0
    panel = app.page.panel
    if panel is None or panel.data is None:
        return
    yield "two maps", lambda: panel.show_number(2), 2.0
    yield "four maps", lambda: panel.show_number(4), 3.0
    cells = panel.look.placed.nonzero()[0] if panel.look.placed.any() else range(0, panel.data.total, 3)
    yield "a third of the cells selected", lambda: panel.select(_array(cells)), 2.0
    yield "nothing selected", lambda: panel.select(_array([])), 1.0
    for source in panel.sources[:6]:
        yield f"coloured by {source.title}", lambda source=source: panel.show_source(source), 1.0  # type: ignore[misc]
    yield "see-through", panel.toggle_see_through, 1.0
    yield "a line of the legend off", lambda: panel.legend.toggle(0), 1.0
    yield "one map", lambda: panel.show_number(1), 1.0


def _array(cells: Any) -> Any:
    import numpy as np

    return np.asarray(cells, np.intp)


def dialogs(app: Any) -> Iterator[Act]:
    """Everything that lies over the pages."""
    for name, show in (
        ("preferences", app.desk.show_preferences), ("keys", app.show_keys), ("support file", app.desk.save_support),
        ("new project", app.new_project), ("tour", app.help.start_tour),
    ):  # fmt: skip
        yield name, show, 3.0 if name == "support file" else 1.0
        if app.overlay is not None:
            yield f"{name}, closed", lambda: app.overlay.close(), 0.3


def looks(app: Any) -> Iterator[Act]:
    """Changes after which the window is built anew."""
    for name, value in (
        ("appearance", "dark"), ("scale", 150), ("scale", 100), ("language", "de"), ("language", "en"),
        ("appearance", "light"),
    ):  # fmt: skip
        yield f"{name}: {value}", lambda name=name, value=value: app.desk.prefer(name, value), 1.5  # type: ignore[misc]


def tables(app: Any) -> Iterator[Act]:
    """A table with 20,000 rows over the window."""
    from wizard.widgets.table import Table

    shown: list[Any] = []
    rows = [[f"cell {index}", f"{index % 977}", f"{index / 7:.3f}", "bright"] for index in range(20_000)]

    def show() -> None:
        table = Table(app, ["Cell", "Object", "Confidence", "Class"])
        table.place(x=0, y=0, relwidth=1, relheight=1)
        shown.append(table)

    yield "empty table", show, 0.3
    yield "table of 20,000 rows", lambda: shown[0].fill(rows), 3.0
    yield "table sorted", lambda: shown[0].sort(2), 3.0
    yield "table closed", lambda: shown[0].destroy(), 0.5


def opening(app: Any, other: Path) -> Iterator[Act]:
    """Another project, and back."""
    here = str(app.project.root)
    yield "another project opened", lambda: app.open_project(str(other)), 1.5
    yield "project opened again", lambda: app.open_project(here), 2.0


def run(app: Any) -> Iterator[Act]:
    """A step from its start to its end."""
    yield "page check again", lambda: app.choose("check"), 0.5
    yield "install check run", lambda: app.start(["check"]), 5.0


def measured(project: Path, other: Path) -> list[tuple[str, float, float]]:
    """Open a project, do everything, and return each act with its longest computing and longest time of a turn."""
    from wizard.app import App

    app = App(str(project))
    app.geometry("1366x768+0+0")
    meter, found = Meter(app), []

    def quiet() -> bool:
        return not app.building.busy and app.run is None

    def note(name: str, call: Callable[[], object], seconds: float) -> None:
        meter.watch(call, seconds, quiet)
        found.append((name, meter.computing, meter.clock))
        mark = "  OVER" if meter.computing > LIMIT_SECONDS else ""
        print(f"{name:44} {1000 * meter.computing:4.0f} ms  (clock {1000 * meter.clock:4.0f} ms){mark}", flush=True)

    note("opened", lambda: None, 2.0)
    for acts in (pages(app), maps(app), dialogs(app), looks(app), tables(app), opening(app, other), run(app)):
        for act in acts:
            note(*act)
    app.destroy()
    return found


def grown(project: Path, cells: int) -> None:
    """Put maps of many made-up cells into a project."""
    from benchmarks.map_window import made_maps
    from wizard import results
    from wizard.project import Project

    folder = project / "results" / "visualize"
    flat = made_maps(folder, cells)
    with Project.open(project) as opened:
        result = opened.result("visualize")
        known = {"tags": ["class", "day"], "colour": "class", "n_cells": cells}
        results.save(result.model_copy(update={"maps": [flat[0]] * 3 + flat[1:], **known}), folder)


def main() -> None:
    """Print the longest pause of every act, and the longest of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", nargs="?", type=Path)
    parser.add_argument("--cells", type=int, default=0, help="put maps of so many made-up cells into the project")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["CYTOWIZARD_CONFIG_DIR"] = f"{place}/config"
        project, other = given.project, Path(place) / "Other"
        from wizard.project import Project

        Project.open(other).close()
        if project is None:
            project = Path(place) / "Demo"
            subprocess.run([sys.executable, "-m", "wizard", "demo", "--project", str(project)], check=True,
                           capture_output=True)  # fmt: skip
        if given.cells:
            grown(project, given.cells)
        found = measured(project, other)
    name, computing, _clock = max(found, key=lambda one: one[1])
    over = sum(one[1] > LIMIT_SECONDS for one in found)
    print(f"longest pause of {len(found)} acts: {1000 * computing:.0f} ms ({name.strip()}), "
          f"{computing / LIMIT_SECONDS:.2f} of the limit of {1000 * LIMIT_SECONDS:.0f} ms; {over} over it")  # fmt: skip


if __name__ == "__main__":
    main()
