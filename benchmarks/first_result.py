"""Seconds and clicks from the start of the program to the first result, for somebody who changes no setting.

The real window is driven by mouse and key events: on the demo, and on folders that the program never saw. The result
counts when the figures of the evaluation are on screen, after training on the cells.

Run with: python -m benchmarks.first_result [FOLDER ...] [--skip-demo] (Linux, needs a display, e.g. under xvfb-run)
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.user import User, run_everything
from tests.window import settle, words
from wizard.plan import TITLES

RESULT = "Balanced accuracy"
LONGEST = 3600.0
"""Seconds after which a run is given up."""


def begin() -> tuple[User, float]:
    """Open the window as at the start of the program; returns its user and the time before."""
    began = time.monotonic()
    from wizard.app import App

    app = App()
    app.geometry("1366x768+0+0")
    app.update()
    app.focus_force()
    app.update()
    return User(app), began


def demo(user: User) -> None:
    """Make the demo project and end the tour."""
    user.click("Try the demo")
    settle(user.app, 0.2)
    user.click("Make the demo project")
    user.wait(lambda: user.app.help.touring, 20)
    user.key("Escape")


def own(user: User, folder: Path) -> None:
    """Make a project and give it a folder of images."""
    user.click("New project\u2026")
    settle(user.app, 0.2)
    user.click("Make the project")
    user.wait(lambda: user.app.project is not None, 20)
    settle(user.app, 0.3)
    user.click(TITLES["parse"])
    settle(user.app, 0.3)
    user.app.after(300, lambda: choose_folder(user, folder))
    user.click("Add folder\u2026")
    settle(user.app, 0.3)
    assert user.app.project.plan.parse.input == [str(folder)], user.app.project.plan.parse.input


def choose_folder(user: User, folder: Path) -> None:
    """Write a path into the dialog that Tk shows on Linux, and take it."""
    app = user.app
    top = next(path for path in all_paths(app) if app.tk.call("winfo", "class", path) == "TkChooseDir")
    entry = next(path for path in all_paths(app, top) if path.endswith(".ent"))
    app.tk.call("focus", "-force", entry)
    app.update()
    user.write(str(folder))
    # The first Enter goes into the folder, the second takes it.
    user.key("Return", "Return")


def all_paths(app: Any, top: str = ".") -> list[str]:
    """Return the paths of all widgets below one, also of those that tkinter does not know."""
    found = [top]
    for child in app.tk.splitlist(app.tk.call("winfo", "children", top)):
        found += all_paths(app, str(child))
    return found


def to_result(user: User) -> None:
    """Run everything with what is preset, and look at the figures as soon as they are there."""
    app = user.app
    settle(app, 0.3)
    run_everything(user)
    user.wait(lambda: app.run is None or "evaluate" in app.run.done, LONGEST)
    if app.failure is not None:
        raise SystemExit(f"the run failed: {app.failure}")
    user.click(TITLES["evaluate"])
    user.wait(lambda: RESULT in words(app.page), 20)


def report(name: str, act: Callable[[User], None]) -> None:
    """Do something in a new window, and print what it took."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["CYTOWIZARD_CONFIG_DIR"] = f"{place}/config"
        os.environ["HOME"] = place
        user, began = begin()
        painted = time.monotonic() - began
        act(user)
        to_result(user)
        total = time.monotonic() - began
        value = user.app.project.result("evaluate").balanced_accuracy
        user.app.destroy()
    print(
        f"{name}: {user.clicks} clicks, {user.keys} keys and {user.typed} letters of a path; first paint after "
        f"{painted:.2f} s; {total:.0f} s from start to result, of which {user.waited:.0f} s were waiting; balanced "
        f"accuracy {value.value:.3f} ({value.low:.3f} to {value.high:.3f})",
        flush=True,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folders", type=Path, nargs="*", default=[])
    asked.add_argument("--skip-demo", action="store_true")
    found = asked.parse_args()
    home = os.environ.get("HOME", "")
    with suppress(KeyboardInterrupt):
        if not found.skip_demo:
            report("the demo", demo)
        for folder in found.folders:
            report(folder.name, lambda user, folder=folder: own(user, folder.resolve()))
    os.environ["HOME"] = home


if __name__ == "__main__":
    main()
