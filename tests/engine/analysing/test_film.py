from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.engine.analysing.conftest import course, space_of
from wizard.engine.analysing import film, progression
from wizard.engine.data.dataset import DataSet
from wizard.engine.events import Tell
from wizard.visualize_plan import VisualizePlan


@pytest.fixture
def arranged(demo_parsed):
    data = DataSet.open(demo_parsed.data_set("main"))
    scores, place, day = course(len(data.cells["cell_id"]) - 20)
    columns = {"day": day.astype(str)}
    space = space_of(scores)
    pseudotime, found = progression.arrange(space, columns, "", VisualizePlan(progression="day"))
    return data, space, columns, pseudotime, found, place


def test_the_film_shows_typical_cells_of_each_step_in_order(arranged, tmp_path):
    data, space, columns, pseudotime, found, place = arranged
    rows = np.arange(len(pseudotime)) + 10
    made = film.strip(found, pseudotime, space, columns, data, rows, tmp_path, Tell())
    assert [cell.label for cell in made.cells] == [str(step) for step in range(1, 13) for _ in range(4)]
    cell_of = {str(data.cells["cell_id"][row]): index for index, row in enumerate(rows)}
    shown = np.asarray([cell_of[cell.cell_id] for cell in made.cells])
    assert (np.diff(pseudotime[shown]) >= 0).all()
    assert np.corrcoef(place[shown], np.arange(len(shown)))[0, 1] > 0.95
    first = made.cells[0]
    assert first.caption.startswith("day: ") and f"pseudotime {pseudotime[shown[0]]:.2f}" in first.caption
    for name in made.sheets.values():
        assert name.startswith("film/")
        with Image.open(tmp_path / name) as sheet:
            assert sheet.size[0] == made.columns * made.tile[1]


def test_a_stray_cell_is_not_shown(arranged, tmp_path):
    data, space, columns, pseudotime, found, _ = arranged
    members = progression.parts(pseudotime)[3]
    space.scores[members[0]] += 50
    assert members[0] not in film.typical(space.scores, members, pseudotime)


def test_cells_without_pseudotime_are_not_shown(arranged, tmp_path):
    data, space, columns, pseudotime, found, _ = arranged
    pseudotime[5:] = np.nan
    made = film.strip(found, pseudotime, space, columns, data, np.arange(len(pseudotime)), tmp_path, Tell())
    assert len(made.cells) == 5 and [cell.label for cell in made.cells] == list("12345")
