"""The fields of what selected cells can become: a tag, another class, left out, or files."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import customtkinter as ctk

from wizard.widgets import dialogs, palette
from wizard.widgets.basics import Area, Text, act_button, font
from wizard.widgets.choice import Combo
from wizard.words import catalogue

ACTS = {"tag": "Give a tag\u2026", "class": "Set class\u2026", "exclude": "Leave out\u2026", "export": "Export\u2026"}
"""What can be done, by the text of its button."""
_WORDS = {
    "tag": "The selected cells get this tag. It takes effect when you parse again.",
    "class": "The selected cells get this class ({target}). It takes effect when you parse and train again.",
    "exclude": "The selected cells are left out when you parse again (tag excluded = yes). No image is deleted.",
    "export": "A table with tags and coordinates, and the images as TIFF files that Parse reads again.",
}
_DO = {
    "tag": "Store the tag",
    "class": "Store the class",
    "exclude": "Leave them out",
    "export": "Choose a folder\u2026",
}


@dataclass(frozen=True)
class Wish:
    """What the form asks for; `value` is the folder of an export."""

    act: str
    tag: str = ""
    value: str = ""
    images: bool = False


class BecomeForm(Area):
    """Shows the fields of one of `ACTS` at a time; `do` hears what is wished."""

    def __init__(self, master: tk.Misc, target: str, classes: Sequence[str], do: Callable[[Wish], None]) -> None:
        super().__init__(master, palette.SUNKEN)
        self.name = ""
        self._target, self._classes, self._do = target, list(classes), do
        self.columnconfigure(0, weight=1)

    def show(self, name: str) -> None:
        """Show the fields of an act; "" shows none."""
        for old in self.winfo_children():
            old.destroy()
        self.name = name
        if not name:
            return
        words = _WORDS[name].format(target=self._target)
        self._row(Text(self, words, size="small", colour=palette.MUTED, back=palette.SUNKEN))
        if name == "tag":
            self.tag = self._field("Tag, e.g. group")
            self.value = self._field("Value, e.g. A")
        elif name == "class":
            self.choice = Combo(self, values=self._classes or [""], height=28)
            self._row(self.choice)
        elif name == "export":
            self.images = ctk.CTkCheckBox(self, text=catalogue.say("With their images"), font=font(), checkbox_width=20,
                                          checkbox_height=20)  # fmt: skip
            self.images.select()
            self._row(self.images)
        self.button = act_button(self, _DO[name], self.act, height=30)
        self._row(self.button)

    def start(self) -> None:
        """Give the focus to the first field."""
        if self.name == "tag":
            self.tag._entry.focus_set()

    def _field(self, hint: str) -> ctk.CTkEntry:
        entry = ctk.CTkEntry(self, height=28, font=font(), placeholder_text=catalogue.say(hint))
        for key in ("Return", "KP_Enter"):
            entry._entry.bind(f"<{key}>", lambda _event: self.act())
        self._row(entry)
        return entry

    def _row(self, widget: tk.Misc) -> None:
        widget.grid(row=len(self.winfo_children()), column=0, sticky="ew", padx=8, pady=3)  # type: ignore[attr-defined]

    def act(self) -> None:
        """Do what the fields say."""
        if self.name == "tag":
            self._do(Wish("tag", self.tag.get(), self.value.get()))
        elif self.name == "class":
            self._do(Wish("class", value=self.choice.get()))
        elif self.name == "exclude":
            self._do(Wish("exclude"))
        elif self.name == "export":
            images = bool(self.images.get())
            folder = dialogs.ask_folder(self, "Folder for the selected cells")
            if folder:
                self._do(Wish("export", value=folder, images=images))
