from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.window import settle
from wizard.widgets.focus import Focus
from wizard.widgets.tag_table import MOST_VALUES, GateRow, TagRow, TagTable, ValueRow

TAGS = [
    TagRow("donor", "level_1 (folder level 1)", (ValueRow("A", 5, ("A",)), ValueRow("B", 7, ("B",))), "group"),
    TagRow(
        "class", "innermost folder",
        (ValueRow("G1", 4, ("G1",)), ValueRow("Debris", 2, ("Debris",), True), ValueRow("M", 6, ("Ana", "Telo"))),
        "can be learned",
    ),
    TagRow("run", "folder level 2", (ValueRow("1", 12, ("1",)),), "", True),
]  # fmt: skip
GATES = [GateRow("All", 12, False), GateRow("R1", 5, True), GateRow("R2", 4, True)]


class Asked:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answer = ""

    def rename(self, tag: str, new: str) -> str:
        self.calls.append(("rename", tag, new))
        return self.answer

    def merge(self, tag: str, values: Sequence[str], new: str) -> str:
        self.calls.append(("merge", tag, list(values), new))
        return self.answer

    def split(self, tag: str, value: str) -> str:
        self.calls.append(("split", tag, value))
        return self.answer

    def leave_out(self, tag: str, values: Sequence[str], out: bool) -> str:
        self.calls.append(("leave out", tag, list(values), out))
        return self.answer

    def use_gates(self, names: Sequence[str]) -> str:
        self.calls.append(("gates", list(names)))
        return self.answer

    def undo(self) -> str:
        self.calls.append(("undo",))
        return self.answer


@pytest.fixture
def table(root: Any) -> Any:
    asked = Asked()
    made: Any = TagTable(root, asked)
    made.asked = asked
    made.grid(row=0, column=0, sticky="nsew")
    made.show(TAGS, GATES, True)
    settle(root, 0.1)
    return made


def shown(table: Any) -> list[tuple[str, str, str, str]]:
    rows = []

    def walk(parent: str) -> None:
        for item in table.tree.get_children(parent):
            cells, use, found = (str(value) for value in table.tree.item(item, "values"))
            rows.append((str(table.tree.item(item, "text")), cells, use, found))
            walk(item)

    walk("")
    return rows


def test_tags_values_and_populations_are_listed_with_counts(table: Any) -> None:
    assert shown(table) == [
        ("donor (2)", "", "group", "level_1 (folder level 1)"), ("A", "5", "", ""), ("B", "7", "", ""),
        ("class (2)", "", "can be learned", "innermost folder"), ("G1", "4", "", ""), ("Debris", "2", "left out", ""),
        ("M", "6", "from 2 values", "Ana, Telo"),
        ("run (1)", "", "left out", "folder level 2"), ("1", "12", "", ""),
        ("Populations (gates)", "", "2 used as classes", "analysis files"),
        ("All", "12", "not used", ""), ("R1", "5", "class", ""), ("R2", "4", "class", ""),
    ]  # fmt: skip


def type_name(table: Any, text: str) -> None:
    table.entry.delete(0, "end")
    table.entry.insert(0, text)


def test_a_tag_is_renamed_and_left_out(table: Any) -> None:
    table.select("donor")
    assert table.entry.get() == "donor" and table.words.cget("text") == "Tag donor"
    type_name(table, " patient ")
    table.first.invoke()
    table.out.invoke()
    assert table.asked.calls[0] == ("rename", "donor", "patient")
    table.select("donor")
    table.out.invoke()
    assert table.asked.calls[-1] == ("leave out", "donor", [], True)
    table.select("run")
    assert table.first.cget("state") == "disabled" and table.out.cget("text") == "Take in again"
    table.out.invoke()
    assert table.asked.calls[-1] == ("leave out", "run", [], False)


