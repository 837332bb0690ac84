"""The features in reports: what each is like, what classical ones mean, and which layers there are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reports import samples
from wizard import fileio
from wizard.feature_lines import FILE
from wizard.reports.blocks import Table, Text
from wizard.reports.sections import extract
from wizard.results_extract import LayerShape

HEAD = ("feature", "kind", "unit", "meaning", "mean", "sd", "missing", "eta2", "auc", "auc_class", "rank")


@pytest.fixture
def result() -> Any:
    made = samples.extract()
    made.classical, made.measured, made.target = ["area", "Ch1 mean", "Ch2 mean"], ["Intensity"], "class"
    made.found = {"mask": 200, "threshold": 40, "nothing": 3}
    made.layers = [LayerShape(name="stage5_out", stage="stage 5", shape=[5, 5, 192])]
    return made


@pytest.fixture
def blocks(result: Any, tmp_path: Any) -> list[Any]:
    lines = [
        ["f0000", "network", "", "Output 0 of the layer", 1, 2, 0, 0.2, 0.7, "=G1", 2],
        ["area", "classical", "px", "Pixels of the cell", 300, 20, 0.25, 0.9, 0.02, "S", 1],
        ["Ch1 mean", "classical", "grey levels", "Mean of the cell", 3, 2, 0, "", "", "", ""],
        ["Ch2 mean", "classical", "grey levels", "Mean of the cell", 3, 2, 1, "", "", "", ""],
    ]
    fileio.write_csv(tmp_path / FILE, HEAD, lines)
    return extract.blocks(result, tmp_path)


def table(blocks: list[Any], sheet: str) -> Any:
    (found,) = [block for block in blocks if isinstance(block, Table) and block.sheet == sheet]
    return found


def test_features_have_a_sheet_with_the_strongest_first(blocks: list[Any]) -> None:
    found = table(blocks, "Features summary")
    assert [row[0] for row in found.rows] == ["area", "f0000", "Ch1 mean", "Ch2 mean"]
    assert list(found.rows)[0][1:8] == ["Classical", 300.0, 20.0, 0.25, 0.9, 0.02, "S"]
    assert list(found.rows)[1][7] == "=G1" and "class" in found.note


def test_classical_features_are_explained_once(blocks: list[Any]) -> None:
    found = table(blocks, "Classical features")
    assert list(found.rows) == [["area", "px", "Pixels of the cell"],
                                ["Ch1 mean and Ch2 mean", "grey levels", "Mean of the cell"]]  # fmt: skip
    said = " ".join(block.text for block in blocks if isinstance(block, Text))
    assert "200 cells by their mask and 40 cells by a threshold; in 3 cells nothing stood out" in said


def test_layers_are_listed(blocks: list[Any]) -> None:
    assert list(table(blocks, "Layers").rows) == [["stage5_out", "stage 5", "5 × 5 × 192", 192, 4800]]


def test_the_summary_counts_all_kinds(result: Any) -> None:
    said = extract.summary(result)
    assert "256 features" in said and "3 features of outline" in said and "1 feature measured" in said


def test_without_the_table_of_features_the_rest_is_there(result: Any, tmp_path: Any) -> None:
    (tmp_path / FILE).write_text("nonsense\n1\n", encoding="utf-8")
    found = extract.blocks(result, tmp_path)
    assert [block.sheet for block in found if isinstance(block, Table)] == ["", "Layers"]
