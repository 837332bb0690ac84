"""Names, kinds and states of the controls for the screen readers of Windows; Tk tells them nothing by itself.

tk-uia writes them to Windows. On other systems, and where it is missing, nothing happens.
"""

from __future__ import annotations

import importlib
import sys
import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.widgets import names
from wizard.widgets.focus import Focus
from wizard.widgets.later import later

ROLES: dict[names.Kind, str] = {
    "button": "PUSH_BUTTON", "checkbox": "CHECK_BUTTON", "choice": "COMBO_BOX", "field": "TEXT", "link": "PUSH_BUTTON",
    "list": "LIST", "picture": "GRAPHIC", "slider": "SLIDER", "tab": "PAGE_TAB", "table": "OUTLINE", "text": "TEXT",
}  # fmt: skip
"""Kind of a control → name of its role at Windows."""
STATES: dict[names.State, int] = {
    "off": 0x1, "selected": 0x2, "checked": 0x10, "readonly": 0x40, "expanded": 0x200, "collapsed": 0x400, "wrong": 0,
}  # fmt: skip
"""State → bit of `oleacc.h`."""
FOCUSED, FOCUSABLE = 0x4, 0x100000
_AFTER_PAINT_MS, _SOON_MS = 1200, 80
_FOCUS_EVENT, _CHANGE_EVENTS, _CLIENT = 0x8005, (0x800C, 0x800E, 0x800A), -4
"""Events of Windows: the focus came; name, value, state changed; and the part of a window that they are about."""

Notify = Callable[[int, int], object]
"""Tells Windows of an event (number) at a window (handle)."""


class ScreenReader:
    """Keeps Windows informed about one window; `library` is tk-uia."""

    def __init__(self, root: tk.Tk, keyboard: Focus, library: Any, notify: Notify) -> None:
        self.root, self._keyboard, self._library, self._notify = root, keyboard, library, notify
        self.told: dict[str, names.Spoken] = {}
        self._here: Any = None
        self._cancel: Callable[[], None] = lambda: None
        root.bind_all("<FocusIn>", self._came, add="+")
        for sequence in ("<KeyRelease>", "<ButtonRelease>"):
            root.bind(sequence, lambda _event: self._look_again(), add="+")
        keyboard.on_installed = self._look_again
        self.tell_all()

    def _look_again(self) -> None:
        self._cancel()
        self._cancel = later(self.root, _SOON_MS, self.tell_all)

    def tell_all(self) -> None:
        """Tell about every control that can be reached now, where something is new."""
        stops = self._keyboard.stops()
        paths = {str(widget) for widget in stops}
        self.told = {path: said for path, said in self.told.items() if path in paths}
        for widget in stops:
            self.tell(widget)

    def tell(self, widget: Any) -> None:
        """Tell about one control."""
        said = names.spoken(widget)
        before = self.told.get(str(widget))
        if said == before:
            return
        self.told[str(widget)] = said
        say = self._library
        try:
            say.set_acc_role(widget, getattr(say.Role, ROLES[said.kind]))
            say.set_acc_name(widget, said.name)
            say.set_acc_value(widget, said.value)
            say.set_acc_help(widget, said.help)
            self._mark(widget)
        except (say.AnnotationRefused, OSError):
            self.told.pop(str(widget))
            return
        if before is not None and widget is self._here:
            for event in _CHANGE_EVENTS:
                self._notify(event, widget.winfo_id())

    def _mark(self, widget: Any) -> None:
        bits = FOCUSABLE | (FOCUSED if widget is self._here else 0)
        for state in self.told[str(widget)].states:
            bits |= STATES[state]
        self._library.set_acc_state(widget, bits)

    def _came(self, event: tk.Event[Any]) -> None:
        before, self._here = self._here, event.widget
        if not isinstance(event.widget, tk.Misc):
            return
        try:
            if before is not None and before.winfo_exists() and str(before) in self.told:
                self._mark(before)
            self.told.pop(str(event.widget), None)
            if event.widget is not self.root:
                self.tell(event.widget)
                self._notify(_FOCUS_EVENT, event.widget.winfo_id())
        except (self._library.AnnotationRefused, OSError):
            return


def start_later(root: tk.Tk, keyboard: Focus, log: Callable[[str], object]) -> None:
    """Begin after the first picture of the window, on Windows; what goes wrong is only written to the log."""
    if sys.platform == "win32":
        later(root, _AFTER_PAINT_MS, lambda: start(root, keyboard, log))


def start(root: tk.Tk, keyboard: Focus, log: Callable[[str], object]) -> ScreenReader | None:
    """Begin now; None where tk-uia is missing or cannot speak to this system."""
    try:
        library = importlib.import_module("tk_uia")
        strategy = library.annotate_only(root)
        if not strategy.annotates:
            return None
        return ScreenReader(root, keyboard, library, _notifier())
    except (ImportError, AttributeError, OSError) as error:
        log(f"Screen readers hear no names of controls: {error!r}")
        return None


def _notifier() -> Notify:
    import ctypes

    tell: Any = ctypes.windll.user32.NotifyWinEvent  # type: ignore[attr-defined]
    return lambda event, handle: tell(event, handle, _CLIENT, 0)
