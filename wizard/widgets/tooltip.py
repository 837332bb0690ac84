"""Help that appears on hover and on keyboard focus."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Text, px
from wizard.widgets.later import later

_WAIT_MS = 500
_TAG = "ShownTooltip"


class Tooltip:
    """Shows `text` beside a widget while it is hovered or has the focus; nothing while it is empty.

    It stays as long as the pointer or the focus does; Esc takes it away, and does nothing else then.
    """

    def __init__(self, widget: tk.Misc, text: str = "") -> None:
        self.widget = widget
        self.text = text
        # Screen readers hear the words without waiting for the box.
        widget.tooltip = self  # type: ignore[attr-defined]
        self._box: tk.Toplevel | None = None
        self._held: tk.Misc | None = None
        self._at: tuple[int, int] | None = None
        self._cancel: Callable[[], None] = lambda: None
        for sequence in ("<Enter>", "<FocusIn>"):
            widget.bind(sequence, self._soon, add="+")
        for sequence in ("<Leave>", "<FocusOut>", "<Button>", "<Destroy>"):
            widget.bind(sequence, self.hide, add="+")

    def _soon(self, _event: tk.Event[Any]) -> None:
        self._cancel()
        self._cancel = later(self.widget, _WAIT_MS, self.show)

    def point(self, text: str, x: int, y: int) -> None:
        """Take the text for a place inside of the widget, e.g. a heading of a table, and show it there soon."""
        if text == self.text:
            return
        self.hide()
        self.text, self._at = text, (x, y)
        if text:
            self._cancel = later(self.widget, _WAIT_MS, self.show)

    def show(self) -> None:
        """Show the box now."""
        if not self.text or self._box is not None:
            return
        box = tk.Toplevel(self.widget, bg=palette.now(palette.FRAME))
        box.overrideredirect(True)
        text = Text(box, self.text, size="small", back=palette.SURFACE, wrap=False)
        text.configure(wraplength=px(self.widget, 280), padx=px(self.widget, 8), pady=px(self.widget, 6))
        text.pack(padx=1, pady=1)
        inside = self._at or (0, self.widget.winfo_height() - px(self.widget, 16))
        x = self.widget.winfo_rootx() + inside[0] + px(self.widget, 24)
        y = self.widget.winfo_rooty() + inside[1] + px(self.widget, 18)
        box.update_idletasks()
        # Inside of the window, where that is wide enough: a box must not reach beyond the screen.
        window = self.widget.winfo_toplevel()
        edge = window.winfo_rootx() + window.winfo_width() - box.winfo_reqwidth()
        box.geometry(f"+{max(window.winfo_rootx(), min(x, edge))}+{y}")
        self._box = box
        self._hear_escape()

    def _hear_escape(self) -> None:
        """Put a tag before those of the widget with the focus: a binding of its own would make Tab stop at texts."""
        with contextlib.suppress(KeyError, tk.TclError):
            held = self.widget.focus_get()
            if held is not None:
                held.bind_class(_TAG, "<Escape>", self._dismiss)
                held.bindtags((_TAG, *held.bindtags()))
                self._held = held

    def _dismiss(self, _event: tk.Event[Any]) -> str:
        self.hide()
        return "break"

    def hide(self, _event: tk.Event[Any] | None = None) -> None:
        """Take the box away."""
        self._cancel()
        if self._box is not None:
            self._box.destroy()
            self._box = None
        held, self._held = self._held, None
        if held is not None and held.winfo_exists():
            held.bindtags(tuple(tag for tag in held.bindtags() if tag != _TAG))
