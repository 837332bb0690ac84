from __future__ import annotations

from openpyxl import load_workbook

from tests.reports import samples
from wizard.reports import write_step_reports
from wizard.reports.blocks import Table, Text
from wizard.reports.sections.train import blocks, summary
from wizard.results import Estimate, FoldFigures, LayerFacts


def texts(result, folder):
    return " ".join(block.text for block in blocks(result, folder) if isinstance(block, Text))


def tables(result, folder):
    return {block.title: block for block in blocks(result, folder) if isinstance(block, Table)}


def folded():
    result = samples.train()
    result.folds = [
        FoldFigures(fold=number, n_train=30, n_validation=15, groups=[f"Part {number}"], epochs=9, best_epoch=7,
                    loss=0.4, accuracy=0.8, balanced_accuracy=0.7, run=f"run-{number}")
        for number in (1, 2, 3)
    ]  # fmt: skip
    result.cross_accuracy = Estimate(value=0.81, low=0.7, high=0.9)
    result.cross_balanced_accuracy = Estimate(value=0.8, low=0.69, high=None)
    result.adjustments = [
        {"fold": 2, "epoch": 5, "setting": "learning_rate", "old": 0.002, "new": 0.001, "time": "2026-11-21T10:00:00"}
    ]
    return result


def test_a_weak_target_is_said_to_give_low_accuracy_and_features(tmp_path):
    result = samples.train()
    assert "low accuracy is expected" not in texts(result, tmp_path)
    result.weak, result.target = True, "day"
    text = texts(result, tmp_path)
    assert "low accuracy is expected" in text and "features" in text and "The target is day" in text


def test_folds_have_a_table_intervals_and_a_summary_of_their_own(tmp_path):
    result = folded()
    found = tables(result, tmp_path)
    assert [row[0] for row in found["Networks"].rows] == [1, 2, 3]
    assert ["Accuracy", 0.81, 0.7, 0.9] in list(found["Cross-validation"].rows)
    assert "Validation at the best epoch" not in found
    assert found["Settings changed while it ran"].columns[0].title == "Network"
    assert "3 networks" in summary(result) and "one model" in summary(result)
    assert "hold-out" in texts(result, tmp_path)


def test_start_frozen_layers_and_taken_back_epochs_are_named(tmp_path):
    result = samples.train()
    result.start, result.taken_back = "312 of 314 arrays of old.cytomodel.", True
    result.layers = [
        LayerFacts(name="stem", kind="Conv2D", shape=[20, 20, 8], parameters=216, frozen=True),
        LayerFacts(name="classes", kind="Dense", shape=[7], parameters=455),
    ]
    found = tables(result, tmp_path)
    facts = {row[0]: row[1] for row in found["Model"].rows}
    assert facts["First weights"] == result.start
    assert facts["Layers that kept their weights"] == "1 of 2: stem"
    assert list(found["Layers with weights"].rows)[0] == ["stem", "Conv2D", "20 × 20 × 8", 216, "yes"]
    assert "taken back" in texts(result, tmp_path)


def test_page_and_workbook_hold_the_networks(tmp_path):
    write_step_reports("Demo", folded(), tmp_path)
    assert "Networks" in load_workbook(tmp_path / "train.xlsx").sheetnames
    assert "Cross-validation" in next(tmp_path.glob("*.html")).read_text(encoding="utf-8")
