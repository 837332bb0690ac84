"""The form of a step, made from its settings: basic ones first, advanced ones folded, by section."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

from wizard.settings import Setting
from wizard.widgets import palette
from wizard.widgets.basics import Area, Button, font
from wizard.widgets.fields import (
    ChoiceField,
    ChoicesField,
    EntryField,
    Field,
    LinesField,
    Save,
    SwitchField,
    TagField,
)
from wizard.widgets.file_field import FileField
from wizard.widgets.later import in_chunks, later
from wizard.widgets.layer_field import LayerField
from wizard.widgets.network_field import NetworkField
from wizard.widgets.paths_field import PathsField
from wizard.words import catalogue

_INDENT = 16
_MARKS = {False: "right", True: "down"}

_KINDS: dict[str, type[Field]] = {
    "text": EntryField,
    "whole": EntryField,
    "number": EntryField,
    "switch": SwitchField,
    "choice": ChoiceField,
    "choices": ChoicesField,
    "paths": PathsField,
    "file": FileField,
    "lines": LinesField,
}


def _fold_button(master: tk.Misc, command: Callable[[], object]) -> Any:
    return Button(
        master, "", command=command, height=32, width=120, anchor="w", font=font("body", "bold"),
        fg_color=palette.SURFACE, hover_color=palette.ACCENT_SOFT, text_color=palette.ACCENT_TEXT,
    )  # fmt: skip


class _Fold:
    """A heading that shows or hides what belongs to it; `make` builds that the first time."""

    def __init__(self, master: tk.Misc, row: int, title: str, make: Callable[[Area], object], indent: int = 0) -> None:
        self.title, self._make, self._master, self._row, self._indent = title, make, master, row, indent
        self.body: Area | None = None
        self.button = _fold_button(master, self.toggle)
        self.button.grid(row=row, column=0, sticky="w", padx=(indent, 0), pady=(8 if not indent else 0, 8))
        self._name()

    def _name(self) -> None:
        self.button.configure(text=catalogue.own(catalogue.say(self.title)), icon=_MARKS[self.open])

    def rename(self, title: str) -> None:
        """Change the words of the heading."""
        if title != self.title:
            self.title = title
            self._name()

    @property
    def open(self) -> bool:
        """True while its content is shown."""
        return self.body is not None and bool(self.body.winfo_manager())

    def toggle(self) -> None:
        """Show the content, or hide it again."""
        if self.body is None:
            self.body = Area(self._master)
            self.body.columnconfigure(0, weight=1)
            self._make(self.body)
        if self.open:
            self.body.grid_forget()
        else:
            self.body.grid(row=self._row + 1, column=0, sticky="ew", padx=(self._indent, 0))
        self._name()


class Form(Area):
    """All fields of a step.

    `values` maps setting names to their values, `save` stores one (raising UserError),
    `tags` maps the names of tag settings to the tags that are known; the settings whose full names are
    `locked` are shown only.
    """

    def __init__(
        self,
        master: tk.Misc,
        settings: list[Setting],
        values: Mapping[str, Any],
        save: Save,
        tags: Mapping[str, list[str]] | None = None,
        locked: Collection[str] = (),
        locked_by: str = "",
    ) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self._values, self._save, self._tags = dict(values), save, tags or {}
        self._on = True
        self._locked, self._locked_by = locked, locked_by
        self.built: dict[str, Field] = {}
        """The fields that are there already."""
        self.on_changed: Callable[[], None] = lambda: None
        self.on_grown: Callable[[tk.Misc], None] = lambda widget: None
        self._advanced = [item for item in settings if not item.basic]
        self.sections: dict[str, _Fold] = {}
        basic = [item for item in settings if item.basic]
        self._late = False
        self._to_build: list[Callable[[], object]] = [
            partial(self._add, self, item, row) for row, item in enumerate(basic)
        ]
        self._folded: _Fold | None = None
        if self._advanced:
            self._to_build.append(partial(self._add_fold, len(basic)))
        in_chunks(self, self._building())
        self._late = bool(self._to_build)

    def _building(self) -> Iterator[Callable[[], object]]:
        while self._to_build:
            yield self._to_build.pop(0)
        if self._late:
            yield lambda: self.on_grown(self)

    def _complete(self) -> None:
        """Build at once what is still to come: someone asks for it."""
        while self._to_build:
            self._to_build.pop(0)()

    @property
    def fields(self) -> dict[str, Field]:
        """All fields by the names of their settings, those in closed folds excepted."""
        self._complete()
        return self.built

    @property
    def fold_button(self) -> Any:
        """The heading of the advanced settings."""
        assert self._fold is not None
        return self._fold.button

    @property
    def _fold(self) -> _Fold | None:
        self._complete()
        return self._folded

    def _add_fold(self, row: int) -> None:
        self._folded = _Fold(self, row, f"Advanced ({len(self._advanced)})", self._add_advanced)

    def _add(self, master: tk.Misc, item: Setting, row: int) -> None:
        value = self._values[item.name]
        if item.kind == "tag":
            field: Field = TagField(master, item, value, self._store, self._tags.get(item.name, []))
        elif item.key == "train.network":
            field = NetworkField(master, item, value, self._store)
        elif item.key == "extract.layer":
            field = LayerField(master, item, value, self._store)
        else:
            field = _KINDS[item.kind](master, item, value, self._store)
        field.grid(row=row, column=0, sticky="ew", pady=(0, 16))
        field.bind("<<Grown>>", lambda _event: self.on_grown(field), add="+")
        self.built[item.name] = field
        if not self._on:
            field.enable(False)
        if item.key in self._locked:
            field.enable(False)
            field.remark(f"Set by {self._locked_by}.")

    def _store(self, item: Setting, value: object) -> None:
        try:
            self._save(item, value)
        finally:
            later(self, 1, lambda: self.on_changed())

    @property
    def unfolded(self) -> bool:
        """True while the advanced settings are shown."""
        return self._fold is not None and self._fold.open

    def unfold(self, everything: bool = False) -> None:
        """Show the advanced settings, or hide them again; `everything` opens all their sections, too."""
        if self._fold is None:
            return
        if not (everything and self.unfolded):
            self._fold.toggle()
        for section in self.sections.values():
            if everything and not section.open:
                section.toggle()

    def _add_advanced(self, body: Area) -> None:
        """Put the advanced settings into the fold: those without a section, then a fold for each section."""
        plain = [item for item in self._advanced if not item.section]
        self._fill(body, plain)
        names = dict.fromkeys(item.section for item in self._advanced if item.section)
        for place, name in enumerate(names):
            items = [item for item in self._advanced if item.section == name]
            # Each fold takes two rows: its heading, and what it shows.
            row, make = len(plain) + 2 * place, partial(self._fill_late, items)
            self.sections[name] = _Fold(body, row, "", make, _INDENT)
        self._count_changed()
        self.on_grown(body)

    def _fill(self, body: Area, items: list[Setting]) -> None:
        for row, item in enumerate(items):
            self._add(body, item, row)

    def _fill_late(self, items: list[Setting], body: Area) -> None:
        self._fill(body, items)
        self.on_grown(body)

    def _count_changed(self) -> None:
        """Name each section with the number of its settings and how many are not as preset."""
        for name, fold in self.sections.items():
            items = [item for item in self._advanced if item.section == name]
            changed = sum(self._values[item.name] != item.default for item in items)
            more = catalogue.say(f", {changed} changed") if changed else ""
            fold.rename(catalogue.own(f"{catalogue.say(name)} ({len(items)}{more})"))

    def note(self, values: Mapping[str, Any]) -> None:
        """Learn which values are stored now; what is being typed stays."""
        self._values.update(values)
        self._count_changed()

    def put(self, name: str, value: object) -> None:
        """Show a value that was stored from elsewhere; nothing is stored."""
        self._values[name] = value
        if name in self.built:
            self.built[name].put(value)
        self._count_changed()

    def follow(self, values: Mapping[str, Any]) -> None:
        """Show the values that are stored now, where they differ from those that were."""
        for name, value in values.items():
            if self._values.get(name) != value:
                self.put(name, value)

    def enable(self, on: bool) -> None:
        """Let the settings be changed, or not (while a step runs)."""
        if on != self._on:
            self._on = on
            for field in self.built.values():
                field.enable(on and field.setting.key not in self._locked)

    def flush(self) -> None:
        """Store everything that was typed but not stored yet."""
        for field in self.built.values():
            field.flush()

    @property
    def wrong(self) -> list[Field]:
        """The fields whose typed value was refused."""
        return [field for field in self.built.values() if field.error]
