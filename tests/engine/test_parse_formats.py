"""From instruments' files to data sets: the pixels, masks, tags and measurements that went in come out."""

from __future__ import annotations

import csv
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest
import tifffile
from PIL import Image

from tests.engine.readers import cif_writer, daf_writer
from tests.engine.test_parse import parse
from wizard.engine.events import Tell
from wizard.engine.readers.cif_chain import walk
from wizard.engine.run import run_steps

SHARED = Path(__file__).parents[3] / "shared" / "data"


def framed_part(frames, image):
    """Return the part of a frame in which an image of this size lies."""
    height, width = image.shape[1:]
    top, left = (frames.shape[-2] - height) // 2, (frames.shape[-1] - width) // 2
    return frames[:, top : top + height, left : left + width]


def image_offsets(path, every=2):
    with path.open("rb") as file:
        return walk(file, path.stat().st_size).offset[1::every]


@pytest.fixture
def instrument(tmp_path):
    """An ImageStream file of 40 cells with masks, and its analysis with gates on an area."""
    folder = tmp_path / "in" / "Donor A"
    folder.mkdir(parents=True)
    cells = cif_writer.small(folder / "run1.cif", count=40, high=12)
    area = np.arange(40, dtype=float)
    daf_writer.write_daf(
        folder / "run1.daf", {"Area_M01": area},
        [daf_writer.ALL, daf_writer.gate("Cells", "R1", "Area_M01"), daf_writer.gate("G1", "R2", "Area_M01", base="Cells"),
         daf_writer.gate("S", "R3", "Area_M01", base="Cells")],
        [daf_writer.region("R1", "line", [(4, 0), (39, 0)]), daf_writer.region("R2", "line", [(4, 0), (19, 0)]),
         daf_writer.region("R3", "line", [(20, 0), (35, 0)])],
        file="run1.cif", offsets=image_offsets(folder / "run1.cif"), images=[{"name": "DNA", "color": "Lime", "physicalChannel": 1}],
        heights=[image.shape[1] for image, _ in cells], widths=[2 * image.shape[2] for image, _ in cells],
    )  # fmt: skip
    return folder, cells


def test_an_instruments_file_with_its_gates(project, instrument):
    folder, cells = instrument
    result, data = parse(project, input=[str(folder.parent)])
    assert result.n_skipped == 0
    assert result.tags["population"] == {"": 4, "Cells": 4, "G1": 16, "S": 16}
    assert result.tags["donor"] == {"A": 40}
    assert [channel.shown for channel in data.channels] == ["Ch1 Bright field", "Ch2 DNA"]
    assert data.cells["object"].tolist() == list(range(40))
    frames, masks = data.load(np.arange(40)), data.masks[:]
    for number, (image, mask) in enumerate(cells):
        np.testing.assert_array_equal(framed_part(frames[number], image), image)
        np.testing.assert_array_equal(framed_part(masks[number], mask), mask)
    figures = data.measurements()
    assert figures["cell_id"].tolist() == data.cells["cell_id"].tolist()
    np.testing.assert_array_equal(figures["Area_M01"], np.arange(40.0))
    assert result.n_measurements > 1


def test_chosen_gates_become_the_classes(project, instrument):
    folder, _ = instrument
    result, data = parse(project, input=[str(folder)], populations="S, Cells", exclude='population: ""')
    assert result.tags["population"] == {"Cells": 20, "S": 16}
    assert (result.n_cells, result.target, result.excluded_by_tag) == (36, "population", 4)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_a_real_instruments_file(project):
    result, data = parse(project, input=[str(SHARED / "ifc" / "example.cif")])
    golden = np.load(SHARED / "ifc" / "example_golden_000_049.npz")
    frames, masks = data.load(np.arange(50)), data.masks[:50]
    for number in range(50):
        image, mask = golden[f"img_{number:04d}"], golden[f"msk_{number:04d}"]
        if max(image.shape[1:]) <= data.frame[0]:
            np.testing.assert_array_equal(framed_part(frames[number], image), image)
            np.testing.assert_array_equal(framed_part(masks[number], mask), mask)
    assert (result.n_cells, result.pixel_size, result.n_skipped) == (111, 0.5, 0)


