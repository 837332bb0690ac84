"""How a run stands: one bar that never goes back, the time left, Stop and Cancel."""

from __future__ import annotations

import time
import tkinter as tk
from collections.abc import Callable

import customtkinter as ctk

from wizard.widgets import looks, palette
from wizard.widgets.basics import Area, Text, enable, quiet_button
from wizard.widgets.time_left import SteadyTimeLeft
from wizard.words import catalogue


class ProgressPanel(ctk.CTkFrame):
    """Shows a run; `fraction` is the share of the whole run, None until the engine speaks.

    `pause` holds a run or lets it go on; its button is there while `show_pause` says so.
    """

    def __init__(
        self,
        master: tk.Misc,
        stop: Callable[[], None],
        cancel: Callable[[], None],
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            master, fg_color=palette.ACCENT_SOFT, border_width=1, border_color=palette.LINE, corner_radius=8
        )
        self.columnconfigure(0, weight=1)
        self._steady = SteadyTimeLeft()
        self.fraction: float | None = None
        self._step = ""
        self.title = Text(self, weight="bold", back=palette.ACCENT_SOFT)
        self.title.grid(row=0, column=0, sticky="ew", padx=12, pady=(10, 0))
        self.label = Text(self, "Starting the engine\u2026", back=palette.ACCENT_SOFT)
        self.label.grid(row=1, column=0, sticky="ew", padx=12, pady=(2, 0))
        self.bar = ctk.CTkProgressBar(self, height=10, mode="indeterminate", width=100)
        self.bar.grid(row=2, column=0, sticky="ew", padx=12, pady=(8, 0))
        if looks.Motion.on:
            self.bar.start()
        self.left = Text(self, size="small", colour=palette.MUTED, back=palette.ACCENT_SOFT)
        self.left.grid(row=3, column=0, sticky="ew", padx=12, pady=(4, 0))
        self.paused = False
        self._buttons(stop, cancel, pause)

    def _buttons(self, stop: Callable[[], None], cancel: Callable[[], None], pause: Callable[[], None]) -> None:
        row = self._row = Area(self, palette.ACCENT_SOFT)
        row.grid(row=4, column=0, sticky="ew", padx=12, pady=(6, 10))
        row.columnconfigure((1, 2), weight=1, uniform="part")
        self.pause = quiet_button(row, "Pause", pause, icon="pause")
        self.pause_help = Text(row, "Goes on later", size="small", colour=palette.MUTED, back=palette.ACCENT_SOFT)
        self.stop = quiet_button(row, "Stop", stop, icon="stop")
        self.stop.grid(row=0, column=1, sticky="ew", padx=(0, 4))
        self.cancel = quiet_button(row, "Cancel", cancel, icon="cancel")
        self.cancel.grid(row=0, column=2, sticky="ew", padx=(4, 0))
        self.stop_help = Text(row, size="small", colour=palette.MUTED, back=palette.ACCENT_SOFT)
        self.stop_help.grid(row=1, column=1, sticky="new", padx=(0, 4))
        self.cancel_help = Text(
            row, "Everything as before", size="small", colour=palette.MUTED, back=palette.ACCENT_SOFT
        )
        self.cancel_help.grid(row=1, column=2, sticky="new", padx=(4, 0))

    def endless(self) -> None:
        """Show a run that has no end of its own: no bar, and Stop is all that there is."""
        if self.bar.winfo_manager():
            self.bar.stop()
            for part in (self.bar, self.left, self.cancel, self.cancel_help):
                part.grid_forget()

    def show_pause(self, possible: bool, paused: bool) -> None:
        """Offer to hold the run, or to let it go on; nothing where it cannot be held."""
        self.paused = possible and paused
        name = "Go on" if self.paused else "Pause"
        if str(self.pause.cget("text")) != name:
            self.pause.configure(text=name, icon="play" if self.paused else "pause")
            self.pause_help.say("Goes on where it held" if self.paused else "Goes on later")
        if possible == bool(self.pause.winfo_manager()):
            return
        self._row.columnconfigure(0, weight=int(possible), uniform="part" if possible else "")
        if possible:
            self.pause.grid(row=0, column=0, sticky="ew", padx=(0, 8))
            self.pause_help.grid(row=1, column=0, sticky="new", padx=(0, 8))
        else:
            self.pause.grid_forget()
            self.pause_help.grid_forget()

    def show_step(self, title: str, stop_help: str) -> None:
        """Name the step that runs and what Stop does during it."""
        self.title.say(title)
        self.stop_help.say(stop_help)
        if title != self._step:
            self._step = title
            self._steady = SteadyTimeLeft()

    def show(self, fraction: float | None, label: str, seconds_left: float | None, several: bool = False) -> None:
        """Move the bar forward and say what is being done; `seconds_left` is of one step of `several`."""
        if label:
            self.label.say(label)
        if fraction is None:
            return
        if self.fraction is None:
            self.bar.stop()
            self.bar.configure(mode="determinate")
        self.fraction = max(self.fraction or 0.0, min(1.0, fraction))
        self.bar.set(self.fraction)
        percent = f"{round(100 * self.fraction)} %"
        left = "" if self.paused else self._steady.text(seconds_left, time.monotonic())
        if several:
            self.left.say(f"{percent} of all steps. This step: {left}" if left else f"{percent} of all steps")
        else:
            self.left.say(catalogue.own(f"{percent}, {catalogue.say(left)}") if left else percent)

    def ending(self, words: str, *, cancelling: bool) -> None:
        """Answer at once to Stop or Cancel."""
        self.label.say(words)
        enable(self.stop, False)
        enable(self.pause, False)
        if cancelling:
            enable(self.cancel, False)
