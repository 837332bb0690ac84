"""Tab reaches every control of every page in reading order, and each has a name for screen readers."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import ttk
from typing import Any

import customtkinter as ctk
import pytest

from tests import made_stains
from tests.window import settle, wait
from wizard.plan import LABEL_STEPS
from wizard.widgets.form import Form
from wizard.widgets.link import Link
from wizard.widgets.names import Spoken, owner_of, spoken
from wizard.widgets.reading_order import Box, in_order
from wizard.widgets.scroll import Scroll
from wizard.words import catalogue

PRESSED = ("<Button-1>", "<ButtonPress-1>", "<Double-Button-1>")
BOXES = (ctk.CTkButton, ctk.CTkSwitch, ctk.CTkCheckBox, ctk.CTkOptionMenu, ctk.CTkSlider, ctk.CTkSegmentedButton)


def controls(widget: Any) -> list[Any]:
    """Return what can be used with the mouse below a widget, found by another way than Tab goes."""
    found: list[Any] = []
    for child in widget.winfo_children():
        if child.winfo_class() in ("Menu", "Toplevel") or isinstance(child, ctk.CTkScrollbar):
            continue
        usable = child.winfo_viewable() and str(getattr(child, "_state", "normal")) != "disabled"
        if isinstance(child, BOXES):
            found += [child._canvas] if usable else []
        elif isinstance(child, (ctk.CTkEntry, ctk.CTkComboBox)):
            found += [child._entry] if usable else []
        elif isinstance(child, ctk.CTkTextbox):
            found += [child._textbox] if usable else []
        else:
            bound = [str(one) for one in child.tk.splitlist(child.tk.call("bind", str(child)))]
            hit = not isinstance(child, tk.Label) and any(one in PRESSED for one in bound)
            if usable and (hit or isinstance(child, (Link, ttk.Treeview))):
                found.append(child)
            found += controls(child)
    return found


def shown_pages(app: Any) -> Any:
    """Show all pages with all settings unfolded, each of their tabs in turn; yields the name of the place."""
    for step in (*app.project.steps, "report"):
        app.choose(step)
        settle(app, 0.5)
        if isinstance(app.page.form, Form):
            app.page.form.unfold(everything=True)
        if app.page.tabs is None:
            yield step
            continue
        for tab in list(app.page.tabs.heads):
            app.page.tabs.choose(tab)
            settle(app, 0.5)
            yield f"{step}: {tab}"


@pytest.fixture
def app(open_app: Any, analysed: Any, tmp_path: Path) -> Any:
    import shutil

    shutil.copytree(analysed.root, tmp_path / "copy", ignore=shutil.ignore_patterns(".lock*"))
    return open_app(tmp_path / "copy")


def test_every_control_is_reached_in_reading_order_and_has_a_name(app: Any) -> None:
    for place in shown_pages(app):
        stops = app.keyboard.stops()
        missed = [str(one) for one in controls(app) if one not in stops]
        assert not missed, f"{place}: {missed}"
        assert _parts(app, stops) == sorted(_parts(app, stops)), place
        _check_order(stops, place)
        for stop in stops:
            _check_name(spoken(stop), f"{place}: {stop}")


def test_pages_for_stains_are_reached_in_reading_order_and_have_names(
    open_app: Callable[..., Any], tmp_path: Path
) -> None:
    steps = (*LABEL_STEPS, "label_compare", "label_look")
    test_every_control_is_reached_in_reading_order_and_has_a_name(
        open_app(made_stains.write_project(tmp_path / "Stains", tmp_path / "pictures", steps))
    )


def _parts(app: Any, stops: list[Any]) -> list[int]:
    """Return for each stop the place of its part of the window: bar, steps, head, settings, result, footer."""
    parts = (app.top, app.rail, app.page.chip.master, app.page.left, app.page.right, app.footer)
    return [next(index for index, part in enumerate(parts) if str(stop).startswith(f"{part}.")) for stop in stops]


def _check_order(stops: list[Any], place: str) -> None:
    """Inside the same frame nothing comes after something that is wholly below it."""
    for before, after in zip(stops, stops[1:], strict=False):
        one, other = owner_of(before), owner_of(after)
        if one.master is other.master:
            assert other.winfo_y() + other.winfo_height() > one.winfo_y(), f"{place}: {one}, {other}"
            if other.winfo_y() == one.winfo_y():
                assert other.winfo_x() > one.winfo_x(), f"{place}: {one}, {other}"


def _check_name(said: Spoken, where: str) -> None:
    assert any(letter.isalnum() for letter in said.name), where
    assert len(said.name) <= 120 and said.name.lower() not in ("button", "canvas", "entry"), where


def test_tab_itself_goes_that_way_and_nothing_holds_it(app: Any) -> None:
    app.choose("evaluate")
    wait(app, lambda: app.page.tabs is not None)
    app.page.tabs.choose("Confusion matrix")
    settle(app, 0.6)
    stops = app.keyboard.stops()
    stops[0].focus_force()
    app.update()
    for wanted in [*stops[1:], stops[0]]:
        app.focus_get().event_generate("<Tab>")
        app.update()
        assert app.focus_get() is wanted
    app.focus_get().event_generate("<Shift-Tab>")
    app.update()
    assert app.focus_get() is stops[-1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_access_keys_are_unique_and_underlined(app: Any, language: str) -> None:
    if language == "de":
        app.preferences.change("language", "de")
        app.restyle()
        settle(app, 0.3)
    try:
        for step in ("parse", "train", "evaluate"):
            app.choose(step)
            wait(app, lambda: app.page.tabs is not None)
            settle(app, 0.5)
            app.keyboard.letters.assign()
            letters = app.keyboard.letters.letters
            main = (app.footer.back, app.footer.forward, app.footer.run_all, app.page.acts.button)
            for button in main:
                place = int(button._text_label.cget("underline"))
                assert place >= 0 and letters[str(button.cget("text"))[place].lower()] is button
            assert len({id(button) for button in letters.values()}) == len(letters)
    finally:
        catalogue.use("en")


def test_parts_and_tabs_are_reached_by_key(app: Any) -> None:
    app.choose("evaluate")
    wait(app, lambda: app.page.tabs is not None)
    settle(app, 0.4)
    app.rail.items["evaluate"].focus_force()
    app.update()
    parts = []
    for _ in range(5):
        app.focus_get().event_generate("<F6>")
        app.update()
        parts.append(str(app.focus_get()))
    wanted = (app.page.chip.master, app.page.left, app.page.right, app.footer, app.top)
    assert [path.startswith(f"{part}.") for path, part in zip(parts, wanted, strict=True)] == [True] * 5
    titles = list(app.page.tabs.heads)
    app.focus_get().event_generate("<Control-Tab>")
    app.update()
    assert app.page.tabs.chosen == titles[1] and app.focus_get() is app.page.tabs.heads[titles[1]]
    app.focus_get().event_generate("<Control-Shift-Tab>")
    app.update()
    assert app.page.tabs.chosen == titles[0]


def test_a_page_of_words_can_be_scrolled_by_key(app: Any) -> None:
    app.choose("train")
    wait(app, lambda: app.page.tabs is not None)
    app.page.form.unfold(everything=True)
    settle(app, 0.5)
    view = app.page.scroll
    assert isinstance(view, Scroll) and view.bar.shown
    app.page.form.fold_button._canvas.focus_force()
    app.update()
    before = view.canvas.yview()[0]
    app.focus_get().event_generate("<Next>")
    settle(app, 0.2)
    assert view.canvas.yview()[0] > before


@pytest.mark.parametrize(
    ("boxes", "order"),
    [
        ([(0, 0, 10, 100), (20, 0, 90, 80), (20, 85, 90, 100)], [0, 1, 2]),
        ([(0, 50, 90, 60), (50, 0, 90, 40), (0, 5, 40, 30)], [2, 1, 0]),
        ([(0, 0, 50, 50), (20, 20, 60, 60)], [0, 1]),
        ([], []),
    ],
)
def test_reading_order(boxes: list[tuple[int, int, int, int]], order: list[int]) -> None:
    assert in_order([Box(*box) for box in boxes]) == order
