"""Every kind of gate holds the cells that it should."""

from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.readers.daf_gates import GateError, Population, Region, combined, evaluate, inside, split

IDS = np.arange(6)
VALUES = {"x": np.array([0.0, 1, 2, 3, np.nan, 5]), "y": np.array([0.0, 1, 0, 3, 1, np.nan])}
ALL = Population("All", "B")


def shape(kind, corners, x_log="P", y_log="P"):
    xs, ys = np.array(corners, float).T
    return Region("R", kind, xs, ys, x_log, y_log)


def gated(*populations, regions=(), values=VALUES, ids=IDS):
    return evaluate([ALL, *populations], regions, values, ids)


def held(found, name):
    return np.flatnonzero(found.members[name]).tolist()


def test_line_is_inclusive_and_may_be_reversed():
    for corners in ([(1, 0), (3, 0)], [(3, 0), (1, 0)]):
        found = gated(Population("G", "G", "All", region="R", fx="x"), regions=[shape("line", corners)])
        assert held(found, "G") == [1, 2, 3]


def test_rectangle_is_inclusive_and_nan_is_never_inside():
    for corners in ([(0, 0), (5, 3)], [(5, 3), (0, 0)], [(0, 3), (5, 0)]):
        found = gated(Population("G", "G", "All", region="R", fx="x", fy="y"), regions=[shape("rect", corners)])
        assert held(found, "G") == [0, 1, 2, 3]


def test_oval_fills_its_box():
    x = np.array([0.0, 2, 0, 2, -2, 1.5, 1.3, np.nan])
    y = np.array([0.0, 0, 1, 1, 0, 0.6, 0.7, 0])
    assert inside(shape("oval", [(-2, 1), (2, -1)]), x, y).tolist() == [1, 1, 1, 0, 1, 1, 1, 0]
    assert inside(shape("oval", [(0, 1), (2, 1)]), np.array([1.0, 3]), np.array([1.0, 1])).tolist() == [1, 0]


