"""The report over all steps."""

from __future__ import annotations

import re

from openpyxl import load_workbook

from tests.reports import samples
from wizard.plan import STEPS, TITLES
from wizard.reports import write_project_report
from wizard.results import NoticeText


def test_it_holds_a_summary_and_a_part_per_step(project):
    root, made, _ = project
    said = write_project_report(root, "Demo", [result for result, _ in made.values()][::-1])
    assert set(said.values()) == {"results/report/report.html", "results/report/report.xlsx"}
    text = (root / "results/report/report.html").read_text(encoding="utf-8")
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    assert headings == ["Summary", *(TITLES[step] for step in STEPS), "Versions"]
    assert text.count("<img") == 15
    summary = text[: text.index("<h2>Install check")]
    assert "Headline figures" in summary and "243 cells were read" in summary
    names = load_workbook(root / "results/report/report.xlsx").sheetnames
    assert names[:9] == headings
    assert {"Figures", "Predictions", "Coordinates", "Epochs"} <= set(names)


def test_it_replaces_the_folder_whole(project):
    root, made, _ = project
    place = root / "results" / "report"
    place.mkdir(exist_ok=True)
    (place / "old.txt").write_text("old")
    write_project_report(root, "Demo", [made["check"][0]])
    assert {path.name for path in place.iterdir()} == {"report.html", "report.xlsx"}
    assert not (place.parent / ".report.new").exists()


def test_without_evaluation_it_says_so(project):
    root, made, _ = project
    write_project_report(root, "Demo", [made["parse"][0], made["train"][0]])
    assert "was not evaluated" in (root / "results/report/report.html").read_text(encoding="utf-8")


def test_it_names_steps_that_are_out_of_date(project):
    root, made, _ = project
    train, evaluate = made["train"][0], made["evaluate"][0].model_copy()
    evaluate.upstream = {"train": "another"}
    write_project_report(root, "Demo", [train, evaluate])
    text = (root / "results/report/report.html").read_text(encoding="utf-8")
    assert "Evaluate was made before Train ran again" in text
    evaluate.upstream = {"train": train.id}
    write_project_report(root, "Demo", [train, evaluate])
    assert "ran again" not in (root / "results/report/report.html").read_text(encoding="utf-8")


def test_versions_are_said_once_unless_they_differ(tmp_path):
    results = [samples.check(), samples.train()]
    for expected, version in ((1, "3.15.1"), (2, "3.16.0")):
        results[1].versions["keras"] = version
        write_project_report(tmp_path, "Demo", results)
        text = (tmp_path / "results/report/report.html").read_text(encoding="utf-8")
        assert text.count("<caption>Versions") == expected


def test_warnings_of_all_steps_are_in_the_summary(tmp_path):
    result = samples.train()
    result.notices = [NoticeText(level="warning", text="Few cells."), NoticeText(level="info", text="By the way.")]
    write_project_report(tmp_path, "Demo", [result])
    rows = list(load_workbook(tmp_path / "results/report/report.xlsx")["Warnings"].values)
    assert rows[1][:2] == ("Train", "Few cells.") and len(rows) == 2


def test_long_tables_are_left_to_the_workbook_of_their_step(tmp_path, monkeypatch):
    monkeypatch.setattr("wizard.reports.project._MOST_ROWS", 100)
    folder = tmp_path / "results" / "predict"
    folder.mkdir(parents=True)
    result = samples.predict(folder, rows=243, pictures=False)
    write_project_report(tmp_path, "Demo", [result])
    book = load_workbook(tmp_path / "results/report/report.xlsx")
    assert "Predictions" not in book.sheetnames
    values = {cell.value for row in book["Predict"].iter_rows() for cell in row}
    assert "243 rows: see the workbook of this step." in values
