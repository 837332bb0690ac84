"""Menus in the colours of the window: a button that opens one, and entries with sub-menus."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import px, quiet_button, tk_font
from wizard.words import catalogue

Entries = Sequence[tuple[str, Callable[[], object]]]
"""The text of each entry and what it does."""


def menu(master: tk.Misc) -> tk.Menu:
    """Return an empty menu; `master` is the widget that it belongs to."""
    now = palette.now
    return tk.Menu(
        master, tearoff=False, relief="flat", borderwidth=px(master, 1), activeborderwidth=px(master, 3),
        bg=now(palette.SURFACE), fg=now(palette.TEXT), activebackground=now(palette.ACCENT_SOFT),
        activeforeground=now(palette.TEXT), disabledforeground=now(palette.OFF_TEXT), font=tk_font(master),
    )  # fmt: skip


def open_below(shown: tk.Menu, widget: tk.Misc) -> None:
    """Open a menu under a widget; the arrow keys, Enter and Esc work in it."""
    shown.tk_popup(widget.winfo_rootx(), widget.winfo_rooty() + widget.winfo_height() + px(widget, 2))


class MenuButton(ctk.CTkFrame):
    """An outlined button that opens a menu of further things to do."""

    def __init__(self, master: tk.Misc, text: str, entries: Entries, height: int = 32, icon: str = "down") -> None:
        super().__init__(master, fg_color="transparent", corner_radius=0, width=72, height=height)
        self.columnconfigure(0, weight=1)
        self.entries = dict(entries)
        self.button = quiet_button(
            self, text, self.open, height=height, icon=icon, compound="right" if icon == "down" else "left"
        )
        self.button.grid(row=0, column=0, sticky="ew")
        for key in ("<Down>", "<Up>"):
            self.button._canvas.bind(key, lambda _event: self.open(), add="+")
        self.menu = menu(self)
        for title, act in entries:
            self.menu.add_command(label=f"  {catalogue.say(title)}  ", command=act)

    def add(self, title: str, act: Callable[[], object]) -> None:
        """Add an entry below the others."""
        self.entries[title] = act
        self.menu.add_command(label=f"  {catalogue.say(title)}  ", command=act)

    def open(self) -> None:
        """Show the menu."""
        open_below(self.menu, self.button)

    def choose(self, title: str) -> None:
        """Do what an entry does, as if chosen from the menu."""
        self.entries[title]()
