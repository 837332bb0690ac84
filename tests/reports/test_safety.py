"""Names from files and folders can neither become formulas nor markup, in any report."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.workbook import Workbook

from tests.reports import samples
from wizard import fileio, results
from wizard.plan import STEPS
from wizard.reports import model_card, write_project_report, write_step_reports
from wizard.reports.script import SCRIPT
from wizard.reports.sheetnames import SheetNames
from wizard.reports.words import clean
from wizard.reports.workbook import put

NAMES = [
    '=HYPERLINK("x")', "@SUM(A1)", "<script>alert(1)</script>", "+1+1", "-2+3", "\tTab", "bell\x07\x1b end",
    "'quoted", "#N/A", "{{ 7*7 }}", "$x^2$ _y", "Grün 細胞", "\ud83dhalf",
]  # fmt: skip
WORST = "|".join(NAMES)


def hostile(step: str, folder) -> results.StepResult:
    """Return a step's result in which every name that a user can choose is one of the bad ones."""
    makers = {
        "check": samples.check, "parse": lambda: samples.parse(folder), "train": samples.train,
        "evaluate": lambda: samples.evaluate(folder, NAMES), "predict": lambda: samples.predict(folder, NAMES[:-1]),
        "extract": samples.extract, "visualize": lambda: samples.visualize(folder, NAMES[:-1]),
    }  # fmt: skip
    result = makers[step]()
    result.notices = [results.NoticeText(level="warning", text=name, file=name) for name in NAMES]
    result.files = {name: name for name in NAMES}
    result.settings["model"] = result.settings["target"] = NAMES[0]
    result.versions[NAMES[1]] = NAMES[0]
    if isinstance(result, results.CheckResult):
        result.items = [results.CheckItem(name=name, verdict="note", text=name, action=name) for name in NAMES]
    if isinstance(result, results.ParseResult):
        result.skipped = [results.Skipped(file=name, why=name) for name in NAMES]
        result.tags = {name: dict.fromkeys(NAMES, 1) for name in NAMES}
        result.classes = {name: {"train": 1} for name in NAMES}
        result.target = result.group = result.split_by = result.dtype = NAMES[0]
        result.targets = NAMES
        result.channels = [results.Channel(name=name, number=1) for name in NAMES]
        assert result.gallery
        for cell, name in zip(result.gallery.cells, NAMES * 9, strict=False):
            cell.label = cell.caption = name
        result.gallery.sheets = {NAMES[0]: "gallery_Ch3.png", NAMES[2]: "gallery_Ch4.png"}
    if isinstance(result, results.TrainResult):
        result.classes, result.target, result.network_title = NAMES, NAMES[2], NAMES[0]
        result.counts = {name: {"train": 2, "validation": 1} for name in NAMES}
        result.ended_because = result.validation_by = NAMES[2]
    if isinstance(result, (results.ExtractResult, results.PredictResult, results.EvaluateResult)):
        result.data, result.engine = NAMES[0], NAMES[2]
    if isinstance(result, results.ExtractResult):
        result.layer = result.layer_in_network = NAMES[0]
    if isinstance(result, results.VisualizeResult):
        table = pq.read_table(folder / "maps.parquet")
        pq.write_table(table.append_column(NAMES[0], pa.array([NAMES[0]] * len(table))), folder / "maps.parquet")
        result.maps = result.maps[:2]
        result.maps[0].title = result.maps[0].note = NAMES[2]
    return result


def all_cells(path):
    book = load_workbook(path)
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def check_workbook(path, expected=NAMES) -> None:
    cells = all_cells(path)
    assert not [cell.coordinate for cell in cells if cell.data_type in ("f", "e")]
    values = {str(cell.value) for cell in cells}
    for name in expected:
        assert clean(name) in values, name


def check_page(path) -> None:
    text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", path.read_text(encoding="utf-8"))
    assert text.count(f"<script>{SCRIPT}</script>") == 1
    text = text.replace(f"<script>{SCRIPT}</script>", "")
    assert "<script" not in text and "http:" not in text and "https:" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7*7 }}" in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)


@pytest.mark.parametrize("step", STEPS)
def test_bad_names_stay_text_in_every_report(tmp_path, step):
    write_step_reports(WORST, hostile(step, tmp_path), tmp_path)
    check_workbook(tmp_path / f"{step}.xlsx")
    check_page(tmp_path / "report.html")


def test_bad_names_stay_text_in_the_project_report(tmp_path):
    found = []
    for step in STEPS:
        folder = tmp_path / "results" / step
        folder.mkdir(parents=True)
        found.append(hostile(step, folder))
        write_step_reports("p", found[-1], folder)
    write_project_report(tmp_path, NAMES[2], found)
    check_workbook(tmp_path / "results" / "report" / "report.xlsx")
    check_page(tmp_path / "results" / "report" / "report.html")


def test_names_in_the_predictions_keep_their_first_letter(tmp_path):
    write_step_reports("p", samples.predict(tmp_path, NAMES[:-1], rows=300), tmp_path)
    sheet = load_workbook(tmp_path / "predict.xlsx")["Predictions"]
    seen = {row[3].value for row in sheet.iter_rows(min_row=2)}
    assert {'=HYPERLINK("x")', "@SUM(A1)", "+1+1", "-2+3", "'quoted"} <= seen


@pytest.mark.parametrize("name", NAMES)
def test_a_text_cell_is_text(name):
    cell = WriteOnlyCell(Workbook(write_only=True).create_sheet())
    put(cell, name, "any")
    assert cell.data_type == "s" and cell.value == clean(name)


def test_very_long_text_is_cut_at_what_excel_takes():
    cell = WriteOnlyCell(Workbook(write_only=True).create_sheet())
    put(cell, "=" + "x" * 50_000, "text")
    assert len(cell.value) == 32_767 and cell.data_type == "s"


def test_sheet_names_are_short_plain_and_unique():
    names = SheetNames()
    made = [names.take(wish) for wish in ("a/b:c*[d]", "x" * 50, "x" * 60, "X" * 50, "", "''", "History", "\x07")]
    assert len({name.lower() for name in made}) == len(made)
    for name in made:
        assert 0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") and name.lower() != "history"


def test_the_model_card_escapes_names():
    card = model_card({"name": NAMES[2], "classes": NAMES, "counts": {NAMES[2]: {"train": 1}, "a|b": {"train": 2}}})
    assert "<script" not in card and "\x07" not in card
    assert r"a\|b" in card and "&lt;script&gt;" in card


def test_the_csv_guard_is_what_the_reader_undoes(tmp_path):
    from wizard.reports.tables import CellTable

    fileio.write_csv(tmp_path / "t.csv", ["cell_id", "predicted", "tag"], [[name, name, name] for name in NAMES[:6]])
    rows = list(CellTable(tmp_path / "t.csv", NAMES).rows())
    assert [row[1] for row in rows] == NAMES[:6]
