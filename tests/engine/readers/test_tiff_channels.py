from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from wizard.engine.readers import READERS
from wizard.engine.readers.base import Lost, Reading, Unreadable
from wizard.engine.readers.tiff_channels import channel_of

READER = READERS["TIFF, one file per channel"]
HOW = Reading()


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
    assert READER.can_open(Path(name)) == (parts is not None)


def write(folder: Path, *names: str, shape=(8, 8)) -> list[Path]:
    for name in names:
        tifffile.imwrite(folder / name, np.full(shape, len(name), np.uint16), photometric="minisblack")
    return [folder / name for name in names]


def test_dots_in_names_do_not_merge_cells(tmp_path):
    files = write(tmp_path, "x.1_Ch1.tif", "x.2_Ch1.tif")
    sources, skipped = READER.claim(tmp_path, files, HOW)
    assert [source.name for source in sources] == ["x.1", "x.2"]
    assert not skipped


def test_channels_are_in_number_order(tmp_path):
    (tmp_path / "Day 7").mkdir()
    files = write(tmp_path / "Day 7", "a_Ch12.tif", "a_Ch1.tif", "a_Ch9.tif")
    (source,), _ = READER.claim(tmp_path, files, HOW)
    assert source.name == "Day 7/a"
    contents = READER.check(source, HOW)
    assert [(channel.name, channel.number) for channel in contents.channels] == [("Ch1", 1), ("Ch9", 9), ("Ch12", 12)]
    (cell,) = READER.cells(source, contents, [9, 1], [0])
    assert cell.image[:, 0, 0].tolist() == [len("a_Ch9.tif"), len("a_Ch1.tif")]


def test_two_files_of_one_channel_are_reported(tmp_path):
    sources, skipped = READER.claim(tmp_path, write(tmp_path, "a_Ch1.tif", "a_Ch01.tif"), HOW)
    assert len(sources) == 1
    assert "a_Ch1.tif" in skipped[0].why or "a_Ch01.tif" in skipped[0].why


def test_different_sizes_are_refused(tmp_path):
    files = write(tmp_path, "a_Ch1.tif") + write(tmp_path, "a_Ch2.tif", shape=(9, 8))
    (source,), _ = READER.claim(tmp_path, files, HOW)
    with pytest.raises(Unreadable, match="differ in size"):
        READER.check(source, HOW)


def test_pixels_are_the_files_own(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 65535, (7, 9)).astype(">u2")
    tifffile.imwrite(tmp_path / "a_Ch1.tif", pixels, byteorder=">")
    (source,), _ = READER.claim(tmp_path, [tmp_path / "a_Ch1.tif"], HOW)
    contents = READER.check(source, HOW)
    assert (len(contents), contents.heights[0], contents.widths[0], contents.dtype) == (1, 7, 9, np.uint16)
    (cell,) = READER.cells(source, contents, [1], [0])
    np.testing.assert_array_equal(cell.image[0], pixels)
    assert cell.image.dtype == np.dtype("=u2")


def test_depths_meet_in_the_larger_one(tmp_path):
    tifffile.imwrite(tmp_path / "a_Ch1.tif", np.full((5, 5), 200, np.uint8))
    tifffile.imwrite(tmp_path / "a_Ch2.tif", np.full((5, 5), 4000, np.uint16))
    (source,), _ = READER.claim(tmp_path, sorted(tmp_path.iterdir()), HOW)
    contents = READER.check(source, HOW)
    (cell,) = READER.cells(source, contents, [1, 2], [0])
    assert cell.image.dtype == contents.dtype == np.uint16
    assert cell.image[:, 0, 0].tolist() == [200, 4000]


def test_pages_are_cells(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 4096, (2, 5, 6, 7)).astype(np.uint16)
    for number in (1, 2):
        tifffile.imwrite(tmp_path / f"Ch{number:02d}.ome.tif", pixels[number - 1], photometric="minisblack")
    (source,), _ = READER.claim(tmp_path, sorted(tmp_path.iterdir()), Reading(pages="channels"))
    contents = READER.check(source, HOW)
    assert (len(contents), len(contents.channels)) == (5, 2)
    for pick, cell in zip((4, 0), READER.cells(source, contents, [2, 1], [4, 0]), strict=True):
        assert cell.object == pick
        np.testing.assert_array_equal(cell.image, pixels[::-1, pick])


def test_different_page_counts_are_refused(tmp_path):
    files = write(tmp_path, "Ch1.tif", shape=(4, 8, 8)) + write(tmp_path, "Ch2.tif", shape=(5, 8, 8))
    (source,), _ = READER.claim(tmp_path, files, HOW)
    with pytest.raises(Unreadable, match=r"number of pages \(4, 5\)"):
        READER.check(source, HOW)


def test_one_cell_with_unequal_channels_is_lost(tmp_path):
    for number, middle in ((1, 8), (2, 9)):
        with tifffile.TiffWriter(tmp_path / f"Ch{number}.tif") as writer:
            for side in (8, middle, 8):
                writer.write(np.full((side, side), number, np.uint8), metadata=None)
    (source,), _ = READER.claim(tmp_path, sorted(tmp_path.iterdir()), HOW)
    contents = READER.check(source, HOW)
    found = list(READER.cells(source, contents, [1, 2], [0, 1, 2]))
    assert [isinstance(cell, Lost) for cell in found] == [False, True, False]
    assert found[1].object == 1
    assert "8×8, 9×9" in found[1].why


@pytest.mark.parametrize("photometric", ["rgb", "minisblack"])
def test_colour_is_refused(tmp_path, photometric):
    tifffile.imwrite(tmp_path / "a_Ch1.tif", np.zeros((8, 8, 3), np.uint8), photometric=photometric, planarconfig=1)
    (source,), _ = READER.claim(tmp_path, [tmp_path / "a_Ch1.tif"], HOW)
    with pytest.raises(Unreadable, match="must be grey"):
        READER.check(source, HOW)


def test_a_file_that_vanishes_is_reported(tmp_path):
    files = write(tmp_path, "a_Ch1.tif", "a_Ch2.tif")
    (source,), _ = READER.claim(tmp_path, files, HOW)
    contents = READER.check(source, HOW)
    files[1].unlink()
    with pytest.raises(Unreadable, match="cannot be read"):
        list(READER.cells(source, contents, [1, 2], [0]))
