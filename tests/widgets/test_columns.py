from __future__ import annotations

from typing import Any

import pytest

from tests.layout import problems
from tests.window import settle
from wizard.widgets.basics import Area, Text, quiet_button
from wizard.widgets.columns import Line, side_by_side, tiles_in_rows


@pytest.fixture
def frame(root: Any) -> Any:
    """A place whose width the tests set."""
    place = Area(root, width=600, height=300)
    place.grid_propagate(False)
    place.columnconfigure(0, weight=1)
    place.grid(row=0, column=0, sticky="nw")
    return place


def widen(frame: Any, width: int) -> None:
    frame.configure(width=width)
    settle(frame, 0.2)


def tops(items: list[Any]) -> int:
    """Return in how many rows some widgets stand."""
    return len({item.winfo_rooty() for item in items})


def test_a_line_breaks_where_it_is_too_narrow_and_closes_again(root: Any, frame: Any) -> None:
    line = Line(frame)
    line.grid(row=0, column=0, sticky="ew")
    buttons = [quiet_button(line, f"Button {number}", lambda: None, height=28) for number in range(5)]
    for button in buttons:
        button.pack(side="left", padx=(0, 8))
    settle(root, 0.2)
    assert tops(buttons) == 1
    high = line.winfo_height()
    widen(frame, 200)
    assert tops(buttons) >= 3 and line.winfo_height() >= 3 * high and problems(frame) == []
    widen(frame, 600)
    assert tops(buttons) == 1 and line.winfo_height() == high


def test_a_name_stays_with_its_control(root: Any, frame: Any) -> None:
    line = Line(frame)
    line.grid(row=0, column=0, sticky="ew")
    quiet_button(line, "First", lambda: None, width=120).pack(side="left", padx=(0, 8))
    name = Text(line, "Order", wrap=False)
    name.pack(side="left", padx=(0, 8))
    control = quiet_button(line, "Control", lambda: None, width=120)
    control.pack(side="left")
    widen(frame, 200)
    assert abs(name.winfo_rooty() - control.winfo_rooty()) < 20 and problems(frame) == []


def test_words_that_change_find_their_place(root: Any, frame: Any) -> None:
    line = Line(frame)
    line.grid(row=0, column=0, sticky="ew")
    quiet_button(line, "First", lambda: None, width=120).pack(side="left", padx=(0, 8))
    words = Text(line, "Short")
    words.pack(side="left")
    widen(frame, 220)
    words.say("Words that are much longer than before and need a line of their own, or two")
    settle(root, 0.3)
    assert problems(frame) == []


def test_check_boxes_take_one_column_where_two_do_not_fit(root: Any, frame: Any) -> None:
    place = Area(frame)
    place.grid(row=0, column=0, sticky="ew")
    items = [quiet_button(place, f"A rather long choice {number}", lambda: None) for number in range(4)]
    side_by_side(place, items)
    settle(root, 0.2)
    assert tops(items) == 2
    widen(frame, 200)
    assert tops(items) == 4


def test_figures_take_more_rows_where_they_would_be_cut(root: Any, frame: Any) -> None:
    place = Area(frame)
    place.grid(row=0, column=0, sticky="ew")
    tiles = []
    for number in range(4):
        tile = Area(place)
        Text(tile, f"10{number}.0 % of all", size="figure", wrap=False).grid(row=0, column=0, padx=12)
        tiles.append(tile)
    tiles_in_rows(place, tiles, 4)
    widen(frame, 800)
    assert tops(tiles) == 1
    widen(frame, 340)
    assert tops(tiles) > 1 and problems(frame) == []
