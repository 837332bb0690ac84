"""The window where the task is to predict a stain: choice of the task, the pages of its steps, one pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import made_stains
from tests.window import below, go, settle, wait, words
from wizard import results
from wizard.plan import LABEL_STEPS, STEPS
from wizard.project import Project
from wizard.steps import moves
from wizard.steps.flow import ALL_STEPS
from wizard.steps.label_train import COMPARE, CONTINUE
from wizard.widgets.heat_maps import HeatMaps
from wizard.widgets.line_chart import LineChart, most
from wizard.widgets.picture_view import PictureView
from wizard.widgets.table import Table

STAIN_STEPS = ("check", *LABEL_STEPS)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made_stains.write_project(tmp_path / "Stains", tmp_path / "pictures")


@pytest.fixture
def app(open_app: Callable[..., Any], project: Path) -> Any:
    return open_app(project)


def tab(app: Any, step: str, title: str) -> Any:
    page = go(app, step)
    page.tabs.choose(title)
    settle(app, 0.2)
    return page


# The task.


def test_the_task_is_chosen_on_the_first_page(open_app: Callable[..., Any], tmp_path: Path) -> None:
    Project.open(tmp_path / "new").close()
    app = open_app(tmp_path / "new")
    page = go(app, "check")
    assert list(app.rail.items) == list(STEPS)
    assert page.tasks.buttons["cells"].chosen_one and not page.tasks.buttons["stain"].chosen_one
    page.tasks.buttons["stain"].invoke()
    wait(app, lambda: not app.building.busy and list(app.rail.items) == list(STAIN_STEPS))
    assert app.step == "check" and app.page.tasks.buttons["stain"].chosen_one
    assert app.project.plan.project.task == "stain"
    assert 'task = "stain"' in (tmp_path / "new" / "plan.toml").read_text(encoding="utf-8")
    app.page.tasks.buttons["cells"].invoke()
    wait(app, lambda: not app.building.busy and list(app.rail.items) == list(STEPS))


def test_the_task_cannot_change_while_a_step_runs(app: Any) -> None:
    page = go(app, "check")
    page.tasks.allow(False, "A step is running.")
    page.tasks.buttons["cells"].invoke()
    settle(app, 0.1)
    assert app.project.plan.project.task == "stain"


def test_the_rail_shows_the_seven_steps_with_their_states(app: Any) -> None:
    assert list(app.rail.items) == list(STAIN_STEPS)
    assert [item.title for item in app.rail.items.values()][1:] == [
        "Parse", "Train", "Evaluate", "Predict", "Extract", "Visualize",
    ]  # fmt: skip
    assert {item.kind for step, item in app.rail.items.items() if step != "check"} == {"done"}


def test_back_and_next_go_through_the_steps_of_the_task(app: Any) -> None:
    app.choose("label_parse")
    app.forward()
    assert app.step == "label_train"
    app.back()
    app.back()
    assert app.step == "check"
    assert moves.neighbour(app.project.steps, "label_visualize", 1) == ""


def test_a_changed_setting_makes_the_later_steps_stale(app: Any) -> None:
    app.project.change({"label_train.minutes": 3})
    app.refresh()
    assert app.rail.items["label_train"].kind == "stale"
    assert app.rail.items["label_predict"].kind == "stale"
    assert app.rail.items["label_parse"].kind == "done"


# The pages.


def test_parse_shows_fields_hold_out_preparation_and_what_is_amiss(app: Any) -> None:
    page = go(app, "label_parse")
    assert list(page.tabs.heads) == ["Summary", "Fields", "Preparation", "Check", "Left out (1)", "Files"]
    shown = words(page)
    for text in ("13 planes", "15 %", "by well", "0.3 \u00b5m", "700 \u00d7 512 px", "by percentiles", "less sharp"):
        assert text in shown
    tab(app, "label_parse", "Fields")
    (table,) = below(page, Table)
    assert [row[0] for row in table.rows] == made_stains.FIELDS
    page = tab(app, "label_parse", "Preparation")
    (view,) = below(page, PictureView)
    wait(app, lambda: view.picture is not None)
    assert view.picture.size == (240, 160)


def test_a_look_comes_before_the_result_until_it_is_parsed_again(open_app: Callable[..., Any], project: Path) -> None:
    with Project.open(project) as made:
        made_stains.write_result(made, "label_look")
        look = made.result("label_look")
        look.created = "2026-02-01T10:30:00+00:00"
        results.save(look, made.result_dir("label_look"))
    app = open_app(project)
    page = go(app, "label_parse")
    assert list(page.tabs.heads)[:3] == ["Look", "Preview", "Summary"]
    shown = words(page)
    assert "2 fields" in shown and "notes.txt" in str([table.rows for table in below(page, Table)])
    page = tab(app, "label_parse", "Preview")
    assert "Median filter" in words(page)
    with Project.open(project, lock=False) as made:
        made_stains.write_result(made, "label_parse")
        parsed = made.result("label_parse")
        parsed.created, parsed.id = "2026-03-01T10:30:00+00:00", "new"
        results.save(parsed, made.result_dir("label_parse"))
    app.refresh()
    wait(app, lambda: list(app.page.tabs.heads)[0] == "Summary")


def test_dropped_pictures_go_to_the_pages_of_the_task(app: Any, tmp_path: Path) -> None:
    folder = tmp_path / "more pictures"
    folder.mkdir()
    go(app, "label_parse")
    app.drops.dropped([str(folder)])
    settle(app, 0.2)
    assert app.project.plan.label_parse.input[-1] == str(folder)
    go(app, "label_predict")
    app.drops.dropped([str(folder)])
    settle(app, 0.2)
    assert "Predict the stains of these pictures" in words(app.overlay.cover)
    app.overlay.buttons["Predict the stains of these pictures"].invoke()
    settle(app, 0.2)
    assert app.project.plan.label_predict.input == [str(folder)]


def test_train_shows_figures_curve_and_picture(app: Any) -> None:
    page = go(app, "label_train")
    shown = words(page)
    assert "0.800" in shown and "These figures flatter" in shown and "Median and interval" in shown
    assert "2 sets" in shown and "934,724" in shown
    page = tab(app, "label_train", "Curve")
    (chart,) = below(page, LineChart)
    assert [line.name for line in chart.lines] == ["Check pixels", "Training crops"]
    assert len(chart.lines[0].points) == 14
    assert chart.lines[0].points[0][0] == pytest.approx(20 * 0.2 / 60)
    assert len(chart.find_withtag("series")) == 2


def test_train_offers_to_continue_and_to_compare(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = go(app, "label_train")
    assert [title for title, _act in page.more_acts()] == [COMPARE]
    folder = app.project.root / "training_stains"
    folder.mkdir()
    (folder / "state.json").write_text("{}", encoding="utf-8")
    started: list[Any] = []
    monkeypatch.setattr(type(app), "start", lambda _self, steps, options=None: started.append((steps, options)))
    acts = dict(page.more_acts())
    acts[CONTINUE]()
    acts[COMPARE]()
    assert started == [(["label_train"], {"resume": True}), (["label_compare"], None)]


def test_compared_heads_get_a_tab(open_app: Callable[..., Any], project: Path) -> None:
    with Project.open(project) as made:
        made_stains.write_result(made, "label_compare")
    app = open_app(project)
    page = tab(app, "label_train", "Heads")
    (table,) = below(page, Table)
    assert len(table.rows) == 6
    assert table.rows[0][:3] == ["Median and interval", "DAPI_CONFOCAL", "0.700"]
    assert list(page.tabs.heads)[-1] == "Files"


def test_evaluate_shows_every_figure_with_its_caution(app: Any) -> None:
    page = go(app, "label_evaluate")
    shown = words(page)
    for text in ("0.830", "linear model 0.600", "not a measurement", "0.70 megapixels per second", "1 field"):
        assert text in shown
    (table,) = below(page, Table)
    assert table.rows[2] == [
        "NFH_CONFOCAL", "0.630", "0.630", "0.500", "0.600", "0.400", "0.900", "0.040", "79 %", "0.400", "8 %",
    ]  # fmt: skip
    page = tab(app, "label_evaluate", "Nuclei")
    shown = words(page)
    assert (
        "44 are true" in shown
        and "77 %" in shown
        and "Kolmogorov" in " ".join(str(column) for table in below(page, Table) for column in table.columns)
    )
    page = tab(app, "label_evaluate", "Planes")
    (chart,) = below(page, LineChart)
    assert [point[0] for point in chart.lines[0].points] == [1, 5, 13]


def test_heat_maps_colour_each_bin_by_its_pixels(app: Any) -> None:
    page = tab(app, "label_evaluate", "Heat maps")
    (maps,) = below(page, HeatMaps)
    assert len(maps.find_withtag("bin")) == 300
    colours = [maps.itemcget(item, "fill") for item in maps.find_withtag("bin")[:100]]
    # Row 0, column 0 holds 800 of 1,000 pixels; beside it is nothing.
    assert colours[0] != colours[1] and colours[1] == colours[2]


def test_predict_shows_pictures_with_a_legend_and_the_fields(app: Any) -> None:
    page = go(app, "label_predict")
    assert "DAPI_CONFOCAL blue" in words(page)
    (view,) = below(page, PictureView)
    wait(app, lambda: view.picture is not None)
    page = tab(app, "label_predict", "Fields")
    (table,) = below(page, Table)
    assert table.rows[1][:2] == ["well-A2", "less sharp"]


def test_extract_and_visualize_show_what_was_made(app: Any) -> None:
    assert "127" in words(go(app, "label_extract"))
    page = go(app, "label_visualize")
    assert list(page.tabs.heads) == ["Stains", "Errors", "Map", "Files"]
    page = tab(app, "label_visualize", "Map")
    assert "60 %, 20 %" in words(page)


def test_a_project_without_results_says_what_to_do(open_app: Callable[..., Any], tmp_path: Path) -> None:
    with Project.open(tmp_path / "empty") as made:
        made.change({"project.task": "stain"})
    app = open_app(tmp_path / "empty")
    page = go(app, "label_parse")
    assert "Choose the folder with your images first." in words(page)
    assert "comes first" in words(go(app, "label_train"))


# All steps in one pass.


def test_one_pass_tells_choices_and_results_of_the_task(app: Any) -> None:
    app.project.change({"label_parse.planes": 5})
    app.choose("label_parse")
    app.run_remaining()
    settle(app, 0.3)
    assert app.step == ALL_STEPS
    shown = words(app.page)
    for text in ("Time", "Median and interval", "about 10 min, as chosen", "Parse fields of view"):
        assert text in shown
    app.page.links["label_train.minutes"].follow()
    settle(app, 0.3)
    assert app.step == "label_train"


# The live page, and charts.


def test_a_running_training_shows_curve_and_picture(app: Any, tmp_path: Path) -> None:
    from wizard.steps.label_train import live_lines

    lines = live_lines([{"epoch": 1.0, "minutes": 0.5, "loss": 0.9, "val_loss": 0.8}])
    assert [(line.name, line.points) for line in lines] == [
        ("Check pixels", [(0.5, 0.8)]), ("Training crops", [(0.5, 0.9)]),
    ]  # fmt: skip


def test_one_outlier_does_not_hide_the_curve() -> None:
    assert most([104.0, 0.9, 0.8, 0.7, 0.6]) == pytest.approx(2.4)
    assert most([0.9, 0.8]) == 0.9
    assert most([0.5]) == 0.5
