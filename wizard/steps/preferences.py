"""The page of the preferences: over the window, with or without a project; every change counts at once."""

from __future__ import annotations

import tkinter as tk
from functools import partial
from typing import Any, Protocol

from typing_extensions import override

from wizard.preference_plan import preference_settings
from wizard.preferences import SCALES, Preferences
from wizard.settings import Setting
from wizard.steps import messages
from wizard.widgets import dialogs, palette
from wizard.widgets.basics import Area, Text, act_button, card, px, quiet_button
from wizard.widgets.error_panel import SUPPORT
from wizard.widgets.fields import ChoiceField, EntryField, Field, SwitchField
from wizard.widgets.file_field import FileField
from wizard.widgets.focus import Focus
from wizard.widgets.later import in_chunks, later
from wizard.widgets.overlay import Cover
from wizard.widgets.panels import heading
from wizard.widgets.scroll import Scroll

TITLE = "Preferences"
INSTRUCTION = "Choose how the window looks and how the program works. Every change counts at once."
LOOKS, WORK = ("appearance", "scale", "language", "decimals", "motion"), ("folder", "threads", "notify")
_NARROW = 820
_GAP = 12


class PreferenceHost(Protocol):
    """What the page asks of the window."""

    @property
    def keyboard(self) -> Focus:
        """The keyboard of the window."""

    @property
    def preferences(self) -> Preferences:
        """The preferences in force."""

    def prefer(self, name: str, value: object) -> None:
        """Store a preference and put it in force; raises UserError."""

    def save_support(self) -> None:
        """Offer to save a support file."""


class ScaleField(ChoiceField):
    """The text size: one of the usual ones, or what is stored."""

    @override
    def build(self, value: Any) -> tk.Misc:
        control = super().build(f"{value} %")
        self._keys = {f"{size} %": str(size) for size in sorted({*SCALES, int(value)})}
        self.menu.configure(values=list(self._keys))
        return control

    @override
    def put(self, value: Any) -> None:
        self.menu.set(f"{value} %")


class FolderField(FileField):
    """A folder: typed or chosen."""

    @override
    def _choose(self) -> None:
        path = dialogs.ask_folder(self, "Choose the folder for new projects")
        if path:
            self.type(path)


_KINDS: dict[str, type[Field]] = {
    "appearance": ChoiceField, "scale": ScaleField, "language": ChoiceField, "decimals": ChoiceField,
    "folder": FolderField, "threads": EntryField, "notify": SwitchField, "motion": SwitchField,
}  # fmt: skip


