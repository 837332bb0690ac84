"""The field of a file: typed, chosen in a dialog, or dropped."""

from __future__ import annotations

import tkinter as tk
from tkinter import filedialog
from typing import Any

from typing_extensions import override

from wizard.widgets import dialogs, palette
from wizard.widgets.basics import Area, enable, quiet_button
from wizard.widgets.fields import EntryField
from wizard.words import catalogue

FILE_TYPES = {"parse.table": (("Tables", ".csv .tsv .txt .xlsx"), ("All files", "*"))}
"""Which files the dialog of a file setting offers first: name and endings."""


class FileField(EntryField):
    """A file: typed, chosen, or dropped where the page takes drops."""

    stacked = True

    @override
    def build(self, value: Any) -> tk.Misc:
        frame = Area(self)
        frame.columnconfigure(0, weight=1)
        # Made inside the frame and before the button: Tab follows this order.
        self._make_entry(frame, value).grid(row=0, column=0, sticky="ew")
        self.button = quiet_button(frame, "Choose\u2026", self._choose, icon="open")
        self.button.grid(row=0, column=1, padx=(8, 0))
        return frame

    def _choose(self) -> None:
        title = f"Choose: {catalogue.say(self.setting.title)}"
        types = [(catalogue.say(name), ends) for name, ends in FILE_TYPES.get(self.setting.key, ())]
        if not types:
            path = dialogs.ask_file(self, title)
        else:
            path = str(filedialog.askopenfilename(parent=self, title=catalogue.say(title), filetypes=types) or "")
        if path:
            self.type(path)

    def drop(self, paths: list[str]) -> None:
        """Take the first of some dropped files."""
        self.type(paths[0])

    def hover(self, on: bool) -> None:
        """Show that something dragged would be taken here, or no longer."""
        self.entry.configure(border_color=palette.ACCENT if on else palette.FRAME, border_width=2 if on else 1)

    @override
    def enable(self, on: bool) -> None:
        super().enable(on)
        enable(self.button, on)
