"""Somebody at the window: sends real key and mouse events, finds controls by the words on them, and counts.

Nothing here calls a button's command. A key goes to what has the keyboard; a click goes to whatever lies at that place
of the screen, so a covered button cannot be clicked. Tests and benchmarks say what a user does; this module is the
one place that knows how the widgets are built.
"""

from __future__ import annotations

import re
import time
import tkinter as tk
from collections.abc import Callable
from typing import Any

import customtkinter as ctk

from tests.window import settle, wait
from wizard.words import catalogue

KEYS = {
    "/": "slash", "_": "underscore", "-": "minus", ".": "period", ",": "comma", " ": "space", ":": "colon",
    ";": "semicolon", "=": "equal", "\\": "backslash", "~": "asciitilde", "+": "plus",
}  # fmt: skip
MOST_TABS = 160
_COUNT = re.compile(r" \(\d+\)$")
_MARKS = "\u2190\u2192\u2026\u25b8\u25be\u2713 "


def plain(text: str) -> str:
    """Return the words of a button without its marks: arrows, dots, a count, the key behind the name."""
    return _COUNT.sub("", text.split("   ")[0].strip(_MARKS).replace("\u2026", ""))


def label(widget: Any) -> str:
    """Return the words on a control, or those of the field that it belongs to."""
    if isinstance(widget, (ctk.CTkButton, ctk.CTkCheckBox)):
        return plain(str(widget.cget("text")))
    title = getattr(widget, "title", None)
    if isinstance(widget, tk.Canvas) and isinstance(title, str):
        return catalogue.say(title)
    if isinstance(widget, tk.Label):
        return plain(str(widget.cget("text")))
    return ""


def field_of(widget: Any) -> str:
    """Return the title of the field around a control, or ""."""
    while isinstance(widget, tk.Misc) and widget.master is not None:
        setting = getattr(widget, "setting", None)
        if setting is not None:
            return catalogue.say(setting.title)
        above = _caption(widget)
        if above:
            return above
        widget = widget.master
    return ""


def _caption(widget: Any) -> str:
    """Return the words in the row above a widget of a dialog, as `Name` over an entry."""
    if widget.winfo_manager() != "grid" or isinstance(widget, ctk.CTkButton):
        return ""
    place = widget.grid_info()
    for other in widget.master.winfo_children():
        if type(other).__name__ == "Text" and other.winfo_manager() == "grid":
            there = other.grid_info()
            if int(there["row"]) == int(place["row"]) - 1 and there["column"] == place["column"]:
                return str(other.cget("text"))
    return ""


def control_of(widget: Any) -> Any:
    """Return the control that a piece belongs to: the canvas, label or entry inside of a button or an entry."""
    owner = getattr(widget, "master", None)
    return owner if _is_control(owner) else widget


def controls(top: tk.Misc) -> list[Any]:
    """Return all that can be pressed or typed into and is on show, in the order of the tree."""
    found: list[Any] = []
    for child in top.winfo_children():
        if child.winfo_class() in ("Menu", "Toplevel") or not child.winfo_viewable():
            continue
        drawn = isinstance(child, (tk.Canvas, tk.Label)) and str(child.cget("cursor")) == "hand2"
        if _is_control(child) or (drawn and label(child)):
            found.append(child)
        else:
            found += controls(child)
    return found


def _is_control(widget: Any) -> bool:
    return isinstance(widget, ctk.CTkBaseClass) and not isinstance(widget, ctk.CTkFrame)


