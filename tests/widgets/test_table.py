from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle
from wizard.widgets.basics import tk_font
from wizard.widgets.table import Table, sort_key


def shown(table: Table) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in table.tree.item(row, "values")) for row in table.tree.get_children()]


@pytest.fixture
def table(root: Any) -> Table:
    made = Table(root, ["Name", "Cells"], [("b", "10"), ("a", "9"), ("c", "1,200")])
    made.grid(row=0, column=0, sticky="nsew")
    settle(root, 0.1)
    return made


def test_rows_are_shown(table: Table) -> None:
    assert shown(table) == [("b", "10"), ("a", "9"), ("c", "1,200")]


def test_headings_sort_numbers_by_size_and_turn_round(root: Any, table: Table) -> None:
    table.sort(1)
    assert [row[1] for row in shown(table)] == ["9", "10", "1,200"]
    table.sort(1)
    assert [row[1] for row in shown(table)] == ["1,200", "10", "9"]
    assert "\u25bc" in table.tree.heading(1, "text")
    table.sort(0)
    assert [row[0] for row in shown(table)] == ["a", "b", "c"]
    assert table.tree.heading(1, "text") == "Cells"


def test_many_rows_come_in_parts(root: Any, table: Table) -> None:
    rows = [(f"cell{index}", str(index)) for index in range(1000)]
    table.fill(rows)
    assert 0 < len(table.tree.get_children()) < 1000
    settle(root, 0.5)
    assert shown(table) == rows
    table.fill(rows)
    table.fill(rows[:3])
    settle(root, 0.3)
    assert shown(table) == rows[:3]


def test_sort_key_puts_numbers_first() -> None:
    assert sorted(["b", "10", "9 %", "A"], key=sort_key) == ["9 %", "10", "A", "b"]


def test_a_cell_of_two_lines_is_sorted_by_the_first_and_seen_whole(root: Any) -> None:
    rows = [["G1", "88.0 %\n59.9\u201397.3"], ["G2", "100.0 %\n84.6\u2013100.0"]]
    table = Table(root, ["Class", "Recall"], rows, lines=2)
    table.grid(row=0, column=0, sticky="nsew")
    root.update()
    table.sort(1)
    assert [row[0] for row in table.rows] == ["G1", "G2"]
    wide = int(table.tk.call("font", "measure", tk_font(table, "table"), "84.6\u2013100.0"))
    assert int(table.tree.column(1, "width")) > wide


def test_headings_stand_as_their_cells_do(root: Any) -> None:
    table = Table(root, ["Class", "Cells"], [["G1", "12"], ["G2", "7"]])
    assert [str(table.tree.heading(index, "anchor")) for index in range(2)] == ["w", "e"]
    assert [str(table.tree.column(index, "anchor")) for index in range(2)] == ["w", "e"]
