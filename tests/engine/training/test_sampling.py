from __future__ import annotations

import numpy as np

from wizard.engine.training.sampling import in_blocks, members

CLASSES = np.array([0] * 70 + [1] * 25 + [2] * 5)


def drawn(kind, each=10, seed=0):
    return members(kind, CLASSES, each, np.random.default_rng(seed))


def test_all_shows_every_cell_once_in_another_order_each_time():
    assert sorted(drawn("all")) == list(range(100))
    assert drawn("all", seed=1).tolist() != drawn("all", seed=2).tolist()


def test_equal_shows_as_many_of_each_class_and_repeats_only_when_all_were_shown():
    order = drawn("equal")
    assert np.bincount(CLASSES[order]).tolist() == [34, 34, 34]
    times = np.bincount(order, minlength=100)
    assert times[:70].max() == 1
    assert set(times[70:95]) == {1, 2}
    assert set(times[95:]) == {6, 7}
    other = drawn("equal", seed=3)
    assert set(order) != set(other)


def test_fixed_shows_the_number_of_each_class():
    times = np.bincount(drawn("fixed", 12), minlength=100)
    assert [times[number == CLASSES].sum() for number in range(3)] == [12, 12, 12]
    assert times[:95].max() == 1
    assert set(times[95:]) == {2, 3}


def test_blocks_keep_what_is_shown_and_read_neighbours_together():
    rows = np.arange(0, 3000, 3)
    order = np.random.default_rng(0).permutation(1000)
    blocked = in_blocks(order, rows, 64, 250, np.random.default_rng(1))
    assert sorted(blocked) == list(range(1000))
    for start in range(0, 1000, 250):
        places = rows[blocked[start : start + 250]] // 64
        # 250 cells of 21 to 22 per block: 12 whole blocks and the two that the edges cut.
        assert len(set(places.tolist())) <= 14
    assert np.abs(np.diff(blocked)).mean() > 20


def test_blocks_work_with_repeated_cells():
    order = np.repeat(np.arange(50), 3)
    blocked = in_blocks(order, np.arange(50), 8, 40, np.random.default_rng(0))
    assert sorted(blocked) == sorted(order)
