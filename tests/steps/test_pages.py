"""Every page shows what its result says."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import made_results
from tests.window import below, go, resize, settle, wait, words
from wizard.engine.events import Failed
from wizard.plan import LABEL_STEPS, STEPS, TITLES, step_settings
from wizard.project import Project
from wizard.steps.page import FORM_WIDTH, percent, seconds_text, when
from wizard.steps.pages import PAGES
from wizard.steps.predict import MOST_ROWS, read_rows


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path) -> Any:
    return open_app(done_project)


def rows(table: Any) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in table.tree.item(row, "values")) for row in table.tree.get_children()]


def tables(page: Any) -> list[Any]:
    from wizard.widgets.table import Table

    return [table for table in below(page, Table) if table.winfo_viewable()]


def test_there_is_a_page_for_every_step() -> None:
    assert tuple(PAGES) == (*STEPS, "report", "pass", *LABEL_STEPS)
    for names in ((*STEPS, "report"), ("check", *LABEL_STEPS, "report")):
        steps: list[Any] = [PAGES[name]() for name in names]
        assert len({page.instruction for page in steps}) == len({page.act for page in steps}) == 8


@pytest.mark.parametrize("step", STEPS)
def test_title_instruction_and_act_are_shown(app: Any, step: str) -> None:
    page = go(app, step)
    shown = words(page)
    assert TITLES[step] in shown and page.instruction in shown
    assert page.acts.button.cget("text") == page.again
    assert "Files" in page.tabs.heads
    if step_settings(step):
        assert set(page.form.fields) >= {item.name for item in step_settings(step) if item.basic}


@pytest.mark.parametrize("step", STEPS)
def test_pages_stay_light(app: Any, step: str) -> None:
    import customtkinter as ctk

    page = go(app, step)
    for tab in list(page.tabs.heads):
        page.tabs.choose(tab)
    if page.form is not None and hasattr(page.form, "fold_button"):
        page.form.unfold()
    settle(app, 0.3)
    assert len(below(app, ctk.CTkBaseClass)) < 150


def test_check_lists_verdicts_with_word_and_action(app: Any) -> None:
    shown = words(go(app, "check"))
    assert "Problems found: 1." in shown
    for text in ("Good", "Memory", "Note", "Free some space", "Problem", "Install again."):
        assert text in shown


def test_parse_shows_counts_classes_tags_and_skipped(app: Any) -> None:
    page = go(app, "parse")
    shown = words(page)
    for text in ("243", "from 729 files", "Ch3, Ch4, Ch6", "48 \u00d7 48 px", "194", "49"):
        assert text in shown
    assert ("G1", "52", "14", "66") in rows(tables(page)[0])
    page.tabs.choose("Tags")
    settle(app, 0.2)
    assert ("class", "4", "G1 (66), G2 (66), Metaphase (45), Prophase (66)", "can be learned") in rows(tables(page)[0])
    page.tabs.choose("Left out (2)")
    settle(app, 0.2)
    assert ("notes.txt", "Not an image.") in rows(tables(page)[0])
    page.tabs.choose("Cells")
    settle(app, 0.5)
    assert "G1 (48)" in words(page)


def test_train_shows_curve_and_summary(app: Any) -> None:
    page = go(app, "train")
    assert page.chart.best == 22 and len(page.chart.charts["Loss"]) == 2
    assert "84.6 %" in words(page) and "39 cells, drawn by cell" in words(page)
    page.tabs.choose("Summary")
    settle(app, 0.2)
    shown = words(page)
    for text in ("271,348", "no improvement for 8 epochs", "812 images per second", "Validation cells were drawn"):
        assert text in shown


def test_evaluate_shows_intervals_and_counts(app: Any) -> None:
    page = go(app, "evaluate")
    shown = words(page)
    for text in ("82.3 %", "[71.0 to 92.0 %]", "51 cells", "the hold-out cells of this project", "6.1 %"):
        assert text in shown
    assert any(row[0] == "Metaphase" and "64.0\u2013100.0" in " ".join(row) for row in rows(tables(page)[0]))


def test_a_cell_of_the_matrix_shows_its_cells(app: Any) -> None:
    view = go(app, "evaluate", "Confusion matrix").matrix_view
    assert view.panel.cells.shown == 9
    view.matrix.choose(1, 0)
    settle(app, 0.1)
    assert view.panel.cells.shown == 3
    assert "True G2, predicted G1" in words(view)
    view.matrix.choose(0, 0)
    assert view.panel.cells.shown == 0
    view.show_all.invoke()
    assert view.panel.cells.shown == 9 and view.matrix.chosen is None
    view.show_as("Share of each true class")
    assert view.matrix.shares == "rows"


def test_predict_shows_counts_and_a_table_to_filter_and_sort(app: Any) -> None:
    page = go(app, "predict")
    assert "31" in words(page) and "below 60.0 % probability" in words(page)
    page.tabs.choose("Table")
    wait(app, lambda: tables(page) and len(rows(tables(page)[0])) == 243)
    view = tables(page)[0].master
    view.show_only("G1")
    settle(app, 0.3)
    shown = rows(tables(page)[0])
    assert shown and {row[3] for row in shown} == {"G1"}
    assert f"{len(shown)} rows" in words(view)


def test_only_the_first_rows_of_a_large_table_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a,b\n" + "0.123456789,x.y.z-long\n" * (MOST_ROWS + 5), encoding="utf-8-sig")
    names, found = read_rows(path, MOST_ROWS)
    assert names == ["a", "b"] and len(found) == MOST_ROWS
    assert found[0] == ["0.123", "x.y.z-long"]


def test_extract_says_what_was_read_out(app: Any) -> None:
    shown = words(go(app, "extract"))
    assert "192" in shown and "243" in shown and "pool" in shown


def test_visualize_shows_a_map(app: Any) -> None:
    page = go(app, "visualize")
    wait(app, lambda: page.panel.frames and page.panel.frames[0].scatter.painted, 60)
    assert page.panel.frames[0].scatter.layers.number == 243 and len(page.panel.legend.rows) == 4
    page.tabs.choose("Summary")
    settle(app, 0.2)
    assert len(rows(tables(page)[0])) == 8


def test_files_are_listed(app: Any) -> None:
    shown = words(go(app, "predict", "Files"))
    assert "Predictions (CSV)" in shown and "predictions.csv" in shown and "Made 2026-01-15" in shown


def test_a_missing_table_is_said_not_raised(open_app: Any, done_project: Path) -> None:
    (done_project / "results" / "predict" / "predictions.csv").unlink()
    (done_project / "results" / "visualize" / "maps.csv").unlink()
    app = open_app(done_project)
    page = go(app, "predict", "Table")
    wait(app, lambda: "cannot be read" in words(page))
    page = go(app, "visualize")
    wait(app, lambda: "cannot be read" in words(page))


def test_before_a_result_the_page_says_what_will_come(open_app: Any, tmp_path: Path) -> None:
    Project.open(tmp_path / "P").close()
    app = open_app(tmp_path / "P")
    for step in STEPS:
        page = go(app, step)
        assert page.promise in words(page)
        assert page.acts.button.cget("text") == page.act
    page = go(app, "train")
    assert page.acts.button.cget("state") == "disabled"
    assert "Parse comes first." in words(page.acts)


def test_tags_of_the_data_set_are_offered(app: Any) -> None:
    target: Any = go(app, "train").form.fields["target"]
    assert target.box.cget("values") == ["auto", "level_2", "class"]
    group: Any = go(app, "parse").form.fields["group"]
    assert group.box.cget("values") == ["auto", "level_1", "level_2", "class"]


def test_a_changed_setting_makes_the_step_stale_at_once(app: Any) -> None:
    page = go(app, "train")
    page.form.fields["epochs"].type("77")
    settle(app, 0.2)
    assert "Out of date. Epochs was " in words(page)
    assert app.rail.items["train"].kind == "stale" and app.rail.items["evaluate"].kind == "stale"
    assert app.rail.items["parse"].kind == "done"
    page.form.fields["epochs"].type(str(Project.open(app.project.root, lock=False).plan.train.epochs))


def test_a_refused_value_stops_the_start(app: Any) -> None:
    page = go(app, "train")
    page.form.fields["epochs"].type("many")
    settle(app, 0.2)
    assert page.acts.button.cget("state") == "disabled"
    assert "Mend Epochs first." in words(page.acts)
    page.form.fields["epochs"].type("9")
    settle(app, 0.2)
    assert page.acts.button.cget("state") == "normal"


def test_a_full_disk_is_said_under_the_field(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    page = go(app, "train")
    monkeypatch.setattr(app.project, "save_plan", full)
    page.form.fields["epochs"].type("9")
    settle(app, 0.2)
    assert "The disk is full" in words(page.form)


def test_an_interrupted_training_can_be_continued(app: Any) -> None:
    app.project.training_dir.mkdir(parents=True)
    (app.project.training_dir / "checkpoint_a.json").write_text("{}", encoding="utf-8")
    page = go(app, "train")
    started: list[Any] = []
    app.start = lambda steps, options=None: started.append((steps, options))
    page.acts.more.invoke()
    assert started == [(["train"], {"resume": True})]


def test_a_failure_is_shown_on_its_page_until_closed(app: Any) -> None:
    app.failure = Failed("train", "It broke.", "Why.", "Do this.")
    go(app, "parse")
    assert app.page.failure_panel is None
    page = go(app, "train")
    assert "It broke." in words(page) and "Do this." in words(page)
    page.failure_panel.dismiss.invoke()
    settle(app, 0.1)
    assert app.failure is None and page.failure_panel is None


def test_narrow_windows_show_settings_and_result_in_turns(app: Any) -> None:
    resize(app, "1366x768")
    page = go(app, "train")
    settle(app, 0.3)
    assert page.left.winfo_viewable() and page.right.winfo_viewable()
    resize(app, "900x700")
    assert page.narrow and page.left.winfo_viewable() and not page.right.winfo_viewable()
    page.side_buttons["result"].invoke()
    settle(app, 0.2)
    assert page.right.winfo_viewable() and not page.left.winfo_viewable()
    resize(app, "1366x768")
    assert page.left.winfo_viewable() and page.right.winfo_viewable()
    assert page.left.winfo_width() == page.left.winfo_reqwidth() == FORM_WIDTH


def test_a_result_that_vanishes_is_no_longer_shown(app: Any) -> None:
    page = go(app, "extract")
    shutil.rmtree(app.project.result_dir("extract"))
    app.refresh()
    settle(app, 0.2)
    assert page.promise in words(page)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "under 1 s"), (41.7, "42 s"), (185, "3 min 5 s"), (120, "2 min"), (7500, "2 h 5 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_percent_and_time() -> None:
    assert percent(None) == "\u2013" and percent(0.8235) == "82.3 %"
    assert when("nonsense") == "nonsense" and "2026" in when("2026-01-15T10:30:00+00:00")


def test_made_results_are_in_the_state_done(done_project: Path) -> None:
    with Project.open(done_project) as project:
        assert {state.kind for state in project.states().values()} == {"done"}
        assert set(made_results._MAKERS) == set(STEPS)
