"""The name of the open project, which opens the menu of all that is done with projects."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from wizard.widgets.basics import emphasise, font
from wizard.widgets.choice import DropButton
from wizard.widgets.menu import menu, open_below
from wizard.widgets.paths_field import shorten
from wizard.widgets.tooltip import Tooltip
from wizard.words import catalogue

NEW, OPEN, RECENT, DEMO = "New project\u2026", "Open project\u2026", "Recent projects", "Try the demo\u2026"
SHOW = "Show in file manager"
_NONE = "Project"
_LONGEST, _PATH = 30, 60


class ProjectMenu(DropButton):
    """`acts` are what New, Open, the demo and the file manager do, by title; `reopen` opens a recent project."""

    def __init__(
        self,
        master: tk.Misc,
        acts: dict[str, Callable[[], object]],
        recent: Sequence[str],
        reopen: Callable[[str], object],
    ) -> None:
        super().__init__(master, _NONE, self.open, height=32, width=72, font=font("body", "bold"))
        self.tip = Tooltip(self._canvas)
        self._acts = acts
        self._project, self._on = "", True
        for key in ("<Down>", "<Up>"):
            self._canvas.bind(key, lambda _event: self.open(), add="+")
        self.menu = menu(self)
        self.recent = menu(self.menu)
        for path in recent:
            self.recent.add_command(label=f"  {shorten(path, _PATH)}  ", command=partial(reopen, path))
        for title in (NEW, OPEN, RECENT, DEMO, "", SHOW):
            self._entry(title)
        self._refresh()

    def _entry(self, title: str) -> None:
        label = f"  {catalogue.say(title)}  "
        if not title:
            self.menu.add_separator()
        elif title == RECENT:
            self.menu.add_cascade(label=label, menu=self.recent)
        else:
            self.menu.add_command(label=label, command=self._acts[title])

    def open(self) -> None:
        """Show the menu."""
        open_below(self.menu, self)

    def choose(self, title: str) -> None:
        """Do what an entry does, as if chosen from the menu."""
        if self.state_of(title) != "disabled":
            self._acts[title]()

    def state_of(self, title: str) -> str:
        """Return whether an entry is `normal` or `disabled`."""
        return str(self.menu.entrycget(f"  {catalogue.say(title)}  ", "state"))

    def show(self, name: str, path: str) -> None:
        """Say which project is open; "" is none."""
        if name != self._project:
            self._project = name
            self.configure(text=catalogue.own(shorten(name, _LONGEST)) if name else _NONE)
            emphasise(self, False)
        self.tip.text = catalogue.own(path)
        self._refresh()

    def allow(self, on: bool) -> None:
        """Let another project be opened, or not (while a step runs)."""
        self._on = on
        self._refresh()

    def _refresh(self) -> None:
        has_recent = self.recent.index("end") is not None
        states: dict[str, Any] = {NEW: self._on, OPEN: self._on, DEMO: self._on, RECENT: self._on and has_recent}
        for title, on in {**states, SHOW: bool(self._project)}.items():
            self.menu.entryconfigure(f"  {catalogue.say(title)}  ", state="normal" if on else "disabled")
