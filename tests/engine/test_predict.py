from __future__ import annotations

import csv

import numpy as np
import pytest

from tests.cells import write_cell
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


def table(project):
    with (project.result_dir("predict") / "predictions.csv").open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def test_columns_and_rows(analysed):
    rows = table(analysed)
    head = ["cell_id", "source", "object", "predicted", "confidence", "p_bright", "p_dim", "unsure", "unfamiliar"]
    assert list(rows[0]) == [*head, "class", "donor", "split"]
    assert len(rows) == analysed.result("predict").n_cells == 48
    for row in rows:
        assert float(row["p_bright"]) + float(row["p_dim"]) == pytest.approx(1, abs=1e-4)
        assert float(row["confidence"]) == pytest.approx(max(float(row["p_bright"]), float(row["p_dim"])))
    right = np.mean([row["predicted"] == row["class"] for row in rows])
    assert right > 0.9


def test_other_images_without_labels(analysed, tmp_path):
    rng = np.random.default_rng(3)
    for index in range(12):
        image = rng.normal(200, 20, (3, 20, 20))
        image[1, 5:-5, 5:-5] += 900 if index < 6 else 100
        image[2] = 4000
        write_cell(tmp_path / "new", f"cell{index:02d}", np.clip(image, 0, 65535).astype(np.uint16), (1, 2, 7))
    for index in range(12, 16):
        write_cell(tmp_path / "new", f"cell{index:02d}", np.full((3, 20, 20), 65000, np.uint16), (1, 2, 7))
    with Project.open(tmp_path / "other") as other:
        model = analysed.root / analysed.result("train").model
        other.change({"predict.model": str(model), "predict.input": [str(tmp_path / "new")], "predict.unsure": 0.5})
        assert other.state("predict").kind == "ready"
        run_steps(other, ["predict"], Tell())
        rows = table(other)
        assert [row["predicted"] for row in rows[:12]] == ["bright"] * 6 + ["dim"] * 6
        assert [row["unfamiliar"] for row in rows[12:]] == ["yes"] * 4
        assert sum(row["unfamiliar"] == "yes" for row in rows[:12]) <= 3
        assert other.state("predict").kind == "done"


def test_unsure_is_a_threshold(analysed):
    rows = table(analysed)
    assert all((row["unsure"] == "yes") == (float(row["confidence"]) < 0.6) for row in rows)


def test_no_model_yet(project, easy):
    project.change({"predict.input": [str(easy)]})
    assert project.state("predict").kind == "blocked"
    with pytest.raises(UserError, match="no model"):
        run_steps(project, ["predict"], Tell())
