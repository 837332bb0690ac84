"""The help in the window: F1, "Why?" links, tooltips, keys, the menu, the tour and the quick guide."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import ttk
from typing import Any

import pytest

from tests.window import below, go, settle, wait, words
from wizard.help import book, seen, topics
from wizard.plan import LABEL_STEPS, STEPS
from wizard.steps import help_desk, help_marks
from wizard.steps.help_desk import HelpDesk
from wizard.steps.messages import RESEARCH_USE
from wizard.steps.projects import make_project
from wizard.widgets import opener
from wizard.widgets.link import Link
from wizard.widgets.scroll import Scroll
from wizard.widgets.tooltip import Tooltip


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were opened; the pages are made in a folder of the test."""
    found: list[Path] = []
    monkeypatch.setattr(book, "cache", lambda: tmp_path / "help cache")
    monkeypatch.setattr(opener, "open_path", found.append)
    return found


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path, opened: list[Path]) -> Any:
    return open_app(done_project)


def press(app: Any, key: str) -> None:
    app.event_generate(key)
    settle(app, 0.1)


def test_f1_opens_the_help_of_the_page(app: Any, opened: list[Path]) -> None:
    for count, step in enumerate(STEPS, start=1):
        go(app, step)
        app.focus_set()
        app.update()
        press(app, "<F1>")
        wait(app, lambda count=count: len(opened) == count)
        assert opened[-1].name == f"{step}.html" and opened[-1].is_file()


def test_f1_on_the_page_of_choices_tells_about_the_pass(app: Any, opened: list[Path]) -> None:
    app.flow.open_pass()
    settle(app, 0.2)
    press(app, "<F1>")
    wait(app, lambda: opened)
    assert app.help.opened == "start#pass"
    assert "start.html#pass" in opened[0].read_text(encoding="utf-8")


def test_f1_in_a_field_opens_its_setting(app: Any, opened: list[Path]) -> None:
    page = go(app, "parse")
    page.form.fields["holdout"].entry._entry.focus_force()
    app.update()
    press(app, "<F1>")
    wait(app, lambda: opened)
    assert "url=parse.html#setting-holdout" in opened[0].read_text(encoding="utf-8")


def test_without_a_project_f1_opens_the_start(open_app: Callable[..., Any], opened: list[Path]) -> None:
    app = open_app()
    press(app, "<F1>")
    wait(app, lambda: opened)
    assert opened[0].name == "start.html"


def test_why_links_stand_beside_the_choices_that_matter(app: Any, opened: list[Path]) -> None:
    for step in ("parse", "train", "predict", "visualize", "evaluate"):
        page = go(app, step)
        page.form.unfold(everything=True)
        settle(app, 0.2)
        for name, field in page.form.fields.items():
            links = below(field, Link)
            assert len(links) == (f"{step}.{name}" in topics.SETTINGS), name
    page = go(app, "parse")
    below(page.form.fields["group"], Link)[0].follow()
    wait(app, lambda: opened)
    assert opened[0].name == "to-why-group.html"


def test_the_head_of_a_page_leads_to_its_help(app: Any, opened: list[Path]) -> None:
    page = go(app, "evaluate")
    links = [link for link in below(page, Link) if link.master.master is page.chip.master]
    assert [str(link.cget("text")) for link in links] == ["Help (F1)", "Why intervals?", "Why calibration?"]
    assert all(link.winfo_ismapped() for link in links)
    links[0].follow()
    wait(app, lambda: opened)
    assert opened[0].name == "evaluate.html"


def test_terms_are_explained_by_tooltips(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, str]] = []
    before = Tooltip.__init__

    def note(self: Any, widget: Any, text: str = "") -> None:
        if text:
            made.append((str(widget.cget("text")) if "text" in widget.keys() else "", text))  # noqa: SIM118
        before(self, widget, text)

    monkeypatch.setattr(Tooltip, "__init__", note)
    go(app, "evaluate")
    settle(app, 0.3)
    found = dict(made)
    assert found["Balanced accuracy"].startswith("Balanced accuracy: Accuracy in which")
    assert found["Calibration error (ECE)"].startswith("Calibration error: ")
    go(app, "parse")
    settle(app, 0.3)
    assert dict(made)["Hold-out share"].startswith("Hold-out: ")


def test_headings_of_tables_are_explained(app: Any) -> None:
    page = go(app, "evaluate")
    settle(app, 0.3)
    tree = next(tree for tree in below(page.right, ttk.Treeview) if tree.heading("#1", "text") == "Class")
    tree.event_generate("<Motion>", x=4, y=60)
    at = {str(tree.heading(column, "text")): column for column in tree["columns"]}
    left = next(
        x for x in range(0, tree.winfo_width(), 4) if tree.identify_column(x) == f"#{1 + list(at).index('Recall')}"
    )
    tree.event_generate("<Motion>", x=left + 6, y=8)
    wait(app, lambda: below(tree, tk.Toplevel), 5)
    assert words(below(tree, tk.Toplevel)[0]).startswith("Recall: Of the cells that are of a class")
    tree.event_generate("<Motion>", x=left + 6, y=60)
    settle(app, 0.1)
    assert not below(tree, tk.Toplevel)


