"""The form of a step, made from its settings: basic ones first, advanced ones folded."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping
from typing import Any

import customtkinter as ctk

from wizard.settings import Setting
from wizard.widgets import palette
from wizard.widgets.basics import Area, font
from wizard.widgets.fields import (
    ChoiceField,
    ChoicesField,
    EntryField,
    Field,
    FileField,
    Save,
    SwitchField,
    TagField,
)
from wizard.widgets.later import later
from wizard.widgets.paths_field import PathsField

_KINDS: dict[str, type[Field]] = {
    "text": EntryField,
    "whole": EntryField,
    "number": EntryField,
    "switch": SwitchField,
    "choice": ChoiceField,
    "choices": ChoicesField,
    "paths": PathsField,
    "file": FileField,
}


class Form(Area):
    """All fields of a step.

    `values` maps setting names to their values, `save` stores one (raising UserError),
    `tags` maps the names of tag settings to the tags that are known.
    """

    def __init__(
        self,
        master: tk.Misc,
        settings: list[Setting],
        values: Mapping[str, Any],
        save: Save,
        tags: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self._values, self._save, self._tags = values, save, tags or {}
        self._on = True
        self.fields: dict[str, Field] = {}
        self.on_changed: Callable[[], None] = lambda: None
        self.on_grown: Callable[[tk.Misc], None] = lambda widget: None
        self._advanced = [item for item in settings if not item.basic]
        self._fold: Area | None = None
        basic = [item for item in settings if item.basic]
        for row, item in enumerate(basic):
            self._add(self, item, row)
        if self._advanced:
            self.fold_button = ctk.CTkButton(
                self, text="", command=self.unfold, height=32, width=120, anchor="w", font=font("body", "bold"),
                fg_color=palette.SURFACE, hover_color=palette.ACCENT_SOFT, text_color=palette.ACCENT_TEXT,
            )  # fmt: skip
            self.fold_button.grid(row=len(basic), column=0, sticky="w", pady=(8, 8))
            self._name_fold(False)

    def _add(self, master: tk.Misc, item: Setting, row: int) -> None:
        value = self._values[item.name]
        if item.kind == "tag":
            field: Field = TagField(master, item, value, self._store, self._tags.get(item.name, []))
        else:
            field = _KINDS[item.kind](master, item, value, self._store)
        field.grid(row=row, column=0, sticky="ew", pady=(0, 18))
        field.bind("<<Grown>>", lambda _event: self.on_grown(field), add="+")
        self.fields[item.name] = field

    def _store(self, item: Setting, value: object) -> None:
        try:
            self._save(item, value)
        finally:
            later(self, 1, lambda: self.on_changed())

    def _name_fold(self, is_open: bool) -> None:
        mark = "\u25be" if is_open else "\u25b8"
        self.fold_button.configure(text=f"{mark}  Advanced ({len(self._advanced)})")

    @property
    def unfolded(self) -> bool:
        """True while the advanced settings are shown."""
        return self._fold is not None and bool(self._fold.winfo_manager())

    def unfold(self) -> None:
        """Show the advanced settings, or hide them again."""
        if self._fold is None:
            self._fold = Area(self)
            self._fold.columnconfigure(0, weight=1)
            for row, item in enumerate(self._advanced):
                self._add(self._fold, item, row)
            for item in self._advanced:
                if not self._on:
                    self.fields[item.name].enable(False)
            self.on_grown(self._fold)
        if self.unfolded:
            self._fold.grid_forget()
        else:
            self._fold.grid(row=len(self.fields) + 1, column=0, sticky="ew")
        self._name_fold(self.unfolded)

    def enable(self, on: bool) -> None:
        """Let the settings be changed, or not (while a step runs)."""
        if on != self._on:
            self._on = on
            for field in self.fields.values():
                field.enable(on)

    def flush(self) -> None:
        """Store everything that was typed but not stored yet."""
        for field in self.fields.values():
            field.flush()

    @property
    def wrong(self) -> list[Field]:
        """The fields whose typed value was refused."""
        return [field for field in self.fields.values() if field.error]
