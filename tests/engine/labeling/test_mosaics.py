from __future__ import annotations

import numpy as np
import pytest

from tests.engine.labeling import made_project
from tests.engine.labeling.pictures import light, nuclei, save
from wizard.engine.errors import UserError
from wizard.engine.labeling.field_set import open_set


def write_tiles(folder, stack, stain, rows=2, columns=3, side=100, overlap=25, snake=False):
    """Cut one field into overlapping tiles `A1_s1_BF_z0.png` with small errors of the stage."""
    rng = np.random.default_rng(0)
    number = 0
    for row in range(rows):
        order = range(columns - 1, -1, -1) if snake and row % 2 else range(columns)
        for column in order:
            top, left = row * (side - overlap), column * (side - overlap)
            if number:
                top, left = (max(0, at + int(rng.integers(-3, 4))) for at in (top, left))
            number += 1
            cut = slice(top, top + side), slice(left, left + side)
            for z, plane in enumerate(stack):
                save(folder / f"A1_s{number}_BF_z{z}.png", plane[cut])
            save(folder / f"A1_s{number}_DAPI.png", stain[cut])


@pytest.mark.parametrize("snake", [False, True])
def test_tiles_become_one_field(tmp_path, snake):
    stain, _ = nuclei(3, 190, 265, 18)
    stack = light(stain, 3, 3)
    write_tiles(tmp_path / "p", stack, stain, snake=snake)
    more = {"label_parse.tiles": "2x3", "label_parse.overlap": 0.25, "label_parse.levels": "none",
            "label_parse.snake": snake}  # fmt: skip
    with made_project.opened(tmp_path / "project", tmp_path / "p", **more) as project:
        result = made_project.run(project, "parse")
        view = open_set(project.root / result.data_set).view(0)
    assert result.n_fields == 1
    height, width = result.sizes[0]
    assert abs(height - 175) <= 4 and abs(width - 250) <= 4
    known = view.known[..., 0]
    assert known.mean() > 0.95
    middle = slice(10, 160), slice(10, 230)
    np.testing.assert_allclose(view.light[..., 1][middle], stack[1][middle], atol=0.02)
    np.testing.assert_allclose(view.stains[..., 0][middle], np.clip(stain, 0, 1)[middle], atol=0.02)


def test_what_does_not_fit_the_grid_is_said_by_file(tmp_path):
    stain, _ = nuclei(3, 190, 265, 18)
    write_tiles(tmp_path / "p", light(stain, 2, 3), stain)
    with made_project.opened(tmp_path / "project", tmp_path / "p", **{"label_parse.tiles": "2x2"}) as project:
        with pytest.raises(UserError, match=r"A1_s1_BF_z0.png: The tiles cannot be stitched") as caught:
            made_project.run(project, "parse")
        assert "6 tiles for a grid of 4" in caught.value.why
        project.change({"label_parse.tiles": "two"})
        with pytest.raises(UserError, match="Grid of tiles: 'two' cannot be used"):
            made_project.run(project, "parse")