def test_the_keys_are_shown_in_the_window(app: Any) -> None:
    go(app, "evaluate")
    app.focus_set()
    app.update()
    for key in ("<Control-F1>", "<question>"):
        press(app, key)
        shown = words(app.overlay.cover)
        assert (
            "Alt+Left" in shown and "On the page Evaluate" in shown and "Arrow keys" in shown and RESEARCH_USE in shown
        )
        card = app.overlay.body.master
        assert card.winfo_height() <= app.winfo_height() and card.winfo_width() <= app.winfo_width()
        press(app, "<Escape>")
        assert app.overlay is None


def test_the_keys_scroll_where_the_window_is_low(app: Any) -> None:
    go(app, "train")
    app.geometry("800x520")
    wait(app, lambda: app.winfo_height() <= 520)
    app.help.show_keys()
    settle(app, 0.3)
    card = app.overlay.body.master
    assert card.winfo_height() <= app.winfo_height() and card.winfo_width() <= app.winfo_width()
    view = below(app.overlay.cover, Scroll)[0]
    assert view.bar.shown and view.canvas in app.keyboard.stops()
    view.canvas.event_generate("<Next>")
    settle(app, 0.1)
    assert view.canvas.yview()[0] > 0


def test_a_question_mark_in_a_field_is_only_a_letter(app: Any) -> None:
    page = go(app, "parse")
    entry = page.form.fields["channels"].entry._entry
    entry.focus_force()
    app.update()
    entry.event_generate("<question>")
    settle(app, 0.1)
    assert app.overlay is None


def test_the_menu_of_the_help(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(help_desk, "open_below", lambda menu, widget: shown.append((menu, widget)))
    app.top.buttons["help"].invoke()
    menu = shown[0][0]
    labels = [menu.entrycget(index, "label").strip() for index in range(menu.index("end") + 1)]
    assert labels == ["Help for this page", "Keys", "Glossary", "Tour of the window", "Quick guide to print (PDF)"]
    menu.invoke(3)
    settle(app, 0.3)
    assert app.help.touring
    press(app, "<Escape>")


def test_the_tour_leads_through_a_project(app: Any) -> None:
    go(app, "check")
    app.help.start_tour()
    settle(app, 0.3)
    tour = app.help.tour
    assert app.step == "parse" and app.overlay is tour and len(tour.stops) == 9
    for at in range(9):
        assert tour.at == at
        assert tour._part() is not None, tour.stops[at].title
        card = tour.card
        assert card.winfo_x() >= 0 and card.winfo_x() + card.winfo_width() <= app.winfo_width()
        assert card.winfo_y() >= 0 and card.winfo_y() + card.winfo_height() <= app.winfo_height()
        tour.forward()
        settle(app, 0.2)
    assert not app.help.touring and app.overlay is None and app.step == "check"


def test_the_tour_comes_by_itself_once_with_the_first_demo(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    app.doors._demo_opened(make_project(str(tmp_path), "Demo", demo=True))
    wait(app, lambda: app.help.touring)
    assert seen.was_seen("tour")
    app.help.tour.close()
    app.doors._demo_opened(make_project(str(tmp_path), "Demo 2", demo=True))
    settle(app, 0.8)
    assert not app.help.touring


def test_a_click_into_the_window_ends_the_tour(app: Any) -> None:
    app.help.start_tour()
    settle(app, 0.3)
    assert app.step == "parse"
    app.rail.items["predict"].event_generate("<ButtonPress-1>", x=5, y=5)
    settle(app, 0.2)
    assert not app.help.touring and app.overlay is None and app.step == "predict"


def test_the_quick_guide_is_made_and_opened(app: Any, opened: list[Path]) -> None:
    app.help.guide()
    wait(app, lambda: opened, 60)
    assert opened[0].read_bytes().startswith(b"%PDF-")


def test_a_full_disk_is_told_and_the_window_stays(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: Any) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(book, "make", full)
    app.help.here()
    wait(app, lambda: app.overlay is not None)
    assert "The disk is full" in words(app.overlay.cover)


def test_german(app: Any, opened: list[Path]) -> None:
    desk = HelpDesk(app, lambda: "de", lambda text: {"Train": "Trainieren"}.get(text, text))
    go(app, "train")
    desk.show_keys()
    settle(app, 0.2)
    assert "Auf der Seite Trainieren" in words(app.overlay.cover) and "Umschalt+Tab" in words(app.overlay.cover)
    app.overlay.close()
    desk.open("train")
    wait(app, lambda: opened)
    assert "<h1>Trainieren</h1>" in opened[0].read_text(encoding="utf-8")


def test_pages_for_stains_lead_to_their_section_and_fields_to_their_setting(app: Any, opened: list[Path]) -> None:
    app.flow.choose_task("stain")
    for step in LABEL_STEPS:
        page = go(app, step)
        app.help.here()
        wait(app, lambda page=page, step=step: app.help.opened == topics.page(step))
        links = [str(link.cget("text")) for link in below(page, Link) if link.master.master is page.chip.master]
        assert links == ["Help (F1)"], step
        field = next(iter(page.form.fields.values()))
        assert help_marks.place_of(field, step) == topics.setting(field.setting.key, step)
    wait(app, lambda: len(opened) == len(LABEL_STEPS))
    assert "url=stains.html#visualize" in opened[-1].read_text(encoding="utf-8")
