"""A button that opens a list to choose from, with a field in which a part of the name is typed."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, font, px, tk_font
from wizard.widgets.choice import DropButton
from wizard.widgets.later import later
from wizard.words import catalogue

_MOST_LINES = 400
_LONGEST = 26


class SearchMenu(Area):
    """`choices` are (group, title) pairs; `on_choose` hears the place of the chosen one."""

    def __init__(self, master: tk.Misc, over: tk.Misc, on_choose: Callable[[int], object], width: int = 150) -> None:
        super().__init__(master)
        self._over, self._on_choose = over, on_choose
        self.choices: list[tuple[str, str]] = []
        self.box: Area | None = None
        self._places: list[int] = []
        self.button = DropButton(self, "", self.toggle, height=28, width=width)
        self.button.grid(row=0, column=0)
        self.button._canvas.bind("<Down>", lambda _event: self.open(), add="+")

    def say(self, title: str) -> None:
        """Show what is chosen."""
        short = title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "\u2026"
        self.button.configure(text=short)

    def toggle(self) -> None:
        """Open the list, or close it."""
        if self.box is None:
            self.open()
        else:
            self.close()

    def open(self) -> None:
        """Open the list with the field to type in."""
        if self.box is not None or not self.choices:
            return
        box = self.box = Area(self._over, palette.SURFACE, width=px(self, 280), height=px(self, 290))
        edge = palette.now(palette.FRAME)
        box.configure(highlightthickness=1, highlightbackground=edge, highlightcolor=edge)
        box.grid_propagate(False)
        box.columnconfigure(0, weight=1)
        box.rowconfigure(1, weight=1)
        self.entry = ctk.CTkEntry(
            box, height=30, font=font(), placeholder_text=catalogue.say("Type a part of the name")
        )
        self.entry.grid(row=0, column=0, columnspan=2, sticky="ew", padx=8, pady=8)
        self.list = tk.Listbox(
            box, font=tk_font(self, "table"), bd=0, highlightthickness=0, activestyle="none", exportselection=False,
            bg=palette.now(palette.SURFACE), fg=palette.now(palette.TEXT), takefocus=0,
            selectbackground=palette.now(palette.ACCENT), selectforeground=palette.now(palette.ON_ACCENT),
        )  # fmt: skip
        self.list.grid(row=1, column=0, sticky="nsew", padx=(px(self, 8), 0))
        bar = ctk.CTkScrollbar(box, command=self.list.yview, width=14)
        bar.grid(row=1, column=1, sticky="ns")
        self.list.configure(yscrollcommand=bar.set)
        self.words = Text(box, "", size="small", colour=palette.MUTED)
        self.words.grid(row=2, column=0, columnspan=2, sticky="ew", padx=8, pady=6)
        x = self.button.winfo_rootx() - self._over.winfo_rootx()
        y = self.button.winfo_rooty() - self._over.winfo_rooty() + self.button.winfo_height() + 2
        x = max(0, min(x, self._over.winfo_width() - px(self, 284)))
        box.place(x=x, y=y)
        tk.Misc.lift(box)
        self._listen()
        self.fill("")
        self.entry._entry.focus_set()

    def _listen(self) -> None:
        field = self.entry._entry
        field.bind("<KeyRelease>", lambda event: self._typed(event), add="+")
        for key, by in (("Up", -1), ("Down", 1), ("Prior", -8), ("Next", 8)):
            field.bind(f"<{key}>", lambda _event, by=by: self._move(by))
        for key in ("Return", "KP_Enter"):
            field.bind(f"<{key}>", lambda _event: self._take())
        for widget in (field, self.list):
            widget.bind("<Escape>", lambda _event: self.close(), add="+")
        field.bind("<FocusOut>", lambda _event: later(self, 150, self._left), add="+")
        self.list.bind("<ButtonRelease-1>", lambda _event: self._take(), add="+")

    def _left(self) -> None:
        if self.box is not None and self.box.winfo_exists():
            where = str(self.focus_get() or "")
            if not where.startswith(str(self.box)):
                self.close(keep_focus=True)

    def _typed(self, event: tk.Event[Any]) -> None:
        if event.keysym not in ("Up", "Down", "Prior", "Next", "Return", "Escape", "Tab"):
            self.fill(self.entry.get())

    def fill(self, part: str) -> None:
        """List the choices that hold a part of a name."""
        wanted = part.strip().casefold()
        found = [place for place, pair in enumerate(self.choices) if wanted in f"{pair[0]} {pair[1]}".casefold()]
        self._places = found[:_MOST_LINES]
        self.list.delete(0, "end")
        for place in self._places:
            group, title = self.choices[place]
            shown = title if len(title) <= 60 else title[:59] + "\u2026"
            self.list.insert("end", f"{shown}   \u00b7 {group}" if group else shown)
        cut = f", the first {_MOST_LINES} shown" if len(found) > _MOST_LINES else ""
        self.words.say(f"{len(found):,} of {len(self.choices):,}{cut}. Enter takes the marked one, Esc closes.")
        if self._places:
            self.list.selection_set(0)

    def _move(self, by: int) -> str:
        chosen = self.list.curselection()
        at = max(0, min(len(self._places) - 1, (chosen[0] if chosen else 0) + by))
        self.list.selection_clear(0, "end")
        self.list.selection_set(at)
        self.list.see(at)
        return "break"

    def _take(self) -> str:
        chosen = self.list.curselection()
        if chosen:
            place = self._places[chosen[0]]
            self.close()
            self._on_choose(place)
        return "break"

    def close(self, keep_focus: bool = False) -> str:
        """Close the list."""
        if self.box is not None:
            self.box.destroy()
            self.box = None
            if not keep_focus:
                self.button._canvas.focus_set()
        return "break"

    def put(self, choices: Sequence[tuple[str, str]]) -> None:
        """Take other choices."""
        self.choices = list(choices)
