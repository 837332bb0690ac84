from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.engine.data import dataset, tag_edits, tag_rules
from wizard.engine.data.tag_grammar import (
    format_exclude,
    format_merge,
    format_rename,
    parse_exclude,
    parse_merge,
    parse_rename,
)
from wizard.engine.data.tag_rules import Rules, apply
from wizard.engine.errors import UserError

CELLS = {
    "level_1": ["north", "north", "south", "south"],
    "class": ["Anaphase", "Telophase", "Debris", "G1"],
    "day": ["1", "10", "1", "7"],
}


def test_the_rules_of_the_examples():
    rules = Rules.of(["level_1 = donor"], ["class: Anaphase, Telophase = Late mitosis"], ["class: Debris, Junk", "day"])
    answer = apply(rules, CELLS)
    assert answer.tags == {
        "donor": ["north", "north", "south", "south"],
        "class": ["Late mitosis", "Late mitosis", "Debris", "G1"],
    }
    assert answer.keep == [True, True, False, True]
    assert answer.was == {"donor": "level_1", "class": "class", "day": "day"}
    assert [cue.text for cue in answer.cues] == ["Exclude cells: no cell has class = Junk."]


def test_merge_and_exclude_take_the_old_name_too():
    answer = apply(Rules.of(["class = phase"], ["class: G1 = Interphase"], ["PHASE: debris"]), CELLS)
    assert answer.tags["phase"] == ["Anaphase", "Telophase", "Debris", "Interphase"]
    assert answer.keep == [True, True, False, True]
    assert not answer.cues


def test_excluding_is_by_the_merged_value():
    answer = apply(Rules.of([], ["class: Anaphase, Telophase = Late"], ["class: Late, Anaphase"]), CELLS)
    assert answer.keep == [False, False, True, True]
    assert "Anaphase" in answer.cues[0].text


def test_class_1_is_never_class_10():
    answer = apply(Rules.of([], ["day: 1 = early"], []), CELLS)
    assert answer.tags["day"] == ["early", "10", "early", "7"]


def test_exact_case_goes_before_other_case():
    column = {"class": ["g1", "G1", "S"]}
    assert apply(Rules.of([], ["class: G1 = x"], []), column).tags["class"] == ["g1", "x", "S"]
    assert apply(Rules.of([], ["CLASS: s = x"], []), column).tags["class"] == ["g1", "G1", "x"]
    both = apply(Rules.of([], ["class: G1 = x", "class: g1 = y"], []), column)
    assert both.tags["class"] == ["y", "x", "S"]


def test_merging_is_all_at_once():
    assert apply(Rules.of([], ["class: G1 = Debris", "class: Debris = Junk"]), CELLS).tags["class"][2:] == [
        "Junk",
        "Debris",
    ]


def test_cells_without_a_value_can_be_named_or_left_out():
    column = {"class": ["", "x"]}
    assert apply(Rules.of([], ['class: "" = unknown']), column).tags["class"] == ["unknown", "x"]
    assert apply(Rules.of([], [], ['class: ""']), column).keep == [False, True]
    assert apply(Rules.of([], ['class: x = ""']), column).tags["class"] == ["", ""]


def test_unknown_tags_and_values_are_notes():
    answer = apply(Rules.of(["dose = amount"], ["plate: a = b"], ["well", "class: Nothing"]), CELLS)
    assert answer.tags == CELLS
    assert all(answer.keep)
    assert [cue.level for cue in answer.cues] == ["note"] * 4


def test_names_may_be_swapped():
    answer = apply(Rules.of(["class = day", "day = class"]), CELLS)
    assert answer.tags["day"] == CELLS["class"]
    assert answer.tags["class"] == CELLS["day"]


@pytest.mark.parametrize(
    ("rename", "merge", "exclude", "word"),
    [
        (["level_1"], [], [], "level_1"),
        (["a = b = c"], [], [], "a = b = c"),
        (["= b"], [], [], "= b"),
        (["a ="], [], [], "a ="),
        (["a = source"], [], [], "source"),
        (["a = Cell_ID"], [], [], "Cell_ID"),
        (["a = auto"], [], [], "auto"),
        (["a = x", "b = X"], [], [], "b = X"),
        (["a = x", "A = y"], [], [], "A = y"),
        (["a = " + "x" * 90], [], [], "xxx"),
        ([], ["class Anaphase = b"], [], "class Anaphase = b"),
        ([], ["class: a, b"], [], "class: a, b"),
        ([], ["class: a,, b = c"], [], "class: a,, b = c"),
        ([], ["class: a = x", "class: a = y"], [], "class: a = y"),
        ([], ['class: "a = x'], [], '"a = x'),
        ([], ['class: "a" b = x'], [], '"a" b'),
        ([], [], ["class = Debris"], "class = Debris"),
        ([], [], ["class:"], "class:"),
        ([], [], [""], "''"),
        ([], [], ['"": x'], '"": x'),
    ],
)
def test_a_wrong_rule_is_named(rename, merge, exclude, word):
    with pytest.raises(UserError) as error:
        Rules.of(rename, merge, exclude)
    assert word in error.value.what
    assert error.value.action


