from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from wizard.engine.readers import READERS
from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.tiff_channels import channel_of

READER = READERS["TIFF, one file per channel"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("G1_0001_Ch3.tif", ("G1_0001", 3)),
        ("A_Ch1.ome.tif", ("A", 1)),
        ("x.1_Ch1.tif", ("x.1", 1)),
        ("x.2_Ch01.TIF", ("x.2", 1)),
        ("cell_ch_12.tiff", ("cell", 12)),
        ("Cell_1_Ch_1.TIF", ("Cell_1", 1)),
        ("cellCh2.tif", ("cell", 2)),
        ("Ch1.tif", ("", 1)),
        ("Ch1_cell7.tif", ("cell7", 1)),
        ("batch3.tif", None),
        ("BATCH3.tif", None),
        ("a_Ch3.png", None),
        ("a_Ch3b.tif", None),
    ],
)
def test_channel_of(name, parts):
    assert channel_of(name) == parts


def write(folder: Path, *names: str, shape=(8, 8)) -> list[Path]:
    for name in names:
        tifffile.imwrite(folder / name, np.full(shape, len(name), np.uint16))
    return [folder / name for name in names]


def test_dots_in_names_do_not_merge_cells(tmp_path):
    files = write(tmp_path, "x.1_Ch1.tif", "x.2_Ch1.tif")
    sources, skipped = READER.claim(tmp_path, files)
    assert len(sources) == 2
    assert not skipped


def test_channels_are_in_number_order(tmp_path):
    files = write(tmp_path, "a_Ch12.tif", "a_Ch1.tif", "a_Ch9.tif")
    (source,), _ = READER.claim(tmp_path, files)
    assert [channel.number for channel in source.channels] == [1, 9, 12]
    (cell,) = READER.cells(source, [9, 1])
    assert cell.image[:, 0, 0].tolist() == [len("a_Ch9.tif"), len("a_Ch1.tif")]


def test_two_files_of_one_channel_are_reported(tmp_path):
    sources, skipped = READER.claim(tmp_path, write(tmp_path, "a_Ch1.tif", "a_Ch01.tif"))
    assert len(sources) == 1
    assert "a_Ch1.tif" in skipped[0].why or "a_Ch01.tif" in skipped[0].why


def test_different_sizes_are_refused(tmp_path):
    files = write(tmp_path, "a_Ch1.tif") + write(tmp_path, "a_Ch2.tif", shape=(9, 8))
    (source,), _ = READER.claim(tmp_path, files)
    with pytest.raises(Unreadable, match="differ in size"):
        list(READER.cells(source, [1, 2]))


def test_pixels_are_the_files_own(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 65535, (7, 9)).astype(">u2")
    tifffile.imwrite(tmp_path / "a_Ch1.tif", pixels, byteorder=">")
    (source,), _ = READER.claim(tmp_path, [tmp_path / "a_Ch1.tif"])
    (cell,) = READER.cells(source, [1])
    np.testing.assert_array_equal(cell.image[0], pixels)
    assert cell.image.dtype == np.dtype("=u2")
