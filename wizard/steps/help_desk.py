"""The help as the window offers it: pages, keys, tour and quick guide, from F1 and from a menu."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from wizard import __version__
from wizard.engine.errors import UserError, from_os_error
from wizard.help import keys, seen, texts
from wizard.steps import help_marks, key_list, messages
from wizard.steps.flow import ALL_STEPS
from wizard.steps.tour_stops import Toured, begin
from wizard.widgets import opener, palette
from wizard.widgets.basics import Text
from wizard.widgets.focus import focused
from wizard.widgets.later import background, later
from wizard.widgets.menu import menu, open_below
from wizard.widgets.overlay import Overlay
from wizard.widgets.tour import Tour
from wizard.words import catalogue

_WRITING = ("Entry", "Text", "TEntry")
_TOUR = "tour"
_SETTLED_MS = 400
"""After this time a page that was just built has its final layout."""


class Window(Toured, Protocol):
    """What the help needs of the window."""

    overlay: Any

    def over(self, overlay: Any) -> None:
        """Take note of a card that was put over the window."""

    def tell(self, refusal: UserError) -> None:
        """Show a refusal over the page."""


class HelpDesk:
    """Everything that explains the window; `language` says in which language, `translate` gives a text in it."""

    def __init__(
        self,
        window: Any,
        language: Callable[[], str] = catalogue.language,
        translate: texts.Translate = catalogue.quietly,
    ) -> None:
        self.window: Window = window
        self._root: tk.Tk = window
        self._language, self._translate = language, translate
        self.tour: Tour | None = None
        self.menu: tk.Menu | None = None
        self.opened = ""
        """The place that was opened last."""
        key_list.bind(
            window, {"help": lambda _e: self.here(), "keys": lambda _e: self.show_keys(), "asked": self._asked}
        )
        window.bind("<ButtonPress>", self._clicked, add="+")

    @property
    def language(self) -> str:
        """The language of the help."""
        return texts.known(self._language())

    def _page(self) -> str:
        step = self.window.step
        return step if self.window.project is not None and step != ALL_STEPS else "start"

    def _asked(self, event: tk.Event[Any]) -> None:
        if event.widget.winfo_class() not in _WRITING:
            self.show_keys()

    # Pages.

    def here(self) -> None:
        """Open the help of the page, at the setting that has the focus."""
        if self.window.project is not None and self.window.step == ALL_STEPS:
            self.open("start#pass")
        else:
            self.open(help_marks.place_of(focused(self._root), self._page()))

    def open(self, place: str) -> None:
        """Open a place of the help, e.g. `parse` or `why#group`; the pages are made first where they are not yet."""
        language, translate = self.language, self._translate
        self.opened = place

        def made() -> Path:
            from wizard.help import book

            return book.opening(book.make(language, translate), place, language)

        background(self._root, made, self._open, self._refuse)

    def _open(self, path: Path) -> None:
        try:
            opener.open_path(path)
        except UserError as error:
            self.window.tell(error)

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, OSError):
            known = from_os_error(error)
            if known is not None:
                self.window.tell(known)
                return
        raise error

    # Keys.

    def show_keys(self) -> None:
        """Show the keys over the page: those for everywhere, and those of this page."""
        if self.window.overlay is not None:
            return
        words, page = texts.words(self.language, self._translate), self._page()
        overlay = Overlay(
            self._root, self.window.keyboard, words["keys"]["title"], width=key_list.width_for(self._root)
        )
        lists = [(words["keys"]["everywhere"], keys.everywhere(self.language))]
        own = keys.on_page(page, self.language)
        if own:
            lists.append((catalogue.own(words["keys"]["here"].format(page=words["pages"][page])), own))
        overlay.put(key_list.key_lists(overlay.body, self._root, lists))
        overlay.put(
            Text(overlay.body, f"CytoWizard {__version__}. {messages.RESEARCH_USE}", size="small", colour=palette.MUTED)
        )
        overlay.offer([(words["menu"]["close"], overlay.close), (words["keys"]["all"], lambda: self.open("keyboard"))])
        self.window.over(overlay)

    # The menu, the tour and the quick guide.

    def show_menu(self, below: tk.Misc) -> None:
        """Open the menu of the help under a button."""
        words = texts.words(self.language)["menu"]
        entries: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("page", "<F1>", self.here), ("keys", "<Control-F1>", self.show_keys),
            ("glossary", "", lambda: self.open("glossary")), ("tour", "", self.start_tour), ("guide", "", self.guide),
        )  # fmt: skip
        if self.menu is not None and self.menu.winfo_exists():
            self.menu.destroy()
        self.menu = menu(self._root)
        for name, key, act in entries:
            self.menu.add_command(label=f"  {words[name]}  ", accelerator=keys.shown(key, self.language), command=act)
        if self.window.project is None:
            self.menu.entryconfigure(3, state="disabled")
        open_below(self.menu, below)

    @property
    def touring(self) -> bool:
        """True while the tour is under way."""
        return self.tour is not None and self.tour.open

    def start_tour(self) -> None:
        """Lead through the window, if a project is open and nothing else is asked."""
        if self.window.overlay is None and self.window.project is not None and not self.touring:
            seen.note(_TOUR)
            step = self.window.step
            self.tour = begin(self.window, self._root, self.language, self._translate)
            self.tour.on_close = lambda: self._back(step)
            self.window.over(self.tour)

    def _back(self, step: str) -> None:
        """Go back to the page from which the tour was started."""
        assert self.tour is not None
        if not self.tour.clicked_away and self.window.step != step:
            self.window.choose(step)

    def first_run(self) -> None:
        """Start the tour if it was never shown to this user."""
        if not seen.was_seen(_TOUR):
            later(self._root, _SETTLED_MS, self.start_tour)

    def _clicked(self, event: tk.Event[Any]) -> None:
        if self.tour is not None:
            self.tour.clicked(event.widget)

    def guide(self) -> None:
        """Make the quick guide and open it."""
        language, translate = self.language, self._translate

        def made() -> Path:
            from wizard.help import book, guide

            return guide.ready(book.cache(), language, translate)

        background(self._root, made, self._open, self._refuse)
