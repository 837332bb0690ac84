"""The table of which some rows are picked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle
from wizard.widgets.pick_table import Column, PickTable

ROWS = {"a": ("Fast", "9.5 %"), "b": ("Balanced", "80.0 %"), "c": ("Thorough", "70.0 %")}


@pytest.fixture
def told() -> list[list[str]]:
    return []


@pytest.fixture
def table(root: Any, told: list[list[str]]) -> Any:
    made = PickTable(root, [Column("Network", 120), Column("Accuracy", 90, "e")], told.append)
    made.grid(row=0, column=0, sticky="nsew")
    made.show(ROWS)
    settle(root, 0.2)
    return made


def box_of(table: Any, name: str) -> tuple[int, int]:
    x, y, width, height = table.tree.bbox(name)
    return 12, y + height // 2


def click(table: Any, x: int, y: int, **more: Any) -> None:
    table.tree.event_generate("<Button-1>", x=x, y=y, **more)
    table.tree.event_generate("<ButtonRelease-1>", x=x, y=y, **more)
    settle(table, 0.05)


def test_boxes_pick_several_and_a_row_picks_one(table: Any, told: Any) -> None:
    click(table, *box_of(table, "a"))
    click(table, *box_of(table, "c"))
    assert table.picked == ["a", "c"] and told == [["a"], ["a", "c"]]
    click(table, *box_of(table, "a"))
    assert table.picked == ["c"]
    x, y, width, height = table.tree.bbox("b", "0")
    click(table, x + 5, y + 5)
    assert table.picked == ["b"]


def test_keys_pick(table: Any, root: Any) -> None:
    table.tree.focus_force()
    settle(root, 0.1)
    for key, expected in (("<space>", ["a"]), ("<Shift-Down>", ["a", "b"]), ("<Control-a>", ["a", "b", "c"])):
        table.tree.event_generate(key)
        settle(root, 0.05)
        assert table.picked == expected, key


def test_what_is_picked_stays_when_the_rows_change(table: Any, told: Any) -> None:
    table.pick("b", "c")
    table.show({"d": ("New", "1.0 %"), **ROWS})
    settle(table, 0.05)
    assert table.picked == ["b", "c"]
    table.show({"d": ("New", "1.0 %"), "b": ROWS["b"]})
    settle(table, 0.05)
    assert table.picked == ["b"] and told[-1] == ["b"]


def test_sorting_by_text_and_by_keys(table: Any) -> None:
    table.sort(1)
    assert table.tree.get_children() == ("a", "c", "b"), "percentages are numbers"
    table.sort(1)
    assert table.tree.get_children() == ("b", "c", "a")
    table.show({"a": ("1 h 2 min", ""), "b": ("50 s", "")}, keys={"a": (3720, ""), "b": (50, "")})
    table.sort(0)
    assert table.tree.get_children() == ("b", "a")


def test_boxes_have_the_colours_of_the_curves(table: Any) -> None:
    table.colours({"b": "#E69F00"})
    empty, filled = table.tree.item("a", "image")[0], table.tree.item("b", "image")[0]
    assert empty != filled and table.tree.item("c", "image")[0] == empty
    middle = table._boxes["#E69F00"].get(2, 2)
    assert middle == (0xE6, 0x9F, 0x00)


def test_one_row_at_most(root: Any, told: Any) -> None:
    table = PickTable(root, [Column("Network", 120)], told.append, single=True)
    table.grid(row=0, column=0, sticky="nsew")
    table.show({"a": ("Fast",), "b": ("Balanced",)})
    settle(root, 0.2)
    click(table, *box_of(table, "a"))
    click(table, *box_of(table, "b"))
    assert table.picked == ["b"]
    table.tree.event_generate("<Control-a>")
    table.tree.event_generate("<Shift-Up>")
    settle(root, 0.05)
    assert len(table.picked) == 1


def test_the_wheel_goes_to_the_page_at_the_end_of_the_table(root: Any, table: Any) -> None:
    assert not table.on_wheel(1) and not table.on_wheel(-1), "everything is in view"
    low = PickTable(root, [Column("Number", 80)], lambda names: None)
    low.grid(row=1, column=0)
    low.show({str(index): (str(index),) for index in range(30)}, 4)
    settle(root, 0.2)
    assert low.on_wheel(1) and not low.on_wheel(-1)
    assert low.winfo_height() < 170, "the scroll bar makes it no higher"