def test_values_are_merged_renamed_split_and_left_out(table: Any) -> None:
    table.select("class", "G1", "M")
    assert table.first.cget("text") == "Merge into one" and table.split.cget("state") == "disabled"
    type_name(table, "Good")
    table.first.invoke()
    table.select("class", "M")
    assert table.first.cget("text") == "Rename"
    table.split.invoke()
    table.select("class", "G1")
    table.out.invoke()
    table.select("class", "Debris")
    assert table.out.cget("text") == "Take in again" and table.first.cget("state") == "disabled"
    table.out.invoke()
    table.select("class", "Debris", "G1")
    table.out.invoke()
    assert table.asked.calls == [
        ("merge", "class", ["G1", "M"], "Good"), ("split", "class", "M"), ("leave out", "class", ["G1"], True),
        ("leave out", "class", ["Debris"], False), ("leave out", "class", ["G1"], True),
    ]  # fmt: skip


def test_populations_are_chosen_in_their_order(table: Any) -> None:
    table.select("", "All")
    assert table.out.cget("text") == "Use as class" and table.entry.cget("state") == "disabled"
    table.out.invoke()
    table.select("", "R1")
    assert table.out.cget("text") == "Do not use"
    table.out.invoke()
    table.first.invoke()
    assert table.asked.calls == [("gates", ["All", "R1", "R2"]), ("gates", ["R2"]), ("gates", [])]


def test_values_of_two_tags_cannot_be_changed_together(table: Any) -> None:
    items = [item for item in table._items if table._key(item) in (("donor", "A"), ("class", "G1"))]
    table.tree.selection_set(items)
    settle(table, 0.05)
    assert table.words.cget("text") == "Select values of one tag."
    assert {button.cget("state") for button in (table.first, table.out, table.split)} == {"disabled"}


def test_a_refusal_is_said_and_the_selection_stays(table: Any) -> None:
    table.asked.answer = "donor is taken."
    table.select("class")
    type_name(table, "donor")
    table.first.invoke()
    assert "donor is taken." in table.note.cget("text")
    assert table.chosen.tag.name == "class"
    type_name(table, "")
    table.first.invoke()
    assert "Type a name" in table.note.cget("text")


def test_what_is_open_and_selected_stays_so(root: Any, table: Any) -> None:
    donor = next(item for item in table._items if table._key(item) == ("donor", ""))
    table.tree.item(donor, open=False)
    table.select("class", "G1")
    table.show(TAGS, GATES, False, "a note")
    again = next(item for item in table._items if table._key(item) == ("donor", ""))
    assert not table.tree.item(again, "open")
    assert table.chosen.values[0].name == "G1"
    assert table.undo.cget("state") == "disabled" and table.note.cget("text") == "a note"


def test_undo_is_asked_for(table: Any) -> None:
    table.undo.invoke()
    assert table.asked.calls == [("undo",)]


def test_very_many_values_are_not_all_listed(table: Any) -> None:
    many = tuple(ValueRow(str(n), 1, (str(n),)) for n in range(MOST_VALUES + 9))
    table.show([TagRow("cell", "table", many)], [], False)
    assert len(shown(table)) == MOST_VALUES + 2 and "and 9 more values" in shown(table)[-1][0]
    table.tree.selection_set(table.tree.get_children(table.tree.get_children()[0])[-1])
    settle(table, 0.05)
    assert table.out.cget("state") == "disabled"


def test_everything_is_reached_by_the_keyboard(root: Any, table: Any) -> None:
    Focus(root).install(root)
    table.select("class", "M")
    table.tree.focus_force()
    settle(root, 0.05)
    seen = []
    for _ in range(6):
        seen.append(root.focus_get())
        root.focus_get().event_generate("<Tab>")
        settle(root, 0.05)
    wanted = (table.undo._canvas, table.entry._entry, table.first._canvas, table.out._canvas, table.split._canvas)
    for widget in wanted:
        assert widget in seen
    table.tree.focus_force()
    table.tree.event_generate("<Up>")
    settle(root, 0.05)
    assert table.chosen.values[0].name == "Debris"
    table.tree.event_generate("<Delete>")
    assert table.asked.calls[-1] == ("leave out", "class", ["Debris"], False)