def test_a_label_table_names_the_cells(project, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    cif_writer.small(folder / "run1.cif", count=12)
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(["File", "Object number", "Phase"])
        table.writerows([["run1.cif", number, "G1" if number < 7 else "S"] for number in range(11)])
    result, data = parse(project, input=[str(folder)], table=str(tmp_path / "labels.csv"))
    assert result.tags["Phase"] == {"": 1, "G1": 7, "S": 4}
    assert data.values("Phase").tolist() == ["G1"] * 7 + ["S"] * 4 + [""]
    assert any(cue.subject == "Label table" and cue.count == 1 for cue in result.cues)


def test_events_of_a_cytometer_are_framed_around_the_object(project, tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (10, 40, 100), np.uint8)
    centres = np.stack([rng.integers(16, 24, 10), rng.integers(20, 80, 10)], axis=1)
    with h5py.File(tmp_path / "a.rtdc", "w") as file:
        file.attrs["imaging:pixel size"] = 0.5
        file["events/image"] = images
        file["events/pos_x"], file["events/pos_y"] = centres[:, 1] * 0.5, centres[:, 0] * 0.5
        file["events/deform"] = np.linspace(0, 1, 10)
    result, data = parse(project, input=[str(tmp_path / "a.rtdc")], frame=16)
    frames = data.load(np.arange(10))
    for number, (y, x) in enumerate(centres):
        np.testing.assert_array_equal(frames[number, 0], images[number, y - 8 : y + 8, x - 8 : x + 8])
    np.testing.assert_allclose(data.measurements()["deform"], np.linspace(0, 1, 10))


def test_tiles_of_a_field_of_view_keep_their_places(project, tmp_path):
    rng = np.random.default_rng(0)
    field = rng.integers(0, 255, (320, 320), np.uint8)
    marks = np.zeros((320, 320), np.uint8)
    marks[32:64, 64:96] = 1
    marks[100:103, 0:3] = 1
    for folder, picture in (("pictures", field), ("marks", marks)):
        (tmp_path / "in" / folder).mkdir(parents=True)
        Image.fromarray(picture).save(tmp_path / "in" / folder / "field1.png")
    result, data = parse(
        project,
        input=[str(tmp_path / "in")],
        cut="tiles",
        tile=32,
        marks=[str(tmp_path / "in" / "marks")],
        mark_pixels=10,
    )
    assert result.tags["tile"] == {"negative": 99, "positive": 1}
    row = data.values("tile").tolist().index("positive")
    places = [int(data.cells[name][row]) for name in ("box_top", "box_left", "box_height", "box_width")]
    assert places == [32, 64, 32, 32]
    np.testing.assert_array_equal(data.load(np.array([row]))[0, 0], field[32:64, 64:96])
    assert len(set(zip(data.cells["box_top"], data.cells["box_left"], strict=True))) == 100


def test_montage_sheets_go_out_and_come_in_again(project, easy, tmp_path):
    result, data = parse(project, input=[str(easy)], montage=5)
    place = project.result_dir("parse") / "montages"
    assert result.montages == len(list(place.glob("*.tif"))) == 4
    sheet = tifffile.imread(place / "dim_Ch2_1.tif")
    with (place / "index.csv").open(encoding="utf-8-sig") as stream:
        lines = [line for line in csv.DictReader(stream) if line["group"] == "dim"]
    images = dict(zip(data.cells["cell_id"], data.load(np.arange(len(data))), strict=True))
    for line in lines:
        top, left = (int(line["row"]) - 1) * 24, (int(line["column"]) - 1) * 24
        np.testing.assert_array_equal(sheet[top : top + 24, left : left + 24], images[line["cell_id"]][1])
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    for path in place.glob("*.tif"):
        path.rename(sheets / path.name)
    again, cut = parse(project, input=[str(sheets)], cut="montage", tile=24, montage=0)
    assert again.n_cells == 48
    assert sorted(image.tobytes() for image in cut.load(np.arange(48))) == sorted(
        image.tobytes() for image in images.values()
    )


def test_data_sets_are_merged_and_keep_their_cells(project, easy, tmp_path):
    first = parse(project, input=[str(easy / "Donor A"), str(easy / "Donor B")])[1]
    ids = set(first.cells["cell_id"])
    project.data_set("main").rename(tmp_path / "one.cells")
    second = parse(project, input=[str(easy / "Donor C"), str(easy / "Donor D")])[1]
    ids |= set(second.cells["cell_id"])
    project.data_set("main").rename(tmp_path / "two.cells")
    result, data = parse(project, input=[str(tmp_path / "one.cells"), str(tmp_path / "two.cells")])
    assert set(data.cells["cell_id"]) == ids
    assert result.tags["donor"] == {"A": 12, "B": 12, "C": 12, "D": 12}
    assert result.group == "donor"


def test_a_model_takes_the_same_cells_from_another_format(project, easy, tmp_path):
    project.change({"parse.input": [str(easy)], "train.epochs": 2})
    run_steps(project, ["parse", "train"], Tell())
    planes = {number: [] for number in (1, 2)}
    for path in sorted(easy.rglob("*_Ch1.tif")):
        for number, plane in planes.items():
            plane.append(tifffile.imread(str(path).replace("_Ch1", f"_Ch{number}")))
    stack = np.stack([np.stack(plane) for plane in planes.values()], axis=1)
    tifffile.imwrite(tmp_path / "all.ome.tif", stack, metadata={"axes": "TCYX"}, photometric="minisblack")
    project.change({"predict.input": [str(tmp_path / "all.ome.tif")]})
    run_steps(project, ["predict"], Tell())
    many = pq.read_table(project.root / "data" / "predict.cells" / "cells.parquet").to_pydict()
    assert len(many["cell_id"]) == 48
    project.change({"predict.input": [str(easy)]})
    run_steps(project, ["predict"], Tell())
    single = pq.read_table(project.root / "data" / "predict.cells" / "cells.parquet").to_pydict()
    assert sorted(many["digest"]) == sorted(single["digest"])
