"""Fields to choose in."""

from __future__ import annotations

from typing import Any

import customtkinter as ctk
import pytest

from tests.window import settle
from wizard.widgets import palette
from wizard.widgets.choice import Choice, Combo, DropButton, fitted
from wizard.widgets.project_menu import DEMO, NEW, OPEN, RECENT, SHOW, ProjectMenu

LONG = "Automatic: flow cell; colour for colour images, else what fits"


def test_all_kinds_of_choices_look_alike(root: Any) -> None:
    made = [Choice(root, ["a", "b"]), Combo(root, values=["a", "b"]), DropButton(root, "a", lambda: None)]
    for row, widget in enumerate(made):
        widget.grid(row=row, column=0)
    settle(root, 0.1)
    for widget in made[:2]:
        canvas = widget._canvas
        face = {canvas.itemcget(item, "fill") for item in canvas.find_withtag("inner_parts_right")}
        assert face == {palette.now(palette.SURFACE)}
        assert canvas.type("dropdown_arrow") == "image"
    pictures = {str(widget._canvas.itemcget("dropdown_arrow", "image")) for widget in made[:2]}
    assert len(pictures) == 1 and made[2].cget("image").name == "down"


def test_a_long_choice_ends_in_dots_and_is_told_on_hover(root: Any) -> None:
    menu = Choice(root, [LONG, "No"], width=160, height=32, dynamic_resizing=False)
    menu.grid(row=0, column=0)
    settle(root, 0.1)
    assert menu._text_label.cget("text").endswith("\u2026") and menu.get() == LONG
    assert menu.tip is not None and menu.tip.text == LONG
    menu.set("No")
    assert menu._text_label.cget("text") == "No" and menu.tip.text == ""


def test_a_choice_that_is_off_has_no_edge(root: Any) -> None:
    menu = Choice(root, ["a"], state="disabled")
    menu.grid()
    root.update()
    colours = {menu._canvas.itemcget(item, "fill") for item in menu._canvas.find_withtag("border_parts_left")}
    assert colours == {palette.now(palette.OFF)}


def test_text_is_cut_only_where_it_has_to_be(root: Any) -> None:
    entry = ctk.CTkEntry(root, width=300)
    entry.grid()
    settle(root, 0.1)
    assert fitted(entry._entry, "short") == "short"
    assert fitted(entry._entry, LONG * 2).endswith("\u2026")


@pytest.fixture
def done() -> list[str]:
    return []


def test_the_project_menu_holds_all_that_is_done_with_projects(root: Any, done: list[str]) -> None:
    acts = {title: (lambda title=title: done.append(title)) for title in (NEW, OPEN, DEMO, SHOW)}
    made = ProjectMenu(root, acts, ["/data/one", "/data/two"], done.append)
    made.grid()
    root.update()
    assert made.state_of(SHOW) == "disabled" and made.state_of(RECENT) == "normal"
    made.show("Jurkat cells", "/data/jurkat")
    assert made.cget("text") == "Jurkat cells" and made.tip.text == "/data/jurkat" and made.state_of(SHOW) == "normal"
    made.choose(NEW)
    made.recent.invoke(1)
    made.allow(False)
    made.choose(OPEN)
    assert done == [NEW, "/data/two"] and made.state_of(OPEN) == "disabled"
    assert made.state_of(SHOW) == "normal"


def test_without_recent_projects_there_is_nothing_to_open_again(root: Any) -> None:
    made = ProjectMenu(root, dict.fromkeys((NEW, OPEN, DEMO, SHOW), lambda: None), [], lambda path: None)
    assert made.state_of(RECENT) == "disabled"
