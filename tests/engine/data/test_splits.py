from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.engine.data.splits import holdout_mask, straddling

cells = st.lists(st.tuples(st.sampled_from("ABCDEFGHIJKLMNOP"), st.sampled_from("xyz")), min_size=4, max_size=80)


def mask(rows, share=0.25, seed=1, order=None):
    keys = [f"cell{index:04d}" for index in range(len(rows))]
    order = np.arange(len(rows)) if order is None else order
    held = holdout_mask([rows[i][0] for i in order], [rows[i][1] for i in order], [keys[i] for i in order], share, seed)
    return {keys[i] for i, out in zip(order, held, strict=True) if out}


@settings(max_examples=60, deadline=None)
@given(cells, st.integers(0, 5))
def test_groups_are_never_split(rows, seed):
    groups = [group for group, _ in rows]
    held = holdout_mask(groups, [c for _, c in rows], [str(i) for i in range(len(rows))], 0.25, seed)
    sides = {}
    for group, out in zip(groups, held, strict=True):
        assert sides.setdefault(group, out) == out
    if len(set(groups)) > 1:
        assert 0 < held.sum() < len(rows)


@settings(max_examples=40, deadline=None)
@given(cells, st.randoms(use_true_random=False))
def test_the_order_of_the_cells_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    assert mask(rows) == mask(rows, order=order)


def test_single_cells_are_stratified():
    classes = ["a"] * 100 + ["b"] * 10 + ["c"] * 2
    held = holdout_mask([str(i) for i in range(112)], classes, [str(i) for i in range(112)], 0.2, 3)
    counts = {name: sum(out for out, c in zip(held, classes, strict=True) if c == name) for name in "abc"}
    assert counts == {"a": 20, "b": 2, "c": 1}


def test_seed_changes_the_choice_and_zero_holds_nothing_out():
    groups = [str(i) for i in range(60)]
    first, second = (holdout_mask(groups, ["a"] * 60, groups, 0.2, seed) for seed in (1, 2))
    assert (first != second).any()
    assert not holdout_mask(groups, ["a"] * 60, groups, 0.0, 1).any()
    assert not holdout_mask(["A"] * 60, ["a"] * 60, groups, 0.2, 1).any()


def test_share_is_met_with_many_groups():
    rng = np.random.default_rng(0)
    groups = [f"g{number}" for number in rng.integers(0, 60, 3000)]
    classes = rng.choice(["a", "b"], 3000).tolist()
    held = holdout_mask(groups, classes, [str(i) for i in range(3000)], 0.2, 1)
    assert abs(held.mean() - 0.2) < 0.02


def test_a_class_of_one_group_stays_in_training():
    groups = ["A"] * 10 + ["B"] * 10 + ["C"] * 10
    classes = ["x"] * 10 + ["y"] * 10 + ["y"] * 10
    held = holdout_mask(groups, classes, [str(i) for i in range(30)], 0.34, 1)
    assert not held[:10].any()
    assert held.sum() == 10


def test_copies_of_holdout_cells_are_found():
    digests = ["a", "b", "a", "c", "a"]
    held = np.array([True, False, False, False, False])
    assert straddling(digests, held).tolist() == [False, False, True, False, True]
