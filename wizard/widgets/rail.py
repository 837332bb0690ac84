"""The rail: the steps at the left, each with its icon and its state as mark, colour and word."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any

from wizard.plan import plain
from wizard.widgets import palette
from wizard.widgets.basics import Area, Scaled, px, tk_font
from wizard.widgets.focus import take_keys
from wizard.widgets.icons import picture
from wizard.widgets.symbols import symbol
from wizard.widgets.tooltip import Tooltip
from wizard.words import catalogue

_HEIGHT = 58
_LOWEST = 38

WORDS = {
    "done": "Done",
    "current": "You are here",
    "running": "Running",
    "stale": "Out of date",
    "ready": "To do",
    "blocked": "Not yet",
}
"""The word for each state."""


class RailItem(Scaled, tk.Canvas):  # type: ignore[misc]
    """One step of the rail."""

    spoken_kind = "tab"

    def __init__(self, master: tk.Misc, number: int, step: str, title: str, choose: Callable[[], None]) -> None:
        super().__init__(
            master, width=px(master, 176), height=px(master, _HEIGHT), bg=palette.now(palette.BACK), bd=0,
            highlightthickness=0, cursor="hand2",
        )  # fmt: skip
        self.step, self.title, self.number = step, title, number
        self.kind, self.word, self.here = "ready", "", False
        take_keys(self)
        self.tip = Tooltip(self)
        self.bind("<Button-1>", lambda _event: choose(), add="+")
        for key in ("<space>", "<Return>", "<KP_Enter>"):
            self.bind(key, lambda _event: choose())

    def show(self, kind: str, reason: str, here: bool) -> None:
        """Draw the state; `reason` says why a step is stale or blocked."""
        state = (kind, WORDS[kind], here)
        self.tip.text = reason
        if state == (self.kind, self.word, self.here):
            return
        self.kind, self.word, self.here = state
        self._draw()

    def set_height(self, height: int) -> None:
        """Take a height in screen pixels, focus ring included."""
        height -= 2 * int(str(self["highlightthickness"]))
        if height != int(self["height"]):
            self.configure(height=height)
            self._draw()

    def _draw(self) -> None:
        self.delete("all")
        back = palette.ACCENT_SOFT if self.here else palette.BACK
        self.configure(bg=palette.now(back), highlightbackground=palette.now(back))
        height = int(self["height"])
        if self.here:
            self.create_rectangle(0, 0, px(self, 4), height + 4, fill=palette.now(palette.ACCENT_TEXT), width=0)
        muted = self.kind == "blocked" and not self.here
        colour = palette.ACCENT_TEXT if self.here else palette.MUTED if muted else palette.TEXT
        upper, lower = height / 2 - px(self, 9), height / 2 + px(self, 11)
        self.create_image(px(self, 28), height / 2, image=picture(self, plain(self.step), 22, colour), tags="icon")
        self.create_text(
            px(self, 52), upper, anchor="w", text=f"{self.number}  {catalogue.say(self.title)}",
            fill=palette.now(palette.MUTED if muted else palette.TEXT),
            font=tk_font(self, "body", "bold" if self.here else "normal"),
        )  # fmt: skip
        ink = {"stale": palette.WARN, "running": palette.ACCENT_TEXT}.get(self.kind, palette.MUTED)
        name = "current" if self.here and self.kind == "ready" else self.kind
        self.create_image(px(self, 59), lower, image=symbol(self, name, 14), tags="mark")
        self.create_text(
            px(self, 71), lower, anchor="w", text=catalogue.say(self.shown_word),
            fill=palette.now(ink), font=tk_font(self, "small"),
        )  # fmt: skip

    @property
    def chosen_one(self) -> bool:
        """True while its page is open."""
        return self.here

    @property
    def spoken_name(self) -> str:
        """What a screen reader calls it."""
        return f"{self.number} {catalogue.say(self.title)}"

    @property
    def spoken_value(self) -> str:
        """What a screen reader says of its state."""
        return ". ".join(catalogue.say(words) for words in (self.shown_word, self.tip.text) if words)

    @property
    def shown_word(self) -> str:
        """The word under the title."""
        return WORDS["current"] if self.here and self.kind == "ready" else self.word


class Rail(Area):
    """All steps; Up and Down move between them, Enter goes there."""

    window_part = "steps"

    def __init__(self, master: tk.Misc, steps: Sequence[tuple[str, str]], go: Callable[[str], Any]) -> None:
        super().__init__(master, palette.BACK, width=px(master, 180), height=10)
        self.grid_propagate(False)
        self.columnconfigure(0, weight=1)
        self.items: dict[str, RailItem] = {}
        for number, (step, title) in enumerate(steps, start=1):
            item = RailItem(self, number, step, title, lambda chosen=step: go(chosen))  # type: ignore[misc]
            item.grid(row=number, column=0, sticky="ew", pady=(0, 2))
            item.bind("<Up>", lambda _event, place=number: self._move(place - 2))  # type: ignore[misc]
            item.bind("<Down>", lambda _event, place=number: self._move(place))  # type: ignore[misc]
            self.items[step] = item
        self.bind("<Configure>", self._fit, add="+")

    def _fit(self, event: tk.Event[Any]) -> None:
        room = event.height / max(1, len(self.items)) - px(self, 2)
        height = round(max(px(self, _LOWEST), min(px(self, _HEIGHT), room)))
        for item in self.items.values():
            item.set_height(height)

    def _move(self, index: int) -> None:
        items = list(self.items.values())
        items[index % len(items)].focus_set()

    def show(self, states: dict[str, tuple[str, str]], here: str) -> None:
        """Show (state, reason) of every step and which page is open."""
        for step, item in self.items.items():
            kind, reason = states[step]
            item.show(kind, reason, step == here)
