"""What the report of Evaluate says beyond the main figures."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest
from PIL import Image

from tests.engine.evaluating.conftest import make, random_shares
from tests.reports import samples
from wizard.engine.evaluating import by_tag, curves, leakage, ordinal, reliability, rival, suspects, thresholds
from wizard.reports.step import write_step_reports


@pytest.fixture
def result(tmp_path):
    names = samples.classes()
    found = samples.evaluate(tmp_path, names)
    true = np.random.default_rng(0).integers(0, 4, 300)
    shares = random_shares(true, 4, 1.5)
    judged = make(true, shares, np.arange(300) % 10, classes=names)
    curves.write(tmp_path, judged)
    thresholds.write(tmp_path, judged)
    known = leakage.Learned("20 training cells", {"d3": "old.tif (1)"}, {"4"})
    found.leakage = leakage.check(judged, known)
    found.by_tag = by_tag.figures(judged, "class", 100)
    found.reliability = found.reliability_before = reliability.bins(shares, true)
    found.ordinal = ordinal.figures(judged, [0, 1, 2, 3])
    found.rival = rival.compare(judged, random_shares(true, 4, 4.0, 1), "b.cytomodel")
    found.weighted_f1 = found.mcc = samples.estimate(0.7)
    places = suspects.find(judged)
    suspects.write(tmp_path, judged, places)
    found.n_suspects, found.suspects = len(places), found.gallery
    return found


def test_workbook_page_and_figures_are_complete(result, tmp_path):
    files = write_step_reports("Project", result, tmp_path)
    for name in ("reliability.png", "curves.png", "probabilities.png", "thresholds.png", "by_tag_1.png",
                 "suspect_labels.png"):  # fmt: skip
        assert name in files.values()
        with Image.open(tmp_path / name) as picture:
            assert min(picture.size) > 300
    book = openpyxl.load_workbook(tmp_path / "evaluate.xlsx", read_only=True)
    wanted = {"Figures per class", "Confusion counts", "Confusion shares", "Confusion of predicted", "Reliability",
              "Thresholds", "By tag", "Order", "Two models", "Suspect labels"}  # fmt: skip
    assert wanted <= set(book.sheetnames)
    assert sum(1 for _ in book["Thresholds"].iter_rows()) >= 4 * 101
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for text in ("Matthews correlation", "The second model is better.", "have the same pixels as training cells",
                 "Accuracy by donor", "Rank correlation (Spearman)", "confident learning", "Specificity"):  # fmt: skip
        assert text in page


def test_numbers_in_the_workbook_are_numbers(result, tmp_path):
    write_step_reports("Project", result, tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "evaluate.xlsx", read_only=True)["Thresholds"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] in samples.classes()]
    assert len(rows) == 4 * 101
    assert all(isinstance(row[1], (int, float)) and isinstance(row[2], int) for row in rows)


def test_an_older_result_still_has_its_report(tmp_path):
    result = samples.evaluate(tmp_path)
    files = write_step_reports("Project", result, tmp_path)
    assert {"Confusion matrix", "Recall by class"} <= set(files)
