"""Nothing is cut off or covered: every page, tab and dialog, at every text size, in both languages."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import made_stains, walk
from tests.layout import problems
from tests.window import settle
from wizard.widgets.basics import Area, Text, quiet_button


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "language", "appearance"),
    [(80, "en", "light"), (100, "de", "light"), (125, "en", "dark"), (150, "de", "dark"), (200, "en", "light")],
)
def test_nothing_is_cut_off(
    open_app: Callable[..., Any], copied_root: Any, scale: int, language: str, appearance: str
) -> None:
    app = open_app(copied_root)
    walk.set_up(app, scale, appearance, language)
    found: dict[str, list[str]] = {}
    for part in (walk.pages, walk.unfolded, walk.dialogs):
        for name in part(app):
            here = problems(app)
            if here:
                found[name] = here
    assert found == {}


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "language", "appearance"), [(100, "en", "light"), (150, "de", "dark")])
def test_nothing_is_cut_off_where_stains_are_predicted(
    open_app: Callable[..., Any], tmp_path: Path, scale: int, language: str, appearance: str
) -> None:
    app = open_app(made_stains.write_project(tmp_path / "Stains", tmp_path / "pictures"))
    walk.set_up(app, scale, appearance, language)
    found = {name: here for part in (walk.pages, walk.unfolded) for name in part(app) if (here := problems(app))}
    assert found == {}


@pytest.fixture
def frame(root: Any) -> Any:
    place = Area(root, width=300, height=200)
    place.grid_propagate(False)
    place.grid(row=0, column=0, sticky="nw")
    return place


def test_a_fitting_layout_has_no_problems(root: Any, frame: Any) -> None:
    frame.columnconfigure(0, weight=1)
    Text(frame, "Words that break into as many lines as they need to be read").grid(row=0, column=0, sticky="ew")
    quiet_button(frame, "Press", lambda: None).grid(row=1, column=0)
    settle(root, 0.1)
    assert problems(root) == []


def test_what_reaches_beyond_its_parent_is_found(root: Any, frame: Any) -> None:
    Text(frame, "Words in one line that is longer than its place is wide, by far", wrap=False).grid(row=0, column=0)
    settle(root, 0.1)
    assert any("beyond its place at the right" in line for line in problems(root))


def test_too_little_room_for_words_is_found(root: Any, frame: Any) -> None:
    frame.columnconfigure(0, weight=1)
    Text(frame, "Words in one line that is longer than its place is wide", wrap=False).grid(
        row=0, column=0, sticky="ew"
    )
    frame.rowconfigure(1, minsize=5)
    settle(root, 0.1)
    label = Text(root, "Two\nlines", wrap=False)
    label.place(x=400, y=10, width=100, height=12)
    settle(root, 0.1)
    assert any("high" in line for line in problems(root))


def test_covered_siblings_are_found(root: Any, frame: Any) -> None:
    for text in ("One", "Two"):
        Text(frame, text).grid(row=0, column=0)
    settle(root, 0.1)
    assert problems(root) == ["Text 'One' and Text 'Two' overlap"]


def test_words_beyond_a_canvas_are_found(root: Any, frame: Any) -> None:
    canvas = tk.Canvas(frame, width=80, height=20, highlightthickness=0)
    canvas.grid(row=0, column=0)
    canvas.create_text(2, 10, anchor="w", text="Words of a drawing that do not fit")
    settle(root, 0.1)
    assert any("beyond it" in line for line in problems(root))
