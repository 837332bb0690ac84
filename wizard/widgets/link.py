"""A quiet link: a few underlined words that lead to an explanation, by mouse and by keyboard."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from wizard.widgets import palette
from wizard.widgets.basics import Text, px, tk_font
from wizard.widgets.palette import Pair


class Link(Text):
    """Small underlined words; Tab reaches them, Enter and Space follow them."""

    def __init__(self, master: tk.Misc, text: str, follow: Callable[[], object], back: Pair = palette.SURFACE) -> None:
        super().__init__(master, text, size="small", colour=palette.ACCENT_TEXT, back=back, wrap=False, cursor="hand2")
        name, size, weight = tk_font(master, "small")
        self.configure(
            font=(name, size, weight, "underline"), takefocus=1, highlightthickness=px(master, 2),
            highlightcolor=palette.now(palette.RING), highlightbackground=palette.now(back),
        )  # fmt: skip
        self._follow = follow
        for sequence in ("<Button-1>", "<space>", "<Return>", "<KP_Enter>"):
            self.bind(sequence, lambda _event: self.follow(), add="+")

    def follow(self) -> str:
        """Do what a click does."""
        self._follow()
        return "break"
