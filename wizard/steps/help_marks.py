"""What explains a page from within: "Why?" links beside choices, tooltips on titles of settings and on figures."""

from __future__ import annotations

import re
import tkinter as tk
from collections.abc import Callable, Iterator
from functools import partial
from tkinter import ttk
from typing import Any

from wizard.help import glossary, texts, topics
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, px
from wizard.widgets.fields import Field
from wizard.widgets.form import Form
from wizard.widgets.link import Link
from wizard.widgets.tooltip import Tooltip
from wizard.words import catalogue

_WIDE, _LOWEST = 820, 560
"""From these widths on (design pixels) the head of a page has room for all links, and for the one to its help."""
_SORTED = re.compile(r"\s*[\u25b2\u25bc\u2191\u2193]\s*")
"""The mark in the heading by which a table is sorted."""
_BELOW = 5
"""Row of a field that is free: title, help, refusal and remark are above."""

Open = Callable[[str], object]
"""Opens a place of the help, e.g. `parse` or `why#group`."""


def mark_form(form: Form, language: str, open_help: Open) -> None:
    """Explain the fields of a form that are there; may be called again when more came."""
    for field in form.built.values():
        if not getattr(field, "explained", False):
            field.explained = True  # type: ignore[attr-defined]
            _mark_field(field, language, open_help)


def _mark_field(field: Field, language: str, open_help: Open) -> None:
    for title in field.grid_slaves(row=0, column=0):
        words = glossary.tip(field.setting.title, language)
        if words:
            Tooltip(title, words)
    topic = topics.SETTINGS.get(field.setting.key)
    if topic is not None:
        link = Link(field, topics.question(topic, language), partial(open_help, topics.place(topic)))
        link.grid(row=_BELOW, column=0, columnspan=2, sticky="w", pady=(2, 0))


def mark_figures(view: tk.Misc, language: str) -> None:
    """Explain the names of figures and headings that stand for a term of the glossary."""
    for words in _texts(view):
        if getattr(words, "explained", False):
            continue
        term = glossary.named(str(words.cget("text")), language, catalogue.quietly)
        if term is not None:
            words.explained = True  # type: ignore[attr-defined]
            Tooltip(words, term.tip)


def mark_headings(view: tk.Misc, language: str) -> None:
    """Explain the headings of tables that stand for a term of the glossary."""
    for tree in _trees(view):
        if not getattr(tree, "explained", False):
            tree.explained = True  # type: ignore[attr-defined]
            tree.bind("<Motion>", partial(_over_heading, Tooltip(tree), tree, language), add="+")


def _over_heading(tip: Tooltip, tree: ttk.Treeview, language: str, event: tk.Event[Any]) -> None:
    name = ""
    if tree.identify_region(event.x, event.y) == "heading":
        name = str(tree.heading(tree.identify_column(event.x), "text"))
    term = glossary.named(_SORTED.sub("", name), language, catalogue.quietly) if name else None
    tip.point(term.tip if term is not None else "", event.x, event.y)


def _trees(widget: tk.Misc) -> Iterator[ttk.Treeview]:
    if isinstance(widget, ttk.Treeview):
        yield widget
    for child in widget.winfo_children():
        yield from _trees(child)


def _texts(widget: tk.Misc) -> Iterator[Text]:
    if isinstance(widget, Text) and not isinstance(widget, Link):
        yield widget
    for child in widget.winfo_children():
        yield from _texts(child)


def page_links(master: tk.Misc, page: str, language: str, open_help: Open) -> Area:
    """Return the links at the head of a page: the ideas behind its results, and its help."""
    row = Area(master, palette.BACK)
    help_words = catalogue.own(f"{texts.words(language)['menu']['help']} (F1)")
    Link(row, help_words, partial(open_help, topics.page(page)), palette.BACK).pack(side="right", padx=(8, 0))
    ideas = [
        Link(row, topics.question(topic, language), partial(open_help, topics.place(topic)), palette.BACK)
        for topic in topics.RESULTS.get(page, ())
    ]

    def fit(event: tk.Event[Any]) -> None:
        if event.width < px(master, _LOWEST):
            row.grid_remove()
        elif not row.winfo_manager():
            row.grid()
        wide = event.width >= px(master, _WIDE)
        for link in ideas:
            if wide and not link.winfo_manager():
                link.pack(side="left", padx=(8, 0))
            elif not wide:
                link.pack_forget()

    master.bind("<Configure>", fit, add="+")
    return row


def place_of(widget: tk.Misc | None, page: str) -> str:
    """Return the place of the help for a widget: its setting on the page, else the page."""
    while widget is not None:
        if isinstance(widget, Field):
            return topics.setting(widget.setting.key, page)
        widget = widget.master
    return topics.page(page)
