"""Undo from the bar and by key, and the word at the end of a long step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import made_results
from tests.made_survey import write_survey
from tests.window import go, picture, settle, wait, words
from wizard import corrections, preferences, selections
from wizard.corrections import Correction
from wizard.plan import read_toml
from wizard.project import Project
from wizard.selections import Cell
from wizard.steps.evaluate_correct import CorrectPanel
from wizard.steps.visualize_selection import change_of
from wizard.undo import Change
from wizard.widgets.notify import MARK


@pytest.fixture
def parse(open_app: Callable[..., Any], tmp_path: Path) -> Any:
    """A window on the tags of images that were looked through."""
    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(made_results.DEMO)]})
        write_survey(project)
    app = open_app(tmp_path / "P")
    page = go(app, "parse")
    wait(app, lambda: page.tabs is not None)
    page.tabs.choose("Tags")
    settle(app, 0.2)
    return app


def rules(app: Any) -> Any:
    return read_toml(app.project.root / "plan.toml").parse


def test_the_bar_says_what_is_undone_and_does_it(parse: Any) -> None:
    app, table = parse, parse.page.tags.table
    assert not app.top.undo.winfo_ismapped()
    table.select("class", "G2")
    table.out.invoke()
    settle(app, 0.2)
    assert app.top.undo.winfo_ismapped() and app.top.undo.cget("text") == "Undo: left out: class G2"
    picture(app, "undo_bar")
    app.geometry("900x700")
    settle(app, 0.2)
    assert app.top.undo.cget("text") == "Undo" and "class G2" in app.top._undo_tip.text
    app.top.undo.invoke()
    settle(app, 0.2)
    assert rules(app).exclude == [] and not app.top.undo.winfo_ismapped()
    assert table.undo.cget("state") == "disabled"
    assert app.page.form.fields.get("exclude") is None or app.page.form.fields["exclude"].entry.get() == ""


def test_undo_works_from_another_page_and_by_key(parse: Any) -> None:
    app, table = parse, parse.page.tags.table
    table.select("class", "G1")
    table.out.invoke()
    go(app, "check")
    app.focus_force()
    app.event_generate("<Control-z>")
    settle(app, 0.2)
    assert rules(app).exclude == []
    page = go(app, "parse", "Tags")
    assert page.tags.table.undo.cget("state") == "disabled"


def test_edits_survive_a_change_of_page(parse: Any) -> None:
    app = parse
    app.page.tags.table.select("class", "G1")
    app.page.tags.table.out.invoke()
    go(app, "check")
    page = go(app, "parse", "Tags")
    assert page.tags.table.undo.cget("state") == "normal"
    page.tags.table.undo.invoke()
    assert rules(app).exclude == []


def test_in_a_text_box_the_key_belongs_to_the_text(parse: Any) -> None:
    app = parse
    app.page.tags.table.select("class", "G1")
    app.page.tags.table.out.invoke()
    app.page.tags.table.entry._entry.focus_force()
    app.update()
    app.page.tags.table.entry._entry.event_generate("<Control-z>")
    settle(app, 0.1)
    assert rules(app).exclude == ["class: G1"]


def test_what_the_form_changed_since_is_left_alone(parse: Any) -> None:
    app = parse
    app.page.tags.table.select("class", "G1")
    app.page.tags.table.out.invoke()
    app.page.attempt({"exclude": ["class: G2"]})
    settle(app, 0.2)
    assert not app.top.undo.winfo_ismapped()
    app.desk.undo()
    assert rules(app).exclude == ["class: G2"]


def test_nothing_is_undone_below_a_running_step(parse: Any) -> None:
    app = parse
    app.page.tags.table.select("class", "G1")
    app.page.tags.table.out.invoke()

    class Busy:
        step = "check"

    app.run = Busy()
    app.desk.undo()
    app.run = None
    settle(app, 0.2)
    assert "A step is running." in words(app.overlay.cover) and rules(app).exclude == ["class: G1"]


def test_a_corrected_label_is_taken_back_by_key(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    project = app.project

    class Picks:
        """As much of a correction panel as storing needs."""

        _project, _target = project, "class"
        refresh = staticmethod(lambda: None)
        _refuse = staticmethod(app.tell)

    for value in ("G2", "G1"):
        new = Correction("a1", "s.tif", "1", "class", "S", value)
        CorrectPanel._store(Picks(), f"1 cell to class {value}", "a1", partial(corrections.put, project, [new]))
    settle(app, 0.1)
    assert "1 cell to class G1" in app.top.undo.cget("text")
    app.focus_force()
    app.event_generate("<Control-z>")
    settle(app, 0.1)
    assert [one.after for one in corrections.read(project)] == ["G2"]
    app.desk.undo()
    assert corrections.read(project) == [] and project.undo.words() == ""


def test_changes_of_all_pages_go_back_and_again_in_their_order(parse: Any) -> None:
    app, project = parse, parse.project
    app.page.tags.table.select("class", "G1")
    app.page.tags.table.out.invoke()
    one, two = (Cell(name, "s.tif", name[-1], "G1") for name in ("a1", "a2"))
    for stored in (selections.change_class(project, [one, two], "class", "G2"), selections.leave_out(project, [two])):
        project.undo.did(change_of(project, stored))
    settle(app, 0.2)

    def state() -> tuple[Any, ...]:
        rows = {(row.cell_id, row.tag): row.after for row in corrections.read(project)}
        return (project.undo.words(), project.undo.next_words(), rows, list(project.plan.parse.exclude))

    both = {("a1", "class"): "G2", ("a2", "class"): "G2"}
    left = "left out: class G1"
    all_done = ("1 cell left out", "", {**both, ("a2", "excluded"): "yes"}, ["class: G1", "excluded: yes"])
    seen = [
        all_done,
        ("2 cells to class G2", "1 cell left out", both, ["class: G1"]),
        (left, "2 cells to class G2", {}, ["class: G1"]),
        ("", left, {}, []),
    ]
    assert app.top.undo.cget("text") == "Undo: 1 cell left out"
    app.focus_force()
    for place in (1, 2, 3):
        assert state() == seen[place - 1]
        app.event_generate("<Control-z>")
        settle(app, 0.15)
    assert state() == seen[3] and not app.top.undo.winfo_ismapped() and app.top.redo.winfo_ismapped()
    app.event_generate("<Control-Z>", state=5)
    settle(app, 0.15)
    assert state() == seen[2]
    app.event_generate("<Control-y>")
    settle(app, 0.15)
    app.top.redo.invoke()
    settle(app, 0.15)
    assert state() == seen[0] and not app.top.redo.winfo_ismapped()
    app.desk.undo()
    project.undo.did(change_of(project, selections.give_tag(project, [one], "shape", "odd")))
    assert project.undo.next_words() == "", "a new change ends what could be done again"


def test_what_was_changed_elsewhere_is_not_done_again(parse: Any) -> None:
    app, project = parse, parse.project
    stored = selections.change_class(project, [Cell("a1", "s.tif", "1", "G1")], "class", "G2")
    project.undo.did(change_of(project, stored))
    app.desk.undo()
    selections.change_class(project, [Cell("a1", "s.tif", "1", "G1")], "class", "S")
    app.desk.redo()
    assert project.undo.next_words() == "" and [one.after for one in corrections.read(project)] == ["S"]


def test_the_list_belongs_to_the_project(open_app: Callable[..., Any], done_project: Path, tmp_path: Path) -> None:
    app = open_app(done_project)
    first = app.project.undo
    first.did(Change("something", lambda: None))
    settle(app, 0.1)
    assert app.top.undo.winfo_ismapped()
    Project.open(tmp_path / "Q").close()
    app.open_project(str(tmp_path / "Q"))
    settle(app, 0.3)
    assert not app.top.undo.winfo_ismapped() and first._hearers == []


class Long:
    """A run that took two minutes."""

    minutes, failed = 2.0, None


def test_a_long_step_is_said_to_those_who_look_elsewhere(
    open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.widgets.notify.shutil.which", lambda _name: None)
    app = open_app(done_project)
    app.desk.ended(Long())
    assert not app.title().startswith(MARK)
    monkeypatch.setattr(app, "focus_get", lambda: None)
    app.desk.ended(Long())
    app.refresh()
    assert app.title() == f"{MARK}Jurkat cells \u2013 CytoWizard"
    app.event_generate("<FocusIn>")
    assert not app.title().startswith(MARK)
    app.preferences.change("notify", False)
    app.desk.ended(Long())
    assert not app.title().startswith(MARK)
    assert preferences.load().values.notify is False
