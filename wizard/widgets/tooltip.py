"""Help that appears on hover and on keyboard focus."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Text, px
from wizard.widgets.later import later

_WAIT_MS = 500


class Tooltip:
    """Shows `text` beside a widget while it is hovered or has the focus; nothing while it is empty."""

    def __init__(self, widget: tk.Misc, text: str = "") -> None:
        self.widget = widget
        self.text = text
        self._box: tk.Toplevel | None = None
        self._cancel: Callable[[], None] = lambda: None
        for sequence in ("<Enter>", "<FocusIn>"):
            widget.bind(sequence, self._soon, add="+")
        for sequence in ("<Leave>", "<FocusOut>", "<Button>", "<Destroy>"):
            widget.bind(sequence, self.hide, add="+")

    def _soon(self, _event: tk.Event[Any]) -> None:
        self._cancel()
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
        x = self.widget.winfo_rootx() + px(self.widget, 24)
        y = self.widget.winfo_rooty() + self.widget.winfo_height() + 2
        box.geometry(f"+{x}+{y}")
        self._box = box

    def hide(self, _event: tk.Event[Any] | None = None) -> None:
        """Take the box away."""
        self._cancel()
        if self._box is not None:
            self._box.destroy()
            self._box = None
