"""The first page while no project is open."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from wizard import recent
from wizard.plan import TITLES
from wizard.recent import Facts
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, act_button, card, px, quiet_button
from wizard.widgets.later import background
from wizard.widgets.paths_field import shorten
from wizard.widgets.scroll import Scroll
from wizard.widgets.symbols import Symbol
from wizard.words import catalogue

_MOST = 5
_ACROSS = 3
_LEAST = 430

FOLDER = "Analyse a folder in one pass"
NEW, OPEN, DEMO = "New project", "Open project", "Try the demo"


@dataclass(frozen=True)
class StartActs:
    """What can be begun here."""

    new: Callable[[], object]
    choose: Callable[[], object]
    demo: Callable[[], object]
    one_pass: Callable[[], object]
    reopen: Callable[[str], object]
    forget: Callable[[str], object]


class StartPage(Area):
    """What was left in the middle, new project, open project, demo, one pass, and the recent projects."""

    def __init__(self, master: tk.Misc, acts: StartActs, projects: Sequence[str]) -> None:
        super().__init__(master, palette.BACK)
        self._acts = acts
        self.facts: dict[str, Facts] = {}
        self.buttons: dict[str, Any] = {}
        self.on_grown: Callable[[tk.Misc], object] = lambda _widget: None
        """Hears of widgets that came later, to make them reachable by key."""
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self.scroll = Scroll(self, palette.BACK, least=_LEAST)
        self.scroll.grid(row=0, column=0, sticky="nsew")
        page = Area(self.scroll.inner, palette.BACK)
        page.grid(row=0, column=0, sticky="nsew")
        page.rowconfigure((0, 2), weight=1)
        page.columnconfigure((0, 2), weight=1)
        self._middle = middle = Area(page, palette.BACK)
        middle.grid(row=1, column=1, padx=24, pady=12)
        self._head(middle)
        choices = (
            (NEW, "Start with your own images. A project is a folder that keeps everything.", "new", acts.new),
            (OPEN, "Go on where you stopped, in a project that is on this computer.", "open", acts.choose),
            (DEMO, "Run all steps on 243 real cells that come with the program, in minutes.", "demo", acts.demo),
        )
        for column, (title, text, icon, act) in enumerate(choices):
            self._choice(middle, column, (title, text, icon), act)
        self._one_pass(middle)
        self._rows: dict[str, Text] = {}
        if projects:
            self._recent(middle, projects[:_MOST])
            kept = list(projects[:_MOST])
            background(self, lambda: {path: recent.facts(path) for path in kept}, self._show_facts)

    def _head(self, middle: Area) -> None:
        Text(middle, "Train networks on images of single cells", size="title", weight="bold",
             back=palette.BACK, wrap=False).grid(row=0, column=0, columnspan=_ACROSS, sticky="w")  # fmt: skip
        Text(middle, "Seven steps, from raw images to a model, figures and maps. No code, no internet.",
             size="heading", colour=palette.MUTED, back=palette.BACK, wrap=False).grid(
             row=1, column=0, columnspan=_ACROSS, sticky="w", pady=(4, 16))  # fmt: skip

    def _choice(self, middle: Area, column: int, said: tuple[str, str, str], act: Callable[[], object]) -> None:
        title, text, icon = said
        box = card(middle)
        box.grid(row=3, column=column, sticky="nsew", padx=(0, 16 if column < _ACROSS - 1 else 0))
        box.rowconfigure(1, weight=1)
        Text(box, title, size="heading", weight="bold").grid(row=0, column=0, sticky="ew", padx=16, pady=(14, 4))
        words = Text(box, text, colour=palette.MUTED, anchor="nw", wrap=False)
        words.configure(wraplength=px(self, 232))
        words.grid(row=1, column=0, sticky="nsew", padx=16)
        make = act_button if column == 0 else quiet_button
        names = {NEW: "New project\u2026", OPEN: "Open project\u2026"}
        button = make(box, names.get(title, title), act, height=38, width=232, icon=icon)
        button.grid(row=2, column=0, sticky="ew", padx=16, pady=14)
        self.buttons[title] = button

    def _one_pass(self, middle: Area) -> None:
        box = card(middle)
        box.columnconfigure(0, weight=1)
        box.grid(row=4, column=0, columnspan=_ACROSS, sticky="ew", pady=(12, 0))
        Text(box, FOLDER, weight="bold").grid(row=0, column=0, sticky="ew", padx=16, pady=(10, 0))
        text = "Choose your images, look over one page with all choices, and let every step run by itself."
        Text(box, text, colour=palette.MUTED).grid(row=1, column=0, sticky="ew", padx=16, pady=(0, 10))
        button = quiet_button(box, "Choose a folder\u2026", self._acts.one_pass, height=34)
        button.grid(row=0, column=1, rowspan=2, padx=16)
        self.buttons[FOLDER] = button

    # The recent projects.

    def _recent(self, middle: Area, projects: Sequence[str]) -> None:
        Text(middle, "Recent projects", size="heading", weight="bold", back=palette.BACK).grid(
            row=5, column=0, columnspan=_ACROSS, sticky="w", pady=(16, 4)
        )
        self._box = box = card(middle)
        box.grid(row=6, column=0, columnspan=_ACROSS, sticky="ew")
        box.columnconfigure(1, weight=1)
        for row, path in enumerate(projects):
            self._row(row, path, len(projects))

    def _row(self, row: int, path: str, count: int) -> None:
        above, below = 10 if row == 0 else 2, 10 if row == count - 1 else 2
        place = Path(path)
        Text(self._box, catalogue.own(shorten(place.name, 32)), weight="bold", wrap=False).grid(
            row=row, column=0, sticky="w", padx=16, pady=(above, below)
        )
        words = Text(
            self._box, catalogue.own(shorten(str(place.parent), 40)), size="small", colour=palette.MUTED, wrap=False
        )
        words.grid(row=row, column=1, sticky="ew", pady=(above, below))
        self._rows[path] = words
        button = quiet_button(self._box, "Open", partial(self._acts.reopen, path), height=28, width=84, icon="open")
        button.grid(row=row, column=2, padx=16, pady=(above, below))
        self.buttons[path] = button

    def _show_facts(self, found: dict[str, Facts]) -> None:
        self.facts = found
        for path, facts in found.items():
            self._say(path, facts)
        first = next(((path, facts.left) for path, facts in found.items() if facts.left is not None), None)
        if first is not None and first[0] == next((path for path, facts in found.items() if facts.there), None):
            self._offer(*first)

    def _say(self, path: str, facts: Facts) -> None:
        folder = shorten(str(Path(path).parent), 40)
        if facts.there:
            last = f"{TITLES[facts.step]}, {facts.when}" if facts.step else "No step is done yet"
            self._rows[path].say(catalogue.own(f"{catalogue.say(last)}    {folder}"))
            return
        self._rows[path].say(catalogue.own(f"\u26a0 {catalogue.say('Not found')}    {folder}"), palette.WARN)
        button = self.buttons[path]
        button.configure(text="Remove", icon="remove", command=partial(self._acts.forget, path))

    # What was left in the middle.

    def _offer(self, path: str, left: Any) -> None:
        """Offer on top the project that was not closed in good order."""
        box = card(self._middle, palette.WARN_SOFT)
        box.columnconfigure(1, weight=1)
        Symbol(box, "stale", 22, palette.WARN_SOFT).grid(row=0, column=0, rowspan=2, padx=(16, 12))
        name = catalogue.own(f"{shorten(Path(path).name, 40)}: {catalogue.say(left.title)}")
        Text(box, name, weight="bold", back=palette.WARN_SOFT).grid(row=0, column=1, sticky="ew", pady=(10, 0))
        said = catalogue.own(f"{left.when}. {catalogue.say(left.text)}")
        Text(box, said, back=palette.WARN_SOFT).grid(row=1, column=1, sticky="ew", pady=(0, 10))
        words = "Open it and go on\u2026" if left.step else "Open it"
        button = act_button(box, words, partial(self._acts.reopen, path), height=36)
        button.grid(row=0, column=2, rowspan=2, padx=16)
        box.grid(row=2, column=0, columnspan=_ACROSS, sticky="ew", pady=(0, 12))
        self.buttons["continue"] = button
        self.on_grown(box)
