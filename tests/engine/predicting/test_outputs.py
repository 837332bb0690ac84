from __future__ import annotations

import csv

import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest
import tifffile
from PIL import Image

from tests import fcs_reader
from tests.cells import easy_folder, write_cell
from wizard.engine.data.dataset import DataSet
from wizard.engine.events import Tell
from wizard.engine.predicting import rtdc_copies
from wizard.engine.predicting.origins import Names, file_of, safe
from wizard.engine.readers import READERS
from wizard.engine.readers.base import Reading
from wizard.engine.run import run_steps
from wizard.project import Project


def write_rtdc(path, cells=30, side=24, seed=0, level=None):
    """Write events of which the even ones are bright, with a feature of the instrument."""
    rng = np.random.default_rng(seed)
    images = rng.normal(60, 6, (cells, side, side))
    images[::2, 6:-6, 6:-6] += 120
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.attrs["setup:channel width"] = 20.0
        file["events/image"] = np.clip(images, 0, 255).astype(np.uint8)
        file["events/pos_x"] = np.full(cells, side / 2.0)
        file["events/pos_y"] = np.full(cells, side / 2.0)
        file["events/area_um"] = np.arange(cells, dtype=float)
    return path


@pytest.fixture(scope="module")
def flow(tmp_path_factory):
    """A project with a model of .rtdc cells, predicted with every output; tests must not change it."""
    place = tmp_path_factory.mktemp("flow")
    table = [["file", "object", "brightness"]]
    for index in range(4):
        path = write_rtdc(place / "raw" / f"=sample {index}.rtdc", seed=index)
        table += [[path.name, number, "high" if number % 2 == 0 else "l:o/w"] for number in range(30)]
    with (place / "labels.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(table)
    with Project.open(place / "project") as project:
        project.change({
            "parse.input": [str(place / "raw")], "parse.table": str(place / "labels.csv"), "train.epochs": 10,
            "train.target": "brightness", "predict.outputs": ["rtdc", "fcs", "ideas", "folders", "excel"],
            "predict.picture": "tiff",
        })  # fmt: skip
        run_steps(project, ["parse", "train", "predict"], Tell())
        yield project


def test_rtdc_copies_hold_class_and_scores_and_are_read_back(flow, rows_of, tmp_path):
    rows = [row for row in rows_of(flow) if row["source"] == "'=sample 1.rtdc"]
    folder = flow.result_dir("predict") / "rtdc"
    copies = sorted(folder.glob("*.rtdc"))
    assert len(copies) == 4 and len(rows) == 30
    classes = flow.result("predict").classes
    with h5py.File(copies[1]) as file, h5py.File(flow.plan.parse.input[0] + "/=sample 1.rtdc") as original:
        events = file["events"]
        assert [int(value) for value in events["userdef0"]] == [classes.index(row["predicted"]) for row in rows]
        np.testing.assert_array_equal(events["ml_class"], events["userdef0"])
        for number, name in enumerate(classes):
            wanted = [float(row[f"p_{name}"]) for row in rows]
            np.testing.assert_allclose(events[f"userdef{number + 1}"], wanted, atol=1e-5)
            np.testing.assert_allclose(events[f"ml_score_c0{number}"], wanted, atol=1e-5)
        np.testing.assert_array_equal(events["area_um"], original["events/area_um"])
        np.testing.assert_array_equal(events["image"], original["events/image"])
        assert "userdef0" not in original["events"]
    reader = next(reader for reader in READERS.values() if reader.can_open(copies[1]))
    sources, skipped = reader.claim(folder, [copies[1]], Reading())
    contents = reader.check(sources[0], Reading())
    assert not skipped and len(contents) == 30
    np.testing.assert_allclose(contents.measurements["userdef1"], [float(row[f"p_{classes[0]}"]) for row in rows],
                               atol=1e-5)  # fmt: skip


def test_features_of_the_instrument_are_kept(tmp_path):
    path = write_rtdc(tmp_path / "a.rtdc", cells=4)
    with h5py.File(path, "r+") as file:
        file["events/userdef0"] = np.full(4, 7.0)
    scores = np.array([[0.9, 0.1], [0.2, 0.8]])
    kept = rtdc_copies.write(path, tmp_path / "b.rtdc", np.array([0, 2]), np.array([0, 1]), scores)
    assert kept == ["userdef0"]
    with h5py.File(tmp_path / "b.rtdc") as file:
        assert (file["events/userdef0"][:] == 7).all()
        np.testing.assert_array_equal(file["events/ml_class"][:], [0, np.nan, 1, np.nan])


def test_events_that_the_file_does_not_hold_are_refused(tmp_path):
    path = write_rtdc(tmp_path / "a.rtdc", cells=4)
    with pytest.raises(ValueError, match="holds 4 events"):
        rtdc_copies.write(path, tmp_path / "b.rtdc", np.array([4]), np.array([0]), np.ones((1, 2)) / 2)
    assert not (tmp_path / "b.rtdc").exists()


def test_fcs_files_hold_the_same_cells_per_source(flow, rows_of):
    rows = [row for row in rows_of(flow) if row["source"] == "'=sample 0.rtdc"]
    files = sorted((flow.result_dir("predict") / "fcs").glob("*.fcs"))
    found = fcs_reader.read(files[0])
    events = dict(zip(found.pnn_labels, found.events.T, strict=True))
    classes = flow.result("predict").classes
    assert len(files) == 4 and found.event_count == 30
    np.testing.assert_array_equal(events["Object"], [int(row["object"]) for row in rows])
    np.testing.assert_array_equal(events["Class"], [classes.index(row["predicted"]) + 1 for row in rows])
    np.testing.assert_allclose(events["Confidence"], [float(row["confidence"]) for row in rows], atol=1e-5)
    np.testing.assert_allclose(events["P_2"], [float(row[f"p_{classes[1]}"]) for row in rows], atol=1e-5)
    np.testing.assert_array_equal(events["area_um"], np.arange(30))
    assert found.text["cytowizard class 1"] == classes[0]


def test_object_numbers_for_ideas(flow, rows_of):
    rows = [row for row in rows_of(flow) if row["source"] == "'=sample 2.rtdc"]
    folder = flow.result_dir("predict") / "ideas"
    text = (folder / "sample_2.rtdc_class_high.txt").read_text().split()
    assert text == [row["object"] for row in rows if row["predicted"] == "high"]
    assert (folder / "sample_2.rtdc_class_l_o_w.txt").is_file()


def test_cells_lie_in_the_folder_of_their_class(flow, rows_of):
    folder = flow.result_dir("predict") / "cells_by_class"
    with (folder / "index.csv").open(encoding="utf-8-sig") as stream:
        index = list(csv.DictReader(stream))
    data = DataSet.open(flow.data_set("main"))
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"high", "l_o_w"}
    assert len(index) == len(data) == 120
    for place in (0, 77):
        image = tifffile.imread(folder / index[place]["file"])
        np.testing.assert_array_equal(
            image.reshape(data.load(np.array([place]))[0].shape), data.load(np.array([place]))[0]
        )  # noqa: E501


