"""The first page while no project is open."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, act_button, card, quiet_button
from wizard.widgets.paths_field import shorten

_MOST = 4


class StartPage(Area):
    """New project, open project, demo, and the recent projects; each with a line that says what it does."""

    def __init__(
        self,
        master: tk.Misc,
        new: Callable[[], object],
        choose: Callable[[], object],
        demo: Callable[[], object],
        recent: Sequence[Path],
        reopen: Callable[[str], object],
    ) -> None:
        super().__init__(master, palette.BACK)
        self.rowconfigure((0, 2), weight=1)
        self.columnconfigure((0, 2), weight=1)
        middle = Area(self, palette.BACK)
        middle.grid(row=1, column=1, padx=24, pady=16)
        Text(middle, "Train networks on images of single cells", size="title", weight="bold",
             back=palette.BACK, wrap=False).grid(row=0, column=0, columnspan=3, sticky="w")  # fmt: skip
        Text(middle, "Seven steps, from raw images to a model, figures and maps. No code, no internet.",
             size="heading", colour=palette.MUTED, back=palette.BACK, wrap=False).grid(
            row=1, column=0, columnspan=3, sticky="w", pady=(4, 20))  # fmt: skip
        self.buttons: dict[str, Any] = {}
        choices = (
            ("New project", "Start with your own images. A project is a folder that keeps everything.", new),
            ("Open project", "Go on where you stopped, in a project that is on this computer.", choose),
            ("Try the demo", "Run all steps on 243 real cells that come with the program, in minutes.", demo),
        )
        for column, (title, text, act) in enumerate(choices):
            self._choice(middle, column, title, text, act)
        if recent:
            self._recent(middle, recent[:_MOST], reopen)

    def _choice(self, middle: Area, column: int, title: str, text: str, act: Callable[[], object]) -> None:
        box = card(middle)
        box.grid(row=2, column=column, sticky="nsew", padx=(0, 16 if column < 2 else 0))
        box.rowconfigure(1, weight=1)
        Text(box, title, size="heading", weight="bold").grid(row=0, column=0, sticky="ew", padx=16, pady=(16, 4))
        words = Text(box, text, colour=palette.MUTED, anchor="nw", wrap=False)
        words.configure(wraplength=round(216 * box._get_widget_scaling()))
        words.grid(row=1, column=0, sticky="nsew", padx=16)
        make = act_button if column == 0 else quiet_button
        names = {"New project": "New project\u2026", "Open project": "Open project\u2026"}
        button = make(box, names.get(title, title), act, height=40, width=216)
        button.grid(row=2, column=0, sticky="ew", padx=16, pady=16)
        self.buttons[title] = button

    def _recent(self, middle: Area, recent: Sequence[Path], reopen: Callable[[str], object]) -> None:
        Text(middle, "Recent projects", size="heading", weight="bold", back=palette.BACK).grid(
            row=3, column=0, columnspan=3, sticky="w", pady=(20, 4)
        )
        box = card(middle)
        box.grid(row=4, column=0, columnspan=3, sticky="ew")
        box.columnconfigure(1, weight=1)
        for row, path in enumerate(recent):
            top = 10 if row == 0 else 4
            Text(box, path.name, weight="bold", wrap=False).grid(row=row, column=0, sticky="w", padx=16, pady=(top, 4))
            Text(box, shorten(str(path.parent), 60), size="small", colour=palette.MUTED).grid(
                row=row, column=1, sticky="ew", pady=(top, 4)
            )
            button = quiet_button(box, "Open", partial(reopen, str(path)), height=28)
            button.grid(row=row, column=2, padx=16, pady=(top, 10 if row == len(recent) - 1 else 4))
            self.buttons[str(path)] = button
