from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.engine.readers import cutting_tiles
from wizard.engine.readers.cutting_tiles import counts, extra, filled, grid


def test_a_field_of_320_px_gives_100_tiles_row_by_row():
    boxes = grid(320, 320, 32)
    assert boxes.shape == (100, 4)
    assert boxes[0].tolist() == [0, 0, 32, 32]
    assert boxes[1].tolist() == [0, 32, 32, 32]
    assert boxes[-1].tolist() == [288, 288, 32, 32]


@given(height=st.integers(0, 90), width=st.integers(0, 90), tile=st.integers(1, 40))
def test_tiles_lie_in_the_picture_and_never_overlap(height, width, tile):
    seen = np.zeros((height, width), int)
    for top, left, tall, wide in grid(height, width, tile).tolist():
        assert (tall, wide) == (tile, tile)
        assert top + tile <= height and left + tile <= width
        seen[top : top + tile, left : left + tile] += 1
    assert seen.max(initial=0) <= 1
    assert seen.sum() == (height // tile) * (width // tile) * tile**2


def test_empty_tiles_are_black_or_like_the_end_of_the_sheet():
    sheet = np.full((2, 20, 30), 9, np.uint16)
    sheet[:, :10, :10] = np.arange(100).reshape(10, 10)
    sheet[:, :10, 10:20] = 0
    sheet[0, 10, 0] = 1
    sheet[:, 10:, 10:20] = 5
    assert filled(sheet, 10).tolist() == [True, False, False, True, True, False]
    sheet[1, -1, -1] = 10
    assert filled(sheet, 10).tolist() == [True, False, True, True, True, True], "no fill: flat tiles are kept"
    assert filled(sheet[:, :5], 10).tolist() == []


@settings(deadline=None)
@given(height=st.integers(1, 40), width=st.integers(1, 40), tile=st.integers(1, 12), pixels=st.integers(1, 30),
       positive=st.booleans(), share=st.floats(0, 1), seed=st.integers(0, 99), band=st.sampled_from([1, 50, 10**6]))  # fmt: skip
def test_extra_tiles_have_the_wanted_class_and_are_new(height, width, tile, pixels, positive, share, seed, band):
    marked = np.random.default_rng(seed).random((height, width)) < share
    before = cutting_tiles._BAND
    cutting_tiles._BAND = band
    try:
        boxes = extra(marked, tile, pixels, positive, 7, np.random.default_rng(seed))
    finally:
        cutting_tiles._BAND = before
    on_grid = {tuple(box) for box in grid(height, width, tile).tolist()}
    fitting = {
        (top, left, tile, tile)
        for top in range(height - tile + 1)
        for left in range(width - tile + 1)
        if (marked[top : top + tile, left : left + tile].sum() >= pixels) == positive
    }
    found = [tuple(box) for box in boxes.tolist()]
    assert set(found) <= fitting - {box for box in fitting if box[0] % tile == 0 and box[1] % tile == 0}
    assert len(set(found)) == len(found) == min(7, len([b for b in fitting if b[0] % tile or b[1] % tile]))
    assert not set(found) & on_grid


def test_counts():
    marked = np.zeros((9, 13), bool)
    marked[0, :5] = marked[7, 7] = marked[8, 12] = True
    assert counts(marked, 4).tolist() == [4, 1, 0, 0, 1, 0]


@pytest.mark.parametrize("seed", range(3))
def test_every_place_is_drawn_equally_often(seed):
    marked = np.zeros((20, 20), bool)
    marked[10, 10] = True
    tops = [extra(marked, 4, 1, True, 1, np.random.default_rng((seed, n)))[0, 0] for n in range(800)]
    assert set(tops) == {7, 8, 9, 10}
    assert np.bincount(tops)[7:].min() > 120
