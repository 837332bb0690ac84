"""The foot of a page's left side: the one button that acts, or the progress of a run."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, act_button, enable, quiet_button
from wizard.widgets.focus import focused
from wizard.widgets.later import later
from wizard.widgets.menu import MenuButton
from wizard.widgets.progress import ProgressPanel

if TYPE_CHECKING:
    from wizard.steps.page import StepPage


Acts = list[tuple[str, Callable[[], None]]]


class ActArea(Area):
    """Shows the act button with the reason when it is off; while a run is on, its progress."""

    def __init__(self, master: tk.Misc, page: StepPage) -> None:
        super().__init__(master)
        self.page = page
        self.columnconfigure(0, weight=1)
        self.button: ctk.CTkButton | None = None
        self.more: ctk.CTkButton | None = None
        self.others: MenuButton | None = None
        self.reason: Text | None = None
        self.progress: ProgressPanel | None = None
        self._shown: tuple[Any, ...] = ()

    def refresh(self) -> None:
        """Show what can be done now."""
        run = self.page.host.run
        if run is not None:
            self._show_progress()
            return
        state = self.page.project.state(self.page.step)
        wrong = self.page.form.wrong if self.page.form is not None else []
        reason = f"Mend {wrong[0].setting.title} first." if wrong else state.reason
        on = not wrong and state.kind != "blocked"
        more = self.page.more_acts() if on else []
        wanted = (state.kind, reason, on, *(title for title, _act in more))
        if wanted != self._shown or self.button is None:
            self._shown = wanted
            self._show_button(state.kind, reason if not on else "", on, more)

    def _clear(self) -> None:
        held = focused(self)
        self._had_focus = held is not None and str(held).startswith(f"{self}.")
        for child in self.winfo_children():
            child.destroy()
        self.button = self.more = self.others = self.progress = self.reason = None

    def _show_button(self, kind: str, reason: str, on: bool, more: Acts) -> None:
        self._clear()
        if reason:
            self.reason = Text(self, reason, colour=palette.MUTED)
            self.reason.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        name = self.page.again if kind in ("done", "stale") else self.page.act
        self.button = act_button(self, name, self.start, icon="again" if kind in ("done", "stale") else "play")
        self.button.grid(row=1, column=0, sticky="ew")
        enable(self.button, on, strong=kind != "done")
        self._show_more(more)
        self._keep_focus()

    def _show_more(self, more: Acts) -> None:
        """Put the first of the further acts on a button, the others into a menu beside it."""
        if not more:
            return
        row = Area(self)
        row.columnconfigure(0, weight=1)
        row.grid(row=2, column=0, sticky="ew", pady=(8, 0))
        self.more = quiet_button(row, more[0][0], more[0][1], height=36)
        self.more.grid(row=0, column=0, sticky="ew")
        if len(more) > 1:
            self.others = MenuButton(row, "More\u2026", more[1:], height=36)
            self.others.grid(row=0, column=1, padx=(8, 0))

    def _keep_focus(self) -> None:
        """Hand the keyboard from the button that went to the one that came."""
        self.page.host.keyboard.install(self)
        if self._had_focus:
            later(self, 1, self._focus_first)

    def _focus_first(self) -> None:
        self.update_idletasks()
        self.page.host.keyboard.first(self)

    def start(self) -> None:
        """Store what was typed and run the step of this page."""
        self.page.flush()
        if self.page.form is None or not self.page.form.wrong:
            self.page.host.start([self.page.step])

    def _show_progress(self) -> None:
        if self.progress is None:
            self._clear()
            self._shown = ()
            self.progress = ProgressPanel(self, self.page.host.stop, self.page.host.cancel, self.pause)
            self.progress.grid(row=0, column=0, sticky="ew")
            self._keep_focus()
        self.tick()

    def pause(self) -> None:
        """Hold the training that runs, or let it go on."""
        if self.page.host.run is not None:
            self.page.host.run.pause()
            self.tick()

    def tick(self) -> None:
        """Bring the progress up to date."""
        run = self.page.host.run
        if run is None or self.progress is None:
            return
        self.progress.show_step(run.title, run.stop_help)
        if run.doing == "watching":
            self.progress.endless()
        self.progress.show_pause(run.can_pause, run.job.paused)
        self.progress.show(run.overall, run.label, run.seconds_left, len(run.steps) > 1)
        if run.job.stopping or run.job.cancelling:
            self.progress.ending(run.label, cancelling=run.job.cancelling)