class User:
    """Works at one window and counts the keys, clicks and seconds of waiting."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.keys = self.typed = self.clicks = 0
        self.waited = 0.0

    # What is there.

    def top(self) -> Any:
        """What takes keys and clicks now: the card over the window, or the window (also under the tour)."""
        return getattr(self.app.overlay, "cover", self.app)

    def find(self, words: str, field: bool = False) -> Any:
        """Return the control with these words (English; looked for in the language of the window)."""
        wanted = plain(catalogue.say(words))
        name: Callable[[Any], str] = field_of if field else label
        there = [item for item in controls(self.top()) if name(item) == wanted]
        if field:
            there = [item for item in there if not isinstance(item, ctk.CTkScrollbar)]
        if not there:
            shown = sorted({name(item) for item in controls(self.top())} - {""})
            raise AssertionError(f"nothing on show is called {wanted!r}, but: {shown}")
        return there[0]

    def is_there(self, words: str) -> bool:
        """Tell whether a control with these words is on show."""
        wanted = plain(catalogue.say(words))
        return any(label(item) == wanted for item in controls(self.top()))

    def wait(self, until: Callable[[], Any], seconds: float = 60) -> None:
        """Wait as a user does, and count the seconds."""
        began = time.monotonic()
        wait(self.app, until, seconds)
        self.waited += time.monotonic() - began

    # The keyboard.

    def focused(self) -> Any:
        """Return the control that has the keyboard, or None."""
        path = self._focus_path()
        try:
            return control_of(self.app.nametowidget(path)) if path else None
        except KeyError:
            return None

    def _focus_path(self) -> str:
        return str(self.app.tk.call("focus"))

    def key(self, *names: str, quiet: bool = False) -> None:
        """Press keys one after the other: `Tab`, `Shift-Tab`, `space`, `Alt-Right`."""
        for name in names:
            path = self._focus_path() or str(self.app)
            self.app.tk.call("event", "generate", path, f"<KeyPress-{name}>" if "-" not in name else f"<{name}>")
            if self.app.tk.call("winfo", "exists", path):
                last = name.rpartition("-")[2]
                self.app.tk.call("event", "generate", path, f"<KeyRelease-{last}>")
            self.keys += 0 if quiet else 1
            self.app.update()

    def tab_to(self, words: str, field: bool = False, back: bool = False) -> Any:
        """Press Tab (or Shift+Tab) until the control with these words has the keyboard."""
        wanted, passed = plain(catalogue.say(words)), []
        name: Callable[[Any], str] = field_of if field else label
        for _ in range(MOST_TABS):
            now = self.focused()
            if now is not None and name(now) == wanted:
                assert now.winfo_viewable(), f"{wanted!r} has the keyboard but is not on show"
                return now
            if now is not None:
                passed.append(label(now) or field_of(now) or type(now).__name__)
            self.key("Shift-Tab" if back else "Tab")
        raise AssertionError(f"Tab does not reach {wanted!r}; it went over {list(dict.fromkeys(passed))}")

    def press(self, words: str, key: str = "space", back: bool = False) -> None:
        """Go to a control by Tab and press it."""
        self.tab_to(words, back=back)
        self.key(key)

    def write(self, text: str) -> None:
        """Replace what stands in the entry that has the keyboard, letter by letter."""
        self.key("Control-slash")
        for letter in text:
            name = KEYS.get(letter, letter)
            self.key(f"Key-{name}" if name.isdigit() else name, quiet=True)
            self.typed += 1

    def fill(self, title: str, text: str) -> None:
        """Go to a field by Tab, and write into it."""
        self.tab_to(title, field=True)
        self.write(text)
        self.key("Return")

    # The mouse.

    def click(self, words: str | Any, field: bool = False, twice: bool = False) -> None:
        """Click the middle of a control, scrolling to it with the wheel if needed."""
        control = self.find(words, field) if isinstance(words, str) else words
        self.bring_into_view(control)
        self.click_at(*middle(control), twice=twice, meant=control)

    def click_at(self, x: int, y: int, twice: bool = False, meant: Any = None) -> None:
        """Press and release the first button at a place of the screen."""
        for _ in range(2 if twice else 1):
            hit = self.app.winfo_containing(x, y)
            assert hit is not None, f"nothing of the window is at {x}, {y}"
            if meant is not None and not twice:
                assert str(hit).startswith(str(meant)), f"{label(meant)!r} is covered by {hit}"
            inside = {"x": x - hit.winfo_rootx(), "y": y - hit.winfo_rooty()}
            for what in ("<Enter>", "<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
                if hit.winfo_exists():
                    hit.event_generate(what, **inside)
            self.clicks += 1
        self.app.update()

    def bring_into_view(self, control: Any) -> None:
        """Turn the wheel until a control lies in the part that its page shows."""
        from wizard.widgets.scroll import nearest_scroll

        page = nearest_scroll(control)
        if page is None:
            return
        for _ in range(80):
            top, low = page.canvas.winfo_rooty(), page.canvas.winfo_rooty() + page.canvas.winfo_height()
            _x, y = middle(control)
            half = control.winfo_height() // 2
            if top <= y - min(half, 12) and y + min(half, 12) <= low:
                return
            button = 4 if y < (top + low) / 2 else 5
            page.canvas.event_generate(f"<Button-{button}>", x=5, y=5)
            self.app.update()

    def write_into(self, title: str, text: str) -> None:
        """Click into a field and write."""
        self.click(title, field=True)
        settle(self.app, 0.05)
        self.write(text)


RUN_ALL, START_ALL = "Run all remaining steps", "Start all steps"


def run_everything(user: User, twice: bool = False) -> None:
    """Let all steps that are left run, over the page of choices where there is one."""
    user.click(RUN_ALL, twice=twice)
    settle(user.app, 0.3)
    if user.app.run is None and user.is_there(START_ALL):
        user.click(START_ALL, twice=twice)
        settle(user.app, 0.1)


def middle(control: Any) -> tuple[int, int]:
    """Return the middle of a control, in pixels of the screen."""
    left, top = control.winfo_rootx(), control.winfo_rooty()
    if isinstance(control, (ctk.CTkSwitch, ctk.CTkCheckBox)):
        part = control._canvas
        return part.winfo_rootx() + part.winfo_width() // 2, part.winfo_rooty() + part.winfo_height() // 2
    return left + control.winfo_width() // 2, top + control.winfo_height() // 2
