"""What the window says over the page: refusals, mistakes of the program, the end while a step runs, help."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Callable

from wizard import recent
from wizard.engine.errors import UserError
from wizard.plan import TITLES
from wizard.widgets.error_panel import ErrorTools, said
from wizard.widgets.focus import Focus
from wizard.widgets.later import later
from wizard.widgets.overlay import Overlay

RESEARCH_USE = "For research use only. Not for use in diagnostic procedures."

_LOG_BYTES = 1_000_000


Support = Callable[[], object]
"""Offers to save a support file."""


def refused(root: tk.Tk, keyboard: Focus, error: UserError, support: Support | None = None) -> ErrorOverlay:
    """Show what happened, why, and what to do."""
    overlay = ErrorOverlay(root, keyboard, error.what, width=560)
    overlay.fill(error.why, error.action, "", support)
    return overlay


def mistake(root: tk.Tk, keyboard: Focus, details: str, support: Support | None = None) -> ErrorOverlay:
    """Show that the program made a mistake, with the details folded."""
    overlay = ErrorOverlay(root, keyboard, "The program made a mistake.", width=680)
    overlay.say("Your project and its results are intact. You can close this message and go on.")
    last = details.strip().splitlines()[-1:] or [""]
    action = "If it happens again, save a support file and send it to the makers of the program."
    overlay.fill(last[0], action, details, support)
    return overlay


class ErrorOverlay(Overlay):
    """An error over the page; `tools` copies it, unfolds its details and offers the support file."""

    tools: ErrorTools

    def fill(self, why: str, action: str, details: str, support: Support | None) -> None:
        """Add everything below the title; the support file takes the place of this card."""
        self.put(said(self.body, why, action))

        def instead() -> None:
            self.close()
            assert support is not None
            support()

        text = "\n".join(line for line in (self.title, why, action) if line)
        self.tools = ErrorTools(self.body, text, details, instead if support is not None else None)
        self.put(self.tools)
        self.offer([("Close", self.close)])
        self.buttons["Copy"] = self.tools.copy
        later(self.cover, 5, self.buttons["Close"]._canvas.focus_set)


_LEFT = {
    "train": "The epochs that are finished are kept. Open the project again and choose \u201cContinue the "
    "interrupted training\u201d to go on from there.",
    "label_train": "What was learnt until a minute ago is kept. Open the project again and choose \u201cContinue the "
    "interrupted training\u201d to go on from there.",
    "parse": "The cells that were read are kept. Open the project again and start Parse to go on from there.",
    "watching": "The cells that were predicted stay in their table. Open the project again and watch the folder again "
    "to go on.",
}
_LEFT_ELSE = "This step starts from its beginning next time. Its last result and those of the other steps stay."


def still_running(root: tk.Tk, keyboard: Focus, step: str, leave: Callable[[], object], doing: str = "") -> Overlay:
    """Ask whether to close the window although a step runs; says what will be left of it."""
    overlay = Overlay(root, keyboard, f"{TITLES[doing or step]} is still running.")
    overlay.say(_LEFT.get(doing or step, _LEFT_ELSE))
    overlay.offer([("Keep running", overlay.close), ("Stop it and close", leave)])
    return overlay


def log(details: str) -> None:
    """Add a mistake of the program to window.log beside the preferences."""
    path = recent.folder() / "window.log"
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size > _LOG_BYTES:
            path.unlink()
        with path.open("a", encoding="utf-8") as stream:
            stream.write(details + "\n")
