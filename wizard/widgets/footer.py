"""The line below the page: Back, why Next is off, Run all remaining steps, Next."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, px, quiet_button
from wizard.widgets.tooltip import Tooltip
from wizard.words import catalogue

RUN_ALL = "Run all remaining steps"
RUN_ALL_SHORT = "Run all"
_LONG, _SHORT = 216, 136
"""Widths of the button that runs all, in design pixels."""
SHOW_RUN = "Show all steps"
TO_CHOICES = "Back to the choices"
_NARROW = 620
"""Below this width (design pixels) the reason gets a line of its own."""


class Footer(Area):
    """Moves between the pages."""

    window_part = "foot"

    def __init__(
        self,
        master: tk.Misc,
        back: Callable[[], object],
        run_all: Callable[[], object],
        forward: Callable[[], object],
    ) -> None:
        super().__init__(master, palette.BACK)
        self.columnconfigure(1, weight=1)
        self.back = quiet_button(self, "Back", back, height=36, width=96, icon="back")
        self.back.grid(row=0, column=0, pady=8)
        self.reason = Text(self, "", colour=palette.MUTED, back=palette.BACK, anchor="e", justify="right")
        self._low: bool | None = None
        self._all = RUN_ALL, ""
        self.bind("<Configure>", self._fit, add="+")
        self.run_all = quiet_button(self, RUN_ALL, run_all, height=36, width=_LONG, icon="play")
        self.run_all.grid(row=0, column=2, padx=(0, 8))
        self.run_all_tip = Tooltip(self.run_all._canvas)
        self.forward = quiet_button(self, "Next", forward, height=36, width=152, icon="next", compound="right")
        self.forward.grid(row=0, column=3)

    def _fit(self, event: tk.Event[Any]) -> None:
        low = event.width < px(self, _NARROW)
        if low == self._low:
            return
        self._low = low
        self.run_all.configure(width=_SHORT if low else _LONG)
        self._say_all()
        if low:
            self.reason.grid(row=1, column=0, columnspan=4, sticky="e", padx=0)
        else:
            self.reason.grid(row=0, column=1, columnspan=1, sticky="ew", padx=16)

    def _say_all(self) -> None:
        """Say what runs all steps, shorter where there is little room."""
        words, number = self._all
        short = RUN_ALL_SHORT if self._low and words == RUN_ALL else words
        self.run_all.configure(text=catalogue.own(catalogue.say(short) + number))

    def show(
        self,
        *,
        back: bool,
        forward: str,
        reason: str,
        strong: bool,
        run_all: str,
        count: int,
        all_words: str = RUN_ALL,
    ) -> None:
        """Show what can be done.

        `forward` names the next page, `reason` says why it is off (or ""), `run_all` why the steps
        cannot be run (or ""), `count` how many steps would run.
        """
        enable(self.back, back)
        self.forward.configure(text=f"Next: {forward}" if forward else "Next")
        enable(self.forward, not reason, strong=strong)
        enable(self.run_all, not run_all)
        self.run_all_tip.text = run_all
        number = f" ({count})" if count and not run_all and all_words == RUN_ALL else ""
        self._all = all_words, number
        self._say_all()
        self.reason.say(reason)
