from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest

from tests.cells import easy_folder, write_cell
from wizard.engine.data.dataset import DataSet
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


def test_the_tables_beside_the_figures(analysed):
    folder = analysed.result_dir("evaluate")
    result = analysed.result("evaluate")
    for name in ("thresholds.csv", "curves.csv", "probabilities.csv", "reliability.png", "curves.png"):
        assert (folder / name).is_file()
    assert result.target == "class"
    assert sum(one.n_cells for one in result.reliability) == result.n_cells
    assert result.ece_before is not None and result.temperature > 0
    assert set(result.class_intervals["dim"]) == {"recall", "precision", "specificity", "f1", "auc", "ap"}
    assert result.accuracy.low < result.accuracy.high
    labels = {cell.label for cell in result.behind.cells}
    assert {"dim → dim", "bright → bright"} <= labels


def test_copies_of_training_cells_are_named(analysed, tmp_path):
    shutil.copytree(analysed.root, tmp_path / "copy")
    train = DataSet.open(analysed.data_set("main"))
    source = analysed.root.parent / "easy"
    donor = train.values("donor")[train.where("train")[0]]
    shutil.copytree(source / f"Donor {donor}", tmp_path / "new" / "Donor Z")
    with Project.open(tmp_path / "copy") as project:
        project.change({"evaluate.input": [str(tmp_path / "new")]})
        run_steps(project, ["evaluate"], Tell())
        result = project.result("evaluate")
    assert result.leakage.n_duplicates == result.n_cells == 12
    assert "training and validation" in result.leakage.checked
    assert result.leakage.shared_groups == []
    assert any("same pixels" in notice.text for notice in result.notices)
    assert (tmp_path / "copy" / "results" / "evaluate" / "leakage.csv").is_file()


def test_one_class_alone_is_judged_with_a_note(judge, tmp_path):
    new = easy_folder(tmp_path / "new", seed=5)
    for folder in new.glob("*/bright"):
        shutil.rmtree(folder)
    result = judge(new)
    assert result.per_class["dim"].recall > 0.9
    assert result.per_class["dim"].auc is None and result.mcc.value is None
    assert any("of one class" in notice.text for notice in result.notices)


def test_a_second_model_that_is_the_same_file_or_of_other_classes_is_refused(analysed, judge, tmp_path):
    before = (analysed.result_dir("evaluate") / "result.json").read_bytes()
    model = analysed.root / analysed.result("train").model
    new = easy_folder(tmp_path / "new", seed=5)
    with pytest.raises(UserError, match="same file"):
        judge(new, **{"evaluate.second_model": str(model)})
    with pytest.raises(UserError):
        judge(new, **{"evaluate.second_model": str(tmp_path / "none.cytomodel")})
    assert (analysed.result_dir("evaluate") / "result.json").read_bytes() == before


def test_two_models_on_the_same_cells(analysed, judge, tmp_path):
    model = analysed.root / analysed.result("train").model
    twin = tmp_path / "twin.cytomodel"
    shutil.copy(model, twin)
    result = judge(easy_folder(tmp_path / "new", seed=5), **{"evaluate.second_model": str(twin)})
    assert result.rival.model == "twin.cytomodel"
    assert result.rival.differences["accuracy"].value == 0
    assert result.rival.mcnemar_p == 1.0
