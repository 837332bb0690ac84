from __future__ import annotations

import pytest

from wizard.engine.analysing.ordering import meant, order_of
from wizard.engine.errors import UserError


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["Day 10", "Day 7", "Day 1"], ["Day 1", "Day 7", "Day 10"]),
        (["42", "7", "1"], ["1", "7", "42"]),
        (["1e-3 uM", "1e-2 uM", "5 uM"], ["1e-3 uM", "1e-2 uM", "5 uM"]),
        (["10 nM", "1 uM", "0", "100 nM"], ["0", "10 nM", "100 nM", "1 uM"]),
        (["1 h", "30 min", "2 days", "1 week"], ["30 min", "1 h", "2 days", "1 week"]),
        (["1 day", "2 days", "3 days"], ["1 day", "2 days", "3 days"]),
        (["0,5", "0,25", "1"], ["0,25", "0,5", "1"]),
        (["Exp 1 Day 7", "Exp 1 Day 3"], ["Exp 1 Day 3", "Exp 1 Day 7"]),
        (["-3", "4", "0"], ["-3", "0", "4"]),
        (["Low", "high", "medium"], ["Low", "medium", "high"]),
        (["G2", "G1", "Telophase", "S"], ["G1", "S", "G2", "Telophase"]),
        (["III", "I", "II"], ["I", "II", "III"]),
        (["severe", "none", "mild"], ["none", "mild", "severe"]),
    ],
)  # fmt: skip
def test_clear_orders_are_read(values, order):
    assert order_of("tag", values, [])[0] == order


@pytest.mark.parametrize(
    "values",
    [
        ["red", "blue"],
        ["Day 1", "Day 7", "control"],
        ["Day 1", "Hour 3"],
        ["1 uM", "3 days"],
        ["Donor 1 Day 2", "Donor 2 Day 1"],
        ["10", "20 nM"],
        ["low", "G1"],
        ["=1+1", "<script>"],
    ],
)
def test_unclear_orders_are_said_and_never_guessed(values):
    with pytest.raises(UserError) as caught:
        order_of("stain", values, [])
    assert "not clear" in caught.value.what and "visualize.order" in caught.value.action
    assert values[0] in caught.value.why


def test_the_given_order_wins_and_may_leave_values_out():
    order, ranks = order_of("day", ["1", "2", "3", ""], ["3", " 1 "])
    assert order == ["3", "1"] and ranks == [0, 1]


def test_values_may_be_written_as_in_the_folders_name():
    assert order_of("day", ["1", "7", "42"], ["Day 42", "DAY_7", "1"])[0] == ["42", "7", "1"]
    assert order_of("stage", ["Early", "Late"], ["late", "early"])[0] == ["Late", "Early"]
    assert meant("day", "Day 7", ["1", "7"]) == "7" and meant("day", "", ["1"]) == ""
    assert meant("dose", "LOW", ["low", "Low"]) == "LOW", "two values could be meant"


def test_values_that_mean_the_same_share_a_rank():
    order, ranks = order_of("day", ["7", "1.0", "1"], [])
    assert order == ["1", "1.0", "7"] and ranks == [0, 0, 1]


@pytest.mark.parametrize(
    ("given", "said"),
    [(["Day 1", "Day 77"], "Perhaps 'Day 7' is meant"), (["Day 1", "Day 1"], "twice"), (["Day 1"], "only one")],
)
def test_a_wrong_order_is_said(given, said):
    with pytest.raises(UserError) as caught:
        order_of("day", ["Day 1", "Day 7"], given)
    assert said in caught.value.why


@pytest.mark.parametrize(("values", "said"), [(["a", "a"], "'a'"), (["", ""], "No cell")])
def test_one_value_has_no_order(values, said):
    with pytest.raises(UserError) as caught:
        order_of("day", values, [])
    assert said in caught.value.why


def test_too_many_values_are_said():
    with pytest.raises(UserError) as caught:
        order_of("area", [str(place) for place in range(500)], [])
    assert "500 values" in caught.value.what
