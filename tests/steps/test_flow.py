"""One pass over all steps, the start page, and going on after an interruption."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import go, kill_window, settle, wait, words
from wizard import recent, sessions
from wizard.engine.events import Failed
from wizard.plan import STEPS
from wizard.project import Project
from wizard.steps import pass_summary, train_estimate
from wizard.steps.session import open_project


def pass_page(app: Any, step: str = "check") -> Any:
    go(app, step)
    app.footer.run_all.invoke()
    settle(app, 0.3)
    assert app.step == "pass"
    return app.page


def test_nothing_runs_before_the_choices_were_seen(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    app.project.change({"parse.frame": "48", "train.epochs": 3})
    app.refresh()
    page = pass_page(app)
    assert app.run is None and page.mode == "choices"
    said = words(page)
    for part in ("48 px", "Changed", "As preset", "all cells of this project", "no limit", "replaces 20", "stays, 20"):
        assert part in said, part
    assert set(page.links) >= {"parse.input", "train.target", "train.epochs", "predict.input", "visualize.methods"}
    assert page.start_button.cget("state") == "normal"


def test_a_link_leads_to_the_field_and_back(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    app.project.change({"parse.seed": 7, "train.epochs": 3})
    page = pass_page(app)
    page.links["parse.seed"].follow()
    settle(app, 0.5)
    assert app.step == "parse" and app.focus_get() is app.page.form.fields["seed"].entry._entry
    assert app.footer.run_all.cget("text") == "Back to the choices"
    app.choose("visualize")
    app.footer.run_all.invoke()
    settle(app, 0.3)
    assert app.page.steps == list(STEPS[1:]), "the steps before the page on which it was looked around stay"
    app.back()
    assert app.step == "visualize"


def test_the_time_of_the_training_is_said_where_it_was_measured(
    open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_estimate, "words", lambda project, plan: f"About {plan.train.epochs} min on this PC")
    app = open_app(done_project)
    app.project.change({"visualize.seed": 3})
    assert "on this PC" not in words(pass_page(app)), "the training is done"
    app.back()
    app.project.change({"train.epochs": 3})
    assert "Training: About 3 min on this PC" in words(pass_page(app))


def test_missing_images_are_said_and_hold_the_start(open_app: Callable[..., Any], tmp_path: Path) -> None:
    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(tmp_path / "gone")]})
    page = pass_page(open_app(tmp_path / "P"))
    assert "Not found: gone" in words(page) and "Needs you" in words(page)
    assert page.start_button.cget("state") == "disabled"


def test_the_steps_are_shown_while_they_run_and_the_results_at_the_end(
    open_app: Callable[..., Any], done_project: Path
) -> None:
    app = open_app(done_project)
    app.project.change({"train.epochs": 3})
    page = pass_page(app)
    page.start_button.invoke()
    settle(app, 0.3)
    assert page.mode == "running" and app.step == "pass"
    app.choose("parse")
    settle(app, 0.2)
    assert app.footer.run_all.cget("text") == "Show all steps" and app.footer.run_all.cget("state") == "normal"
    app.footer.run_all.invoke()
    settle(app, 0.2)
    assert app.page.mode == "running" and "Waits" in words(app.page)
    app.cancel()
    wait(app, lambda: app.run is None, 60)
    settle(app, 0.3)
    assert app.page.mode == "results" and "Not done: Train" in words(app.page)
    app.page.buttons["Choices for the steps that are left"].invoke()
    assert app.page.mode == "choices"


def test_key_results_lead_to_their_pages(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    app.flow.open_pass()
    settle(app, 0.3)
    page = app.page
    assert page.mode == "results" and "All steps are done." in words(page)
    assert "Balanced accuracy:" in words(page) and "Maps: " in words(page)
    page.links["evaluate"].follow()
    assert app.step == "evaluate"


def test_every_result_has_key_figures(done_project: Path) -> None:
    with open_project(done_project) as project:
        assert all(pass_summary.outcome(project, step) for step in STEPS)


def test_the_start_page_tells_the_recent_projects(
    open_app: Callable[..., Any], done_project: Path, tmp_path: Path
) -> None:
    gone = str(tmp_path / "gone")
    recent.Recent([gone, str(done_project)]).save()
    app = open_app()
    wait(app, lambda: app.page.facts)
    assert "Not found" in words(app.page)
    app.page.buttons[gone].invoke()
    settle(app, 0.2)
    assert recent.load().projects == [str(done_project)] and gone not in app.page.buttons


def test_a_folder_is_analysed_in_one_pass(open_app: Callable[..., Any], tmp_path: Path) -> None:
    images = tmp_path / "Blood 7"
    images.mkdir()
    app = open_app()
    app.doors.analyse([str(images)])
    settle(app, 0.2)
    assert app.dialog.name.get() == "Blood 7"
    app.dialog.place.delete(0, "end")
    app.dialog.place.insert(0, str(tmp_path / "projects"))
    app.dialog.make()
    settle(app, 0.3)
    assert app.step == "pass" and app.project.plan.parse.input == [str(images)]
    assert app.run.steps == ("survey",)
    wait(app, lambda: app.run is None, 60)
    settle(app, 0.2)
    assert app.step == "pass" and isinstance(app.failure, Failed)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_window_killed_during_work_is_offered_again(
    open_app: Callable[..., Any], settings_folder: Path, tmp_path: Path
) -> None:
    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(tmp_path)]})
    code = """
import sys
from wizard.app import App
app = App(sys.argv[1])
app.update()
app.start(["check"])
def look():
    if app.run is not None and app.run.fraction is not None:
        print("running", flush=True)
    app.after(20, look)
look()
app.mainloop()
"""
    kill_window(code, tmp_path / "P", "running")
    app = open_app()
    wait(app, lambda: "continue" in app.page.buttons)
    assert "P: Install check was interrupted." in words(app.page)
    app.page.buttons["continue"].invoke()
    wait(app, lambda: app.overlay is not None and not app.building.busy)
    assert "Install check was interrupted." in words(app.overlay.cover)
    app.overlay.buttons["Go on"].invoke()
    settle(app, 0.2)
    assert app.run.steps == ("check",)
    app.cancel()
    wait(app, lambda: app.run is None, 60)
    app.destroy()
    assert sessions.left(tmp_path / "P") is None, "closed in good order"


def test_closing_during_work_leaves_a_note(open_app: Callable[..., Any], tmp_path: Path) -> None:
    Project.open(tmp_path / "P").close()
    app = open_app(tmp_path / "P")
    app.start(["check"])
    wait(app, lambda: app.run.fraction is not None, 60)
    app.ask_close()
    settle(app, 0.2)
    app.overlay.buttons["Stop it and close"].invoke()
    left = sessions.left(tmp_path / "P")
    assert left is not None and left.step == "check"


def test_a_second_window_is_told_who_has_the_project(open_app: Callable[..., Any], done_project: Path) -> None:
    first, second = open_app(done_project), open_app()
    second.open_project(str(done_project))
    wait(second, lambda: second.overlay is not None)
    assert "is open already" in words(second.overlay.cover) and f"process {os.getpid()}" in words(second.overlay.cover)
    assert first.project is not None and second.project is None