def test_two_tags_of_one_name_are_refused():
    with pytest.raises(UserError, match="level_1"):
        apply(Rules.of(["level_1 = Class"]), CELLS)
    assert "Class" in apply(Rules.of(["class = Class"]), CELLS).tags


def test_reserved_names_are_all_column_names():
    assert set(dataset.OWN) | {"predicted", "confidence", "unsure", "unfamiliar"} <= tag_rules.RESERVED


TEXT = st.text('ab ,;:="\n7', max_size=5)
NAME = TEXT.filter(str.strip)


@given(NAME, NAME, st.lists(TEXT, min_size=1, max_size=3, unique=True), TEXT)
def test_rules_are_read_as_they_were_written(tag, other, values, new):
    assert parse_rename(format_rename(tag, other)) == (tag, other)
    assert parse_merge(format_merge(tag, values, new)) == (tag, values, new)
    assert parse_exclude(format_exclude(tag, values)) == (tag, values)
    assert parse_exclude(format_exclude(tag)) == (tag, None)


def test_quotes_hold_what_rules_use():
    assert parse_merge('class: "T, CD4", "5"" tube" = "a=b"') == ("class", ["T, CD4", '5" tube'], "a=b")
    assert format_merge("class", ["T, CD4", '5" tube'], "a=b") == 'class: "T, CD4", "5"" tube" = "a=b"'
    assert parse_exclude("time: 10:30") == ("time", ["10:30"])


def test_settings_bring_the_same_rules_back():
    rules = Rules.of(["level_1 = donor"], ["class: a, b = c", "class: d = e"], ["day: 1, 2", "level_1"])
    assert Rules.of(*rules.settings()) == rules
    assert rules.without == {"donor"}
    assert Rules.of(*Rules.of().settings()) == Rules.of()


def edited(*steps):
    rules = Rules.of()
    for step, *given_values in steps:
        rules = Rules.of(*step(rules, *given_values))
    return rules


def test_editing_by_hand():
    rules = edited(
        (tag_edits.with_rename, "level_1", "donor"),
        (tag_edits.with_merge, "class", ["Anaphase", "Telophase"], "Late"),
        (tag_edits.with_exclude, "donor", ["south"]),
        (tag_edits.with_rename, "donor", "patient"),
        (tag_edits.without_tag, "day"),
    )
    assert rules.settings() == (
        ["level_1 = patient"], ["class: Anaphase, Telophase = Late"], ["patient: south", "day"],
    )  # fmt: skip
    back = edited(
        (lambda _: rules.settings(),),
        (tag_edits.with_rename, "patient", ""),
        (tag_edits.with_exclude, "level_1", ["South"], False),
        (tag_edits.without_merge, "class", "Late"),
        (tag_edits.without_tag, "DAY", False),
    )
    assert back.settings() == ([], [], [])


def test_merging_what_was_merged():
    known = ["Anaphase", "Telophase", "G1", "Debris"]
    rules = edited(
        (tag_edits.with_merge, "class", ["Anaphase", "Telophase"], "Late"),
        (tag_edits.with_exclude, "class", ["Late", "Debris"]),
        (tag_edits.with_merge, "class", ["Late", "G1"], "All", known),
    )
    assert rules.merge == {"class": {"Anaphase": "All", "Telophase": "All", "G1": "All"}}
    assert rules.exclude == {"class": {"Debris"}}
    answer = apply(rules, CELLS)
    assert answer.tags["class"] == ["All", "All", "Debris", "All"]
    assert answer.keep == [True, True, False, True]
    assert not answer.cues


def test_merging_into_one_of_the_values_needs_no_rule_for_it():
    assert edited((tag_edits.with_merge, "class", ["g1", "G1"], "G1")).merge == {"class": {"g1": "G1"}}


def test_an_edit_with_a_reserved_name_is_refused():
    with pytest.raises(UserError, match="split"):
        tag_edits.with_rename(Rules.of(), "level_1", "split")


def test_the_table_shows_what_the_rules_do():
    rules = Rules.of(["level_1 = donor"], ["class: Anaphase, Telophase = Late"], ["class: late, Debris", "day"])
    raw = {name: {value: column.count(value) for value in dict.fromkeys(column)} for name, column in CELLS.items()}
    lines = tag_edits.table(rules, raw)
    assert [(line.found, line.shown, line.excluded) for line in lines] == [
        ("level_1", "donor", False), ("class", "class", False), ("day", "day", True),
    ]  # fmt: skip
    assert [tuple(value) for value in lines[1].values] == [
        ("Anaphase", "Late", True, 1), ("Telophase", "Late", True, 1), ("Debris", "Debris", True, 1),
        ("G1", "G1", False, 1),
    ]  # fmt: skip


def test_a_million_cells_take_a_moment():
    values = np.array(["a", "b", "c", "d"], dtype=object)[np.arange(1_000_000) % 4]
    began = time.perf_counter()
    answer = apply(Rules.of([], ["class: a, b = x"], ["class: C", "donor: D"]), {"class": values, "donor": values})
    assert time.perf_counter() - began < 3
    assert sum(answer.keep) == 500_000
    assert answer.tags["donor"] is values


def test_the_rules_are_light():
    code = (
        "import sys, wizard.engine.data.tag_edits\n"
        "print(sorted({'numpy', 'zarr', 'pyarrow', 'tifffile'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
