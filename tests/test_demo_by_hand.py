"""The whole demo as a user does it, from the start page to maps and report: once by keyboard only, once by mouse only.

Nothing is called: every step is a key or a click that the window has to understand (`tests.user`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import walk
from tests.user import User
from tests.window import settle, words
from wizard.plan import STEPS, TITLES
from wizard.steps.pages import page_of

START, MAKE, PLACE, REPORT = "Try the demo", "Make the demo project", "Place", "Report"
EPOCHS, MAPS, LEFT_OUT = "Epochs", "Maps", ("UMAP", "PHATE")
LEARNED = 4
"""Epochs: enough to see a curve."""


def main_button(step: str) -> str:
    """Return the words on the button that the page of a step is for."""
    return page_of(step).act


def wait_for_run(user: User, step: str) -> None:
    """Wait until the run of a step is over and its page shows what came out."""
    app = user.app
    assert app.run is not None, f"{step} did not start"
    user.wait(lambda: app.run is None, 240)
    assert app.failure is None, app.failure
    settle(app, 0.5)
    assert app.project.result(step) is not None and app.page.tabs is not None


def check_the_end(app: Any, folder: Path) -> None:
    """All steps are done, nothing is out of date, and the files are there."""
    assert app.project.root.parent == folder
    assert [app.project.state(step).kind for step in STEPS] == ["done"] * len(STEPS)
    assert app.project.plan.train.epochs == LEARNED
    assert not {"umap", "phate"} & set(app.project.plan.visualize.methods)
    report = app.project.result_dir("report")
    assert {path.suffix for path in report.iterdir()} >= {".html", ".xlsx", ".pdf"}
    assert (app.project.result_dir("visualize") / "maps.parquet").is_file()


@pytest.mark.slow
def test_the_demo_by_keyboard_only(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    user = User(app)
    settle(app, 0.3)
    user.press(START)
    settle(app, 0.2)
    user.fill(PLACE, str(tmp_path))
    user.wait(lambda: app.project is not None and app.help.touring)
    settle(app, 0.3)
    user.key("Right", "Escape")
    settle(app, 0.3)
    assert not app.help.touring and app.step == "check"
    for step in STEPS:
        assert app.step == step
        if step == "train":
            user.fill(EPOCHS, str(LEARNED))
        if step == "visualize":
            for name in LEFT_OUT:
                user.press(name)
        user.press(main_button(step), key="Return" if step == "parse" else "space")
        settle(app, 0.1)
        wait_for_run(user, step)
        along_the_tabs(user)
        user.key("Alt-Right")
        settle(app, 0.3)
    assert "Colour by" in words(app.page)
    user.press(REPORT, back=True)
    settle(app, 0.3)
    user.press(main_button("report"), key="Return")
    settle(app, 0.1)
    wait_for_run(user, "report")
    check_the_end(app, tmp_path)
    assert user.clicks == 0


def along_the_tabs(user: User) -> None:
    """Go through the tabs of the page with the Right key, and back to the first."""
    tabs = user.app.page.tabs
    first = tabs.chosen
    user.tab_to(first)
    for _ in tabs.heads:
        user.key("Right")
        settle(user.app, 0.3)
    assert tabs.chosen == first


def test_a_german_user_types_a_comma(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    walk.set_up(app, language="de")
    user = User(app)
    app.choose("parse")
    settle(app, 0.4)
    user.fill("Hold-out share", "0,35")
    settle(app, 0.3)
    assert app.project.plan.parse.holdout == 0.35
    user.fill("Hold-out share", "0,x")
    settle(app, 0.3)
    assert [field.setting.name for field in app.page.form.wrong] == ["holdout"]
    user.fill("Hold-out share", "0,2")
    settle(app, 0.3)
    assert app.project.plan.parse.holdout == 0.2 and not app.page.form.wrong
    user.key("Alt-Right")
    settle(app, 0.3)
    assert app.step == "train" and "Trainieren" in words(app.page)


@pytest.mark.slow
def test_the_demo_by_mouse_only(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    user = User(app)
    settle(app, 0.3)
    user.click(START)
    settle(app, 0.2)
    user.write_into(PLACE, str(tmp_path))
    user.click(MAKE)
    user.wait(lambda: app.project is not None and app.help.touring)
    settle(app, 0.3)
    keys = user.keys
    user.click(TITLES["parse"])
    settle(app, 0.3)
    assert not app.help.touring and app.step == "parse"
    user.click("\u2190  Back")
    settle(app, 0.2)
    for step in STEPS:
        assert app.step == step
        if step == "train":
            user.write_into(EPOCHS, str(LEARNED))
            keys += 1
        if step == "visualize":
            for name in LEFT_OUT:
                user.click(name)
        user.click(main_button(step))
        settle(app, 0.1)
        wait_for_run(user, step)
        for title in list(app.page.tabs.heads):
            user.click(title)
            settle(app, 0.3)
            assert app.page.tabs.chosen == title
        if step != STEPS[-1]:
            user.click(f"Next: {TITLES[STEPS[STEPS.index(step) + 1]]}")
        settle(app, 0.3)
    user.click(REPORT)
    settle(app, 0.3)
    user.click(main_button("report"))
    settle(app, 0.1)
    wait_for_run(user, "report")
    check_the_end(app, tmp_path)
    assert user.keys == keys, "only what is typed into a field may come from the keyboard"
