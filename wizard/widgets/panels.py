"""Panels with words: notices, failures, files, facts, and what an empty page will show."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import customtkinter as ctk

from wizard.engine.errors import UserError
from wizard.engine.events import Failed
from wizard.results import NoticeText
from wizard.widgets import opener, palette
from wizard.widgets.basics import Area, Text, quiet_button
from wizard.widgets.overlay import details_box
from wizard.widgets.palette import Pair
from wizard.widgets.symbols import Symbol

LEVELS = {"info": "Note", "warning": "Warning", "error": "Error"}
"""The word for each level of a notice."""


class FailurePanel(ctk.CTkFrame):
    """What happened, why, and what to do; the details of a bug are folded."""

    def __init__(self, master: tk.Misc, failed: Failed, dismiss: Callable[[], None]) -> None:
        super().__init__(master, fg_color=palette.WARN_SOFT, border_width=1, border_color=palette.WARN, corner_radius=8)
        self.failed = failed
        self.columnconfigure(1, weight=1)
        name = "info" if failed.outcome == "cancelled" else "error"
        Symbol(self, name, 22, palette.WARN_SOFT).grid(row=0, column=0, sticky="n", padx=12, pady=12)
        words = Area(self, palette.WARN_SOFT)
        words.grid(row=0, column=1, sticky="ew", pady=12)
        words.columnconfigure(0, weight=1)
        lines = [line for line in (failed.what, failed.why, failed.action) if line]
        for row, line in enumerate(lines):
            Text(
                words, line, weight="bold" if row == 0 else "normal", back=palette.WARN_SOFT
            ).grid(row=row, column=0, sticky="ew", pady=(0, 4))  # fmt: skip
        side = Area(self, palette.WARN_SOFT)
        side.grid(row=0, column=2, sticky="n", padx=12, pady=12)
        self.dismiss = quiet_button(side, "Close", dismiss, height=28)
        self.dismiss.grid(row=0, column=0)
        if failed.detail:
            self._add_details(words, len(lines))

    def _add_details(self, words: Area, row: int) -> None:
        buttons = Area(words, palette.WARN_SOFT)
        buttons.grid(row=row, column=0, sticky="w")
        self.details = quiet_button(buttons, "Details", self.unfold, height=28)
        self.details.grid(row=0, column=0)
        self.copy = quiet_button(buttons, "Copy", self._copy, height=28)
        self.copy.grid(row=0, column=1, padx=8)
        self.box: ctk.CTkTextbox | None = None
        self._words, self._row = words, row + 1

    def unfold(self) -> None:
        """Show the details, or hide them again."""
        if self.box is not None:
            self.box.destroy()
            self.box = None
            return
        self.box = details_box(self._words, self.failed.detail, 160)
        self.box.grid(row=self._row, column=0, sticky="ew", pady=(8, 0))

    def _copy(self) -> None:
        text = "\n".join((self.failed.what, self.failed.why, self.failed.action, self.failed.detail))
        self.clipboard_clear()
        self.clipboard_append(text)
        self.copy.configure(text="Copied")


def notice_list(master: tk.Misc, notices: Sequence[NoticeText], back: Pair = palette.SURFACE) -> Area:
    """Return the notices of a step: symbol, level word, sentence, file."""
    frame = Area(master, back)
    frame.columnconfigure(1, weight=1)
    for row, notice in enumerate(notices):
        Symbol(frame, notice.level, 18, back).grid(row=row, column=0, sticky="n", padx=(0, 8), pady=3)
        about = f" ({notice.file})" if notice.file else ""
        Text(frame, f"{LEVELS[notice.level]}: {notice.text}{about}", back=back).grid(
            row=row, column=1, sticky="ew", pady=2
        )
    return frame


def file_list(master: tk.Misc, folder: Path, files: Mapping[str, str], refuse: Callable[[UserError], None]) -> Area:
    """Return the result files, each with Open and Show in folder; `refuse` hears what went wrong."""

    def attempt(act: Callable[[Path], None], path: Path) -> None:
        try:
            act(path)
        except UserError as error:
            refuse(error)

    frame = Area(master)
    frame.columnconfigure(0, weight=1)
    for row, (title, name) in enumerate(files.items()):
        words = Area(frame)
        words.grid(row=row, column=0, sticky="ew", pady=4)
        words.columnconfigure(0, weight=1)
        Text(words, title).grid(row=0, column=0, sticky="ew")
        Text(words, name, size="small", colour=palette.MUTED).grid(row=1, column=0, sticky="ew")
        path = folder / name
        for column, (label, act) in enumerate(
            (("Open", opener.open_path), ("Show in folder", opener.show_in_folder)), start=1
        ):
            quiet_button(frame, label, lambda act=act, path=path: attempt(act, path)).grid(  # type: ignore[misc]
                row=row, column=column, padx=(8, 0), pady=4
            )
    return frame


def facts(master: tk.Misc, rows: Sequence[tuple[str, str]], label_width: int = 160) -> Area:
    """Return a two-column list: what, and its value."""
    frame = Area(master)
    frame.columnconfigure(1, weight=1)
    for row, (name, value) in enumerate(rows):
        Text(frame, name, colour=palette.MUTED).grid(row=row, column=0, sticky="nw", padx=(0, 16), pady=4)
        Text(frame, value).grid(row=row, column=1, sticky="ew", pady=4)
    ctk.CTkFrame(frame, width=label_width, height=1, fg_color="transparent").grid(row=len(rows), column=0)
    return frame


def figures(master: tk.Misc, tiles: Sequence[tuple[str, str, str]], across: int = 3) -> Area:
    """Return headline figures: name, value, and a small line below each."""
    frame = Area(master)
    for index, (name, value, below) in enumerate(tiles):
        tile = ctk.CTkFrame(frame, fg_color=palette.SUNKEN, border_width=1, corner_radius=8)
        tile.columnconfigure(0, weight=1)
        Text(tile, name, colour=palette.MUTED, size="small", back=palette.SUNKEN).grid(
            row=0, column=0, sticky="ew", padx=12, pady=(8, 0)
        )
        Text(tile, value, size="figure", weight="bold", back=palette.SUNKEN, wrap=False).grid(
            row=1, column=0, sticky="ew", padx=12, pady=(0, 0 if below else 8)
        )
        if below:
            Text(tile, below, size="small", colour=palette.MUTED, back=palette.SUNKEN).grid(
                row=2, column=0, sticky="ew", padx=12, pady=(0, 8)
            )
        row, column = divmod(index, across)
        tile.grid(row=row, column=column, sticky="nsew", padx=(0, 8 if column < across - 1 else 0), pady=(0, 8))
        frame.columnconfigure(column, weight=1, uniform="tiles")
    return frame


def heading(master: tk.Misc, text: str) -> Text:
    """Return a heading inside a page."""
    return Text(master, text, size="heading", weight="bold")


def empty(master: tk.Misc, title: str, text: str) -> Area:
    """Return what stands where a result will be."""
    frame = Area(master)
    frame.columnconfigure(0, weight=1)
    frame.rowconfigure((0, 3), weight=1)
    Text(frame, title, size="heading", weight="bold", colour=palette.MUTED, anchor="center").grid(
        row=1, column=0, sticky="ew", padx=24
    )
    Text(frame, text, colour=palette.MUTED, anchor="center", justify="center").grid(
        row=2, column=0, sticky="ew", padx=24, pady=(8, 0)
    )
    return frame
