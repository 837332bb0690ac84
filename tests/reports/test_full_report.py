"""The report that the user asks for: all its files, true to the project."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.reports import samples
from wizard import results
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.plan import settings_hash
from wizard.project import UPSTREAM, Project
from wizard.reports.blocks import BLANK
from wizard.reports.checklist_items import CLAIM, TRIPOD
from wizard.reports.words import RESEARCH_ONLY


def make(root: Path, steps: tuple[str, ...] | None = None) -> Project:
    """Write the results of steps (all of them unless told) into a new project."""
    made = samples.every_step(root)
    project = Project.open(root)
    for step, (result, folder) in made.items():
        if steps is None or step in steps:
            result.settings_hash = settings_hash(project.plan, step)
            result.upstream = {name: made[name][0].id for name in UPSTREAM[step]}
            results.save(result, folder)
    return project


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A project of all steps with its report: (project, folder of the report)."""
    root = tmp_path_factory.mktemp("full") / "Demo"
    project = make(root)
    from wizard.reports import write_step_reports

    for step in ("parse", "train", "evaluate", "predict", "visualize"):
        write_step_reports("Demo", project.result(step), project.result_dir(step))
    with project:
        run_steps(project, ["report"], Tell())
    return project, project.result_dir("report")


def test_all_files_are_there(written):
    project, folder = written
    result = project.result("report")
    assert list(result.files)[:4] == ["Report", "Workbook", "PDF", "Methods in words"]
    assert all((folder / name).is_file() for name in result.files.values())
    figures = {path.stem for path in (folder / "figures").glob("*.png")}
    assert figures == {path.stem for path in (folder / "figures").glob("*.svg")} and len(figures) == 15
    assert all(re.fullmatch("[a-z0-9_]+", name) for name in figures)
    assert {path.name for path in folder.iterdir()} == {
        "report.html", "report.xlsx", "report.pdf", "methods.txt", "figures", "result.json",
    }  # fmt: skip
    assert project.state("report").kind == "done"


def test_the_sections_in_their_order(written):
    project, folder = written
    wanted = ["Cover", "Methods", "Install check", "Parse", "Train", "Evaluate", "Predict", "Extract", "Visualize",
              "CLAIM checklist", "TRIPOD+AI checklist", "Settings", "Versions and hashes"]  # fmt: skip
    assert [part.title for part in project.result("report").parts] == wanted
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert re.findall("<h2>(.*?)</h2>", page) == wanted
    assert load_workbook(folder / "report.xlsx", read_only=True).sheetnames[: len(wanted)] == wanted


def test_the_cover_has_the_key_figures(written):
    project, folder = written
    rows = list(load_workbook(folder / "report.xlsx")["Cover"].values)
    values = {row[0]: row[1] for row in rows if row[1] is not None}
    judged = project.result("evaluate")
    low, high = judged.accuracy.low, judged.accuracy.high
    assert values["Accuracy"] == f"{judged.accuracy.value:.2f} (95 % interval {low:.2f} to {high:.2f})"
    assert values["Cells"] == "243" and values["Groups"] == "3" and values["Model"] == "Compact"
    assert any("How to read" in str(row[0]) for row in rows)


def test_every_sheet_says_what_it_is_for(written):
    book = load_workbook(written[1] / "report.xlsx")
    for sheet in book:
        seen = {cell for row in sheet.iter_rows(max_row=6, values_only=True) for cell in row}
        assert RESEARCH_ONLY in seen, sheet.title
        assert sheet.oddFooter.left.text == RESEARCH_ONLY, sheet.title


def test_the_course_of_the_training_has_a_chart_of_excel(written):
    sheet = load_workbook(written[1] / "report.xlsx")["Epochs"]
    assert len(sheet._charts) == 2
    references = [series.val.numRef.f for chart in sheet._charts for series in chart.series]
    assert "'Epochs'!$B$2:$B$35" in references
    header = [cell.value for cell in sheet[1]]
    assert header[:3] == ["Epoch", "Training loss", "Validation loss"] and isinstance(sheet["B2"].value, float)


def test_the_confusion_matrix_has_a_colour_scale(written):
    sheet = load_workbook(written[1] / "report.xlsx")["Confusion counts"]
    (ranges,) = sheet.conditional_formatting
    assert str(ranges.sqref) == "B2:E5" and ranges.rules[0].type == "colorScale"


def test_settings_tell_the_default_and_what_changed(tmp_path):
    result = samples.train()
    result.settings["epochs"] = 12
    from wizard.reports import write_step_reports

    write_step_reports("Demo", result, tmp_path)
    rows = {row[6]: row for row in load_workbook(tmp_path / "train.xlsx")["About this run"].values if row[6]}
    assert rows["train.epochs"][1] == 12 and rows["train.epochs"][4] == "changed"
    assert rows["train.seed"][4] is None or rows["train.seed"][4] == ""
    assert "How often all training cells" in rows["train.epochs"][5]


