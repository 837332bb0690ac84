"""The queue of trainings on the page of Train: its table, and what can be done with an entry."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import customtkinter as ctk

from wizard.plan import NOT_COUNTING, step_settings
from wizard.steps.train_runs import shown_value
from wizard.training_queue import Queued
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, plural, quiet_button
from wizard.widgets.panels import heading
from wizard.widgets.pick_table import Column, PickTable
from wizard.words import catalogue

ADD = "Add to the queue"
START = "Start the queue"
STOP = "Stop after this training"
GO_ON = "Do not stop after this training"

_COLUMNS = (
    Column("Name", 300), Column("State", 90), Column("Not as preset", 420), Column("Remark", 320),
)  # fmt: skip
_STATES = {"waiting": "Waiting", "running": "In training", "done": "Done", "failed": "Failed"}


def not_preset(settings: dict[str, Any]) -> str:
    """Return in words which settings are not as preset, e.g. `Network Fast, Epochs 30`."""
    told = [
        f"{item.title} {shown_value(item, settings[item.name])}"
        for item in step_settings("train")
        if item.name in settings and item.name not in NOT_COUNTING and settings[item.name] != item.default
    ]
    return ", ".join(told) or "everything as preset"


class QueueActs(Protocol):
    """What the view asks of the page."""

    def add_to_queue(self) -> None:
        """Put the present settings at the end."""

    def start_queue(self) -> None:
        """Train what waits, one after the other."""

    def move_entry(self, entry: str, by: int) -> None:
        """Move an entry up (-1) or down (1)."""

    def remove_entries(self, entries: list[str]) -> None:
        """Take entries out."""

    def use_entry(self, entry: Queued) -> None:
        """Take an entry's settings over."""


class QueueView(Area):
    """The entries in their order, with buttons below."""

    def __init__(self, master: tk.Misc, acts: QueueActs) -> None:
        super().__init__(master)
        self._acts = acts
        self._entries: dict[str, Queued] = {}
        self._on = True
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self.words = heading(self, "")
        self.words.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        self.table = PickTable(self, _COLUMNS, lambda _names: self._enable(), sorts=False)
        self.table.grid(row=1, column=0, sticky="nsew")
        row = Area(self)
        row.grid(row=2, column=0, sticky="ew", pady=(10, 0))
        self.up = quiet_button(row, "Move up", lambda: self._move(-1))
        self.down = quiet_button(row, "Move down", lambda: self._move(1))
        self.remove = quiet_button(row, "Remove", lambda: self._acts.remove_entries(self.table.picked))
        self.use = quiet_button(row, "Use its settings", lambda: self._acts.use_entry(self._one()))
        for column, button in enumerate((self.up, self.down, self.remove, self.use)):
            button.grid(row=0, column=column, padx=(0, 8))
        self.table.tree.bind("<Delete>", lambda _event: self.remove.invoke())
        last = Area(self)
        last.grid(row=3, column=0, sticky="ew", pady=(8, 0))
        self.start: ctk.CTkButton = quiet_button(last, START, self._acts.start_queue, height=36)
        self.start.grid(row=0, column=0, padx=(0, 8))
        self.add = quiet_button(last, ADD, self._acts.add_to_queue, height=36)
        self.add.grid(row=0, column=1)
        hint = "Each entry is trained with its own settings. One that fails is marked with the reason; the next starts."
        Text(self, hint, size="small", colour=palette.MUTED).grid(row=4, column=0, sticky="ew", pady=(8, 0))

    def show(self, entries: Sequence[Queued], on: bool, blocked: bool) -> None:
        """Show these entries; `on` is false while a step runs, `blocked` while nothing can be trained."""
        self._entries = {entry.id: entry for entry in entries}
        self._on, self._blocked = on, blocked
        self.table.show(
            {
                item.id: (item.name, catalogue.say(_STATES[item.outcome]), not_preset(item.settings), item.why)
                for item in entries
            },
            12,
        )
        waiting = sum(entry.outcome == "waiting" for entry in entries)
        counts = {name: sum(entry.outcome == name for entry in entries) for name in ("done", "failed")}
        rest = "".join(f", {catalogue.say(f'{count} {name}')}" for name, count in counts.items() if count)
        self.words.say(catalogue.own(catalogue.say(plural(waiting, "training waits", "trainings wait")) + rest))
        self._waiting = waiting
        self._enable()

    def _one(self) -> Queued:
        return self._entries[self.table.picked[0]]

    def _move(self, by: int) -> None:
        self._acts.move_entry(self.table.picked[0], by)

    def _enable(self) -> None:
        picked = [self._entries[name] for name in self.table.picked if name in self._entries]
        self.table.colours({entry.id: palette.now(palette.ACCENT) for entry in picked})
        # What waits may be moved while another entry is trained: the next is looked up when that ends.
        order = list(self._entries)
        free = bool(picked) and all(entry.outcome != "running" for entry in picked)
        place = order.index(picked[0].id) if len(picked) == 1 and free else -1
        enable(self.up, place > 0)
        enable(self.down, 0 <= place < len(order) - 1)
        enable(self.remove, free)
        enable(self.use, self._on and len(picked) == 1)
        enable(self.add, self._on and not self._blocked)
        enable(self.start, self._on and not self._blocked and bool(self._waiting), strong=True)


class QueueStrip(Area):
    """One line below the result while the queue is worked through: which entry of how many, and its end."""

    def __init__(self, master: tk.Misc, switch: Callable[[], object]) -> None:
        super().__init__(master, palette.ACCENT_SOFT)
        self.columnconfigure(0, weight=1)
        self.words = Text(self, back=palette.ACCENT_SOFT)
        self.words.grid(row=0, column=0, sticky="ew", padx=12, pady=8)
        self.button = quiet_button(self, STOP, switch, height=28)
        self.button.grid(row=0, column=1, padx=12, pady=8)

    def show(self, words: str, ends: bool, last: bool) -> None:
        """Say which entry is trained; `ends` when the queue ends after it, `last` when nothing waits behind it."""
        self.words.say(words + (". The queue ends after it." if ends and not last else "."))
        self.button.configure(text=GO_ON if ends else STOP)
        if last:
            self.button.grid_forget()
        else:
            self.button.grid(row=0, column=1, padx=12, pady=8)
