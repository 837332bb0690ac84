"""The dialog of the support file: its content is shown before it is saved."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import customtkinter as ctk

from wizard import support
from wizard.engine.errors import UserError
from wizard.widgets import dialogs, opener, palette
from wizard.widgets.basics import Area, choose_button, font, px, quiet_button
from wizard.widgets.focus import Focus
from wizard.widgets.overlay import Overlay
from wizard.widgets.scroll import Scroll

TITLE = "Save a support file"
PROMISE = (
    "This is everything that the file will hold. It has no images and no cells; names of people, files, folders, tags "
    "and values were taken out. Look through it: what you do not want to give away, you should not send. The program "
    "itself sends nothing."
)
_WIDTH, _HEIGHT = 840, 300


class SupportDialog:
    """Lists the parts of the support file; the chosen one can be read."""

    def __init__(
        self, root: tk.Tk, keyboard: Focus, content: Mapping[str, str], refuse: Callable[[UserError], object]
    ) -> None:
        self.content, self._refuse = dict(content), refuse
        self.saved: Path | None = None
        self.overlay = Overlay(root, keyboard, TITLE, width=min(_WIDTH, round(root.winfo_width() / px(root, 100) * 84)))
        self.note = self.overlay.say(PROMISE)
        body = Area(self.overlay.body)
        body.columnconfigure(1, weight=1)
        room = root.winfo_height() / px(root, 100) * 100 - 330
        height = max(120, min(_HEIGHT, round(room)))
        parts = Scroll(body)
        parts.configure(width=px(root, 210), height=px(root, height))
        parts.grid_propagate(False)
        parts.grid(row=0, column=0, sticky="ns", padx=(0, 12))
        self.parts: dict[str, ctk.CTkButton] = {}
        for row, (name, text) in enumerate(self.content.items()):
            size = f"{max(1, round(len(text.encode()) / 1024))} KB"
            button = quiet_button(parts.inner, f"{name}  ({size})", lambda name=name: self.show(name), height=28)  # type: ignore[misc]
            button.grid(row=row, column=0, sticky="ew", pady=(0, 4), padx=(2, 4))
            button.shows_value = True
            self.parts[name] = button
        self.viewer = ctk.CTkTextbox(body, height=height, font=font("small"), wrap="word", border_width=1,
                                     border_color=palette.LINE)  # fmt: skip
        self.viewer.grid(row=0, column=1, sticky="nsew")
        self.overlay.put(body)
        self.show(next(iter(self.content)))
        self.overlay.offer([("Save\u2026", self._save), ("Cancel", self.overlay.close)])

    def show(self, name: str) -> None:
        """Show one part of the file."""
        self.shown = name
        for other, button in self.parts.items():
            choose_button(button, other == name)
        self.viewer.configure(state="normal")
        self.viewer.delete("1.0", "end")
        self.viewer.insert("1.0", self.content[name])
        self.viewer.configure(state="disabled")

    def _save(self) -> None:
        if self.saved is not None:
            self._show_file()
            return
        path = dialogs.ask_save(self.overlay.body, TITLE, f"cytowizard-support-{date.today().isoformat()}.zip")
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Save the file and say where it is."""
        path = path if path.suffix.lower() == ".zip" else path.with_name(f"{path.name}.zip")
        try:
            support.save(path, self.content)
        except UserError as refusal:
            self.note.say("\u26a0 " + " ".join(refusal.lines()), palette.WARN)
            return
        self.saved = path
        self.note.say(f"\u2713 Saved: {path}. You can send it to the makers of the program.", palette.TEXT)
        self.overlay.buttons["Save\u2026"].configure(text="Show in folder")
        self.overlay.buttons["Cancel"].configure(text="Close")

    def _show_file(self) -> None:
        assert self.saved is not None
        try:
            opener.show_in_folder(self.saved)
        except UserError as refusal:
            self._refuse(refusal)
