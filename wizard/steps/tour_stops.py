"""The stops of the tour through the window: a minute on a project, best on the demo cells."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from wizard.help import texts
from wizard.plan import STEPS
from wizard.widgets.focus import Focus
from wizard.widgets.tour import Stop, Tour

if TYPE_CHECKING:
    from wizard.steps.page import StepPage
    from wizard.steps.session import WindowProject


class Toured(Protocol):
    """What the tour needs of the window."""

    keyboard: Focus
    project: WindowProject | None
    step: str
    page: Any
    rail: Any
    footer: Any
    top: Any

    def choose(self, step: str) -> None:
        """Go to a page because the user asked for it."""


def stops(window: Toured, language: str, translate: texts.Translate = str) -> list[Stop]:
    """Return the stops in their order."""
    words = texts.words(language, translate)["tour"]["stops"]
    parts: dict[str, Callable[[], tk.Misc | None]] = {
        "rail": lambda: window.rail,
        "head": lambda: _of_page(window, lambda page: page.chip.master),
        "form": lambda: _of_page(window, lambda page: page.scroll),
        "act": lambda: _of_page(window, lambda page: page.acts),
        "result": lambda: _of_page(window, lambda page: page.right),
        "report": lambda: _of_page(window, _files),
        "bar": lambda: window.top,
        "run_all": lambda: window.footer.run_all if window.footer is not None else None,
        "help": lambda: window.top.buttons["help"],
    }
    return [Stop(words[name][0], words[name][1], part, _turn(window, name)) for name, part in parts.items()]


def _of_page(window: Toured, part: Callable[[StepPage], tk.Misc]) -> tk.Misc | None:
    page = _step_page(window)
    return part(page) if page is not None else None


def _step_page(window: Toured) -> StepPage | None:
    from wizard.steps.page import StepPage

    return window.page if isinstance(window.page, StepPage) else None


def _files(page: StepPage) -> tk.Misc:
    heads = page.tabs.heads if page.tabs is not None and page.tabs.winfo_exists() else {}
    return heads.get("Files", page.right)


def _turn(window: Toured, name: str) -> Callable[[], object]:
    """Return what brings a part into view where settings and results take turns."""
    side = {"form": "settings", "act": "settings", "result": "result", "report": "result"}.get(name)

    def turn() -> None:
        page = _step_page(window)
        if side is not None and page is not None:
            page.show_side(side)

    return turn


def begin(window: Toured, root: tk.Tk, language: str, translate: texts.Translate = str) -> Tour:
    """Start the tour on the page where it is made."""
    # The page with the first settings.
    page = window.project.steps[1] if window.project is not None else STEPS[1]
    if window.step != page:
        window.choose(page)
    return Tour(root, window.keyboard, stops(window, language, translate), texts.words(language)["tour"])
