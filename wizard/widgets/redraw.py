"""Drawing once where customtkinter draws many times: its widgets draw themselves anew at every change of a colour."""

from __future__ import annotations

import contextlib
import tkinter as tk
from typing import Any

import customtkinter as ctk


class Patient:
    """Mix-in before a customtkinter class: drawn at once when made, then once for all changes of a turn."""

    _drawn = False
    _gone = False
    _due: str | None = None
    _colours_due = False

    def _draw(self, no_color_updates: bool = False) -> None:
        widget: Any = self
        if self._gone:
            return
        if not self._drawn:
            self._drawn = True
            super()._draw(no_color_updates)  # type: ignore[misc]
            return
        self._colours_due = self._colours_due or not no_color_updates
        if self._due is None:
            self._due = widget.after_idle(self._draw_now)

    def _draw_now(self) -> None:
        self._due = None
        colours, self._colours_due = self._colours_due, False
        super()._draw(not colours)  # type: ignore[misc]

    def destroy(self) -> None:
        """Take the widget away, and the drawing that it waits for."""
        self._gone = True
        if self._due is not None:
            with contextlib.suppress(tk.TclError):
                self.after_cancel(self._due)  # type: ignore[attr-defined]
            self._due = None
        super().destroy()  # type: ignore[misc]


def _later(_canvas: ctk.CTkCanvas) -> None:
    """Leave it to the event loop: menus and scroll bars would lay the whole window out anew at each drawing."""


ctk.CTkCanvas.update_idletasks = _later
