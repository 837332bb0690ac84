"""The row of tabs."""

from __future__ import annotations

from typing import Any

from tests.window import settle
from wizard.widgets.basics import Text
from wizard.widgets.tabs import Tabs


def test_words_that_have_no_room_stand_in_the_next_line(root: Any) -> None:
    views = {f"A long title {n}": lambda parent, n=n: Text(parent, f"view {n}") for n in range(6)}
    tabs = Tabs(root, views)  # type: ignore[arg-type]
    tabs.grid(row=0, column=0, sticky="nsew")
    root.geometry("900x400")
    settle(root, 0.2)
    assert len({head.winfo_y() for head in tabs.heads.values()}) == 1
    root.geometry("420x400")
    settle(root, 0.2)
    places = [(head.winfo_y(), head.winfo_x()) for head in tabs.heads.values()]
    assert len({y for y, _x in places}) == 2 and places == sorted(places)
    assert all(head.winfo_x() + head.winfo_width() <= 420 for head in tabs.heads.values())
    last = list(tabs.heads.values())[-1]
    assert last.winfo_y() + last.winfo_height() <= tabs._row.winfo_height()