def test_the_parquet_table_agrees_with_the_csv(flow, rows_of):
    rows, table = rows_of(flow), pq.read_table(flow.result_dir("predict") / "predictions.parquet")
    assert table.column_names == list(rows[0])
    assert table.column("source").to_pylist() == [row["source"].removeprefix("'") for row in rows]
    np.testing.assert_allclose(table.column("confidence").to_numpy(), [float(row["confidence"]) for row in rows],
                               atol=1e-5)  # fmt: skip
    assert table.column("unsure").to_pylist() == [row["unsure"] == "yes" for row in rows]


def test_files_are_listed(flow):
    files = flow.result("predict").files
    assert {"rtdc", "fcs", "ideas", "cells_by_class", "predictions.parquet", "samples.csv"} <= set(files.values())
    assert all((flow.result_dir("predict") / name).exists() for name in files.values())


def test_outputs_that_do_not_apply_are_said(other, tmp_path):
    other.change({"predict.input": [str(easy_folder(tmp_path / "new", per_class=4))],
                  "predict.outputs": ["rtdc", "ideas", "folders"]})  # fmt: skip
    run_steps(other, ["predict"], Tell())
    texts = " ".join(notice.text for notice in other.result("predict").notices)
    assert "No .rtdc copy was written" in texts and "No object numbers were written" in texts
    pictures = list((other.result_dir("predict") / "cells_by_class").rglob("*.png"))
    with Image.open(pictures[0]) as picture:
        assert len(pictures) == 8 and picture.width == 2 * picture.height


def test_numbers_of_exported_pictures_are_their_names(other, tmp_path):
    rng = np.random.default_rng(0)
    for number in (3, 1200, 17):
        image = np.clip(rng.normal(200, 20, (2, 20, 20)), 0, 4095).astype(np.uint16)
        write_cell(tmp_path / "new", str(number), image)
    other.change({"predict.input": [str(tmp_path / "new")], "predict.outputs": ["ideas", "fcs"]})
    run_steps(other, ["predict"], Tell())
    written = list((other.result_dir("predict") / "ideas").glob("*class*.txt"))
    assert sorted(int(line) for path in written for line in path.read_text().split()) == [3, 17, 1200]


def test_names_that_every_file_system_takes():
    names = Names()
    assert names.take("a/b:c") == "a_b_c" and names.take("A_b c", ".txt") == "A_b_c-2.txt"
    assert safe("=CMD|x") == "CMD_x" and safe("con.txt") == "_con.txt" and safe("...") == "unnamed"
    assert len(safe("x" * 500)) == 80


def test_original_files_are_found_below_the_inputs_only(tmp_path):
    (tmp_path / "in" / "day").mkdir(parents=True)
    (tmp_path / "in" / "day" / "a.rtdc").write_bytes(b"1")
    (tmp_path / "secret.rtdc").write_bytes(b"2")
    inputs = [str(tmp_path / "in")]
    assert file_of("day/a.rtdc", inputs) == tmp_path / "in" / "day" / "a.rtdc"
    assert file_of("in/day/a.rtdc", inputs) == tmp_path / "in" / "day" / "a.rtdc"
    assert file_of("a.rtdc", [str(tmp_path / "in" / "day" / "a.rtdc")]) is not None
    assert file_of("secret.rtdc", inputs) is None and file_of("../secret.rtdc", inputs) is None
