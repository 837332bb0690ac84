"""The choice of a network: a button, and below it a list by group that is searched while one types."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import Any

import customtkinter as ctk
from typing_extensions import override

from wizard import network_facts
from wizard.network_names import TITLES
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, font, px, tk_font
from wizard.widgets.choice import DropButton
from wizard.widgets.fields import Field
from wizard.widgets.later import later
from wizard.widgets.scroll import AutoBar, nearest_scroll
from wizard.widgets.table import style
from wizard.words import catalogue

_ROWS = 9


class NetworkField(Field):
    """Pressing the button opens the list; typing searches it, Enter or a double click chooses, Esc closes."""

    @override
    def build(self, value: Any) -> tk.Misc:
        self.value = str(value)
        self.groups = network_facts.by_group()
        self.list: Area | None = None
        self._wanted: list[str] = []
        self.button = DropButton(self, "", self.toggle)
        self.button._canvas.bind("<Down>", lambda _event: self.open(), add="+")
        self._name_button()
        return self.button

    def _name_button(self) -> None:
        icon = "down" if self.list is None else "up"
        self.button.configure(text=catalogue.own(catalogue.say(self._title(self.value))), icon=icon)

    def _title(self, name: str) -> str:
        return dict(pair for group in self.groups.values() for pair in group).get(name, TITLES.get(name, name))

    # The list.

    def toggle(self) -> None:
        """Open the list, or close it again."""
        (self.open if self.list is None else self.close)()

    def open(self) -> None:
        """Show the list below the button."""
        if self.list is not None or str(self.button.cget("state")) == "disabled":
            return
        self.list = frame = Area(self)
        frame.columnconfigure(0, weight=1)
        frame.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(6, 0))
        line = Area(frame)
        line.columnconfigure(1, weight=1)
        line.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 4))
        Text(line, "Search", colour=palette.MUTED, wrap=False).grid(row=0, column=0, padx=(0, 8))
        self.search = ctk.CTkEntry(line, height=32, width=120, font=font())
        self.search.grid(row=0, column=1, sticky="ew")
        self._build_tree(frame)
        self.about = Text(frame, size="small", colour=palette.MUTED)
        self.about.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(4, 0))
        self._bind_keys()
        self.fill("")
        self._name_button()
        self.event_generate("<<Grown>>")
        later(self, 20, self._into_view)

    def _build_tree(self, frame: Area) -> None:
        style(self)
        page = nearest_scroll(self)
        room = page.canvas.winfo_height() if page is not None else 0
        rows = max(4, min(_ROWS, (room - px(self, 120)) // px(self, 26))) if room > 1 else _ROWS
        self.tree = ttk.Treeview(frame, columns=["side"], show="tree headings", height=rows, selectmode="browse")
        self.tree.heading("#0", text=catalogue.say("Network"), anchor="w")
        self.tree.heading("side", text=catalogue.say("Smallest frame"), anchor="e")
        self.tree.column("#0", width=px(self, 220), stretch=True)
        self.tree.column("side", width=px(self, 118), stretch=False, anchor="e")
        self.tree.tag_configure("group", font=tk_font(self, "table", "bold"), foreground=palette.now(palette.MUTED))
        self.tree.grid(row=1, column=0, sticky="ew")
        bar = AutoBar(frame, self.tree.yview, palette.SURFACE, row=1, column=1, sticky="ns")
        self.tree.configure(yscrollcommand=bar.follow)

    def _bind_keys(self) -> None:
        entry: Any = self.search._entry
        entry.bind("<KeyRelease>", lambda _event: self.fill(self.search.get()))
        entry.bind("<Down>", lambda _event: self._into_tree())
        for widget in (entry, self.tree):
            for key in ("<Return>", "<KP_Enter>"):
                widget.bind(key, lambda _event: self._take())
            widget.bind("<Escape>", lambda _event: self.close())
        self.tree.bind("<Double-Button-1>", lambda _event: self._take())
        self.tree.bind("<<TreeviewSelect>>", lambda _event: self._tell())
        self.tree.on_wheel = lambda steps: bool(self.tree.yview() != (0.0, 1.0))  # type: ignore[attr-defined]

    def _into_view(self) -> None:
        self.search._entry.focus_set()
        page = nearest_scroll(self)
        if page is not None:
            page.see(self)

    def _into_tree(self) -> str:
        self.tree.focus_set()
        return "break"

    def fill(self, text: str) -> None:
        """Show the networks that hold every word of a text in name, title, group or line of help."""
        wanted = text.casefold().split()
        if self.tree.get_children() and wanted == self._wanted:
            return
        self._wanted = wanted
        self.tree.delete(*self.tree.get_children())
        for group, networks in self.groups.items():
            fit = [(name, title) for name, title in networks if self._fits(wanted, group, name, title)]
            if fit:
                self.tree.insert("", "end", f"group:{group}", text=catalogue.say(group), open=True, tags=("group",))
            for name, title in fit:
                side = network_facts.smallest(name)
                shown = catalogue.say(title)
                self.tree.insert(f"group:{group}", "end", name, text=shown, values=[f"{side} px" if side else ""])
        typed = text.strip()
        if typed.startswith("MLP_") and typed not in TITLES:
            words = catalogue.say(f"{typed}: a perceptron of these layers")
            self.tree.insert("", "end", typed, text=words, values=["4 px"])
        names = self.names
        self._select(self.value if self.value in names and not wanted else next(iter(names), ""))

    @staticmethod
    def _fits(wanted: list[str], *texts: str) -> bool:
        texts = (*texts, network_facts.line(texts[1]))
        text = " ".join((*texts, *catalogue.say_all(texts))).casefold()
        return all(word in text or word in text.replace("-", "").replace(" ", "") for word in wanted)

    @property
    def names(self) -> list[str]:
        """The networks that the list shows."""
        rows = [row for top in self.tree.get_children() for row in (self.tree.get_children(top) or (top,))]
        return [row for row in rows if not row.startswith("group:")]

    def _select(self, name: str) -> None:
        if name:
            self.tree.selection_set(name)
            self.tree.focus(name)
            # First the heading of its group, so that both are seen where they are close.
            self.tree.see(self.tree.parent(name) or name)
            self.tree.see(name)
        self._tell()

    def _tell(self) -> None:
        chosen = self.tree.selection()
        name = chosen[0] if chosen else ""
        if not self.tree.get_children():
            self.about.say("No network fits these words.")
        else:
            self.about.say("" if not name or name.startswith("group:") else network_facts.line(name))

    def _take(self) -> str:
        chosen = self.tree.selection()
        if chosen and not chosen[0].startswith("group:"):
            self.choose(chosen[0])
        return "break"

    def choose(self, name: str) -> None:
        """Take a network by its name or by the text of its choice, as if chosen from the list."""
        name = next((key for key, text in self.setting.choices.items() if text == name), name)
        self.value = name
        self.close()
        self._name_button()
        self.store(name)

    def close(self) -> str:
        """Take the list away."""
        if self.list is not None:
            self.list.destroy()
            self.list = None
            self._name_button()
            self.button._canvas.focus_set()
        return "break"

    @override
    def put(self, value: Any) -> None:
        self.value = str(value)
        self._name_button()
        self.show_error("")

    @override
    def enable(self, on: bool) -> None:
        if not on:
            self.close()
        enable(self.button, on)

    @override
    def mark(self, wrong: bool) -> None:
        self.button.configure(border_color=palette.WARN if wrong else palette.FRAME)
