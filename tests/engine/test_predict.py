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
    rows, result = table(analysed), analysed.result("predict")
    assert all((row["unsure"] == "yes") == (float(row["confidence"]) < result.threshold) for row in rows)
    assert result.limit.threshold == result.threshold and result.limit.wanted == 0.05
    assert result.n_unsure == sum(row["unsure"] == "yes" for row in rows)


def test_shares_have_intervals_over_the_groups(analysed):
    result, rows = analysed.result("predict"), table(analysed)
    assert result.intervals_over == "4 values of donor"
    for name, share in result.shares.items():
        assert share.cells == result.counts[name] == sum(row["predicted"] == name for row in rows)
        assert share.share.value == share.cells / 48 and share.share.low <= share.share.value <= share.share.high
    assert sum(share.cells for share in result.shares.values()) == 48


def test_samples_are_counted_by_every_tag(analysed):
    result = analysed.result("predict")
    assert [(row.tag, row.value, row.cells) for row in result.samples] == [("donor", name, 12) for name in "ABCD"]
    with (analysed.result_dir("predict") / "samples.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["n_bright"]) + int(row["n_dim"]) for row in rows] == [12] * 4
    assert all(float(row["low_dim"]) <= float(row["share_dim"]) <= float(row["high_dim"]) for row in rows)


def test_the_gallery_goes_from_certain_to_doubtful(analysed):
    result = analysed.result("predict")
    assert len(result.marks) == len(result.gallery.cells)
    for name in result.classes:
        sure = [mark.confidence for mark, cell in zip(result.marks, result.gallery.cells, strict=True)
                if cell.label == name]  # fmt: skip
        assert sure == sorted(sure, reverse=True) and sure


def test_one_corrupt_file_is_named_and_the_others_are_predicted(analysed, tmp_path):
    rng = np.random.default_rng(4)
    for index in range(5):
        image = np.clip(rng.normal(200, 20, (2, 20, 20)), 0, 4095).astype(np.uint16)
        write_cell(tmp_path / "new", f"cell{index}", image)
    (tmp_path / "new" / "cell3_Ch2.tif").write_bytes(b"II*\0nothing")
    with Project.open(tmp_path / "other") as other:
        model = analysed.root / analysed.result("train").model
        other.change({"predict.model": str(model), "predict.input": [str(tmp_path / "new")]})
        run_steps(other, ["predict"], Tell())
        assert other.result("predict").n_cells == 4
        named = [notice for notice in other.result("predict").notices if "cell3_Ch" in notice.file]
        assert named and named[0].level == "warning"


def test_other_channels_are_refused_and_the_result_stays(analysed, tmp_path):
    write_cell(tmp_path / "new", "cell", np.ones((2, 20, 20), np.uint16), (5, 6))
    with Project.open(tmp_path / "other") as other:
        model = analysed.root / analysed.result("train").model
        good = tmp_path / "good"
        write_cell(good, "cell", np.ones((2, 20, 20), np.uint16))
        other.change({"predict.model": str(model), "predict.input": [str(good)]})
        run_steps(other, ["predict"], Tell())
        before = other.result("predict").id
        other.change({"predict.input": [str(tmp_path / "new")]})
        with pytest.raises(UserError, match="do not fit the model"):
            run_steps(other, ["predict"], Tell())
        assert other.result("predict").id == before


def test_models_of_older_programs_still_predict(analysed, tmp_path):
    from wizard.engine.model import load

    model = load(analysed.root / analysed.result("train").model)
    model.manifest.pop("judged")
    model.familiarity = type(model.familiarity)(
        *(getattr(model.familiarity, name) for name in ("centre", "components", "means", "precision", "limit"))
    )
    model.save(tmp_path / "old.cytomodel", "card")
    write_cell(tmp_path / "new", "cell", np.ones((2, 20, 20), np.uint16))
    with Project.open(tmp_path / "other") as other:
        other.change({"predict.model": str(tmp_path / "old.cytomodel"), "predict.input": [str(tmp_path / "new")],
                      "predict.false_alarms": 5})  # fmt: skip
        run_steps(other, ["predict"], Tell())
        result = other.result("predict")
    texts = " ".join(notice.text for notice in result.notices)
    assert result.threshold == 0.6 and result.false_alarms == 0.01
    assert "no threshold could be chosen" in texts and "knows only 1 % of false alarms" in texts
    assert result.uncorrected == "the model holds no record of its validation cells"


def test_no_model_yet(project, easy):
    project.change({"predict.input": [str(easy)]})
    assert project.state("predict").kind == "blocked"
    with pytest.raises(UserError, match="no model"):
        run_steps(project, ["predict"], Tell())
