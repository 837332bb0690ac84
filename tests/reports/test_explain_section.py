"""The report of an explanation."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook
from PIL import Image

from tests import made_explanation
from tests.reports import samples
from wizard.reports import write_project_report, write_step_reports
from wizard.reports.sections import explain
from wizard.results_explain import Ablation


def written(tmp_path: Path, **more: object):
    folder = tmp_path / "results" / "explain"
    result = made_explanation.write(folder, **more)
    result.files = write_step_reports("Demo", result, folder)
    return result, folder


def test_figures_tables_and_caveats_are_there(tmp_path):
    result, folder = written(tmp_path)
    assert list(result.files)[:2] == ["Workbook", "Report"]
    for name in ("channels.png", "average_maps.png", "example_maps.png"):
        with Image.open(folder / name) as picture:
            assert min(picture.size) > 300
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "sensitive, not why" in text and "Orange speaks for the class" in text and "(suggested)" in text
    book = load_workbook(folder / "explain.xlsx")
    assert "Channel subsets" in book.sheetnames and book["Channel subsets"].max_row >= 15


def test_trained_and_failed_networks_have_their_row(tmp_path):
    rows = made_explanation.explanation().ablation
    rows = [rows[0].model_copy(update={"how": "retrained", "epochs": 9}), *rows]
    rows.append(Ablation(channels=[0], how="retrained", failed="There was no memory."))
    _, folder = written(tmp_path, ablation=rows, minutes=2.0, suggested_by="retrained", suggested=[0, 1, 2])
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "trained anew" in text and "There was no memory." in text


def test_without_maps_the_study_is_reported_alone(tmp_path):
    _, folder = written(tmp_path, cells=[], averages=[], methods=[], shares=[])
    (folder / "maps.npz").unlink()
    result = made_explanation.explanation(cells=[], averages=[], methods=[], shares=[])
    titles = [getattr(block, "title", "") for block in explain.blocks(result, folder)]
    assert "Accuracy by channels" in titles and "Average maps" not in titles
    assert "7 channel subsets were tried on 60 cells" in explain.summary(result)


def test_it_stands_after_evaluate_in_the_report_over_all(tmp_path):
    result, _ = written(tmp_path)
    write_project_report(tmp_path, "Demo", [result, samples.check()])
    text = (tmp_path / "results" / "report" / "report.html").read_text(encoding="utf-8")
    assert text.index("<h2>Install check") < text.index("<h2>Explain the model")
