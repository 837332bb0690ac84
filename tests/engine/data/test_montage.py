from __future__ import annotations

import csv

import numpy as np
import pytest
import tifffile

from wizard.engine.data import montage
from wizard.engine.data.dataset import DataSet, create_images
from wizard.results import Channel

HEIGHT, WIDTH = 10, 14


def data_set(folder, count, dtype=np.int16, channels=2):
    folder.mkdir()
    images = create_images(folder, count, channels, (HEIGHT, WIDTH), np.dtype(dtype))
    pixels = np.random.default_rng(1).integers(1, 30000, (count, channels, HEIGHT, WIDTH)).astype(dtype)
    images[:] = pixels
    info = {
        "channels": [Channel(name=f"Ch{n}", number=n, label="DNA" if n == 2 else "").model_dump()
                     for n in range(1, channels + 1)],
        "frame": [HEIGHT, WIDTH],
    }  # fmt: skip
    cells = {"cell_id": np.array([f"id{n}" for n in range(count)]), "source": np.array(["=a.cif"] * count),
             "object": np.arange(count)}  # fmt: skip
    return DataSet(folder, info, cells), pixels


def index(folder):
    with (folder / "index.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def tile(sheet, entry):
    top, left = (int(entry["row"]) - 1) * HEIGHT, (int(entry["column"]) - 1) * WIDTH
    return sheet[top : top + HEIGHT, left : left + WIDTH]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
def test_every_cell_lies_where_the_index_says(tmp_path, dtype):
    data, pixels = data_set(tmp_path / "a.cells", 23, dtype)
    groups = ["G1" if n % 3 else "S phase" for n in range(23)]
    sheets = montage.write_montages(tmp_path / "out", data, np.arange(23), 3, groups)
    assert {sheet["file"] for sheet in sheets} == {
        "G1_Ch1_1.tif", "G1_Ch1_2.tif", "G1_Ch2_DNA_1.tif", "G1_Ch2_DNA_2.tif", "S_phase_Ch1_1.tif",
        "S_phase_Ch2_DNA_1.tif",
    }  # fmt: skip
    assert {path.name for path in (tmp_path / "out").iterdir()} == {sheet["file"] for sheet in sheets} | {"index.csv"}
    entries = index(tmp_path / "out")
    assert len(entries) == 23
    assert entries[0]["source"] == "'=a.cif"
    for entry in entries:
        row = int(entry["cell_id"][2:])
        assert entry["group"] == groups[row]
        for channel, name in enumerate(("Ch1", "Ch2_DNA")):
            sheet = tifffile.imread(tmp_path / "out" / f"{groups[row].replace(' ', '_')}_{name}_{entry['sheet']}.tif")
            assert sheet.shape == (3 * HEIGHT, 3 * WIDTH)
            assert sheet.dtype == dtype
            np.testing.assert_array_equal(tile(sheet, entry), pixels[row, channel])
    assert sum(sheet["cells"] for sheet in sheets if sheet["channel"] == "Ch1") == 23


def test_the_rest_of_the_last_sheet_is_black_and_places_are_kept(tmp_path):
    data, pixels = data_set(tmp_path / "a.cells", 10)
    montage.write_montages(tmp_path / "out", data, np.arange(10)[::-1], 5, ["x"] * 10)
    sheet = tifffile.imread(tmp_path / "out" / "x_Ch1_1.tif")
    np.testing.assert_array_equal(sheet[:HEIGHT, :WIDTH], pixels[9, 0])
    np.testing.assert_array_equal(sheet[HEIGHT : 2 * HEIGHT, -WIDTH:], pixels[0, 0])
    assert not sheet[2 * HEIGHT :].any()


def test_sheets_larger_than_what_is_held_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(montage, "_LOAD_BYTES", 5000)
    monkeypatch.setattr(montage, "_SPOOL_BYTES", 1000)
    data, pixels = data_set(tmp_path / "a.cells", 60)
    montage.write_montages(tmp_path / "out", data, np.arange(60), 7, ["x"] * 60)
    for entry in index(tmp_path / "out"):
        sheet = tifffile.imread(tmp_path / "out" / f"x_Ch2_DNA_{entry['sheet']}.tif")
        np.testing.assert_array_equal(tile(sheet, entry), pixels[int(entry["object"]), 1])


def test_names_are_safe_and_never_meet():
    names = montage.file_names(
        [("a/b", "Ch1"), ("a b", "Ch1"), ("A_B", "Ch1"), ("..", "Ch1"), ("", "β-cell"), ("x" * 200, "y")]
    )
    assert list(names.values())[:5] == ["a_b_Ch1", "a_b_Ch1-2", "A_B_Ch1-3", "no_class_Ch1", "no_class_β-cell"]
    assert all(len(name) < 125 for name in names.values())


def test_no_cells_no_sheets(tmp_path):
    data, _ = data_set(tmp_path / "a.cells", 3)
    assert montage.write_montages(tmp_path / "out", data, [], 5, []) == []
    assert index(tmp_path / "out") == []


def test_sheets_can_be_read_by_pillow(tmp_path):
    from PIL import Image

    data, pixels = data_set(tmp_path / "a.cells", 4, np.uint16)
    montage.write_montages(tmp_path / "out", data, np.arange(4), 2, ["x"] * 4)
    with Image.open(tmp_path / "out" / "x_Ch1_1.tif") as picture:
        np.testing.assert_array_equal(np.asarray(picture)[:HEIGHT, WIDTH:], pixels[1, 0])
