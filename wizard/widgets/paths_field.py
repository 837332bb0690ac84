"""The field for a list of folders and files."""

from __future__ import annotations

import tkinter as tk
from pathlib import Path
from typing import Any

import customtkinter as ctk
from typing_extensions import override

from wizard.widgets import dialogs, palette
from wizard.widgets.basics import Area, Text, enable, px, quiet_button
from wizard.widgets.fields import Field
from wizard.words import catalogue

_SHOWN = 44
_DROP_HERE = "Drop folders or files here, or add them:"


class PathsField(Field):
    """Folders and files with buttons to add and remove."""

    stacked = True

    @override
    def build(self, value: Any) -> tk.Misc:
        self.paths = [str(path) for path in value]
        self._droppable = False
        frame = Area(self)
        frame.columnconfigure(0, weight=1)
        self._list = Area(frame)
        self._list.columnconfigure(0, weight=1)
        self._list.grid(row=0, column=0, sticky="ew")
        buttons = Area(frame)
        buttons.grid(row=1, column=0, sticky="w", pady=(4, 0))
        self.add_folder = quiet_button(buttons, "Add folder\u2026", self._ask_folder, icon="folder")
        self.add_folder.grid(row=0, column=0)
        self.add_files = quiet_button(buttons, "Add files\u2026", self._ask_files, icon="file")
        self.add_files.grid(row=0, column=1, padx=(8, 0))
        self._on = True
        self._fill()
        return frame

    def _fill(self) -> None:
        for old in self._list.winfo_children():
            old.destroy()
        self._list.configure(height=1)
        if self._droppable and not self.paths:
            self._hint()
        for row, path in enumerate(self.paths):
            found = Path(path).exists()
            words = catalogue.own(shorten(path)) if found else f"\u26a0 not found: {shorten(path)}"
            Text(self._list, words, colour=palette.TEXT if found else palette.WARN).grid(
                row=row, column=0, sticky="ew", pady=2
            )
            self._add_remove(row, path)

    def _hint(self) -> None:
        """Show where things can be dropped."""
        box = ctk.CTkFrame(self._list, fg_color=palette.SUNKEN, border_width=1, border_color=palette.FRAME)
        box.columnconfigure(0, weight=1)
        Text(box, _DROP_HERE, colour=palette.MUTED, back=palette.SUNKEN, anchor="center").grid(
            row=0, column=0, sticky="ew", padx=12, pady=14
        )
        box.grid(row=0, column=0, sticky="ew", pady=(0, 4))
        self._box = box

    def allow_drops(self) -> None:
        """Say that things can be dropped here: the page takes drops."""
        self._droppable = True
        self._fill()

    def drop(self, paths: list[str]) -> None:
        """Add what was dropped."""
        self.add(paths)

    def hover(self, on: bool) -> None:
        """Show that something dragged would be taken here, or no longer."""
        self._list.configure(
            highlightthickness=px(self, 2) if on else 0,
            highlightbackground=palette.now(palette.ACCENT),
            highlightcolor=palette.now(palette.ACCENT),
        )

    @override
    def put(self, value: Any) -> None:
        self.paths = [str(path) for path in value]
        self.show_error("")
        self._fill()

    def _add_remove(self, row: int, path: str) -> None:
        button = quiet_button(self._list, "Remove", lambda: self.remove(path), height=28, icon="remove")
        enable(button, self._on)
        button.grid(row=row, column=1, padx=(8, 0), pady=2)

    def _ask_folder(self) -> None:
        folder = dialogs.ask_folder(self, f"Add to: {catalogue.say(self.setting.title)}")
        if folder:
            self.add([folder])

    def _ask_files(self) -> None:
        self.add(dialogs.ask_files(self, f"Add to: {catalogue.say(self.setting.title)}"))

    def add(self, paths: list[str]) -> None:
        """Add paths that are not in the list yet."""
        new = [path for path in paths if path not in self.paths]
        if new:
            self._change([*self.paths, *new])

    def remove(self, path: str) -> None:
        """Take a path out of the list."""
        self._change([kept for kept in self.paths if kept != path])

    def _change(self, paths: list[str]) -> None:
        self.store(paths)
        if not self.error:
            self.paths = paths
            self._fill()
            self.event_generate("<<Grown>>")

    @override
    def enable(self, on: bool) -> None:
        self._on = on
        for button in (self.add_folder, self.add_files):
            enable(button, on)
        self._fill()


def shorten(path: str, longest: int = _SHOWN) -> str:
    """Return a path that fits a line: its middle is left out if it is long."""
    if len(path) <= longest:
        return path
    tail = longest - longest // 3 - 1
    return f"{path[: longest // 3]}\u2026{path[-tail:]}"
