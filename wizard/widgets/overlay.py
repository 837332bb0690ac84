"""Questions and messages over the window: a card in the middle, the rest waits."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, act_button, card, font, quiet_button
from wizard.widgets.focus import Focus, focused
from wizard.widgets.later import later


class Cover:
    """Covers the whole window; Esc closes it, the focus stays inside."""

    def __init__(self, root: tk.Tk, focus: Focus) -> None:
        self.root, self._focus = root, focus
        self._before = focused(root)
        self.cover = Area(root, palette.BACK)
        self.cover.place(x=0, y=0, relwidth=1, relheight=1)
        self.buttons: dict[str, ctk.CTkButton] = {}
        self.on_close: Callable[[], None] = lambda: None
        self.cover.bind("<Escape>", lambda _event: self.close())

    def show(self) -> None:
        """Confine the keyboard to what is inside, once all of it is there."""
        self._focus.install(self.cover)
        for widget in _below(self.cover):
            # A key bound to the canvas of a card would let Tab stop there.
            if widget.winfo_class() != "Canvas" or str(widget.cget("takefocus")):
                widget.bind("<Escape>", lambda _event: self.close(), add="+")
        self._focus.confine(self.cover)
        self.root.update_idletasks()
        later(self.cover, 1, lambda: self._focus.first(self.cover))

    @property
    def open(self) -> bool:
        """True until it is closed."""
        return bool(self.cover.winfo_exists())

    def close(self) -> None:
        """Take it away and give the focus back."""
        if not self.open:
            return
        self._focus.confine(None)
        self.cover.destroy()
        if self._before is not None and self._before.winfo_exists():
            self._before.focus_set()
        self.on_close()


class Overlay(Cover):
    """A card in the middle of the window."""

    def __init__(self, root: tk.Tk, focus: Focus, title: str, width: int = 520) -> None:
        super().__init__(root, focus)
        self.cover.rowconfigure((0, 2), weight=1)
        self.cover.columnconfigure((0, 2), weight=1)
        frame = card(self.cover)
        frame.grid(row=1, column=1)
        self.body = Area(frame, width=round(width * frame._get_widget_scaling()))
        self.body.grid(row=0, column=0, padx=24, pady=20)
        ctk.CTkFrame(self.body, width=width, height=1, fg_color="transparent").grid(row=99, column=0)
        self.body.columnconfigure(0, weight=1)
        self.title = title
        Text(self.body, title, size="title", weight="bold").grid(row=0, column=0, sticky="ew", pady=(0, 12))
        self._row = 1

    def say(self, text: str, **look: Any) -> Text:
        """Add a paragraph."""
        words = Text(self.body, text, **look)
        self.put(words)
        return words

    def put(self, widget: Any) -> None:
        """Add any widget below the others."""
        widget.grid(row=self._row, column=0, sticky="ew", pady=(0, 12))
        self._row += 1

    def offer(self, buttons: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """Add the row of buttons, the main one first; then show the card and wait for the user."""
        row = Area(self.body)
        row.grid(row=98, column=0, sticky="ew", pady=(8, 0))
        for column, (title, act) in enumerate(buttons):
            make = act_button if column == 0 else quiet_button
            button = make(row, title, act, height=40)
            button.grid(row=0, column=column, padx=(0, 8))
            self.buttons[title] = button
        self.show()


def _below(widget: tk.Misc) -> list[tk.Misc]:
    found = [widget]
    for child in tk.Misc.winfo_children(widget):
        found += _below(child)
    return [item for item in found if not isinstance(item, ctk.CTkBaseClass)]


def details_box(master: tk.Misc, text: str, height: int = 180) -> ctk.CTkTextbox:
    """Return a read-only box with small text that scrolls."""
    box = ctk.CTkTextbox(master, height=height, font=font("small"), wrap="word")
    box.insert("1.0", text)
    box.configure(state="disabled")
    return box
