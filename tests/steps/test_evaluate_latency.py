from __future__ import annotations

from tests.reports.test_latency_section import made
from tests.window import settle, words
from wizard import results
from wizard.project import Project
from wizard.steps.evaluate_latency import LATENCY_TAB, TIME, row_of
from wizard.widgets.table import Table


def test_the_study_has_its_tab_and_its_entry(open_app, done_project):
    with Project.open(done_project) as project:
        folder = project.result_dir("latency")
        folder.mkdir(parents=True)
        result = made()
        result.step, result.id, result.created = "latency", "1", "2026-01-01T10:00:00+00:00"
        result.settings = {}
        results.save(result, folder)
    app = open_app(done_project)
    app.choose("evaluate")
    settle(app)
    assert TIME in [title for title, _ in app.page.more_acts()]
    app.page.tabs.choose(LATENCY_TAB)
    settle(app)
    shown = words(app.page)
    assert "0.50 ms" in shown and "Left out" in shown and "A processor" in shown


def test_the_entry_starts_the_study(open_app, done_project):
    app = open_app(done_project)
    app.choose("evaluate")
    settle(app)
    started = []
    app.page.host.start = lambda steps, **more: started.append(list(steps))
    dict(app.page.more_acts())[TIME]()
    assert started == [["latency"]]
    assert LATENCY_TAB not in app.page.result_views()


def test_rows_have_one_value_for_each_column():
    from wizard.steps import evaluate_latency

    assert all(len(row_of(one)) == len(evaluate_latency._COLUMNS) for one in made().timings)
    assert row_of(made().timings[2])[4] == "It is too large."
    assert Table is evaluate_latency.Table
