"""The page of the report: reached from the bar, writes in the engine, shows the files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.window import below, go, settle, wait, words
from wizard.project import Project
from wizard.steps.report import ReportPage
from wizard.widgets.table import Table


@pytest.fixture
def app(open_app: Any, done_project: Any) -> Any:
    """The window with a project in which every step is done."""
    return open_app(done_project)


def test_the_bar_leads_to_it_and_back(app):
    app.top.buttons["report"].invoke()
    settle(app, 0.3)
    assert isinstance(app.page, ReportPage) and app.step == "report"
    assert app.page.acts.button.cget("text") == "Write the report"
    assert "To do" in words(app.page) and "No result yet" in words(app.page)
    assert set(app.page.form.fields) == {"files", "checklists", "pseudonyms"}
    app.back()
    app.forward()
    assert app.step == "report"
    app.choose("train")
    settle(app, 0.2)
    assert app.step == "train"


def test_without_a_project_the_button_is_off(open_app):
    app = open_app(None)
    assert app.top.buttons["report"].cget("state") == "disabled"


def test_nothing_done_holds_it_back(open_app, tmp_path):
    Project.open(tmp_path / "new").close()
    app = open_app(tmp_path / "new")
    page = go(app, "report")
    assert page.acts.button.cget("state") == "disabled" and "comes first" in words(page)


def test_it_writes_the_report_and_shows_its_files(app, done_project):
    page = go(app, "report")
    page.attempt({"files": ["html"], "pseudonyms": True})
    settle(app, 0.2)
    page.acts.button.invoke()
    wait(app, lambda: app.run is None, 120)
    assert app.failure is None, app.failure
    settle(app, 0.5)
    page = app.page
    assert (done_project / "results" / "report" / "report.html").is_file()
    shown = words(page)
    assert "report.html" in shown and "methods.txt" in shown and "pseudonyms.csv" in shown
    assert "Open" in [button.cget("text") for button in _buttons(page)]
    page.tabs.choose("Contents")
    settle(app, 0.3)
    (table,) = below(page.tabs, Table)
    assert [row[0] for row in table.rows][:2] == ["Cover", "Methods"]
    assert page.acts.button.cget("text") == "Write the report again"


def _buttons(page: Any) -> list[Any]:
    import customtkinter as ctk

    return [button for button in below(page, ctk.CTkButton) if button.winfo_viewable()]
