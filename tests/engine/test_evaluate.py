from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from tests.cells import easy_folder, write_cell
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


@pytest.fixture
def judge(analysed, tmp_path):
    """Evaluate the analysed project's model on other folders, in a project of its own."""

    def evaluate(folder, **values):
        with Project.open(tmp_path / "other") as other:
            model = analysed.root / analysed.result("train").model
            other.change(
                {"evaluate.model": str(model), "evaluate.input": [str(folder)], "evaluate.bootstrap": 100, **values}
            )
            run_steps(other, ["evaluate"], Tell())
            return other.result("evaluate")

    return evaluate


def test_holdout_figures(analysed):
    result = analysed.result("evaluate")
    assert result.n_cells == 12
    assert result.n_groups == 1
    assert result.split_by == "group donor"
    assert result.accuracy.value > 0.9
    assert np.array(result.confusion).sum() == 12
    assert any("one donor" in notice.text for notice in result.notices)


def test_the_fixed_fields_of_the_file(analysed):
    stored = json.loads((analysed.result_dir("evaluate") / "result.json").read_text(encoding="utf-8"))
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert set(stored[name]) == {"value", "low", "high"}
    for figures in stored["per_class"].values():
        assert {"precision", "recall", "f1", "support", "auc"} <= set(figures)
    assert {"n_cells", "n_groups", "split_by", "confusion", "classes", "ece", "engine", "seconds"} <= set(stored)


def test_the_table_agrees_with_the_figures(analysed):
    result = analysed.result("evaluate")
    with (analysed.result_dir("evaluate") / "cells.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == result.n_cells
    assert np.mean([row["right"] == "yes" for row in rows]) == pytest.approx(result.accuracy.value)


def test_new_cells_of_other_donors(judge, tmp_path):
    result = judge(easy_folder(tmp_path / "new", seed=5))
    assert (result.n_cells, result.n_groups, result.interval_by) == (48, 4, "group")
    assert result.accuracy.value > 0.9
    assert any("same donor" in notice.text for notice in result.notices)


def test_fewer_classes_and_unknown_classes(judge, tmp_path):
    new = easy_folder(tmp_path / "new", seed=5)
    for folder in new.glob("*/bright"):
        folder.rename(folder.with_name("unheard"))
    result = judge(new)
    assert result.n_cells == 24
    assert result.per_class["bright"].support == 0
    assert result.per_class["bright"].recall is None
    assert any("unheard" in notice.text for notice in result.notices)


def test_cells_that_do_not_fit_are_refused(judge, tmp_path):
    one = np.full((1, 20, 20), 5, np.uint16)
    write_cell(tmp_path / "one" / "dim", "a", one, channels=(1,))
    with pytest.raises(UserError, match="do not fit the model"):
        judge(tmp_path / "one")
    two = np.full((2, 20, 20), 5, np.uint16)
    write_cell(tmp_path / "two" / "strange", "a", two)
    write_cell(tmp_path / "two" / "odd", "a", two)
    with pytest.raises(UserError, match="None of the labels"):
        judge(tmp_path / "two")
    write_cell(tmp_path / "three", "a", two)
    with pytest.raises(UserError, match="no labels"):
        judge(tmp_path / "three")


def test_no_holdout_is_refused(project, easy):
    project.change({"parse.input": [str(easy)], "parse.holdout": 0, "train.epochs": 1})
    run_steps(project, ["parse", "train"], Tell())
    with pytest.raises(UserError, match="no hold-out"):
        run_steps(project, ["evaluate"], Tell())


def test_a_project_of_other_cells_is_refused(analysed, project, easy):
    model = analysed.root / analysed.result("train").model
    project.change({"parse.input": [str(easy)], "parse.frame": 32, "evaluate.model": str(model)})
    run_steps(project, ["parse"], Tell())
    with pytest.raises(UserError, match="do not fit the model") as caught:
        run_steps(project, ["evaluate"], Tell())
    assert "24×24" in caught.value.why
