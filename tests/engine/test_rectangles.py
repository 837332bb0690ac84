"""Every step works with frames that are no squares."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cells import write_cell
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.model import load
from wizard.engine.run import run_steps
from wizard.project import Project

FAST = {
    "parse.frame": "40x24", "parse.larger": "shrink", "train.epochs": 2, "evaluate.bootstrap": 100,
    "visualize.methods": ["pca"], "visualize.dimensions": ["2"],
}  # fmt: skip


def wide_folder(root, per_class=16, seed=0):
    """Write two classes of cells of about 20 × 36 px (height × width) from four donors."""
    rng = np.random.default_rng(seed)
    for index in range(per_class):
        for name, level in (("dim", 100), ("bright", 900)):
            image = rng.normal(200, 20, (2, 18 + index % 5, 34 + index % 9))
            image[1, 5:-5, 8:-8] += level
            folder = root / f"Donor {'ABCD'[index % 4]}" / name
            write_cell(folder, f"{name}{index:03d}", np.clip(image, 0, 4095).astype(np.uint16))
    return root


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A project with a model of frames 24 px high and 40 px wide, and all steps behind it."""
    place = tmp_path_factory.mktemp("rectangles")
    with Project.open(place / "project") as project:
        project.change({"parse.input": [str(wide_folder(place / "cells"))], **FAST})
        run_steps(project, ["parse", "train", "evaluate", "predict", "extract", "visualize"], Tell())
        yield project


def test_the_steps_of_a_project(done):
    data = DataSet.open(done.data_set("main"))
    assert data.images.shape == (32, 2, 24, 40)
    assert (done.result("parse").frame, done.result("train").frame) == ((24, 40), (24, 40))
    model = load(done.root / done.result("train").model)
    assert model.manifest["frame"] == [24, 40]
    assert tuple(model.network.input.shape) == (None, 24, 40, 2)
    assert done.result("evaluate").n_cells == len(data.where("holdout"))
    assert done.result("predict").n_cells == done.result("extract").n_cells == 32
    assert [made.title for made in done.result("visualize").maps] == ["PCA 2-D"]
    card = (done.result_dir("report") / "report.html").read_text(encoding="utf-8")
    assert "40 × 24 px" in card
    assert "24 × 40 px" not in card


@pytest.mark.parametrize("step", ["evaluate", "predict", "extract"])
def test_other_images_get_the_models_frame(done, tmp_path, step):
    images = wide_folder(tmp_path / "new", per_class=6, seed=5)
    with Project.open(tmp_path / "other") as other:
        model = done.root / done.result("train").model
        other.change({f"{step}.model": str(model), f"{step}.input": [str(images)], "parse.frame": 0})
        run_steps(other, [step], Tell())
        assert other.result(step).n_cells == 12
        assert DataSet.open(other.data_set(step)).images.shape == (12, 2, 24, 40)


def test_a_model_of_lying_frames_refuses_standing_ones(done, tmp_path):
    with Project.open(tmp_path / "other") as other:
        model = done.root / done.result("train").model
        other.change({"parse.input": done.plan.parse.input, "parse.frame": "24x40", "predict.model": str(model)})
        run_steps(other, ["parse"], Tell())
        with pytest.raises(UserError, match="do not fit the model") as caught:
            run_steps(other, ["predict"], Tell())
        assert "24×40 px; the model needs" in caught.value.why
        assert "at 40×24 px" in caught.value.why
