"""An error as the user reads it: what happened, why, what to do; details are folded, all of it can be copied."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

import customtkinter as ctk

from wizard.engine.events import Failed
from wizard.widgets import palette
from wizard.widgets.basics import Area, Button, Text, px, quiet_button
from wizard.widgets.overlay import details_box
from wizard.widgets.palette import Pair
from wizard.widgets.symbols import Symbol

WHY, ACTION = "Why", "What to do"
SUPPORT = "Save a support file\u2026"
_FOLDED, _OPEN = "right", "down"
_LABEL_WIDTH = 88
_AROUND = 440
"""Height in design pixels of all that stands around the details on a page."""


def said(master: tk.Misc, why: str, action: str, back: Pair = palette.SURFACE) -> Area:
    """Return reason and advice, each beside its name; what is empty is left out."""
    frame = Area(master, back)
    frame.columnconfigure(1, weight=1)
    rows = [(name, text) for name, text in ((WHY, why), (ACTION, action)) if text]
    for row, (name, text) in enumerate(rows):
        Text(frame, name, colour=palette.MUTED, back=back, wrap=False).grid(
            row=row, column=0, sticky="nw", padx=(0, 16), pady=(0, 4)
        )
        Text(frame, text, back=back).grid(row=row, column=1, sticky="ew", pady=(0, 4))
    if rows:
        ctk.CTkFrame(frame, width=_LABEL_WIDTH, height=1, fg_color="transparent").grid(row=len(rows), column=0)
    return frame


class ErrorTools(Area):
    """The row of small buttons below an error, and the details that the first of them unfolds."""

    def __init__(
        self,
        master: tk.Misc,
        text: str,
        detail: str,
        support: Callable[[], object] | None = None,
        back: Pair = palette.SURFACE,
        height: int = 160,
    ) -> None:
        super().__init__(master, back)
        self._text, self._detail, self._height = text, detail, height
        self.columnconfigure(0, weight=1)
        self.box: ctk.CTkTextbox | None = None
        self.details: Button | None = None
        row = Area(self, back)
        row.grid(row=0, column=0, sticky="w")
        if detail:
            self.details = quiet_button(row, "Details", self.unfold, height=28, icon=_FOLDED)
            self.details.pack(side="left", padx=(0, 8))
        self.copy = quiet_button(row, "Copy", self._copy, height=28, icon="copy")
        self.copy.pack(side="left", padx=(0, 8))
        self.support: ctk.CTkButton | None = None
        if support is not None:
            self.support = quiet_button(row, SUPPORT, support, height=28, icon="support")
            self.support.pack(side="left")

    def unfold(self) -> None:
        """Show the details, or hide them again."""
        assert self.details is not None
        if self.box is not None:
            self.box.destroy()
            self.box = None
        else:
            self.box = details_box(self, self._detail, self._height)
            self.box.grid(row=1, column=0, sticky="ew", pady=(8, 0))
        self.details.configure(icon=_FOLDED if self.box is None else _OPEN)

    def _copy(self) -> None:
        self.clipboard_clear()
        self.clipboard_append("\n".join(part for part in (self._text, self._detail) if part))
        self.copy.configure(text="Copied", icon="done")


class ErrorPanel(ctk.CTkFrame):
    """How a run ended when it did not end well, above the result of the page."""

    def __init__(
        self,
        master: tk.Misc,
        failed: Failed,
        dismiss: Callable[[], None],
        support: Callable[[], object] | None = None,
    ) -> None:
        back = palette.WARN_SOFT
        super().__init__(master, fg_color=back, border_width=1, border_color=palette.WARN, corner_radius=8)
        self.failed = failed
        self.columnconfigure(1, weight=1)
        cancelled = failed.outcome == "cancelled"
        Symbol(self, "info" if cancelled else "error", 22, back).grid(row=0, column=0, sticky="n", padx=12, pady=12)
        words = Area(self, back)
        words.grid(row=0, column=1, sticky="ew", pady=12)
        words.columnconfigure(0, weight=1)
        Text(words, failed.what, weight="bold", back=back).grid(row=0, column=0, sticky="ew", pady=(0, 6))
        said(words, failed.why, failed.action, back).grid(row=1, column=0, sticky="ew")
        # In low windows the whole panel has to fit above the footer.
        room = self.winfo_toplevel().winfo_height() / px(self, 100) * 100 - _AROUND
        height = max(64, min(160, round(room)))
        self.dismiss = quiet_button(self, "Close", dismiss, height=28)
        self.dismiss.grid(row=0, column=2, sticky="n", padx=12, pady=12)
        self.tools: ErrorTools | None = None
        if not cancelled:
            lines = (failed.what, failed.why, failed.action)
            self.tools = ErrorTools(
                words, "\n".join(line for line in lines if line), failed.detail, support, back, height
            )
            self.tools.grid(row=2, column=0, sticky="ew", pady=(6, 0))
