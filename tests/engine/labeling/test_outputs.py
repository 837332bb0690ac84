from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from wizard.engine.errors import UserError
from wizard.engine.labeling.fields import pixels, share, stack
from wizard.engine.labeling.finding import Wish, find_fields
from wizard.engine.labeling.outputs import FORMATS, channel_names, opened, save_picture
from wizard.engine.labeling.tiling import Tiles, predict_into

PICTURE = np.random.default_rng(0).uniform(0, 1, (90, 130, 3)).astype(np.float32)
NAMES = ["DAPI", "DAPI low", "DAPI high"]
TILES = Tiles(tile=64, halo=8, overlap=8, step=8)


def read(top, left, bottom, right):
    return PICTURE[top:bottom, left:right]


@pytest.mark.parametrize("kind", list(FORMATS))
def test_what_is_written_part_by_part_is_read_again(tmp_path, kind):
    path = tmp_path / "out" / f"A1{FORMATS[kind]}"
    with opened(path, kind, PICTURE.shape[:2], NAMES, 0.3) as write:
        predict_into(lambda x: x, read, PICTURE.shape[:2], write, TILES)
        assert not path.exists()
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    survey = find_fields([str(path)], Wish(("DAPI low", "Ch2"), ("DAPI", "Ch1")))
    (field,) = survey.fields
    np.testing.assert_allclose(share(stack(field.inputs))[0], PICTURE[..., 1], atol=1e-5)
    np.testing.assert_allclose(share(pixels(field.targets[survey.labels[0]][0])), PICTURE[..., 0], atol=1e-5)
    if kind != "tiff":
        assert field.pixel_size == pytest.approx(0.3) and survey.labels == ("DAPI",)


def test_tifffile_sees_the_channels(tmp_path):
    path = tmp_path / "A1.ome.tif"
    with opened(path, "ome-tiff", PICTURE.shape[:2], NAMES) as write:
        write(0, 0, PICTURE)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.series[0].axes == "CYX" and "DAPI low" in tiff.ome_metadata


@pytest.mark.parametrize("kind", list(FORMATS))
def test_nothing_is_left_of_a_file_that_broke_off(tmp_path, kind):
    path = tmp_path / f"A1{FORMATS[kind]}"
    path.parent.mkdir(exist_ok=True)
    with pytest.raises(RuntimeError), opened(path, kind, (20, 30), NAMES) as write:
        write(0, 0, PICTURE[:10, :10])
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_names_and_unknown_formats(tmp_path):
    assert channel_names(["a", "b"], ("median", "low")) == ["a", "a low", "b", "b low"]
    with pytest.raises(UserError, match="no output format called 'gif'"), opened(tmp_path / "x", "gif", (2, 2), ["a"]):
        pass


def test_a_picture_is_saved(tmp_path):
    colours = (PICTURE * 255).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(save_picture(tmp_path / "a.png", colours))), colours)
