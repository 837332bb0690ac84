"""Driving the real window in tests: fixtures, waiting, pressing, pictures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import made_results, xvfb
from wizard.plan import STEPS
from wizard.widgets.toolkit import ctk

PICTURES = Path(__file__).parents[1] / "test-results" / "screenshots"


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """A display to show windows on."""
    reason = xvfb.why_no_display()
    if reason:
        pytest.skip(reason)
    with xvfb.display() as name:
        yield name


@pytest.fixture
def settings_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The window's own files go here instead of the user's folder."""
    folder = tmp_path / "config"
    monkeypatch.setenv("CYTOWIZARD_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
def root(screen: str) -> Iterator[Any]:
    """A bare window with the theme, for tests of single widgets."""
    from wizard import app as app_module
    from wizard.widgets.later import cancel_all

    ctk.set_default_color_theme(str(app_module._THEME))
    ctk.set_appearance_mode("light")
    ctk.set_widget_scaling(1.0)
    window = ctk.CTk()
    window.geometry("900x700+0+0")
    window.columnconfigure(0, weight=1)
    window.rowconfigure(0, weight=1)
    window.update()
    window.focus_force()
    errors: list[Any] = []
    window.report_callback_exception = lambda *what: errors.append(what)
    yield window
    cancel_all(window)
    for tracker in (ctk.ScalingTracker, ctk.AppearanceModeTracker):
        tracker.update_loop_running = False
    window.destroy()
    if errors:
        raise errors[0][1]


@pytest.fixture
def open_app(screen: str, settings_folder: Path) -> Iterator[Callable[..., Any]]:
    """Makes windows that are closed after the test; a mistake inside a callback fails the test."""
    from wizard.app import App

    opened: list[Any] = []

    def make(project: Path | None = None, expect_mistakes: bool = False) -> Any:
        app = App(None if project is None else str(project))
        app.mistakes = []
        if not expect_mistakes:
            app.report_callback_exception = lambda *what: app.mistakes.append(what)
        app.geometry("1366x768+0+0")
        app.update()
        app.focus_force()
        opened.append(app)
        return app

    yield make
    for app in opened:
        if app.tk is not None and _alive(app):
            app.destroy()
    for app in opened:
        if app.mistakes:
            raise app.mistakes[0][1]


def _alive(app: Any) -> bool:
    try:
        return bool(app.winfo_exists())
    except Exception:
        return False


@pytest.fixture
def done_project(tmp_path: Path) -> Path:
    """A project folder in which every step is done."""
    from wizard.project import Project

    with Project.open(tmp_path / "Jurkat cells") as project:
        project.change({"parse.input": [str(made_results.DEMO)], "train.target": "class"})
        made_results.write_results(project, STEPS)
    return tmp_path / "Jurkat cells"


def wait(app: Any, until: Callable[[], Any], seconds: float = 20.0) -> None:
    """Let the window work until something is true."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {until}")
        app.update()
        time.sleep(0.005)


def settle(app: Any, seconds: float = 0.3) -> None:
    """Let the window work for a while, and until it is built when it is being built anew."""
    end = time.monotonic() + seconds
    while time.monotonic() < end or _building(app):
        app.update()
        time.sleep(0.005)


def kill_window(code: str, root: Path, said: str) -> None:
    """Run a window in a process of its own until it says something, then kill it."""
    window = subprocess.Popen([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None and window.stdout.readline().strip() == said
    os.kill(window.pid, signal.SIGKILL)
    window.wait(10)
    window.stdout.close()


def resize(app: Any, size: str) -> None:
    """Give the window a size, such as `900x700`; without a window manager a first request may be lost."""
    for _ in range(20):
        app.geometry(f"{size}+0+0")
        settle(app, 0.1)
        if f"{app.winfo_width()}x{app.winfo_height()}" == size:
            settle(app, 0.2)
            return
    raise AssertionError(f"the window stays {app.winfo_width()}x{app.winfo_height()}")


def _building(app: Any) -> bool:
    building = getattr(app, "building", None)
    return building is not None and building.busy and _alive(app)


def go(app: Any, step: str, tab: str = "") -> Any:
    """Show the page of a step, and one of its tabs; return the page."""
    app.choose(step)
    settle(app, 0.3)
    if tab:
        app.page.tabs.choose(tab)
        settle(app, 0.3)
    return app.page


def below(widget: Any, kind: type | tuple[type, ...]) -> list[Any]:
    """Return all widgets of a kind below one."""
    found = [widget] if isinstance(widget, kind) else []
    for child in widget.winfo_children():
        found += below(child, kind)
    return found


def words(widget: Any) -> str:
    """Return all text that is shown below a widget, one piece per line."""
    import tkinter as tk

    pieces = []
    for item in below(widget, (tk.Label, tk.Canvas)):
        if not item.winfo_viewable() or type(item).__name__ == "CTkCanvas":
            continue
        if isinstance(item, tk.Label):
            pieces.append(str(item.cget("text")))
        else:
            pieces += [item.itemcget(piece, "text") for piece in item.find_all() if item.type(piece) == "text"]
    return "\n".join(pieces)


def picture(app: Any, name: str) -> Path:
    """Save what the screen shows."""
    from PIL import ImageGrab

    app.update()
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    ImageGrab.grab(xdisplay=os.environ.get("DISPLAY")).crop((0, 0, *xvfb.SIZE)).save(path)
    return path
