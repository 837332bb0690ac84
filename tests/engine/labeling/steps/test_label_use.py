"""The steps that use a model for stains: evaluate, predict, extract, visualize."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pyarrow.parquet as pq
import pytest
import tifffile
import zarr
from PIL import Image

from tests.engine.labeling import made_project
from tests.engine.labeling.pictures import nuclei, published_field, save
from wizard.engine import model as cell_models
from wizard.engine import model_file
from wizard.engine.errors import UserError
from wizard.engine.labeling import model as files
from wizard.engine.labeling.using import DEAD, NUCLEI, Predictor, grown, stain_of, with_gap, within
from wizard.engine.labeling.views import Region


@pytest.fixture
def project(trained):
    before = trained.plan
    yield trained
    trained.plan = before
    trained.save_plan()


def test_figures_are_those_of_the_pixels_held_out(project):
    result = made_project.run(project, "evaluate")
    assert [one.label for one in result.stains] == ["DAPI_CONFOCAL", "MAP2_CONFOCAL"] and result.n_fields == 1
    stain = result.stains[0]
    assert stain.pixels == 160 * 192 and -1 <= stain.pearson <= 1 and stain.linear_pearson > 0.5
    assert 0.6 < stain.coverage < 0.95, "80 % is promised"
    assert sum(map(sum, stain.heat_map)) == pytest.approx(1000, abs=1)
    assert result.objects.label == "DAPI_CONFOCAL" and 5 < result.objects.diameter < 20
    assert [one.planes for one in result.planes] == [1, 3]
    assert result.planes[-1].pearson["DAPI_CONFOCAL"] == pytest.approx(stain.pearson, abs=1e-3)
    folder = project.result_dir("label_evaluate")
    assert {"errors.png", "heat_maps.png", "planes.png", "stains.csv", "report.html"} <= {
        p.name for p in folder.iterdir()
    }
    assert "Predicted intensity is not a measurement" in (folder / "report.html").read_text(encoding="utf-8")


def test_other_stained_fields_are_evaluated_whole(project, tmp_path):
    published_field(tmp_path, 7, 3, "B1", ("DAPI_CONFOCAL",), height=128, width=160)
    project.change({"label_evaluate.input": [str(tmp_path)], "label_evaluate.planes": False})
    result = made_project.run(project, "evaluate")
    assert [one.label for one in result.stains] == ["DAPI_CONFOCAL"] and result.stains[0].pixels == 128 * 160
    assert result.split_by == "fields that were not used for training" and not result.planes


def test_dead_and_live_nuclei_are_compared(project, tmp_path, trained):
    found = files.load(files.models(trained.root)[0])
    found.manifest["labels"] = ["DAPI", "DEAD"]
    found.manifest["levels"] |= {"DAPI": found.manifest["levels"]["DAPI_CONFOCAL"],
                                 "DEAD": found.manifest["levels"]["DAPI_CONFOCAL"]}  # fmt: skip
    found.manifest["members"] = [["DAPI", "DEAD"]]
    renamed = {name.replace("dapi_confocal", "dapi").replace("map2_confocal", "dead"): value
               for name, value in found.weights[0].items()}  # fmt: skip
    found.weights = [renamed]
    path = found.save(tmp_path / "dead.cytomodel", "card")
    published_field(tmp_path / "p", 7, 3, "B1", ("DAPI", "DEAD"), height=128, width=160)
    project.change({"label_evaluate.input": [str(tmp_path / "p")], "label_evaluate.model": str(path),
                    "label_evaluate.planes": False, "label_evaluate.linear": False})  # fmt: skip
    result = made_project.run(project, "evaluate")
    true = result.sizes[0]
    assert true.kind == "true" and true.live + true.dead >= 8 and true.dead > 0


@pytest.mark.parametrize("kind", ["ome-tiff", "tiff", "zarr"])
def test_pictures_are_written_and_hold_what_the_network_says(project, tmp_path, kind):
    published_field(tmp_path, 7, 3, "B1", (), height=130, width=170)
    project.change({"label_predict.input": [str(tmp_path)], "label_predict.format": kind})
    result = made_project.run(project, "predict")
    (one,) = result.fields
    assert (one.height, one.width) == (130, 170) and not one.unlike
    folder = project.result_dir("label_predict")
    path = folder / one.file
    found = np.asarray(zarr.open(path, mode="r")["0"]) if kind == "zarr" else tifffile.imread(path)
    assert found.shape == (6, 130, 170) and result.channels[:3] == [
        "DAPI_CONFOCAL",
        "DAPI_CONFOCAL low",
        "DAPI_CONFOCAL high",
    ]
    assert (found[1] <= found[0]).all() and (found[0] <= found[2]).all() and found[0].std() > 0
    with Image.open(folder / one.overlay) as picture:
        assert picture.size == (170, 130)


def test_all_fields_of_the_project_are_predicted_without_other_pictures(project):
    project.change({"label_predict.interval": False, "label_predict.overlay": False})
    result = made_project.run(project, "predict")
    assert len(result.fields) == 3 and result.channels == ["DAPI_CONFOCAL", "MAP2_CONFOCAL"]
    assert tifffile.imread(project.result_dir("label_predict") / result.fields[0].file).shape == (2, 160, 192)


def test_light_outside_of_the_training_range_is_said_by_file(project, tmp_path):
    head = "lab-X,well-Z9"
    for z in range(5):
        save(tmp_path / f"{head},z_depth-{z},channel-PHASE_CONTRAST,is_mask-false.png", 0.97 + 0.01 * nuclei(3)[0])
    project.change({"label_predict.input": [str(tmp_path)]})
    result = made_project.run(project, "predict")
    assert "brighter" in result.fields[0].unlike and result.n_unlike == 1
    said = [one.text for one in result.notices]
    assert any("z_depth-0" in text and "brighter" in text for text in said)
    assert any("The stack has 5 planes, the model learnt 3" in text for text in said)


def test_pictures_that_are_too_small_are_refused_by_file(project, tmp_path):
    published_field(tmp_path, 7, 3, "B1", (), height=24, width=170, count=0)
    project.change({"label_predict.input": [str(tmp_path)]})
    with pytest.raises(UserError, match="z_depth-0.* is 170×24 px, too small for Fast U-Net"):
        made_project.run(project, "predict")


def test_features_of_nuclei_and_squares(project):
    project.change({"label_extract.rows": "squares", "label_extract.square": 64})
    result = made_project.run(project, "extract")
    assert result.rows == "square" and result.n_rows == 3 * 2 * 3 and result.n_features > 0
    table = pq.read_table(project.result_dir("label_extract") / "features.parquet")
    assert table.num_rows == 18 and table["y"][0].as_py() == pytest.approx(31.5)
    assert {"cell_id", "field", "predicted DAPI_CONFOCAL", "f0000"} <= set(table.column_names)
    result = made_project.run(project, "visualize")
    assert result.n_rows == 18 and len(result.panels) == len(result.overlays) == 1
    folder = project.result_dir("label_visualize")
    assert (folder / "map.png").is_file() and all((folder / name).is_file() for name in result.panels.values())
    assert pq.read_table(folder / "maps.parquet").column_names[-2:] == ["PCA 1", "PCA 2"]


def test_nuclei_are_the_rows_where_a_stain_shows_them(project):
    project.change({"label_extract.rows": "nuclei", "label_extract.nuclei": "MAP2_CONFOCAL"})
    result = made_project.run(project, "extract")
    assert result.rows == "nucleus" and result.diameter > 0 and result.n_rows > 0
    project.change({"label_extract.nuclei": "ACTIN"})
    with pytest.raises(UserError, match="no stain called ACTIN"):
        made_project.run(project, "extract")


def test_a_region_is_predicted_as_a_picture_of_its_own(trained):
    found = files.load(files.models(trained.root)[0])
    light = np.random.default_rng(0).uniform(0.3, 0.7, (120, 140, 3)).astype(np.float32)
    region = Region(0, 16, 24, 112, 136)
    predictor = Predictor(found)
    cut = predictor.whole(light[16:112, 24:136], Region(0, 0, 0, 96, 112))
    np.testing.assert_allclose(predictor.whole(light, region), cut, atol=1e-6)


def test_stains_are_told_by_name():
    labels = ["MAP2", "Hoechst 33342", "NucGreen-Dead"]
    assert stain_of(labels, "auto", NUCLEI) == "Hoechst 33342" and stain_of(labels, "", DEAD) == "NucGreen-Dead"
    assert stain_of(labels, "none", NUCLEI) == "" and stain_of(labels, "map2", NUCLEI) == "MAP2"
    assert stain_of(["ACTIN"], "auto", NUCLEI) == ""


def test_models_of_the_two_tasks_are_not_mixed_up(trained, tmp_path):
    with pytest.raises(UserError, match="does not tell cells apart"):
        cell_models.load(files.models(trained.root)[0])
    path = tmp_path / "cells.cytomodel"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in model_file.MEMBERS:
            archive.writestr(name, json.dumps({"schema": 1}) if name == "manifest.json" else "")
    with pytest.raises(UserError, match="does not predict stains"):
        files.load(path)
    assert trained.models() == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("network", "other"), ("planes", 0), ("members", [["DAPI_CONFOCAL"]]), ("options", {"width": 1e9}), ("labels", [1]),
     ("prepare", ["rm"]), ("weights_sha256", "0"), ("levels", {})],
)  # fmt: skip
def test_a_changed_model_is_refused(trained, tmp_path, key, value):
    source = files.models(trained.root)[0]
    path = tmp_path / "m.cytomodel"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name in model_file.MEMBERS:
            data = old.read(name)
            new.writestr(name, json.dumps(json.loads(data) | {key: value}) if name == "manifest.json" else data)
    with pytest.raises(UserError, match="cannot be used"):
        files.load(path)
    with pytest.raises(UserError, match="does not exist"):
        files.load(tmp_path / "none.cytomodel")


def test_a_strip_is_predicted_with_the_light_of_its_gap_only():
    strip, trained = Region(0, 0, 60, 100, 80), [Region(0, 0, 0, 100, 52), Region(1, 0, 0, 100, 58)]
    assert with_gap(strip, trained) == Region(0, 0, 52, 100, 80)
    assert with_gap(Region(2, 0, 0, 100, 80), trained) == Region(2, 0, 0, 100, 80)
    assert grown(Region(0, 10, 60, 20, 70), 30, with_gap(strip, trained)) == Region(0, 0, 52, 50, 80)
    whole = np.arange(100 * 28).reshape(100, 28)
    np.testing.assert_array_equal(within(whole, strip, with_gap(strip, trained)), whole[:, 8:])
