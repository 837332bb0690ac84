"""The tour: its frame and card stay in the window, its keys work, and it leaves nothing behind."""

from __future__ import annotations

import tkinter as tk
from itertools import product

import pytest

from tests.window import below, settle, words
from wizard.widgets.basics import quiet_button
from wizard.widgets.focus import Focus, focused
from wizard.widgets.tour import Stop, Tour, beside

WORDS = {"back": "Back", "next": "Next", "end": "Finish", "skip": "End the tour", "count": "{at} of {all}"}


@pytest.fixture
def parts(root):
    root.keyboard = Focus(root)
    made = {}
    for name, place in {"left": (0, 0), "right": (700, 0), "low": (300, 620)}.items():
        made[name] = quiet_button(root, name, lambda: None, width=180)
        made[name].place(x=place[0], y=place[1])
    root.keyboard.install(root)
    settle(root, 0.1)
    return made


@pytest.fixture
def tour(root, parts):
    shown = []
    stops = [
        Stop(f"About {name}", "Words. " * 12, lambda part=part: part, lambda name=name: shown.append(name))
        for name, part in parts.items()
    ]
    made = Tour(root, root.keyboard, [*stops, Stop("Nothing", "It is not there.", lambda: None)], WORDS)
    made.shown = shown
    settle(root, 0.2)
    return made


def press(root, key):
    root.focus_get().event_generate(key)
    settle(root, 0.1)


def test_keys_lead_through_the_tour(root, tour):
    assert "About left" in words(tour.card) and "1 of 4" in words(tour.card)
    press(root, "<Left>")
    assert tour.at == 0
    press(root, "<Return>")
    press(root, "<Right>")
    assert tour.at == 2 and "3 of 4" in words(tour.card)
    press(root, "<Left>")
    assert tour.at == 1 and tour.shown == ["left", "right", "low", "right"]
    press(root, "<Right>")
    press(root, "<Right>")
    assert tour.next.cget("text") == "Finish" and not tour.skip.winfo_ismapped()
    press(root, "<Return>")
    assert not tour.open


def test_escape_ends_it_and_nothing_is_left(root, parts):
    parts["low"]._canvas.focus_set()
    settle(root, 0.1)
    before = set(map(str, below(root, tk.Misc)))
    ended = []
    tour = Tour(root, root.keyboard, [Stop("One", "Two.", lambda: parts["left"])], WORDS)
    tour.on_close = lambda: ended.append(True)
    settle(root, 0.2)
    press(root, "<Escape>")
    assert not tour.open and ended == [True]
    assert set(map(str, below(root, tk.Misc))) == before
    assert focused(root) is parts["low"]._canvas and root.keyboard.trap is None
    tour.close()
    settle(root, 0.4)
    assert ended == [True]


def test_a_click_elsewhere_ends_it_and_keeps_the_focus_there(root, tour, parts):
    tour.clicked(tour.next)
    assert tour.open
    parts["right"]._canvas.focus_set()
    tour.clicked(parts["right"]._canvas)
    settle(root, 0.1)
    assert not tour.open and focused(root) is parts["right"]._canvas


def test_the_frame_follows_its_part(root, tour, parts):
    def inside():
        left = min(line.winfo_x() for line in tour._lines)
        top = min(line.winfo_y() for line in tour._lines)
        return left <= max(0, parts["left"].winfo_x()) and top <= max(0, parts["left"].winfo_y())

    assert inside() and all(line.winfo_ismapped() for line in tour._lines)
    parts["left"].place(x=400, y=300)
    settle(root, 0.4)
    assert min(line.winfo_x() for line in tour._lines) in range(380, 400)
    parts["left"].destroy()
    settle(root, 0.4)
    assert not any(line.winfo_ismapped() for line in tour._lines) and tour.open


def test_the_card_hides_no_part_where_there_is_room():
    size, room, gap = (340, 200), (1366, 768), 12
    for x, y, wide, high in product((0, 500, 1166), (0, 300, 668), (100, 200), (60, 100)):
        left, top = beside((x, y, wide, high), size, room, gap)
        assert 0 <= left <= room[0] - size[0] and 0 <= top <= room[1] - size[1]
        apart = left >= x + wide or left + size[0] <= x or top >= y + high or top + size[1] <= y
        assert apart, (x, y, wide, high)


def test_the_card_stays_in_a_small_window():
    for part in ((0, 0, 400, 300), (50, 20, 300, 250), None):
        left, top = beside(part, (340, 200), (400, 300), 12)
        assert left >= 0 and top >= 0 and left + 340 <= 400 and top + 200 <= 300
