from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.engine.evaluating import redraw
from wizard.engine.evaluating.redraw import Redraw, all_or_none, binned, interval, of_groups, share


def test_groups_are_drawn_as_a_whole():
    units = np.repeat(np.arange(6), [1, 2, 3, 4, 5, 6])
    drawn = of_groups(units, 50, 1).over(units, 6, lambda counts: counts)
    assert drawn.shape == (50, 6)
    assert (drawn % np.arange(1, 7) == 0).all()
    assert ((drawn / np.arange(1, 7)).sum(axis=1) == 6).all()


def test_the_same_units_are_drawn_for_every_figure():
    units = np.repeat(np.arange(5), 20)
    one = of_groups(units, 250, 7)
    first = one.over(np.zeros(100, np.int64), 1, lambda counts: counts[:, 0])
    second = one.over((np.arange(100) % 2).astype(np.int64), 2, lambda counts: counts.sum(axis=1))
    np.testing.assert_array_equal(first, second)


def test_one_group_or_a_group_for_each_cell_means_cells():
    assert of_groups(np.zeros(10), 10, 1).units is None
    assert of_groups(np.arange(10), 10, 1).units is None
    assert of_groups(np.arange(10) // 2, 10, 1).number == 5


def test_few_units_make_wider_intervals():
    drawn = np.random.default_rng(0).normal(0.5, 0.1, 4000)
    widths = [one.high - one.low for one in (interval(0.5, drawn, units) for units in (4, 8, 1000))]
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] == pytest.approx(2 * 1.96 * 0.1, rel=0.05)


def test_undefined_is_none():
    assert interval(float("nan"), np.ones(5), 5).value is None
    assert interval(0.5, np.full(5, np.nan), 5).low is None


def test_all_right_is_not_certain():
    found = share(np.ones(30, bool), Redraw(None, 30, 100, 1))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 30))
    none = share(np.zeros(30, bool), Redraw(None, 30, 100, 1))
    assert none.low == 0 and none.high == pytest.approx(1 - 0.025 ** (1 / 30))
    assert all_or_none(found, 30) == found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=200), st.integers(1, 60))
def test_ranks_keep_the_order(values, most):
    values = np.array(values)
    ranks, number = binned(values, most)
    assert ranks.min() >= 0 and ranks.max() < number <= max(most, 1)
    assert (np.diff(ranks[np.argsort(values, kind="stable")]) >= 0).all()


def test_mean_is_between_its_ends():
    values = np.random.default_rng(0).normal(3, 1, 1000)
    found = redraw.mean(values, Redraw(None, 1000, 500, 1))
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 / np.sqrt(1000), rel=0.15)
