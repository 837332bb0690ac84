"""Every page, tab and dialog of the window, one after the other: for pictures and for checks of the layout."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image, ImageGrab

from tests.window import settle, wait
from wizard.steps.flow import ALL_STEPS

SETTLED = 0.5
"""Seconds in which a page that was just built finds its place."""


def window(scale: int) -> str:
    """Return the size that the window has to do with: a small laptop, and a usual screen from 200 % on."""
    return "1366x768" if scale < 200 else "1920x1080"


def set_up(app: Any, scale: int = 100, appearance: str = "light", language: str = "en") -> None:
    """Give the window a text size, light or dark, and a language, as the preferences do."""
    values = {"scale": scale, "appearance": appearance, "language": language}
    changed = [name for name, value in values.items() if getattr(app.preferences.values, name) != value]
    for name in changed:
        app.preferences.change(name, values[name])
    if changed:
        app.restyle()
        settle(app, SETTLED)
    # Afterwards: a change of the scaling gives the window its old size again.
    app.geometry(f"{window(scale)}+0+0")
    settle(app, 0.1)


def pages(app: Any, only: tuple[str, ...] = ()) -> Iterator[str]:
    """Show every tab of every page; yields a name for each, like `evaluate Confusion matrix`."""
    for step in only or (*app.project.steps, "report", ALL_STEPS):
        app.choose(step)
        settle(app, SETTLED)
        if step == ALL_STEPS:
            yield "one pass"
            continue
        if app.page.narrow:
            app.page.show_side("settings")
            settle(app, SETTLED)
            yield f"{step} settings"
            app.page.show_side("result")
            settle(app, SETTLED)
        if app.page.tabs is None:
            yield step
            continue
        for title in list(app.page.tabs.heads):
            app.page.tabs.choose(title)
            settle(app, SETTLED)
            yield f"{step} {title.split(' (')[0]}"


def unfolded(app: Any, only: tuple[str, ...] = ()) -> Iterator[str]:
    """Show every form with all its folds open, at each place that it can be scrolled to."""
    for step in only or app.project.steps:
        app.choose(step)
        settle(app, 0.2)
        if app.page.form is None:
            continue
        app.page.show_side("settings")
        app.page.form.unfold(everything=True)
        settle(app, SETTLED)
        yield f"{step} all settings"


def dialogs(app: Any) -> Iterator[str]:
    """Show every card that can lie over the window."""
    acts: dict[str, Callable[[], object]] = {
        "new project": app.new_project, "demo": app.new_demo, "preferences": app.desk.show_preferences,
        "support file": app.save_support, "keys": app.show_keys,
    }  # fmt: skip
    if app.project.models() and "train" in app.project.steps:
        app.choose("train")
        settle(app, SETTLED)
        acts["export of a model"] = app.page.ask_export
    for name, act in acts.items():
        act()
        wait(app, lambda: app.overlay is not None, 10)
        settle(app, SETTLED)
        yield name
        app.overlay.close()
        settle(app, 0.1)


def file_name(name: str) -> str:
    """Return the name of a page as that of a file."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name).lower().split())


def picture(app: Any) -> Image.Image:
    """Return the window's part of the screen."""
    app.update()
    left, top = app.winfo_rootx(), app.winfo_rooty()
    shot = ImageGrab.grab(xdisplay=os.environ.get("DISPLAY"))
    return shot.crop((left, top, left + app.winfo_width(), top + app.winfo_height()))
