"""One form field per kind of setting: title, control, help, and the refusal in words below it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

import customtkinter as ctk
from typing_extensions import override

from wizard.engine.errors import UserError
from wizard.settings import Setting
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, font, px
from wizard.widgets.choice import Choice, Combo
from wizard.widgets.columns import side_by_side
from wizard.widgets.focus import focused
from wizard.widgets.later import later
from wizard.widgets.scroll import nearest_scroll
from wizard.words import catalogue, numbers

Save = Callable[[Setting, object], None]
"""Stores a value; raises UserError when it cannot be used."""

_TYPING_MS = 500

LABEL = 152
"""Width of the column of titles in design pixels."""

WEIGHTS = ("train.class_weight_values",)
"""Settings with rules that end in a number."""


class Field(Area):
    """Title at the left, control at the right, help and refusal below."""

    stacked = False
    """True for controls that need the whole width below the title."""
    beside = "ew"
    """Where the title stands beside a control that is higher than itself."""

    def __init__(self, master: tk.Misc, setting: Setting, value: Any, save: Save) -> None:
        super().__init__(master)
        self.setting = setting
        self.error = ""
        self._save = save
        self._warning: Text | None = None
        self._remark: Text | None = None
        self.columnconfigure(0, minsize=px(self, LABEL))
        self.columnconfigure(1, weight=1)
        unit = f" ({catalogue.say(setting.unit)})" if setting.unit else ""
        title = Text(self, catalogue.own(catalogue.say(setting.title) + unit), weight="bold", wrap=self.stacked)
        control: Any = self.build(value)
        if self.stacked:
            title.grid(row=0, column=0, columnspan=2, sticky="ew")
            control.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(4, 0))
        else:
            # A long title takes two lines, so that all controls begin at one edge.
            title.configure(wraplength=px(self, LABEL - 8))
            title.grid(row=0, column=0, sticky=self.beside, padx=(0, 8), pady=0 if self.beside == "ew" else 8)
            control.grid(row=0, column=1, sticky="ew")
        self._help = Text(self, help_text(setting), size="small", colour=palette.MUTED)
        self._help.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(4, 0))

    def build(self, value: Any) -> tk.Misc:
        """Make the control, showing `value`."""
        raise NotImplementedError

    def enable(self, on: bool) -> None:
        """Let the control be used, or not."""
        raise NotImplementedError

    def put(self, value: Any) -> None:
        """Show a value that was stored from elsewhere."""
        raise NotImplementedError

    def flush(self) -> None:
        """Store what was typed but not stored yet."""

    def store(self, value: object) -> None:
        """Hand a value on; a refusal is shown below and the typed value stays."""
        try:
            self._save(self.setting, value)
        except UserError as refusal:
            self.show_error(" ".join(part for part in (refusal.what, refusal.action) if part))
        else:
            self.show_error("")

    def show_error(self, words: str) -> None:
        """Show a sentence below the field, or take it away."""
        self.error = words
        if words and self._warning is None:
            self._warning = Text(self, size="small", weight="bold", colour=palette.WARN)
            self._warning.grid(row=3, column=0, columnspan=2, sticky="ew", pady=(4, 0))
        if self._warning is not None:
            self._warning.say(f"\u26a0 {words}" if words else "")
            if not words:
                self._warning.destroy()
                self._warning = None
        self.mark(bool(words))
        page = nearest_scroll(self)
        if words and page is not None:
            later(self, 20, lambda: page.see(self))

    def remark(self, words: str) -> None:
        """Say something about the value below the help, or nothing more."""
        if words and self._remark is None:
            self._remark = Text(self, size="small", colour=palette.ACCENT_TEXT)
            self._remark.grid(row=4, column=0, columnspan=2, sticky="ew", pady=(4, 0))
        if self._remark is not None:
            if words:
                self._remark.say(words)
            else:
                self._remark.destroy()
                self._remark = None

    def mark(self, wrong: bool) -> None:
        """Mark the control itself as wrong or right."""


def hint(setting: Setting) -> str:
    """Return what an empty entry shows: what empty means, else an example."""
    if setting.special.startswith("empty = "):
        return catalogue.say(setting.special.removeprefix("empty = "))
    return catalogue.say(f"e.g. {setting.example}") if setting.example else ""


def help_text(setting: Setting) -> str:
    """Return the help with what the special value means, and an example where nothing is preset."""
    parts = [setting.help]
    if setting.special:
        parts.append(f"{setting.special[:1].upper()}{setting.special[1:]}.")
    return " ".join(parts)


def _mark(control: Any, wrong: bool) -> None:
    control.calm_border = palette.WARN if wrong else palette.FRAME
    control.configure(border_color=control.calm_border, border_width=2 if wrong else 1)


class EntryField(Field):
    """Text, whole numbers and numbers; stored on leaving, on Enter and after a pause in typing."""

    @override
    def build(self, value: Any) -> tk.Misc:
        return self._make_entry(self, value)

    def _make_entry(self, master: tk.Misc, value: Any) -> Any:
        self.entry = ctk.CTkEntry(master, height=32, width=120, font=font(), placeholder_text=hint(self.setting))
        self._stored = _shown(value, self.setting.kind)
        if self._stored:
            self.entry.insert(0, self._stored)
        self._cancel: Callable[[], None] = lambda: None
        for sequence in ("<FocusOut>", "<Return>", "<KP_Enter>"):
            self.entry.bind(sequence, lambda _event: self.flush())
        self.entry.bind("<KeyRelease>", lambda _event: self._typed())
        return self.entry

    def _typed(self) -> None:
        self._cancel()
        self._cancel = later(self, _TYPING_MS, self.flush)

    @override
    def flush(self) -> None:
        self._cancel()
        text = self.entry.get().strip()
        if text == self._stored:
            return
        self._stored = text
        self.store(self._value(text))

    def _value(self, text: str) -> object:
        if self.setting.kind == "number":
            return numbers.typed(text)
        if self.setting.key in WEIGHTS:
            return numbers.after_equals(text)
        default = self.setting.default
        return numbers.listed(text) if isinstance(default, list) and _decimal(default) else text

    def type(self, text: str) -> None:
        """Replace what stands in the entry and store it, as if typed."""
        self._write(text)
        self.flush()

    def _write(self, text: str) -> None:
        state = str(self.entry.cget("state"))
        self.entry.configure(state="normal")
        self.entry.delete(0, "end")
        if text:
            self.entry.insert(0, text)
        elif focused(self) is not self.entry._entry:
            # customtkinter shows the hint again only where an entry is left.
            self.entry.configure(placeholder_text=hint(self.setting))
        self.entry.configure(state=state)

    @override
    def put(self, value: Any) -> None:
        self._cancel()
        if _shown(value, self.setting.kind) != self._stored:
            self._stored = _shown(value, self.setting.kind)
            self._write(self._stored)
        self.show_error("")

    @override
    def enable(self, on: bool) -> None:
        self.entry.configure(state="normal" if on else "disabled", text_color=palette.TEXT if on else palette.OFF_TEXT)

    @override
    def mark(self, wrong: bool) -> None:
        _mark(self.entry, wrong)


class SwitchField(Field):
    """Yes or no."""

    @override
    def build(self, value: Any) -> tk.Misc:
        self.switch = ctk.CTkSwitch(self, text="", font=font(), command=self._turned, width=100)
        if value:
            self.switch.select()
        self._say_state()
        return self.switch

    def _say_state(self) -> None:
        self.switch.configure(text=catalogue.say("On" if self.switch.get() else "Off"))

    def _turned(self) -> None:
        self._say_state()
        self.store(bool(self.switch.get()))

    @override
    def put(self, value: Any) -> None:
        (self.switch.select if value else self.switch.deselect)()
        self._say_state()

    @override
    def enable(self, on: bool) -> None:
        self.switch.configure(state="normal" if on else "disabled")


class ChoiceField(Field):
    """One of a few."""

    @override
    def build(self, value: Any) -> tk.Misc:
        self._keys = {label: key for key, label in self.setting.choices.items()}
        self.menu = Choice(
            self, list(self._keys), height=32, width=120, command=self.choose, dynamic_resizing=False,
        )  # fmt: skip
        self.menu.set(self.setting.choices.get(str(value), str(value)))
        return self.menu

    def choose(self, label: str) -> None:
        """Take a choice by its label."""
        self.menu.set(label)
        self.store(self._keys[label])

    @override
    def put(self, value: Any) -> None:
        self.menu.set(self.setting.choices.get(str(value), str(value)))

    @override
    def enable(self, on: bool) -> None:
        self.menu.configure(state="normal" if on else "disabled")


class ChoicesField(Field):
    """Any of a few, as check boxes."""

    beside = "new"

    @override
    def build(self, value: Any) -> tk.Misc:
        frame = Area(self)
        self.boxes: dict[str, ctk.CTkCheckBox] = {}
        for key, label in self.setting.choices.items():
            box = ctk.CTkCheckBox(
                frame, text=catalogue.say(label), font=font(), width=88, checkbox_width=20, checkbox_height=20,
                command=self._ticked,
            )  # fmt: skip
            if key in value:
                box.select()
            self.boxes[key] = box
        side_by_side(frame, list(self.boxes.values()))
        return frame

    def _ticked(self) -> None:
        chosen = [key for key, box in self.boxes.items() if box.get()]
        if chosen or not self.setting.default:
            self.store(chosen)
        else:
            self.show_error(f"{self.setting.title}: choose at least one.")

    @override
    def put(self, value: Any) -> None:
        for key, box in self.boxes.items():
            (box.select if key in value else box.deselect)()

    @override
    def enable(self, on: bool) -> None:
        for box in self.boxes.values():
            box.configure(state="normal" if on else "disabled")


class TagField(Field):
    """A tag: those that are known are offered, others may be typed."""

    def __init__(self, master: tk.Misc, setting: Setting, value: Any, save: Save, tags: list[str]) -> None:
        self._tags = [str(setting.default), *(tag for tag in tags if tag != setting.default)]
        super().__init__(master, setting, value, save)

    @override
    def build(self, value: Any) -> tk.Misc:
        self.box = Combo(self, values=self._tags, height=32, width=120, command=lambda _label: self.flush())
        self.box.set(str(value))
        self._stored = str(value)
        for sequence in ("<FocusOut>", "<Return>", "<KP_Enter>"):
            self.box.bind(sequence, lambda _event: self.flush())
        return self.box

    @override
    def flush(self) -> None:
        text = self.box.get().strip() or str(self.setting.default)
        if text != self._stored:
            self._stored = text
            self.store(text)

    def choose(self, tag: str) -> None:
        """Take a tag, as if chosen from the list."""
        self.box.set(tag)
        self.flush()

    @override
    def put(self, value: Any) -> None:
        self._stored = str(value)
        self.box.set(self._stored)

    @override
    def enable(self, on: bool) -> None:
        self.box.configure(state="normal" if on else "disabled")

    @override
    def mark(self, wrong: bool) -> None:
        _mark(self.box, wrong)


class LinesField(EntryField):
    """Short rules with semicolons between them, over the whole width."""

    stacked = True


def _decimal(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(item, float) for item in values)


def _shown(value: Any, kind: str) -> str:
    if isinstance(value, list):
        semicolons = kind == "lines" or (numbers.mark() == "," and _decimal(value))
        return ("; " if semicolons else ", ").join(_shown(item, kind) for item in value)
    return numbers.shown(f"{value:g}") if isinstance(value, float) else str(value)
