"""The tags with the counts of their values, and what the user can change about them."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from dataclasses import dataclass, field
from tkinter import ttk
from typing import Literal, Protocol

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, font, px, quiet_button, tk_font
from wizard.widgets.columns import Line
from wizard.widgets.palette import Pair
from wizard.widgets.scroll import AutoBar
from wizard.widgets.table import style
from wizard.words import catalogue, numbers

MOST_VALUES = 1000
"""More values of a tag are not listed one by one."""

_COLUMNS: tuple[tuple[str, str, int, Literal["w", "e"]], ...] = (
    ("#0", "Tag (values)", 200, "w"), ("cells", "Cells", 70, "e"), ("use", "Use", 150, "w"),
    ("from", "Found as", 200, "w"),
)  # fmt: skip
"""Column, its heading, its width in design pixels, its alignment."""

_OPEN = 12
"""A tag with at most this many values shows them at first."""


@dataclass(frozen=True)
class ValueRow:
    """A value after the rules: `parts` are the values as found that became it, `out` means left out."""

    name: str
    count: int
    parts: tuple[str, ...] = ()
    out: bool = False


@dataclass(frozen=True)
class TagRow:
    """A tag after the rules: its present name, where it comes from, its values, and what it is good for."""

    name: str
    origin: str
    values: tuple[ValueRow, ...]
    use: str = ""
    out: bool = False


@dataclass(frozen=True)
class GateRow:
    """A population (gate) of an analysis: `used` when it becomes a class of the tag population."""

    name: str
    count: int
    used: bool


class Edits(Protocol):
    """What the table asks for; each returns a sentence why it cannot be done, or ""."""

    def rename(self, tag: str, new: str) -> str:
        """Give a tag another name."""

    def merge(self, tag: str, values: Sequence[str], new: str) -> str:
        """Make some values of a tag one value."""

    def split(self, tag: str, value: str) -> str:
        """Undo the merging into a value."""

    def leave_out(self, tag: str, values: Sequence[str], out: bool) -> str:
        """Leave cells with these values out, or take them in again; without values, the whole tag."""

    def use_gates(self, names: Sequence[str]) -> str:
        """Choose the populations that become classes; none: the program chooses."""

    def undo(self) -> str:
        """Take the last change back."""


@dataclass
class Chosen:
    """What is selected: values of one tag, a tag (no values), or gates."""

    tag: TagRow | None = None
    values: list[ValueRow] = field(default_factory=list)
    gates: list[GateRow] = field(default_factory=list)
    mixed: bool = False


def _use(words: str) -> str:
    return catalogue.say_in("use", words) if words in ("group", "class") else catalogue.say(words)


class TagTable(Area):
    """A tree of tags, values and populations; below it, what can be done with the selected ones."""

    first: ctk.CTkButton
    out: ctk.CTkButton

    def __init__(self, master: tk.Misc, edits: Edits) -> None:
        super().__init__(master)
        style(self)
        ttk.Style(self).configure("Item", indicatorsize=px(self, 12))
        self._edits = edits
        self._tags: list[TagRow] = []
        self._gates: list[GateRow] = []
        self._items: dict[str, tuple[TagRow | None, ValueRow | GateRow | None]] = {}
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._build_tree()
        self._build_panel()
        self.note = Text(self, "", size="small", colour=palette.MUTED)
        self.note.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(6, 0))

    def _build_tree(self) -> None:
        self.tree = ttk.Treeview(self, columns=("cells", "use", "from"), height=4, selectmode="extended")
        for name, title, width, anchor in _COLUMNS:
            self.tree.heading(name, text=catalogue.say(title), anchor=anchor)
            self.tree.column(
                name, width=px(self, width), minwidth=px(self, 48), stretch=name in ("#0", "from"), anchor=anchor
            )
        self.tree.tag_configure("tag", font=tk_font(self, "table", "bold"))
        self.tree.tag_configure("out", foreground=palette.now(palette.OFF_TEXT))
        self.tree.grid(row=0, column=0, sticky="nsew")
        down = AutoBar(self, self.tree.yview, palette.SURFACE, row=0, column=1, sticky="ns")
        self.tree.configure(yscrollcommand=down.follow)
        self.tree.bind("<<TreeviewSelect>>", lambda _event: self._selected())
        self.tree.bind("<Delete>", lambda _event: self.out.invoke())

    def _build_panel(self) -> None:
        panel = Area(self)
        panel.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(8, 0))
        panel.columnconfigure(0, weight=1)
        self.words = Text(panel, "", weight="bold")
        self.words.grid(row=0, column=0, sticky="ew")
        self.undo = quiet_button(panel, "Undo", self._undo, height=28)
        self.undo.grid(row=0, column=1, sticky="e")
        row = Line(panel)
        row.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(6, 0))
        self.entry = ctk.CTkEntry(row, height=32, width=170, font=font())
        self.entry.bind("<Return>", lambda _event: self.first.invoke())
        self.entry.bind("<KP_Enter>", lambda _event: self.first.invoke())
        self.entry.pack(side="left", padx=(0, 8))
        self.first = quiet_button(row, "Rename", self._name_it)
        self.first.pack(side="left", padx=(0, 8))
        self.out = quiet_button(row, "Leave out", self._out)
        self.out.pack(side="left", padx=(0, 8))
        self.split = quiet_button(row, "Split up", self._split)
        self.split.pack(side="left")

    # What is shown.

    def show(self, tags: Sequence[TagRow], gates: Sequence[GateRow], can_undo: bool, note: str = "") -> None:
        """Show these tags; what is open and selected stays so where it is still there."""
        kept = {self._key(item): bool(self.tree.item(item, "open")) for item in self._items}
        chosen = {self._key(item) for item in self.tree.selection()}
        top = self.tree.yview()[0]
        self._tags, self._gates = list(tags), list(gates)
        self.tree.delete(*self.tree.get_children())
        self._items = {}
        for tag in self._tags:
            self._add_tag(tag, kept)
        if self._gates:
            self._add_gates(kept)
        again = [item for item in self._items if self._key(item) in chosen]
        self.tree.selection_set(again)
        if again:
            self.tree.focus(again[0])
        self.tree.yview_moveto(top)
        enable(self.undo, can_undo)
        self._calm = note
        self.note.say(note, palette.MUTED)
        self._selected()

    def _key(self, item: str) -> tuple[str, str]:
        tag, row = self._items[item]
        return (tag.name if tag else "", row.name if row else "")

    def _add_tag(self, tag: TagRow, kept: dict[tuple[str, str], bool]) -> None:
        known = kept.get((tag.name, ""), len(tag.values) <= _OPEN and not tag.out)
        count = sum(1 for value in tag.values if not value.out)
        looks = ("tag", "out") if tag.out else ("tag",)
        item = self.tree.insert(
            "", "end", text=numbers.shown(f"{count:,}").join((f"{tag.name} (", ")")), open=known, tags=looks,
            values=("", *(catalogue.say("left out") if tag.out else _use(tag.use), catalogue.say(tag.origin))),
        )  # fmt: skip
        self._items[item] = (tag, None)
        for value in tag.values[:MOST_VALUES]:
            use = "left out" if value.out else f"from {len(value.parts)} values" if len(value.parts) > 1 else ""
            found = ", ".join(value.parts) if value.parts != (value.name,) else ""
            shown = (numbers.shown(f"{value.count:,}"), catalogue.say(use), found)
            child = self.tree.insert(
                item, "end", text=value.name or catalogue.say("(none)"), values=shown,
                tags=("out",) if value.out or tag.out else (),
            )  # fmt: skip
            self._items[child] = (tag, value)
        if len(tag.values) > MOST_VALUES:
            more = f"and {len(tag.values) - MOST_VALUES:,} more values"
            self.tree.insert(item, "end", text=catalogue.say(more), values=("", "", ""), tags=("out",))

    def _add_gates(self, kept: dict[tuple[str, str], bool]) -> None:
        used = sum(gate.used for gate in self._gates)
        item = self.tree.insert(
            "", "end", text=catalogue.say("Populations (gates)"), open=kept.get(("", ""), True), tags=("tag",),
            values=("", *catalogue.say_all((f"{used} used as classes", "analysis files"))),
        )  # fmt: skip
        self._items[item] = (None, None)
        for gate in self._gates:
            use = _use("class" if gate.used else "not used")
            child = self.tree.insert(
                item, "end", text=gate.name, tags=() if gate.used else ("out",),
                values=(numbers.shown(f"{gate.count:,}"), use, ""),
            )  # fmt: skip
            self._items[child] = (None, gate)

    # What is selected.

    @property
    def chosen(self) -> Chosen:
        """What is selected now."""
        found = Chosen()
        rows = [self._items[item] for item in self.tree.selection() if item in self._items]
        tags = {id(tag) for tag, _row in rows}
        if len(tags) > 1:
            return Chosen(mixed=True)
        for tag, row in rows:
            found.tag = tag
            if isinstance(row, ValueRow):
                found.values.append(row)
            elif isinstance(row, GateRow):
                found.gates.append(row)
        return found

    def select(self, tag: str, *values: str) -> None:
        """Select a tag, or some of its values, as a click does; for populations the tag is ""."""
        wanted = {(tag, value) for value in values} or {(tag, "")}
        items = [item for item in self._items if self._key(item) in wanted]
        self.tree.selection_set(items)
        if items:
            self.tree.focus(items[0])
            self.tree.see(items[0])
        self._selected()

    def _selected(self) -> None:
        chosen = self.chosen
        if chosen.gates:
            self._offer_gates(chosen.gates)
        elif chosen.values:
            assert chosen.tag is not None
            self._offer_values(chosen.tag, chosen.values)
        elif chosen.tag is not None:
            self._offer_tag(chosen.tag)
        else:
            words = "Select values of one tag." if chosen.mixed else "Select a tag, or values of one tag, to change it."
            self._offer(words, None, "Rename", "Leave out", can=False)

    def _offer_tag(self, tag: TagRow) -> None:
        self._offer(
            catalogue.own(f"{catalogue.say('Tag')} {tag.name}"),
            tag.name,
            "Rename",
            "Take in again" if tag.out else "Leave the tag out",
        )
        enable(self.first, not tag.out)

    def _offer_values(self, tag: TagRow, values: list[ValueRow]) -> None:
        one = len(values) == 1
        words = f"{tag.name}: {values[0].name}" if one else f"{len(values)} values of {tag.name}"
        out = all(value.out for value in values)
        self._offer(
            words, values[0].name, "Rename" if one else "Merge into one",
            "Take in again" if out else "Leave these cells out", split=one and values[0].parts != (values[0].name,),
        )  # fmt: skip
        listed = any(value.out for value in values)
        enable(self.first, not (tag.out or listed))
        enable(self.out, not tag.out)

    def _offer_gates(self, gates: list[GateRow]) -> None:
        words = f"{len(gates)} populations" if len(gates) > 1 else f"Population {gates[0].name}"
        used = all(gate.used for gate in gates)
        self._offer(words, None, "Innermost gates", "Do not use" if used else "Use as class")

    def _offer(
        self, words: str, name: str | None, first: str, out: str, *, split: bool = False, can: bool = True
    ) -> None:
        self.words.say(words)
        self.entry.configure(state="normal")
        self.entry.delete(0, "end")
        self.entry.insert(0, name or "")
        self.entry.configure(state="normal" if name is not None else "disabled")
        self.first.configure(text=first)
        self.out.configure(text=out)
        enable(self.first, can)
        enable(self.out, can)
        enable(self.split, split)

    # What is asked for.

    def _answer(self, refused: str) -> None:
        self.say(f"\u26a0 {refused}" if refused else self._calm, palette.WARN if refused else palette.MUTED)

    def say(self, words: str, colour: Pair = palette.MUTED) -> None:
        """Show a sentence below the table."""
        self.note.say(words, colour)

    def _name_it(self) -> None:
        chosen, new = self.chosen, " ".join(self.entry.get().split())
        if chosen.gates:
            self._answer(self._edits.use_gates([]))
        elif not new:
            self._answer("Type a name first.")
        elif chosen.values and chosen.tag is not None:
            names = [value.name for value in chosen.values]
            self._done(self._edits.merge(chosen.tag.name, names, new), chosen.tag.name, new)
        elif chosen.tag is not None and new != chosen.tag.name:
            self._done(self._edits.rename(chosen.tag.name, new), new)

    def _out(self) -> None:
        chosen = self.chosen
        if chosen.gates:
            names = {gate.name for gate in chosen.gates}
            use = not all(gate.used for gate in chosen.gates)
            wanted = [gate.name for gate in self._gates if (use if gate.name in names else gate.used)]
            self._answer(self._edits.use_gates(wanted))
        elif chosen.tag is not None:
            out = not all(value.out for value in chosen.values) if chosen.values else not chosen.tag.out
            names_out = [value.name for value in chosen.values if value.out != out]
            self._answer(self._edits.leave_out(chosen.tag.name, names_out, out))

    def _split(self) -> None:
        chosen = self.chosen
        if chosen.tag is not None and chosen.values:
            parts = chosen.values[0].parts
            self._done(self._edits.split(chosen.tag.name, chosen.values[0].name), chosen.tag.name, *parts)

    def _done(self, refused: str, tag: str, *values: str) -> None:
        """Select what came out of a change, or say why it was refused."""
        self._answer(refused)
        if not refused:
            self.select(tag, *values)

    def _undo(self) -> None:
        self._answer(self._edits.undo())
