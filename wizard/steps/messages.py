"""What the window says over the page: refusals, mistakes of the program, the end while a step runs, help."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Callable

from wizard import recent
from wizard.engine.errors import UserError
from wizard.plan import TITLES
from wizard.widgets import palette
from wizard.widgets.focus import Focus
from wizard.widgets.overlay import Overlay, details_box
from wizard.widgets.panels import facts

RESEARCH_USE = "For research use only. Not for use in diagnostic procedures."

_LOG_BYTES = 1_000_000

SHORTCUTS = (
    ("Tab, Shift+Tab", "Next and previous control"),
    ("Space or Enter", "Press the marked control"),
    ("Alt+Left, Alt+Right", "Back and Next"),
    ("Up, Down in the list of steps", "Move between the steps, Enter opens"),
    ("Left, Right on a tab", "Other view of the result"),
    ("Arrows in the confusion matrix", "Choose a cell of it"),
    ("Page up, Page down in pictures", "Scroll"),
    ("Esc", "Close a message"),
    ("F1", "This list"),
)


def refused(root: tk.Tk, keyboard: Focus, error: UserError) -> Overlay:
    """Show what happened, why, and what to do."""
    overlay = Overlay(root, keyboard, error.what)
    for line in error.lines()[1:]:
        overlay.say(line)
    overlay.offer([("Close", overlay.close)])
    return overlay


def mistake(root: tk.Tk, keyboard: Focus, details: str) -> Overlay:
    """Show that the program made a mistake, with the details to copy."""
    overlay = Overlay(root, keyboard, "The program made a mistake.", width=680)
    overlay.say("Your project and its results are intact. You can close this message and go on.")
    overlay.say("The details below help the makers to mend it.", colour=palette.MUTED)
    overlay.put(details_box(overlay.body, details))

    def copy() -> None:
        root.clipboard_clear()
        root.clipboard_append(details)
        overlay.buttons["Copy"].configure(text="Copied")

    overlay.offer([("Close", overlay.close), ("Copy", copy)])
    return overlay


def still_running(root: tk.Tk, keyboard: Focus, step: str, leave: Callable[[], object]) -> Overlay:
    """Ask whether to close the window although a step runs."""
    overlay = Overlay(root, keyboard, f"{TITLES[step]} is still running.")
    overlay.say("If you close now, this step is discarded. Results of earlier steps stay.")
    overlay.offer([("Keep running", overlay.close), ("Discard the step and close", leave)])
    return overlay


def shortcuts(root: tk.Tk, keyboard: Focus, version: str) -> Overlay:
    """Show the keys and what the program is for."""
    overlay = Overlay(root, keyboard, "Keys", width=600)
    overlay.put(facts(overlay.body, SHORTCUTS, 240))
    overlay.say(f"CytoWizard {version}. {RESEARCH_USE}", colour=palette.MUTED, size="small")
    overlay.offer([("Close", overlay.close)])
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
