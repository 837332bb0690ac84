from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.engine.data.tags import choose_group, choose_target, split_name, tags_of


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Day 7", ("day", "7")),
        ("Donor-A", ("donor", "A")),
        ("class_x", ("class", "x")),
        ("sample.3", ("sample", "3")),
        ("exp 2020_05", ("exp", "2020_05")),
        ("a, b", ("a", "b")),
        ("day1", None),
        ("2020-05-01", None),
        ("G1", None),
        ("_hidden", None),
        ("trailing_", None),
    ],
)
def test_split_name(name, parts):
    assert split_name(name) == parts


def test_demo_layout():
    tags = tags_of([["Experiment_1", "Part_2", "G1"], ["Experiment_1", "Part_1", "Prophase"]])
    assert tags == [
        {"experiment": "1", "part": "2", "class": "G1"},
        {"experiment": "1", "part": "1", "class": "Prophase"},
    ]


def test_class_names_with_separators_are_no_prefixes():
    assert tags_of([["T_cell"], ["B_cell"]]) == [{"class": "T_cell"}, {"class": "B_cell"}]


def test_class_1_is_not_class_10():
    assert [row["class"] for row in tags_of([["class 1"], ["class 10"], ["Class 1"]])] == ["1", "10", "1"]


def test_levels_without_prefix_are_numbered_from_the_top():
    assert tags_of([["north", "lab", "G1"], ["south", "lab", "G2"]])[0] == {
        "level_1": "north", "level_2": "lab", "class": "G1",
    }  # fmt: skip


def test_a_prefixed_class_keeps_its_name():
    assert tags_of([["x", "class_a"], ["y", "class_b"]])[0] == {"level_1": "x", "class": "a"}


def test_files_at_different_depths():
    assert tags_of([["Day 1", "Donor A"], ["Day 2"]]) == [{"day": "1", "donor": "A"}, {"day": "2"}]


def test_no_folder_no_tag():
    assert tags_of([[], []]) == [{}, {}]


@given(st.lists(st.lists(st.text("ab1 _-.", min_size=1, max_size=6), max_size=4), max_size=6))
def test_every_level_is_kept(folders):
    for levels, tags in zip(folders, tags_of(folders), strict=True):
        assert len(tags) == len(levels)
        assert all(any(value in level for level in levels) for value in tags.values())


def test_choose_target_prefers_class_and_skips_constants():
    tags = {"class": {"x": 9}, "day": {"1": 3, "7": 6}}
    assert choose_target(tags, "auto") == "day"
    assert choose_target({**tags, "class": {"x": 4, "y": 5}}, "auto") == "class"
    assert choose_target(tags, "dose") == "dose"
    assert choose_target({"class": {"x": 1}}, "auto") == ""


def test_choose_group_prefers_donor_and_never_the_target():
    tags = {"day": {"1": 1, "2": 1}, "donor": {"A": 1, "B": 1}, "class": {"x": 1, "y": 1}}
    assert choose_group(tags, "auto", "class") == "donor"
    assert choose_group(tags, "auto", "donor") == "day"
    assert choose_group(tags, "none", "class") == ""
    assert choose_group({"donor": {"A": 2}}, "auto", "class") == ""
