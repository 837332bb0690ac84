"""What a page shows while its step runs and there are no figures to draw: what it says."""

from __future__ import annotations

import tkinter as tk

from wizard.results import NoticeText
from wizard.widgets import palette
from wizard.widgets.basics import Text
from wizard.widgets.panels import heading, notice_list
from wizard.widgets.scroll import Scroll

_MOST = 40


class LiveNotes(Scroll):
    """The notices of the running step, the newest last."""

    def __init__(self, master: tk.Misc, promise: str) -> None:
        super().__init__(master)
        heading(self.inner, "The step is running").grid(row=0, column=0, sticky="ew", pady=(4, 4))
        Text(self.inner, promise, colour=palette.MUTED).grid(row=1, column=0, sticky="ew", pady=(0, 12))
        self._list = notice_list(self.inner, [])
        self._shown = 0

    def show(self, notices: list[NoticeText]) -> None:
        """Show the last notices if there are new ones."""
        if len(notices) != self._shown:
            self._shown = len(notices)
            self._list.destroy()
            self._list = notice_list(self.inner, notices[-_MOST:])
            self._list.grid(row=2, column=0, sticky="ew")
