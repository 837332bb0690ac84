"""Results with little in them still make reports."""

from __future__ import annotations

import re

import pytest
from openpyxl import load_workbook

from tests.reports import samples
from wizard import results
from wizard.plan import STEPS
from wizard.reports import blocks, workbook, write_step_reports
from wizard.results import RESULTS


@pytest.mark.parametrize("step", STEPS)
def test_an_empty_result_makes_a_report(tmp_path, step):
    said = write_step_reports("Demo", RESULTS[step](step=step), tmp_path)
    assert list(said.values()) == [f"{step}.xlsx", "report.html"]
    assert "Research use only" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert load_workbook(tmp_path / f"{step}.xlsx").sheetnames[0] == "Results"


def test_figures_that_cannot_be_told_are_dashes(tmp_path):
    result = samples.evaluate(tmp_path, ["a", "b"])
    nothing = results.Estimate(value=None, low=None, high=None)
    result.balanced_accuracy = result.macro_f1 = None
    result.accuracy = nothing
    result.per_class["b"] = results.PerClass(precision=None, recall=None, f1=None, support=0, auc=None)
    result.recall_intervals["b"] = nothing
    result.confusion = [[5, 1], [0, 0]]
    result.gallery, result.ece = None, None
    write_step_reports("Demo", result, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", page)
    assert "None" not in text and "nan" not in text
    assert "balanced accuracy –, accuracy –" in text
    rows = [[cell.value for cell in row] for row in load_workbook(tmp_path / "evaluate.xlsx")["Confusion shares"]]
    assert rows[2][:3] == ["b", "–", "–"]


def test_tables_longer_than_a_sheet_go_on_on_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 101)
    write_step_reports("Demo", samples.predict(tmp_path, rows=243, pictures=False), tmp_path)
    book = load_workbook(tmp_path / "predict.xlsx")
    sheets = [book[name] for name in ("Predictions", "Predictions 2", "Predictions 3")]
    assert [sheet.max_row for sheet in sheets] == [101, 101, 44]
    assert {sheet["A1"].value for sheet in sheets} == {"cell_id"}
    assert sheets[1]["A2"].value == f"{100:06x}" and sheets[2].auto_filter.ref == "A1:M44"
    assert "Predictions 4" not in book.sheetnames


def test_a_table_that_just_fills_a_sheet_needs_no_second(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 101)
    write_step_reports("Demo", samples.predict(tmp_path, rows=100, pictures=False), tmp_path)
    assert "Predictions 2" not in load_workbook(tmp_path / "predict.xlsx").sheetnames


def test_a_map_whose_columns_are_missing_is_left_out(tmp_path):
    result = samples.visualize(tmp_path, rows=30)
    result.maps[0].columns = ["gone_1", "gone_2"]
    result.colour = "no such tag"
    said = write_step_reports("Demo", result, tmp_path)
    assert "pca_2d.png" not in said.values() and "umap_3d.png" in said.values()


def test_streams_can_be_walked_twice():
    stream = blocks.Stream(2, lambda: iter([[1], [2]]))
    assert len(stream) == 2 and list(stream) == list(stream) == [[1], [2]]


def test_a_failed_write_leaves_no_half_file(tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wizard.fileio.sync", full)
    with pytest.raises(OSError, match="No space"):
        write_step_reports("Demo", samples.check(), tmp_path)
    assert list(tmp_path.iterdir()) == []
