from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle
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
