"""The bar above everything: the open project with its menu, undo, the report, the menu of the program, help."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, choose_button, enable, px, quiet_button
from wizard.widgets.menu import MenuButton
from wizard.widgets.paths_field import shorten
from wizard.widgets.project_menu import DEMO, NEW, OPEN, SHOW, ProjectMenu
from wizard.widgets.tooltip import Tooltip

_NARROW = 820
"""Below this width (design pixels) the program's name makes room for the project's."""
_WIDE, _MOST = 960, 36
"""From this width on the undo button says in so many letters what it takes back."""

PREFERENCES, SUPPORT = "Preferences\u2026   Ctrl+,", "Save a support file\u2026"


@dataclass
class TopActs:
    """What the bar can do."""

    new: Callable[[], object]
    open: Callable[[], object]
    demo: Callable[[], object]
    recent: Callable[[str], object]
    preferences: Callable[[], object]
    support: Callable[[], object]
    undo: Callable[[], object]
    help: Callable[[], object]
    report: Callable[[], object]
    show: Callable[[], object]
    redo: Callable[[], object]


class TopBar(Area):
    """The open project at the left; undo, the report, the menu and the help at the right."""

    window_part = "bar"

    def __init__(self, master: tk.Misc, acts: TopActs, recent: Sequence[str]) -> None:
        super().__init__(master)
        self.columnconfigure(1, weight=1)
        self._report: tuple[bool, bool] | None = None
        self._mark = Text(self, "CytoWizard", size="heading", weight="bold", colour=palette.ACCENT_TEXT, wrap=False)
        self._mark.grid(row=0, column=0, padx=(16, 0), pady=8)
        self.bind("<Configure>", self._fit, add="+")
        entries = {NEW: acts.new, OPEN: acts.open, DEMO: acts.demo, SHOW: acts.show}
        self.project = ProjectMenu(self, entries, recent, acts.recent)
        self.project.grid(row=0, column=1, sticky="w", padx=16, pady=8)
        self.undo = quiet_button(self, "Undo", acts.undo, width=56, icon="undo")
        self._undo_tip = Tooltip(self.undo._canvas)
        self.redo = quiet_button(self, "Redo", acts.redo, width=56, icon="redo")
        self._redo_tip = Tooltip(self.redo._canvas)
        self._undone, self._redone = "", ""
        report = quiet_button(self, "Report", acts.report, width=64, icon="report")
        Tooltip(report._canvas, "Workbook, page, PDF, figures and methods of all that is done")
        self.menu = MenuButton(self, "Menu", ((PREFERENCES, acts.preferences), (SUPPORT, acts.support)), icon="menu")
        help_button = quiet_button(self, "Help", acts.help, width=56, icon="help")
        self.buttons = {"project": self.project, "report": report, "help": help_button}
        order: list[Any] = [report, self.menu, help_button]
        for column, widget in enumerate(order, start=4):
            widget.grid(row=0, column=column, padx=(0, 8 if column < 6 else 16), pady=8)

    def show_undo(self, words: str, again: str = "") -> None:
        """Offer to take back what `words` name, and to do once more what `again` names; nothing while empty."""
        if again != self._redone:
            self._redone = again
            self._redo_tip.text = f"Do again: {again} (Ctrl+Y)" if again else ""
            if again:
                self.redo.grid(row=0, column=3, padx=(0, 8), pady=8)
            else:
                self.redo.grid_forget()
        if words == self._undone:
            return
        self._undone = words
        self._undo_tip.text = f"Take back: {words} (Ctrl+Z)" if words else ""
        if words:
            self.undo.grid(row=0, column=2, padx=(0, 8), pady=8)
            self._name_undo()
        else:
            self.undo.grid_forget()

    def _name_undo(self) -> None:
        """Say what will be undone where there is room; the help of the button says it anyway."""
        wide = self.winfo_width() >= px(self, _WIDE)
        self.undo.configure(text=f"Undo: {shorten(self._undone, _MOST)}" if wide else "Undo")

    def _fit(self, event: tk.Event[Any]) -> None:
        if self._undone:
            self._name_undo()
        if event.width < px(self, _NARROW):
            self._mark.grid_forget()
        elif not self._mark.winfo_manager():
            self._mark.grid(row=0, column=0, padx=(16, 0), pady=8)

    def show_project(self, name: str, path: str) -> None:
        """Say which project is open."""
        self.project.show(name, path)

    def enable_report(self, on: bool, here: bool) -> None:
        """Let the report's page be opened, or not (without a project); `here` when it is shown."""
        if self._report != (on, here):
            self._report = (on, here)
            enable(self.buttons["report"], on)
            choose_button(self.buttons["report"], here)

    def enable(self, on: bool) -> None:
        """Let another project be opened, or not (while a step runs)."""
        self.project.allow(on)
