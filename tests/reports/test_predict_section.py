"""The section of Predict: shares with intervals, samples, class maps, and a table that stays short."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook
from PIL import Image

from tests.reports import samples
from wizard.reports import write_step_reports
from wizard.reports.blocks import Figure, Table
from wizard.reports.sections import predict
from wizard.results_base import Estimate
from wizard.results_predict import ClassShare, Limit, SampleRow


def estimate(value):
    return Estimate(value=value, low=value - 0.05, high=value + 0.05)


@pytest.fixture
def result(tmp_path):
    made = samples.predict(tmp_path, rows=243, pictures=False)
    made.shares = {
        name: ClassShare(cells=count, share=estimate(count / 243), corrected=estimate(0.2), unsure=1, confidence=0.7)
        for name, count in made.counts.items()
    }
    made.intervals_over = "3 values of part"
    made.limit = Limit(threshold=0.6, wanted=0.05, error=estimate(0.06), kept=0.9, n_cells=120)
    made.false_alarms = 0.02
    made.samples = [SampleRow(tag="part", value="=1+2", cells=81, counts=dict.fromkeys(made.classes, 9))]
    (tmp_path / "maps").mkdir()
    Image.new("RGB", (60, 40)).save(tmp_path / "maps" / "a.png")
    made.maps = {"field a.tif": "maps/a.png"}
    return made


def tables(blocks):
    return {block.title: block for block in blocks if isinstance(block, Table)}


def test_shares_come_with_intervals_and_their_source(result, tmp_path):
    blocks = predict.blocks(result, tmp_path)
    table = tables(blocks)["Cells per predicted class"]
    name, count = next(iter(result.counts.items()))
    row = next(iter(table.rows))
    assert row[:3] == [name, count, count / 243] and row[5:8] == pytest.approx([0.2, 0.15, 0.25])
    assert "over 3 values of part" in table.note and "how often the model mistook" in table.note
    text = " ".join(block.text for block in blocks if hasattr(block, "text"))
    assert "chosen for at most 5 % wrong predictions" in text and "98" in text
    assert [block.title for block in blocks if isinstance(block, Figure)][-1] == "Class map of field a.tif"


def test_why_shares_are_not_corrected(result, tmp_path):
    result.uncorrected = "the model holds no record of its validation cells"
    table = tables(predict.blocks(result, tmp_path))["Cells per predicted class"]
    assert "not corrected for wrong predictions: the model holds no record" in table.note
    assert "Corrected share" not in [column.title for column in table.columns]


def test_names_of_samples_are_text_in_the_workbook(result, tmp_path):
    write_step_reports("Demo", result, tmp_path)
    sheet = load_workbook(tmp_path / "predict.xlsx")["Samples"]
    assert [cell.value for cell in sheet[2]][:3] == ["part", "=1+2", 81] and sheet["B2"].data_type == "s"


def test_a_long_table_is_cut_unless_all_cells_were_asked_for(result, tmp_path, monkeypatch):
    monkeypatch.setattr(predict, "_MOST_ROWS", 100)
    result.whole_workbook = False
    table = tables(predict.blocks(result, tmp_path))["Predictions"]
    assert len(table.rows) == len(list(table.rows)) == 100 and "first 100 of 243 cells" in table.note
    result.whole_workbook = True
    table = tables(predict.blocks(result, tmp_path))["Predictions"]
    assert len(table.rows) == len(list(table.rows)) == 243