class PreferencePage(Cover):
    """All preferences in two cards; `focus_on` is the one that has the keyboard at first."""

    def __init__(self, root: tk.Tk, host: PreferenceHost, focus_on: str = "") -> None:
        super().__init__(root, host.keyboard)
        self._host = host
        self._narrow: bool | None = None
        self.fields: dict[str, Field] = {}
        cover = self.cover
        cover.columnconfigure(0, weight=1)
        cover.rowconfigure(1, weight=1)
        self._head(cover)
        self.scroll = Scroll(cover, palette.BACK)
        self.scroll.grid(row=1, column=0, sticky="nsew", padx=(20, 6))
        inner = self.scroll.inner
        looks, work = self._card(inner, "Looks and language"), self._card(inner, "Work")
        self.cards = [looks, work, self._help(inner)]
        self._arrange(root.winfo_width())
        cover.bind("<Configure>", lambda event: self._arrange(event.width), add="+")
        self._foot(cover)
        self.complete = False
        """Whether all fields are there: together they would take longer to build than a hand notices."""
        known = {item.name: item for item in preference_settings()}
        fields = [
            partial(self._add, box, known[name], row)
            for box, names in ((looks, LOOKS), (work, WORK))
            for row, name in enumerate(names, start=1)
        ]
        later(cover, 1, lambda: in_chunks(cover, [*fields, partial(self._built, focus_on)]))

    def _head(self, cover: Area) -> None:
        head = Area(cover, palette.BACK)
        head.columnconfigure(0, weight=1)
        head.grid(row=0, column=0, sticky="ew", padx=20, pady=(16, 12))
        Text(head, TITLE, size="title", weight="bold", back=palette.BACK, wrap=False).grid(row=0, column=0, sticky="w")
        Text(head, INSTRUCTION, size="heading", colour=palette.MUTED, back=palette.BACK).grid(
            row=1, column=0, sticky="ew", pady=(2, 0)
        )
        by = self._host.preferences.profile
        if by.path is not None:
            words = f"This computer has a profile by {by.name}." if by.name else "This computer has a profile."
            Text(head, f"{words} It presets some settings: {by.path}", size="small", colour=palette.ACCENT_TEXT,
                 back=palette.BACK).grid(row=2, column=0, sticky="ew", pady=(4, 0))  # fmt: skip

    def _card(self, master: tk.Misc, title: str) -> Any:
        box = card(master)
        box.columnconfigure(0, weight=1)
        heading(box, title).grid(row=0, column=0, sticky="ew", padx=16, pady=(14, 10))
        return box

    def _add(self, box: Any, item: Setting, row: int) -> None:
        mine = self._host.preferences
        field = _KINDS[item.name](box, item, getattr(mine.values, item.name), self._save)
        field.grid(row=row, column=0, sticky="ew", padx=16, pady=(0, 18))
        if mine.locked(item.name):
            field.enable(False)
            field.remark(f"Set by {mine.profile.who}.")
        self.fields[item.name] = field

    def _save(self, item: Setting, value: object) -> None:
        self._host.prefer(item.name, value)

    def _help(self, master: tk.Misc) -> Any:
        box = card(master)
        box.columnconfigure(0, weight=1)
        heading(box, "Help from the makers").grid(row=0, column=0, sticky="ew", padx=16, pady=(14, 4))
        Text(
            box,
            "A support file holds the log, the versions and the settings, without images and without names. "
            "You see its content before it is saved. Nothing is sent.",
            colour=palette.MUTED,
        ).grid(row=1, column=0, sticky="ew", padx=16)
        self.support = quiet_button(box, SUPPORT, self._support)
        self.support.grid(row=2, column=0, sticky="w", padx=16, pady=(10, 14))
        return box

    def _support(self) -> None:
        self.close()
        self._host.save_support()

    def _foot(self, cover: Area) -> None:
        foot = Area(cover, palette.BACK)
        foot.grid(row=2, column=0, sticky="ew", padx=20, pady=(10, 4))
        self.buttons["Close"] = act_button(foot, "Close", self.close, width=120)
        self.buttons["Close"].grid(row=0, column=0, sticky="w")
        Text(cover, messages.RESEARCH_USE, size="small", colour=palette.MUTED, back=palette.BACK,
             anchor="center").grid(row=3, column=0, sticky="ew", pady=(0, 6))  # fmt: skip

    def _arrange(self, width: int) -> None:
        """Put the cards side by side where there is room, else below each other."""
        narrow = width < px(self.cover, _NARROW)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        inner, (looks, work, helped) = self.scroll.inner, self.cards
        for part in self.cards:
            part.grid_forget()
        inner.columnconfigure((0, 1), weight=1, uniform="" if narrow else "cards")
        if narrow:
            inner.columnconfigure(1, weight=0)
            for row, part in enumerate(self.cards):
                part.grid(row=row, column=0, columnspan=2, sticky="new", pady=(0, _GAP), padx=(0, 8))
            return
        looks.grid(row=0, column=0, rowspan=2, sticky="nsew", padx=(0, _GAP), pady=(0, _GAP))
        work.grid(row=0, column=1, sticky="nsew", padx=(0, 8), pady=(0, _GAP))
        helped.grid(row=1, column=1, sticky="nsew", padx=(0, 8), pady=(0, _GAP))

    def _built(self, focus_on: str) -> None:
        self.complete = True
        self.show()
        if focus_on:
            later(self.cover, 20, partial(self._give_keyboard, focus_on))

    def _give_keyboard(self, name: str) -> None:
        if self.open and name in self.fields:
            self.cover.update_idletasks()
            self._host.keyboard.first(self.fields[name])

    @override
    def close(self) -> None:
        if self.open:
            for field in self.fields.values():
                field.flush()
        super().close()