def test_checklists_are_filled_in_and_blanks_are_marked(written):
    project, folder = written
    book = load_workbook(folder / "report.xlsx")
    for title, items in (("CLAIM checklist", CLAIM), ("TRIPOD+AI checklist", TRIPOD)):
        rows = [row for row in book[title].iter_rows() if row[0].value in {item.number for item in items}]
        assert [row[0].value for row in rows] == [item.number for item in items]
        blank = [row for row in rows if str(row[3].value).startswith(BLANK)]
        assert 10 < len(blank) < len(items)
        assert all(row[3].fill.fgColor.rgb.endswith("FFF3C4") for row in blank)
        assert all(BLANK in row[4].value for row in blank)
        done = [row for row in rows if row[3].value == "Filled in"]
        assert done and all(row[4].value and BLANK not in row[4].value for row in done)
    result = project.result("report")
    assert (len(CLAIM), result.items) == (44, 44 + len(TRIPOD)) and 0 < result.to_fill_in < result.items


def test_all_settings_stand_on_one_sheet(written):
    rows = list(load_workbook(written[1] / "report.xlsx")["All settings"].values)
    assert rows[0][:6] == ("Step", "Setting", "Value", "Unit", "Default", "Changed")
    assert {row[0] for row in rows[1:]} == {"Parse", "Train", "Evaluate", "Predict", "Extract", "Visualize"}
    assert ("Train", "Seed") in {row[:2] for row in rows}


def test_checklists_can_be_left_out(tmp_path):
    with make(tmp_path / "p", ("parse",)) as project:
        project.change({"report.checklists": False, "report.files": "html"})
        run_steps(project, ["report"], Tell())
        result = project.result("report")
    assert result.items == 0 and list(result.files)[:2] == ["Report", "Methods in words"]
    assert [part.title for part in result.parts] == ["Cover", "Methods", "Parse", "Settings", "Versions and hashes"]
    assert result.missing == ["train", "evaluate", "predict", "extract", "visualize"]
    assert any("Not done yet" in notice.text for notice in result.notices)


def test_nothing_done_is_refused(tmp_path):
    with Project.open(tmp_path / "p") as project, pytest.raises(UserError, match="nothing to report"):
        run_steps(project, ["report"], Tell())
    assert not project.result_dir("report").exists()


def test_no_file_chosen_is_refused(tmp_path):
    with make(tmp_path / "p", ("parse",)) as project:
        project.change({"report.files": ""})
        with pytest.raises(UserError, match="No file was chosen"):
            run_steps(project, ["report"], Tell())


def test_a_report_of_the_user_is_not_overwritten_but_out_of_date(tmp_path):
    with make(tmp_path / "p", ("parse", "train")) as project:
        project.change({"report.files": "html", "report.checklists": False})
        run_steps(project, ["report"], Tell())
        before = (project.result_dir("report") / "report.html").read_bytes()
        again = project.result("train").model_copy(update={"id": "another"})
        results.save(again, project.result_dir("train"))
        from wizard.engine.run import _report_all

        _report_all(project)
        assert (project.result_dir("report") / "report.html").read_bytes() == before
        assert project.state("report").kind == "stale" and "Train ran again" in project.state("report").reason


def test_svg_figures_are_whole_and_the_same_each_time(written, tmp_path):
    project, folder = written
    for path in (folder / "figures").glob("*.svg"):
        tree = ElementTree.parse(path)
        names = {element.tag.rpartition("}")[2] for element in tree.iter()}
        assert not names & {"script", "a", "foreignObject"}
        assert "Research use only" in path.read_text(encoding="utf-8")
    from functools import partial

    from wizard.reports import confusion

    judged = project.result("evaluate")
    draw = partial(confusion.paint, judged.confusion, judged.classes)
    draw(tmp_path / "a.svg")
    draw(tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert ">Metaphase<" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_a_cloud_of_very_many_points_is_a_picture_in_the_svg(tmp_path):
    import numpy as np

    from wizard.reports import maps

    points = np.random.default_rng(0).random((20_500, 2))
    maps.paint(points, ["a", "b"] * 10_250, "class", "UMAP", "UMAP", tmp_path / "many.svg")
    maps.paint(points[:500], ["a", "b"] * 250, "class", "UMAP", "UMAP", tmp_path / "few.svg")
    many, few = ((tmp_path / name).read_text(encoding="utf-8") for name in ("many.svg", "few.svg"))
    assert "<image" in many and many.count("<use") < 1000
    assert "<image" not in few and few.count("<use") > 500


def test_versions_and_hashes(tmp_path):
    project = make(tmp_path / "p", ("parse", "train"))
    (project.root / "models").mkdir()
    (project.root / "models" / "compact-class.cytomodel").write_bytes(b"abc")
    with project:
        project.change({"report.files": "workbook"})
        run_steps(project, ["report"], Tell())
    book = load_workbook(project.result_dir("report") / "report.xlsx")
    values = {cell for row in book["Versions and hashes"].values for cell in row}
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in values
    assert {"keras", "3.15.1", "0123456789abcdef"} & values >= {"keras", "3.15.1"}
