"""The page of Parse: a look through the images, its tabs, what is changed there, and drops."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import made_results
from tests.made_survey import CUES, write_survey
from tests.window import below, settle, wait, words
from wizard import results
from wizard.plan import Plan, read_toml
from wizard.project import Project
from wizard.results import Channel, Cue, SurveyResult
from wizard.steps.parse_look import changed_since, named_channels, numbered, with_numbered


@pytest.fixture
def looked(tmp_path: Path) -> Path:
    """A project whose images were looked through but not parsed."""
    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(made_results.DEMO)]})
        write_survey(project)
    return tmp_path / "P"


@pytest.fixture
def page(open_app: Callable[..., Any], looked: Path) -> Any:
    return shown(open_app(looked))


def shown(app: Any, tab: str = "") -> Any:
    app.choose("parse")
    settle(app, 0.2)
    wait(app, lambda: app.page.tabs is not None)
    if tab:
        choose(app.page, tab)
    return app.page


def choose(page: Any, tab: str) -> Any:
    page.tabs.choose(tab)
    settle(page, 0.2)
    return page


def plan_of(root: Path) -> Plan:
    return read_toml(root / "plan.toml")


def test_a_look_is_offered_but_not_needed(open_app: Callable[..., Any], tmp_path: Path) -> None:
    with Project.open(tmp_path / "P"):
        pass
    app = open_app(tmp_path / "P")
    app.choose("parse")
    settle(app, 0.3)
    assert app.page.acts.more is None, "there is nothing to look through yet"
    app.page.form.fields["input"].add([str(made_results.DEMO)])
    settle(app, 0.3)
    started: list[Any] = []
    app.start = lambda steps, options=None: started.append(steps)
    assert app.page.acts.more.cget("text") == "Look through the images"
    app.page.form.fields["frame"].entry.insert("end", "8")
    app.page.acts.more.invoke()
    assert started == [["survey"]]
    assert app.project.plan.parse.frame == 8, "what was typed is stored first"
    assert app.page.acts.button.cget("state") == "normal"
    assert "Look through the images" in words(app.page)


def test_a_wrong_setting_holds_the_look_up(page: Any) -> None:
    started: list[Any] = []
    page.host.start = lambda steps, options=None: started.append(steps)
    page.form.fields["frame"].entry.insert("end", "x")
    page.look()
    assert started == []


def test_check_shows_figures_and_cues(page: Any) -> None:
    assert list(page.tabs.heads) == ["Check", "Tags", "Preview"]
    said = words(page)
    for text in ("243", "from 729 files", "Ch3, Ch4, Ch6", "36 px", "48 \u00d7 48 px", "9 cells are larger", "TIFF"):
        assert text in said
    for cue in CUES:
        assert f"{cue.level.capitalize()}: {cue.subject}" in words(page.look_view) or page.look_view.bar.shown
    assert "Problems (1)" in said and "Something must be mended" in said


def test_the_suggested_frame_is_taken_with_a_button(page: Any, looked: Path) -> None:
    button = page.look_view.frame.button
    assert not button.winfo_ismapped(), "fitted to the cells: the suggestion is in use already"
    assert "has the suggested 48 px. Cells larger than the present 48 px: 9." in words(page.look_view)
    page.form.fields["frame"].type("40")
    settle(page, 0.2)
    assert button.winfo_ismapped() and button.cget("text") == "Use 48 px"
    assert "suggests a frame of 48 px." in words(page.look_view)
    button.invoke()
    settle(page, 0.2)
    assert plan_of(looked).parse.frame == 48
    assert page.form.fields["frame"].entry.get() == "48"
    assert not button.winfo_ismapped()


def test_a_fitted_frame_is_the_suggested_one(open_app: Callable[..., Any], looked: Path) -> None:
    with Project.open(looked) as project:
        project.change({"parse.frame": 40})
        write_survey(project)
    page = shown(open_app(looked))
    assert "suggests a frame of 48 px. Cells larger than the present 40 px: 9." in words(page.look_view)
    page.form.fields["frame"].type("0")
    settle(page, 0.2)
    assert not page.look_view.frame.button.winfo_ismapped()


def test_a_suggested_rectangle_is_taken_with_the_button(open_app: Callable[..., Any], looked: Path) -> None:
    with Project.open(looked) as project:
        survey = write_survey(project)
        survey.suggested_frame = (32, 64)
        results.save(survey, project.result_dir("survey"))
    page = shown(open_app(looked))
    button = page.look_view.frame.button
    assert button.cget("text") == "Use 64 \u00d7 32 px"
    assert "suggests a frame of 64 \u00d7 32 px, as the cells are wider than high." in words(page.look_view)
    button.invoke()
    settle(page, 0.2)
    assert plan_of(looked).parse.frame == "64x32"
    assert page.form.fields["frame"].entry.get() == "64x32"
    assert not button.winfo_ismapped()
    assert "has the suggested 64 \u00d7 32 px." in words(page.look_view)


def test_what_changed_since_the_look_is_named(page: Any) -> None:
    assert page.strip is None
    page.form.fields["holdout"].type("0.3")
    settle(page, 0.2)
    assert page.strip is None, "the hold-out changes nothing in a look"
    page.form.fields["frame"].type("40")
    settle(page, 0.2)
    assert "Changed since this look: Frame size." in words(page.strip)
    page.form.fields["input"].add(["/more"])
    settle(page, 0.2)
    assert "Image files and folders, Frame size" in words(page.strip)
    started: list[Any] = []
    page.host.start = lambda steps, options=None: started.append(steps)
    page.strip.button.invoke()
    assert started == [["survey"]]
    page.form.fields["input"].remove("/more")
    page.form.fields["frame"].type("0")
    settle(page, 0.2)
    assert not page.strip.winfo_ismapped()


def row(page: Any, tag: str, value: str = "") -> tuple[str, ...]:
    table = page.tags.table
    item = next(item for item in table._items if table._key(item) == (tag, value))
    return tuple(str(value) for value in table.tree.item(item, "values"))


def name(page: Any, text: str) -> None:
    table = page.tags.table
    table.entry.delete(0, "end")
    table.entry.insert(0, text)
    table.first.invoke()
    settle(page, 0.1)


def test_tags_are_renamed_merged_left_out_and_counted_at_once(page: Any, looked: Path) -> None:
    table = choose(page, "Tags").tags.table
    assert row(page, "class", "Metaphase")[0] == "45" and row(page, "level_2")[1] == "group"
    table.select("class", "Metaphase", "Prophase")
    name(page, "Mitosis")
    assert row(page, "class", "Mitosis") == ("111", "from 2 values", "Metaphase, Prophase")
    assert table.chosen.values[0].name == "Mitosis"
    table.select("level_2")
    name(page, "donor")
    assert row(page, "donor")[2] == "level_2 (folder level 2)"
    table.select("class", "G2")
    table.out.invoke()
    table.select("level_1")
    table.out.invoke()
    settle(page, 0.1)
    assert row(page, "class", "G2")[1] == "left out" and row(page, "level_1")[1] == "left out"
    assert "look through the images again" in table.note.cget("text")
    plan = plan_of(looked).parse
    assert (plan.rename, plan.merge) == (["level_2 = donor"], ["class: Metaphase, Prophase = Mitosis"])
    assert sorted(plan.exclude) == ["class: G2", "level_1"]


def test_edits_are_taken_back_one_by_one(page: Any, looked: Path) -> None:
    table = choose(page, "Tags").tags.table
    assert table.undo.cget("state") == "disabled"
    table.select("class", "G1", "G2")
    name(page, "Interphase")
    table.select("class", "Interphase")
    table.out.invoke()
    table.undo.invoke()
    settle(page, 0.1)
    assert plan_of(looked).parse.exclude == [] and row(page, "class", "Interphase")[0] == "132"
    table.undo.invoke()
    settle(page, 0.1)
    assert plan_of(looked).parse.merge == [] and row(page, "class", "G1")[0] == "66"
    assert table.undo.cget("state") == "disabled"


def test_merged_values_are_split_up_and_taken_in_again(page: Any, looked: Path) -> None:
    table = choose(page, "Tags").tags.table
    table.select("class", "G1", "G2")
    name(page, "Interphase")
    table.split.invoke()
    assert plan_of(looked).parse.merge == []
    assert {value.name for value in table.chosen.values} == {"G1", "G2"}
    table.out.invoke()
    assert plan_of(looked).parse.exclude == ["class: G1, G2"]
    table.out.invoke()
    assert plan_of(looked).parse.exclude == []


def test_a_name_that_is_taken_is_refused_in_words(page: Any, looked: Path) -> None:
    table = choose(page, "Tags").tags.table
    table.select("level_2")
    name(page, "class")
    assert "cannot be renamed" in table.note.cget("text") and plan_of(looked).parse.rename == []
    name(page, "cell_id")
    assert "column that every table of cells has" in table.note.cget("text")
    assert table.undo.cget("state") == "disabled"


def test_form_and_tag_table_show_the_same_rules(page: Any) -> None:
    page.form.unfold(everything=True)
    table = choose(page, "Tags").tags.table
    table.select("level_2")
    name(page, "donor")
    assert page.form.fields["rename"].entry.get() == "level_2 = donor"
    page.form.fields["merge"].type("class: G1, G2 = Interphase")
    settle(page, 0.2)
    assert row(page, "class", "Interphase")[0] == "132"
    page.form.fields["merge"].type("class G1 Interphase")
    settle(page, 0.2)
    assert row(page, "class", "G1")[0] == "66"
    assert "cannot be used" in table.note.cget("text")


def test_populations_become_classes(page: Any, looked: Path) -> None:
    table = choose(page, "Tags").tags.table
    assert [row(page, "", gate)[1] for gate in ("All", "Focused", "R1", "R2")] == ["not used"] * 2 + ["class"] * 2
    table.select("", "Focused")
    table.out.invoke()
    settle(page, 0.1)
    assert plan_of(looked).parse.populations == "Focused, R1, R2"
    assert row(page, "", "Focused")[:2] == ("230", "class")
    assert "populations changed" in table.note.cget("text")
    table.select("", "R1")
    table.first.invoke()
    assert plan_of(looked).parse.populations == ""


def test_nothing_is_changed_while_a_step_runs(page: Any, looked: Path) -> None:
    table = choose(page, "Tags").tags.table
    table.select("level_2")
    page.host.run = object()
    try:
        name_now = table.entry
        name_now.delete(0, "end")
        name_now.insert(0, "donor")
        table.first.invoke()
        assert "A step is running." in table.note.cget("text")
        assert page.drops is None or not page.drops._may()
    finally:
        page.host.run = None
    assert plan_of(looked).parse.rename == []


def test_preview_shows_the_pixels_and_stores_names_and_colours(page: Any, looked: Path) -> None:
    choose(page, "Preview")
    preview = page.preview
    wait(page, lambda: preview.canvas.picture is not None)
    assert preview.menu.cget("values") == ["Ch3", "Ch4", "Ch6"]
    assert preview.look.colours[0] == "#FFFFFF", "Ch3 is bright field by its looks"
    preview._chosen("Ch4")
    preview.entry.insert(0, "DNA")
    preview.flush()
    preview.set_colour("#3366ff")
    settle(page, 0.2)
    plan = plan_of(looked).parse
    assert plan.channel_names == ["4 = DNA"] and plan.channel_colours == ["4 = #3366ff"]
    with np.load(looked / "results" / "survey" / "preview.npz", allow_pickle=False) as arrays:
        assert (preview.pixels.cells[0].raw == arrays["raw_0"]).all()


def test_a_name_that_is_being_typed_is_kept_when_the_page_is_left(page: Any, looked: Path) -> None:
    choose(page, "Preview")
    wait(page, lambda: page.preview.canvas.picture is not None)
    page.preview.entry.insert(0, "Bright field")
    page.host.go("train")
    assert plan_of(looked).parse.channel_names == ["3 = Bright field"]


def test_after_parsing_its_tabs_come_first(open_app: Callable[..., Any], looked: Path) -> None:
    with Project.open(looked) as project:
        made_results.write_results(project, ("parse",))
        result = project.result("parse")
        result.cues = [Cue(level="warning", subject="Few cells", text="Metaphase has few cells.")]
        result.formats, result.masks, result.folds, result.fold_counts = {"CIF": 243}, True, 3, [81, 81, 81]
        result.capped, result.excluded_by_tag, result.n_measurements = 12, 1, 7
        result.added, result.montages, result.pixel_size, result.facts = 20, 4, 0.33, {"Magnification": "60x"}
        results.save(result, project.result_dir("parse"))
    page = shown(open_app(looked))
    assert list(page.tabs.heads) == ["Summary", "Cells", "Check", "Tags", "Preview", "Left out (2)", "Files"]
    said = words(page)
    for text in (
        "CIF (243 cells)", "kept beside the images", "3, with 81, 81, 81 cells", "12 cells above the most per class",
        "1 cell", "7 per cell", "20 cells to those", "0.33 \u00b5m", "60x",
    ):  # fmt: skip
        assert text in said, text
    assert "Warning: Few cells" in words(choose(page, "Check"))
    choose(page, "Tags").tags.table.select("level_2")


def test_a_newer_look_comes_first(open_app: Callable[..., Any], looked: Path) -> None:
    with Project.open(looked) as project:
        made_results.write_results(project, ("parse",))
        write_survey(project, created="2026-01-16T00:00:00+00:00")
    page = shown(open_app(looked))
    assert list(page.tabs.heads) == ["Check", "Tags", "Preview", "Summary", "Cells", "Left out (2)", "Files"]
    assert page.tabs.chosen == "Check"


def test_a_new_result_shows_its_first_tab(page: Any, looked: Path) -> None:
    choose(page, "Tags")
    write_survey(page.project, created="2026-01-17T00:00:00+00:00")
    page.refresh()
    wait(page, lambda: page.tabs.chosen == "Check")
    choose(page, "Preview")
    made_results.write_results(page.project, ("parse",))
    result = page.project.result("parse")
    result.created = "2026-01-18T00:00:00+00:00"
    results.save(result, page.project.result_dir("parse"))
    page.refresh()
    wait(page, lambda: page.tabs.chosen == "Summary")


def test_a_parse_without_a_look_shows_its_own_tags(open_app: Callable[..., Any], done_project: Path) -> None:
    page = shown(open_app(done_project))
    assert list(page.tabs.heads) == ["Summary", "Cells", "Tags", "Left out (2)", "Files"]
    assert page.tags is None


# Drops.


def middle(widget: Any) -> tuple[int, int]:
    return widget.winfo_rootx() + widget.winfo_width() // 2, widget.winfo_rooty() + widget.winfo_height() // 2


def test_drops_on_the_page_become_input(page: Any, tmp_path: Path) -> None:
    wait(page, lambda: page.drops is not None)
    x, y = middle(page.right)
    assert page.drops.drop(str(x), str(y), f"{{{tmp_path}/a b/c}} /x/y") == "copy"
    assert page.project.plan.parse.input[-2:] == [f"{tmp_path}/a b/c", "/x/y"]
    assert page.drops.drop(str(x), str(y), "/x/y") == "copy"
    assert page.project.plan.parse.input.count("/x/y") == 1


def test_a_lone_table_is_taken_as_labels_and_a_field_takes_what_is_dropped_on_it(page: Any) -> None:
    wait(page, lambda: page.drops is not None)
    page.drops.drop(*map(str, middle(page.right)), "{/lab/my labels.xlsx}")
    assert page.project.plan.parse.table == "/lab/my labels.xlsx"
    page.drops.drop(*map(str, middle(page.form.fields["table"].entry)), "/lab/other.txt")
    assert page.project.plan.parse.table == "/lab/other.txt"
    page.drops.drop(*map(str, middle(page.form.fields["input"])), "/lab/cells.csv")
    assert page.project.plan.parse.input[-1] == "/lab/cells.csv"


def test_what_would_take_a_drop_is_marked(page: Any) -> None:
    wait(page, lambda: page.drops is not None)
    field, table = page.form.fields["input"], page.form.fields["table"]
    page.drops.hover(*map(str, middle(page.right)))
    assert int(str(field._list.cget("highlightthickness"))) > 0
    page.drops.hover(*map(str, middle(table.entry)))
    assert int(str(field._list.cget("highlightthickness"))) == 0 and table.entry.cget("border_width") == 2
    page.drops.leave()
    assert table.entry.cget("border_width") == 1


def test_the_empty_input_says_that_things_can_be_dropped(page: Any) -> None:
    wait(page, lambda: page.drops is not None)
    page.form.fields["input"].remove(str(made_results.DEMO))
    settle(page, 0.2)
    assert ("Drop folders or files here" in words(page.form.fields["input"])) == page.drops.ready


def test_buttons_of_the_tabs_are_reached_by_the_keyboard(page: Any) -> None:
    import customtkinter as ctk

    for tab in ("Check", "Tags", "Preview"):
        choose(page, tab)
        for button in below(page.tabs._built[tab], (ctk.CTkButton, ctk.CTkSlider, ctk.CTkOptionMenu, ctk.CTkSwitch)):
            assert getattr(button, "focus_ready", False), (tab, button)
    page.form.fields["frame"].type("40")
    settle(page, 0.2)
    assert page.strip.button.focus_ready and page.look_view.frame.button.focus_ready


def test_the_library_for_drops_and_the_preview_are_loaded_late(
    screen: str, settings_folder: Path, looked: Path
) -> None:
    code = """
        import sys, json, time
        from wizard.app import App
        app = App(sys.argv[1])
        app.choose("parse")
        app.update_idletasks()
        early = sorted({"tkinterdnd2", "wizard.widgets.preview"} & set(sys.modules))
        end = time.monotonic() + 30
        while time.monotonic() < end and app.page.drops is None:
            app.update()
            time.sleep(0.01)
        late = sorted({"wizard.widgets.preview", "tensorflow", "zarr", "pyarrow"} & set(sys.modules))
        print(json.dumps([early, late, app.page.drops is not None]))
        app.destroy()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(looked)], capture_output=True, text=True, timeout=120,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1]) == [[], [], True], done.stderr


