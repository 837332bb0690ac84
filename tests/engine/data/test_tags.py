from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.engine.data.tags import alike, choose_group, choose_target, split_name, tags_of


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Day 7", ("day", "7")),
        ("Donor-A", ("donor", "A")),
        ("class_x", ("class", "x")),
        ("sample.3", ("sample", "3")),
        ("exp 2020_05", ("exp", "2020_05")),
        ("a, b", ("a", "b")),
        ("DAY 7", ("day", "7")),
        ("class_10", ("class", "10")),
        ("Day1 - 2", None),
        ("Donor - A", ("donor", "A")),
        ("dose 1.5 mg", ("dose", "1.5 mg")),
        ("1.5 mg", None),
        ("part2-3 x", ("part2-3", "x")),
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


def test_every_separator_and_any_case():
    for name in ("Day 7", "DAY,7", "day.7", "Day_7", "dAY-7"):
        assert tags_of([[name, "x"]]) == [{"day": "7", "class": "x"}]


def test_a_prefix_three_times_in_one_path():
    assert tags_of([["day 1", "day 2", "day 3"]]) == [{"day_1": "1", "day_2": "2", "day": "3"}]


def test_a_prefix_called_level_takes_nobodys_place():
    rows = tags_of([["level a", "x", "level b", "y", "z"], ["level c", "x", "level d", "y", "z"]])
    assert rows[0] == {"level": "b", "level_1": "a", "level_2": "x", "level_3": "y", "class": "z"}


def test_letters_stored_in_two_ways_are_one_value():
    assert tags_of([["Gr\u00f6\u00dfe"], ["Gro\u0308\u00dfe"]]) == [{"class": "Gr\u00f6\u00dfe"}] * 2


def test_values_that_look_alike():
    assert alike(["G1", "g1", "G2", "G1 ", "S", ""]) == [["G1", "G1 ", "g1"]]
    assert alike(["Late mitosis", "Late_mitosis", "late-mitosis_"]) != []
    assert alike(["7", "07", "70", "1.5", "1-5", "1.05", "0", "00"]) == [["0", "00"], ["07", "7"]]
    assert alike(["class 1", "class 10", "1", "10"]) == []


def test_many_files_in_few_folders_are_fast():
    folders = [("Donor A", f"Day {index % 9}", "class_x") for index in range(300_000)]
    began = time.perf_counter()
    rows = tags_of(folders)
    assert time.perf_counter() - began < 5
    assert rows[-1] == {"donor": "A", "day": "2", "class": "x"}


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
    assert choose_target({"class": {"x": 1, "": 3}}, "auto") == ""
    assert choose_target(tags, "DAY") == "day"


def test_folders_of_train_and_test_cells_are_not_what_is_learned():
    tags = {"class": {"Train": 3, "validation": 2}, "file": {"cat": 3, "dog": 2}}
    assert choose_target(tags, "auto") == "file"
    assert choose_target(tags, "class") == "class"
    assert choose_target({"class": {"train": 3, "cat": 2}}, "auto") == "class"


def test_choose_group_prefers_donor_and_never_the_target():
    tags = {"day": {"1": 1, "2": 1}, "donor": {"A": 1, "B": 1}, "class": {"x": 1, "y": 1}}
    assert choose_group(tags, "auto", "class") == "donor"
    assert choose_group(tags, "auto", "donor") == "day"
    assert choose_group(tags, "none", "class") == ""
    assert choose_group({"donor": {"A": 2}}, "auto", "class") == ""
    assert choose_group({"donor": {"A": 2, "": 1}}, "auto", "class") == ""
    assert choose_group(tags, "Donor", "class") == "donor"
    assert choose_group(tags, "plate", "class") == "plate"