def test_polygon_with_its_edges_and_corners():
    arrow = shape("poly", [(0, 0), (4, 0), (4, 4), (2, 2), (0, 4)])
    x = np.array([1.0, 2, 2, 2, 0, 4, 4, 3, 5, 2, np.nan, 1])
    y = np.array([1.0, 2, 3, 0, 0, 4, 2, 3, 1, 2.5, 1, np.nan])
    assert inside(arrow, x, y).tolist() == [1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    backwards = shape("poly", [(0, 4), (2, 2), (4, 4), (4, 0), (0, 0)])
    assert inside(backwards, x, y).tolist() == inside(arrow, x, y).tolist()


def test_polygon_agrees_with_geometry():
    random = np.random.default_rng(1)
    x, y = random.uniform(-1.5, 1.5, (2, 5000))
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    ring = shape("poly", np.stack([np.cos(angles), np.sin(angles)], 1))
    # a regular polygon lies between the circles through its edges' middles and its corners
    found, radius = inside(ring, x, y), np.hypot(x, y)
    assert found[radius < np.cos(np.pi / 60)].all()
    assert not found[radius > 1].any()


def log(value, linear):
    return value / linear if abs(value) <= linear else np.sign(value) * (1 + np.log(abs(value) / linear))


@pytest.mark.parametrize("kind", ["poly", "oval"])
def test_logarithmic_axes(kind):
    random = np.random.default_rng(2)
    x, y = random.uniform(-5000, 20000, 2000), random.uniform(-3, 3, 2000)
    corners = [(-500, -1), (10000, -2), (3000, 2)] if kind == "poly" else [(-500, -2), (10000, 2)]
    found = inside(shape(kind, corners, "1000", "0.5"), x, y)
    straight = shape(kind, [(log(a, 1000), log(b, 0.5)) for a, b in corners])
    moved = [np.array([log(value, linear) for value in values]) for values, linear in ((x, 1000), (y, 0.5))]
    assert found.tolist() == inside(straight, *moved).tolist()
    assert found.any()
    assert found.tolist() != inside(shape(kind, corners), x, y).tolist()


def test_logarithmic_axes_do_not_move_lines_and_rectangles():
    for kind in ("line", "rect"):
        for scale in ("P", "1000", "nonsense"):
            assert inside(shape(kind, [(0, 0), (2, 2)], scale, scale), VALUES["x"], VALUES["y"]).sum() == 3


@pytest.mark.parametrize(
    "region",
    [
        shape("poly", [(0, 0), (1, 1)]), shape("line", [(0, 0)]), shape("rect", [(0, 0), (1, 1), (2, 2)]),
        shape("star", [(0, 0), (1, 1)]), shape("oval", [(0, 0), (np.nan, 1)]), shape("oval", [(0, 0), (1, 1)], "0"),
        shape("oval", [(0, 0), (1, 1)], "-5"), shape("poly", [(0, 0), (1, 1), (0, 1)], "Q"),
    ],
)  # fmt: skip
def test_outlines_without_sense(region):
    with pytest.raises(GateError):
        inside(region, VALUES["x"], VALUES["y"])
    found = gated(Population("G", "G", "All", region="R", fx="x", fy="y"), regions=[region])
    assert list(found.failed) == ["G"]


def test_a_list_of_objects_goes_by_their_numbers():
    found = gated(Population("T", "T", "All", objects=np.array([30, 10])), ids=np.array([10, 20, 30, 40, 50, 60]))
    assert held(found, "T") == [0, 2]
    found = gated(Population("T", "T", "All", objects=np.array([99])))
    assert "T" in found.failed


A = Population("A", "T", "All", objects=np.array([0, 1, 2]))
B = Population("B", "T", "All", objects=np.array([2, 3]))
C = Population("C", "T", "All", objects=np.array([3, 4]))


@pytest.mark.parametrize(
    ("definition", "wanted"),
    [
        ("A|And|B", [2]), ("A|Or|B", [0, 1, 2, 3]), ("Not|A", [3, 4, 5]), ("A|And|Not|B", [0, 1]),
        ("A|Or|B|And|C", [0, 1, 2, 3]), ("(|A|Or|B|)|And|C", [3]), ("Not|A|And|C", [3, 4]), ("Not|(|A|Or|C|)", [5]),
        ("Not|Not|A", [0, 1, 2]), ("(|(|B|)|)", [2, 3]), ("B", [2, 3]), ("A|And|B|Or|C", [2, 3, 4]),
    ],
)  # fmt: skip
def test_definitions(definition, wanted):
    assert held(gated(A, B, C, Population("D", "C", "All", definition)), "D") == wanted
    below = held(gated(A, B, C, Population("D", "C", "B", definition)), "D")
    assert below == [one for one in wanted if one in (2, 3)]


@pytest.mark.parametrize(
    "definition",
    ["", "A|And", "And|A", "A|B", "(|A", "A|)", "A|And|Q", "A And B", "Not", "()", "(|)", "A|Not|B", "a|And|B", "||"],
)
def test_definitions_without_sense(definition):
    found = gated(A, B, C, Population("D", "C", "All", definition))
    assert list(found.failed) == ["D"]
    assert list(found.members) == ["All", "A", "B", "C"]


def test_names_that_look_like_definitions():
    names = ["A & B", "A & B & C", "x/y", "A|And|B", "A", "B", "Not", "(", "A|", "pH3+ (2)", "And", "Ab"]
    lists = [Population(name, "T", "All", objects=np.array([i % 6])) for i, name in enumerate(names)]
    wanted = {
        "A & B|Or|A & B & C": [0, 1], "x/y|Or|A": [2, 4], "A|And|B": [3], "A|And|B|Or|A": [3, 4],
        "Not|A|And|B": [0, 1, 2, 4, 5], "pH3+ (2)|Or|B": [3, 5], "(|A|Or|B|)": [4, 5], "Ab|Or|A||Or|B": [2, 5],
    }  # fmt: skip
    made = [Population(f"D{i}", "C", "All", text) for i, text in enumerate(wanted)]
    found = gated(*lists, *made)
    assert not found.failed
    assert {text: held(found, f"D{i}") for i, text in enumerate(wanted)} == wanted


def test_the_longest_name_wins():
    assert split("a|b|And|a", {"a", "b", "a|b"}, {"And"}) == [("a|b", True), ("And", False), ("a", True)]


def test_populations_may_come_in_any_order():
    late = [
        Population("D", "C", "E", "F"),
        Population("E", "C", "All", "F"),
        Population("F", "C", "All", "A|Or|B"),
        A,
        B,
    ]
    found = gated(*late)
    assert held(found, "D") == [0, 1, 2, 3]
    assert list(found.members) == ["All", "D", "E", "F", "A", "B"]


def test_depth_follows_bases_and_what_a_definition_requires():
    made = [
        A, B, Population("Both", "C", "All", "A|And|B"), Population("Any", "C", "All", "A|Or|B"),
        Population("Some", "C", "All", "(|Both|And|A|Or|Both|)|And|Not|Deep"), Population("Below", "T", "Both"),
        Population("Deep", "C", "Below", "Any"),
    ]  # fmt: skip
    depths = gated(*made).depths
    assert depths == {"All": 0, "A": 1, "B": 1, "Both": 2, "Any": 1, "Below": 3, "Deep": 4, "Some": 3}


def test_circles_and_what_rests_on_them_are_reported():
    made = [
        A, Population("P", "C", "All", "Q"), Population("Q", "C", "All", "A|And|P"), Population("Self", "C", "Self", "A"),
        Population("Rests", "C", "P", "A"), Population("Fine", "C", "All", "A"),
    ]  # fmt: skip
    found = gated(*made)
    assert set(found.failed) == {"P", "Q", "Self", "Rests"}
    assert list(found.members) == ["All", "A", "Fine"]


def test_what_is_missing_is_reported_with_its_reason():
    line = shape("line", [(0, 0), (1, 1)])
    made = [
        Population("No region", "G", "All", region="Gone", fx="x"), Population("No feature", "G", "All", region="R", fx="z"),
        Population("No y", "G", "All", region="Box", fx="x"), Population("No base", "G", "Gone", region="R", fx="x"),
        Population("Rests", "C", "No region", "All"), Population("Odd", "X", "All"), A, A,
    ]  # fmt: skip
    found = gated(*made, regions=[line, Region("Box", "rect", line.xs, line.ys)])
    assert set(found.failed) == {one.name for one in made}
    assert list(found.members) == ["All"]
    assert "Gone" in found.failed["No region"]
    assert "No region" in found.failed["Rests"]
    assert "several" in found.failed["A"]
    twice = gated(Population("G", "G", "All", region="R", fx="x"), regions=[line, line])
    assert "several" in twice.failed["G"]


def test_a_long_chain_of_populations_and_brackets():
    chain = [Population(f"P{i}", "C", f"P{i - 1}" if i else "All", f"P{i - 1}" if i else "A") for i in range(3000)]
    found = gated(A, *chain[::-1])
    assert held(found, "P2999") == [0, 1, 2]
    deep = gated(A, Population("D", "C", "All", "(|" * 20000 + "A" + "|)" * 20000))
    assert held(deep, "D") == [0, 1, 2]


def test_combined_features():
    made = {"sum": "a|+|b|*|2", "minus": "a|-|b|-|1", "negative": "-|a", "power": "SQR|(|a|+|b|)", "one": "1e1"}
    found, failed = combined(made, {"a": np.array([1.0, 2]), "b": np.array([3.0, 4])})
    assert not failed
    assert {name: values.tolist() for name, values in found.items()} == {
        "sum": [7, 10], "minus": [-3, -3], "negative": [-1, -2], "power": [16, 36], "one": [10, 10],
    }  # fmt: skip
    for bad in ("a|+", "a|b", "ABS", "(|a", "a|And|b", "inf", "negative|a", ""):
        assert "bad" in combined({"bad": bad}, {"a": np.array([1.0]), "b": np.array([1.0])})[1]
