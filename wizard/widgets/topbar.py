"""The bar above everything: which project is open, other projects, theme and text size."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, choose_button, enable, font, px, quiet_button
from wizard.widgets.tooltip import Tooltip

_NARROW = 820
"""Below this width (design pixels) the program's name makes room for the project's."""


@dataclass
class TopActs:
    """What the bar can do."""

    new: Callable[[], object]
    open: Callable[[], object]
    demo: Callable[[], object]
    recent: Callable[[str], object]
    theme: Callable[[], object]
    scale: Callable[[int], object]
    help: Callable[[], object]
    report: Callable[[], object]


class TopBar(Area):
    """Project name at the left, buttons at the right."""

    def __init__(
        self, master: tk.Misc, acts: TopActs, recent: Sequence[str], scale: int, scales: Sequence[int]
    ) -> None:
        super().__init__(master)
        self.columnconfigure(1, weight=1)
        self._report: tuple[bool, bool] | None = None
        self._mark = Text(self, "CytoWizard", size="heading", weight="bold", colour=palette.ACCENT_TEXT, wrap=False)
        self._mark.grid(row=0, column=0, padx=(16, 0), pady=10)
        self.bind("<Configure>", self._fit, add="+")
        self.name = Text(self, "", weight="bold", wrap=False)
        self.name.grid(row=0, column=1, sticky="w", padx=(16, 8))
        self.tip = Tooltip(self.name)
        self.buttons = {
            "new": quiet_button(self, "New project\u2026", acts.new, height=30),
            "open": quiet_button(self, "Open project\u2026", acts.open, height=30),
        }
        self.recent = self._menu("Recent", list(recent), acts.recent, 92)
        self.recent.configure(state="normal" if recent else "disabled")
        self.buttons["report"] = quiet_button(self, "Report", acts.report, height=30, width=64)
        Tooltip(self.buttons["report"]._canvas, "Workbook, page, PDF, figures and methods of all that is done")
        self.buttons["demo"] = quiet_button(self, "Demo", acts.demo, height=30, width=56)
        theme = "Light" if palette.dark() else "Dark"
        self.buttons["theme"] = quiet_button(self, theme, acts.theme, height=30, width=56)
        Tooltip(self.buttons["theme"]._canvas, f"Change to the {theme.lower()} theme")
        sizes = {f"{size} %": size for size in scales}
        self.text_size = self._menu(f"{scale} %", list(sizes), lambda label: acts.scale(sizes[label]), 82)
        Tooltip(self.text_size._canvas, "Size of text and buttons")
        self.buttons["help"] = quiet_button(self, "?", acts.help, height=30, width=30)
        order = [
            self.buttons["report"], self.buttons["new"], self.buttons["open"], self.recent, self.buttons["demo"],
            self.buttons["theme"],
        ]  # fmt: skip
        for column, widget in enumerate([*order, self.text_size, self.buttons["help"]], start=2):
            widget.grid(row=0, column=column, padx=(0, 8), pady=8)

    def _fit(self, event: tk.Event[Any]) -> None:
        if event.width < px(self, _NARROW):
            self._mark.grid_forget()
        elif not self._mark.winfo_manager():
            self._mark.grid(row=0, column=0, padx=(16, 0), pady=10)

    def _menu(self, title: str, values: list[str], act: Callable[[str], object], width: int) -> ctk.CTkOptionMenu:
        def chosen(value: str) -> None:
            menu.set(title)
            act(value)

        menu = ctk.CTkOptionMenu(
            self, values=values, command=chosen, width=width, height=30, font=font(), dropdown_font=font(),
            dynamic_resizing=False,
        )  # fmt: skip
        menu.set(title)
        return menu

    def show_project(self, name: str, path: str) -> None:
        """Say which project is open."""
        self.name.say(name)
        self.tip.text = path

    def enable_report(self, on: bool, here: bool) -> None:
        """Let the report's page be opened, or not (without a project); `here` when it is shown."""
        if self._report != (on, here):
            self._report = (on, here)
            enable(self.buttons["report"], on)
            choose_button(self.buttons["report"], here)

    def enable(self, on: bool) -> None:
        """Let another project be opened, or not (while a step runs)."""
        for name in ("new", "open", "demo"):
            enable(self.buttons[name], on)
        has_recent = bool(self.recent.cget("values"))
        state = "normal" if on and has_recent else "disabled"
        if self.recent.cget("state") != state:
            self.recent.configure(state=state)
