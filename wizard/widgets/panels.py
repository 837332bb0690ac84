"""Panels with words: notices, facts, and what an empty page will show."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import customtkinter as ctk

from wizard.engine.errors import UserError
from wizard.widgets import opener, palette
from wizard.widgets.basics import Area, Text, px
from wizard.widgets.columns import tiles_in_rows
from wizard.widgets.icons import LARGE, picture
from wizard.widgets.link import Link
from wizard.widgets.palette import Pair
from wizard.widgets.symbols import Symbol
from wizard.words import catalogue

if TYPE_CHECKING:
    from wizard.results import NoticeText

LEVELS = {"info": "Note", "warning": "Warning", "error": "Error"}
"""The word for each level of a notice."""


def notice_list(master: tk.Misc, notices: Sequence[NoticeText], back: Pair = palette.SURFACE) -> Area:
    """Return the notices of a step: symbol, level word, sentence, file."""
    frame = Area(master, back)
    frame.columnconfigure(1, weight=1)
    for row, notice in enumerate(notices):
        Symbol(frame, notice.level, 18, back).grid(row=row, column=0, sticky="n", padx=(0, 8), pady=3)
        about = f" ({notice.file})" if notice.file else ""
        words = f"{catalogue.say(LEVELS[notice.level])}: {catalogue.say(notice.text)}{about}"
        Text(frame, catalogue.own(words), back=back).grid(row=row, column=1, sticky="ew", pady=2)
    return frame


def folder_links(master: tk.Misc, folder: Path, model: Path | None, refuse: Callable[[UserError], None]) -> Area:
    """Return links that show a folder of results, and the model that belongs to it, in the file manager."""

    def attempt(act: Callable[[Path], None], path: Path) -> None:
        try:
            act(path)
        except UserError as error:
            refuse(error)

    frame = Area(master)
    Link(frame, "Show the folder", lambda: attempt(opener.open_path, folder)).grid(row=0, column=0)
    if model is not None:
        Link(frame, "Show the model in its folder", lambda: attempt(opener.show_in_folder, model)).grid(
            row=0, column=1, padx=(16, 0)
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
    made: list[ctk.CTkFrame] = []
    for name, value, below in tiles:
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
        made.append(tile)
    tiles_in_rows(frame, made, across)
    return frame


def heading(master: tk.Misc, text: str) -> Text:
    """Return a heading inside a page."""
    return Text(master, text, size="heading", weight="bold")


def empty(master: tk.Misc, title: str, text: str, icon: str = "info", todo: str = "") -> Area:
    """Return what stands where a result will be: an icon, what will be seen here, and what to do for it."""
    frame = Area(master)
    frame.columnconfigure(0, weight=1)
    frame.rowconfigure((0, 5), weight=1)
    mark = tk.Label(frame, image=picture(frame, icon, LARGE, palette.MUTED), bg=palette.now(palette.SURFACE), bd=0)
    mark.grid(row=1, column=0, pady=(0, px(frame, 12)))
    Text(frame, title, size="heading", weight="bold", anchor="center").grid(row=2, column=0, sticky="ew", padx=24)
    for row, words, colour in ((3, text, palette.MUTED), (4, todo, palette.TEXT)):
        if words:
            Text(frame, words, colour=colour, anchor="center", justify="center").grid(
                row=row, column=0, sticky="ew", padx=24, pady=(8, 0)
            )
    return frame