# Small parts.


def test_numbered_rules() -> None:
    assert numbered(["3 = Bright field", "4=DNA = blue", "x = y", "7"]) == {3: "Bright field", 4: "DNA = blue"}
    assert with_numbered(["4 = DNA", "3 = BF"], 10, "Side scatter") == ["3 = BF", "4 = DNA", "10 = Side scatter"]
    assert with_numbered(["4 = DNA"], 4, "") == []


def test_channels_take_the_names_of_the_plan() -> None:
    plan = Plan().with_values({"parse.channel_names": ["4 = DNA"], "parse.channel_colours": ["4 = #112233"]}).parse
    found = named_channels([Channel(name="Ch3", number=3, label="BF"), Channel(name="Ch4", number=4)], plan)
    assert [(item.shown, item.colour) for item in found] == [("Ch3 BF", ""), ("Ch4 DNA", "#112233")]


def test_settings_that_change_nothing_in_a_look_are_not_named() -> None:
    survey = SurveyResult(settings=Plan().parse.model_dump())
    plan = Plan().with_values({"parse.rename": ["a = b"], "parse.seed": 7, "parse.padding": "edge"}).parse
    assert changed_since(survey, plan) == ["Padding"]
    assert changed_since(SurveyResult(), plan) == [], "an old look that kept no settings says nothing"
