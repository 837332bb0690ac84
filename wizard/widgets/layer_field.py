"""The choice of a layer: an entry for any name, and a list of all layers with their shapes below it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk
from typing import Any

import customtkinter as ctk
from typing_extensions import override

from wizard.model_layers import STAGES, find, shape_text
from wizard.results_extract import LayerShape
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, icon_button, px
from wizard.widgets.fields import EntryField
from wizard.widgets.later import later
from wizard.widgets.scroll import AutoBar, nearest_scroll
from wizard.widgets.table import style
from wizard.widgets.tooltip import Tooltip
from wizard.words import catalogue

_ROWS, _LEAST_BAR = 8, 40
_UNKNOWN = "All layers of this model are listed here after its first extraction."
_TYPE = "Type in the entry to search."


class LayerField(EntryField):
    """Typing takes any name and searches the open list; Enter or a double click in the list chooses, Esc closes."""

    layers: Sequence[LayerShape] = ()
    listing: Area | None = None

    @override
    def build(self, value: Any) -> tk.Misc:
        frame = Area(self)
        frame.columnconfigure(0, weight=1)
        entry: Any = super().build(value)
        entry.grid(in_=frame, row=0, column=0, sticky="ew")
        entry.lift(frame)
        self.button = icon_button(entry, "down", self.toggle)
        Tooltip(self.button._canvas, "List of all layers")
        self.button.place(in_=entry, relx=1.0, x=-2, rely=0.5, anchor="e")
        inner: Any = entry._entry
        inner.bind("<Down>", lambda _event: self._down(), add="+")
        inner.bind("<Escape>", lambda _event: self.close(), add="+")
        for key in ("<Return>", "<KP_Enter>"):
            inner.bind(key, lambda _event: self._enter(), add="+")
        inner.bind("<KeyRelease>", lambda event: self._search(event), add="+")
        return frame

    def offer(self, layers: Sequence[LayerShape]) -> None:
        """Take the layers of the model that is chosen now; none when they are not known."""
        self.layers = list(layers)
        self._describe()
        if self.listing is not None:
            self.fill(self._wanted)

    # The list.

    def toggle(self) -> None:
        """Open the list, or close it again."""
        if self.listing is None:
            self.open()
        else:
            self.close()

    def open(self) -> None:
        """Show the list below the entry."""
        if self.listing is not None or str(self.entry.cget("state")) == "disabled":
            return
        self.listing = frame = Area(self)
        frame.columnconfigure(0, weight=1)
        frame.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(6, 0))
        style(self)
        page = nearest_scroll(self)
        room = page.canvas.winfo_height() if page is not None else 0
        rows = max(4, min(_ROWS, (room - px(self, 120)) // px(self, 26))) if room > 1 else _ROWS
        self.tree = ttk.Treeview(frame, columns=["stage", "shape"], show="tree headings", height=rows,
                                 selectmode="browse")  # fmt: skip
        for column, title, width in (("#0", "Layer", 176), ("stage", "Name", 66), ("shape", "Shape", 96)):
            self.tree.heading(column, text=catalogue.say(title), anchor="e" if column == "shape" else "w")
            self.tree.column(column, width=px(self, width), stretch=column == "#0",
                             anchor="e" if column == "shape" else "w")  # fmt: skip
        self.tree.grid(row=0, column=0, sticky="ew")
        bar = AutoBar(frame, self.tree.yview, palette.SURFACE, row=0, column=1, sticky="ns")
        for child in frame.winfo_children():
            if isinstance(child, ctk.CTkScrollbar):
                child.configure(height=_LEAST_BAR)  # the bar must not make a low list higher
        self.tree.configure(yscrollcommand=bar.follow)
        self.about = Text(frame, size="small", colour=palette.MUTED)
        self.about.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(4, 0))
        self._bind_keys()
        self.fill("")
        self.button.configure(icon="up")
        self.event_generate("<<Grown>>")
        later(self, 20, self._into_view)

    def _bind_keys(self) -> None:
        for key in ("<Return>", "<KP_Enter>", "<Double-Button-1>"):
            self.tree.bind(key, lambda _event: self._take())
        self.tree.bind("<Escape>", lambda _event: self.close())
        self.tree.on_wheel = lambda steps: bool(self.tree.yview() != (0.0, 1.0))  # type: ignore[attr-defined]

    def _into_view(self) -> None:
        if self.listing is not None:
            self.tree.focus_set()
            self._show_chosen()
            page = nearest_scroll(self)
            if page is not None:
                page.see(self)

    def _show_chosen(self) -> None:
        """Scroll to the chosen row; first to the top, so that the stages are seen where they are close."""
        for name in (*self.names[:1], *self.tree.selection()):
            self.tree.see(name)

    def fill(self, text: str) -> None:
        """Show the layers that hold every word of a text in name, stage or shape; the stages stand first."""
        self._wanted = text
        wanted = text.casefold().split()
        self.tree.delete(*self.tree.get_children())
        for stage in STAGES:
            one = find(self.layers, stage)
            self._add(stage, one.name if one else stage, stage, one.shape if one else [], wanted)
        for one in self.layers:
            if not one.stage:
                self._add(one.name, one.name, "", one.shape, wanted)
        names = self.tree.get_children()
        current = find(self.layers, self.entry.get())
        now = (current.stage or current.name) if current else self.entry.get().strip()
        chosen = now if now in names else next(iter(names), "")
        if chosen:
            self.tree.selection_set(chosen)
            self.tree.focus(chosen)
            self._show_chosen()
        known = _TYPE if self.layers else _UNKNOWN
        self.about.say(known if names else "No layer fits; any name may be typed.")

    def _add(self, key: str, name: str, stage: str, shape: Sequence[int], wanted: Sequence[str]) -> None:
        shown = shape_text(shape)
        text = f"{name} {stage} {shown}".casefold()
        if all(word in text for word in wanted) and not self.tree.exists(key):
            self.tree.insert("", "end", key, text=name, values=[stage, shown])

    @property
    def names(self) -> list[str]:
        """What the list offers: stages, then layers."""
        return [str(name) for name in self.tree.get_children()] if self.listing is not None else []

    def _search(self, event: tk.Event[Any]) -> None:
        if self.listing is not None and event.keysym not in ("Down", "Up", "Escape", "Tab", "Return", "KP_Enter"):
            self.fill(self.entry.get())

    def _down(self) -> str:
        if self.listing is None:
            self.open()
        else:
            self.tree.focus_set()
        return "break"

    def _take(self) -> str:
        chosen = self.tree.selection()
        if chosen:
            self.choose(str(chosen[0]))
        return "break"

    def _enter(self) -> None:
        """Take what was typed where it is a layer or nothing fits it, else the row that is chosen."""
        if self.listing is not None:
            typed = self.entry.get().strip()
            if typed and (find(self.layers, typed) is not None or not self.names):
                self.choose(typed)
            else:
                self._take()

    def choose(self, name: str) -> None:
        """Take a layer, as if chosen from the list."""
        self.close()
        self.type(name)

    def close(self) -> str:
        """Take the list away; what was typed to search it is no value."""
        if self.listing is not None:
            self.listing.destroy()
            self.listing = None
            self.button.configure(icon="down")
            if self.entry.get().strip() != self._stored:
                self._write(self._stored)
            self.entry._entry.focus_set()
        return "break"

    # The value.

    @override
    def flush(self) -> None:
        if self.listing is None:
            super().flush()
            self._describe()

    @override
    def put(self, value: Any) -> None:
        super().put(value)
        self._describe()

    def _describe(self) -> None:
        """Say which shape the named layer has, or that this model has no such layer."""
        name = self.entry.get().strip()
        one = find(self.layers, name)
        if not self.layers or not name or (one is None and name.casefold() in STAGES):
            # Lists of older models do not say which of their layers are the stages.
            self.remark("")
        elif one is None:
            self.remark(f"This model has no layer called {name}; the list shows all that it has.")
        else:
            shape = f"{shape_text(one.shape)}, averaged " if len(one.shape) > 1 else ""
            self.remark(f"{one.name}: {shape}{one.shape[-1]} features.")

    @override
    def enable(self, on: bool) -> None:
        if not on:
            self.close()
        super().enable(on)
        self.button.configure(state="normal" if on else "disabled")
