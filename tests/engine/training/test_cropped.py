"""Networks that see the middle of a larger frame, in which their cells are turned first."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

from tests.cells import easy_folder
from tests.engine.training.conftest import TINY
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.model import load
from wizard.engine.run import run_steps
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.preparing import open_cells, prepare
from wizard.project import Project
from wizard.train_plan import TrainPlan

SETTINGS = {
    "parse.frame": "28x32", "train.network": TINY.name, "train.epochs": 2, "train.crop": "16x20", "train.batch": 8,
    "evaluate.bootstrap": 100,
}  # fmt: skip


@pytest.fixture
def project(tiny, tmp_path):
    with Project.open(tmp_path / "project") as opened:
        opened.change({"parse.input": [str(easy_folder(tmp_path / "cells"))], **SETTINGS})
        run_steps(opened, ["parse"], Tell())
        yield opened


def test_the_middle_is_loaded(project):
    whole = DataSet.open(project.data_set("main"))
    part = open_cells(project, project.plan.train)
    rows = np.array([3, 0, 7])
    assert (whole.frame, part.frame, part.middle(None).frame) == ((32, 28), (20, 16), (32, 28))
    np.testing.assert_array_equal(part.load(rows), whole.load(rows)[:, :, 6:26, 6:22])
    for (_, ours), (_, theirs) in zip(part.batches(rows, 2), whole.batches(rows, 2), strict=True):
        np.testing.assert_array_equal(ours, theirs[:, :, 6:26, 6:22])


@pytest.mark.parametrize("size", [(34, 28), (31, 28), (32, 27)])
def test_what_is_no_middle_is_refused(project, size):
    with pytest.raises(UserError, match="cannot be cut out"):
        DataSet.open(project.data_set("main")).middle(size)


def test_no_corner_is_made_up(project, tmp_path):
    """Turned by any angle, the cut holds only pixels of the cell's own frame: no copies of its border."""
    ours = {"augmentation": "own", "rotation": 180.0, "shift": 0.0, "flip_horizontal": False, "flip_vertical": False}
    corners = {}
    for crop in (0, 16):
        plan = TrainPlan(network=TINY.name, crop=crop, normalisation="none", **ours)
        training = prepare(plan, project, Checkpoints(tmp_path / f"crop{crop}"), Tell()).training
        feed = training.feed
        feed._images = np.zeros_like(feed._images)
        # A frame's border is bright: reflected in, it shows in the corners of what is turned whole.
        feed._images[:, :, [0, -1], :] = feed._images[:, :, :, [0, -1]] = 1000
        order = feed.order(training.plan, 0)
        batch = next(feed.batches(order, len(order), training.plan, np.ones(2, np.float32), 0))
        corners[crop] = batch.images[:, [0, 0, -1, -1], [0, -1, 0, -1]].max()
    assert batch.images.shape[1:3] == (16, 16)
    assert corners[0] > 0 and corners[16] == pytest.approx(0.0)


def test_all_steps_see_the_middle(project, tmp_path):
    run_steps(project, ["train", "evaluate", "predict"], Tell())
    model = load(project.root / project.result("train").model)
    assert model.manifest["frame"] == [20, 16] and model.manifest["parsed_frame"] == [32, 28]
    assert tuple(model.network.input.shape) == (None, 20, 16, 2)
    assert project.result("train").frame == (20, 16)
    own = (project.result_dir("predict") / "predictions.csv").read_text().splitlines()
    project.change({"predict.input": [str(tmp_path / "cells")]})
    run_steps(project, ["predict"], Tell())
    other = (project.result_dir("predict") / "predictions.csv").read_text().splitlines()

    def shares(lines):
        head = lines[0].split(",")
        first = head.index("confidence")
        return sorted(",".join(line.split(",")[1:3]) + "," + line.split(",")[first] for line in lines[1:])

    assert shares(own) == shares(other), "the same images parsed for the model give the same answers"


def test_a_parsed_frame_out_of_bounds_is_refused(project, tmp_path):
    run_steps(project, ["train"], Tell())
    path = project.root / project.result("train").model
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts["manifest.json"])
    manifest["parsed_frame"] = [100_000, 100_000]
    parts["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(tmp_path / "x.cytomodel", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(UserError) as refusal:
        load(tmp_path / "x.cytomodel")
    assert "out of bounds" in refusal.value.why


def test_the_setting_takes_one_number_or_two():
    assert TrainPlan(crop="16x20").crop == "16x20" and TrainPlan(crop=48).crop == 48
