from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from wizard.engine.data.division import choose_group, divide
from wizard.engine.errors import UserError
from wizard.parse_plan import ParsePlan


def cells(donors=6, each=20):
    donor = [f"D{number}" for number in range(donors) for _ in range(each)]
    label = ["a" if index % 3 else "b" for index in range(donors * each)]
    keys = [f"s/{index}" for index in range(donors * each)]
    digests = [f"{index:032x}" for index in range(donors * each)]
    return {"donor": donor, "class": label}, keys, digests


def test_folds_keep_groups_whole_and_classes_even():
    tags, keys, digests = cells()
    made = divide(tags, keys, digests, ParsePlan(folds=3, fold=2), "class")
    assert made.group == "donor"
    assert set(made.fold) == {1, 2, 3}
    for donor in set(tags["donor"]):
        assert len({fold for fold, name in zip(made.fold, tags["donor"], strict=True) if name == donor}) == 1
    assert ((made.split == "holdout") == (made.fold == 2)).all()
    assert max(Counter(made.fold.tolist()).values()) == 40


def test_folds_do_not_depend_on_the_order():
    tags, keys, digests = cells(each=7)
    made = divide(tags, keys, digests, ParsePlan(folds=4, seed=5), "class")
    order = np.random.default_rng(0).permutation(len(keys))
    shuffled = {name: [values[index] for index in order] for name, values in tags.items()}
    again = divide(shuffled, [keys[i] for i in order], [digests[i] for i in order], ParsePlan(folds=4, seed=5), "class")
    np.testing.assert_array_equal(again.fold, made.fold[order])


def test_too_many_folds_and_a_fold_that_is_not_there():
    tags, keys, digests = cells(donors=3)
    with pytest.raises(UserError, match="cannot be divided into 5"):
        divide(tags, keys, digests, ParsePlan(folds=5), "class")
    with pytest.raises(UserError, match="no fold 4"):
        divide(tags, keys, digests, ParsePlan(folds=3, fold=4), "class")


def test_copies_across_folds_are_left_out():
    tags, keys, digests = cells()
    digests[0] = digests[-1]
    made = divide(tags, keys, digests, ParsePlan(folds=6, fold=1), "class")
    assert {made.split[0], made.split[-1]} in ({"holdout", "excluded"}, {"train"})


def test_files_are_groups_only_where_each_class_has_several():
    tags = {"class": ["a", "a", "b", "b"], "file": ["1", "2", "3", "4"]}
    assert choose_group(tags, "auto", "class") == "file"
    assert choose_group({**tags, "file": ["1", "1", "2", "2"]}, "auto", "class") == ""
    assert choose_group({**tags, "file": ["1", "1", "2", "2"]}, "file", "class") == "file"
    made = divide(tags, list("abcd"), list("abcd"), ParsePlan(holdout=0.5), "class")
    assert made.words == "source file"


def test_a_group_that_is_the_target_or_unknown():
    tags, _, _ = cells()
    with pytest.raises(UserError, match="cannot be both"):
        choose_group(tags, "class", "class")
    with pytest.raises(UserError, match="no tag called"):
        choose_group(tags, "nurse", "class")
