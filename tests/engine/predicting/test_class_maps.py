from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from wizard.engine.events import Tell
from wizard.engine.predicting.class_maps import COLOURS
from wizard.engine.run import run_steps
from wizard.project import Project

TILE = 32


def field(levels, seed=0, tile=TILE):
    """Return a picture (y, x) whose left half is of the first level and whose right half of the second."""
    rng = np.random.default_rng(seed)
    picture = rng.normal(0, 12, (4 * tile, 6 * tile))
    picture[:, : 3 * tile] += levels[0]
    picture[:, 3 * tile :] += levels[1]
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def fields(tmp_path_factory):
    """A project that predicted the tiles of one half bright, half dark picture; tests must not change it."""
    place = tmp_path_factory.mktemp("fields")
    for name, level in (("bright", 180), ("dark", 60)):
        (place / "raw" / name).mkdir(parents=True)
        for seed in range(4):
            tifffile.imwrite(place / "raw" / name / f"field {seed}.tif", field((level, level), seed))
    (place / "new" / "day 1").mkdir(parents=True)
    tifffile.imwrite(place / "new" / "day 1" / "mixed.tif", field((60, 180), 9))
    with Project.open(place / "project") as project:
        project.change({
            "parse.input": [str(place / "raw")], "parse.cut": "tiles", "parse.tile": TILE, "train.epochs": 10,
            "train.target": "class", "predict.input": [str(place / "new")],
        })  # fmt: skip
        run_steps(project, ["parse", "train", "predict"], Tell())
        yield project


def test_the_map_shows_every_class_where_it_lies(fields):
    result = fields.result("predict")
    assert list(result.maps) == ["day 1/mixed.tif"]
    assert result.counts == {"bright": 12, "dark": 12}
    with Image.open(fields.result_dir("predict") / next(iter(result.maps.values()))) as found:
        pixels = np.asarray(found.convert("RGB")).astype(int)
    size = 700 / (6 * TILE)
    colours = [np.array([int(COLOURS[number][at : at + 2], 16) for at in (1, 3, 5)]) for number in range(2)]
    for row in range(4):
        for column in range(6):
            top, left = round(row * TILE * size), round(column * TILE * size)
            edge = pixels[top, left + 30]
            wanted = colours[0] if column >= 3 else colours[1]
            assert np.abs(edge - wanted).max() < 3, (row, column)
    assert pixels.shape[0] > round(4 * TILE * size) + 30, "the legend stands below the picture"


def test_pictures_that_are_gone_are_said_and_the_rest_stays(fields, tmp_path):
    raw = tmp_path / "new"
    raw.mkdir()
    for number in range(2):
        tifffile.imwrite(raw / f"{number}.tif", field((60, 180), number))
    with Project.open(tmp_path / "other") as other:
        other.change({"predict.model": str(fields.root / fields.result("train").model), "predict.input": [str(raw)]})
        run_steps(other, ["predict"], Tell())
        assert len(other.result("predict").maps) == 2
        (raw / "0.tif").rename(tmp_path / "away.tif")
        (raw / "0.tif").write_bytes(b"no picture")
        other.change({"predict.unsure": 0.5})
        run_steps(other, ["predict"], Tell())
        result = other.result("predict")
        assert list(result.maps) == ["1.tif"] and result.n_cells == 24
        assert any("0.tif" in notice.file + notice.text for notice in result.notices)
