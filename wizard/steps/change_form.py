"""The settings that a running training takes over, with a button that sends what was changed."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from wizard.live_settings import change_text, in_use, live_settings
from wizard.settings import Setting, refusal
from wizard.train_plan import TrainPlan
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, act_button, enable
from wizard.widgets.form import Form
from wizard.widgets.later import later
from wizard.widgets.panels import heading
from wizard.widgets.scroll import Scroll
from wizard.widgets.symbols import Symbol

APPLY = "Apply from the next epoch on"
_WORDS = (
    "What you change here counts for the training that runs, from its next epoch on. The settings of the project "
    "stay as they are."
)


class ChangeForm(Area):
    """`plan` holds the values at the start, `send` takes the changed ones, `grown` is told of new fields."""

    def __init__(
        self,
        master: tk.Misc,
        plan: TrainPlan,
        send: Callable[[dict[str, Any]], None],
        grown: Callable[[tk.Misc], None],
    ) -> None:
        super().__init__(master)
        self._plan, self._send, self._grown = plan, send, grown
        self.values = in_use(plan, [])
        """What the training uses, with what was sent."""
        self.wanted: dict[str, Any] = {}
        """What was changed in the form but not sent."""
        self._on, self._waits = True, False
        self._said: tuple[list[str], list[str], list[str]] = ([], [], [])
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        Text(self, _WORDS, colour=palette.MUTED).grid(row=0, column=0, sticky="ew", pady=(0, 8))
        scroll = self.scroll = Scroll(self)
        scroll.grid(row=1, column=0, sticky="nsew")
        self.news = Area(scroll.inner)
        self.news.columnconfigure(1, weight=1)
        self.form = Form(scroll.inner, live_settings(), self.values, self._save)
        self.form.on_changed = self._changed
        self.form.on_grown = grown
        self.form.grid(row=1, column=0, sticky="ew")
        self._foot().grid(row=2, column=0, sticky="ew")

    def _foot(self) -> Area:
        foot = Area(self)
        foot.columnconfigure(0, weight=1)
        tk.Frame(foot, bg=palette.now(palette.LINE), height=1).grid(row=0, column=0, columnspan=2, sticky="ew")
        self.summary = Text(foot, "Nothing to send.", colour=palette.MUTED)
        self.summary.grid(row=1, column=0, sticky="ew", padx=(0, 12), pady=(10, 0))
        self.button = act_button(foot, APPLY, self.apply, height=36, width=230)
        self.button.grid(row=1, column=1, sticky="e", pady=(10, 0))
        enable(self.button, False, strong=True)
        return foot

    def _save(self, item: Setting, value: object) -> None:
        try:
            new = TrainPlan(**{**self._plan.model_dump(), **self.values, **self.wanted, item.name: value})
        except ValidationError as error:
            raise refusal("train", TrainPlan, error) from None
        found = getattr(new, item.name)
        self.wanted.pop(item.name, None)
        if found != self.values[item.name]:
            self.wanted[item.name] = found

    def _changed(self) -> None:
        words = [change_text(name, self.values[name], value) for name, value in self.wanted.items()]
        wrong = self.form.wrong
        nothing = "Sent; it counts from the next epoch on." if self._waits else "Nothing to send."
        self.summary.say(f"Mend {wrong[0].setting.title} first." if wrong else "; ".join(words) or nothing)
        enable(self.button, self._on and bool(words) and not wrong, strong=True)

    def apply(self) -> None:
        """Send what was changed."""
        self.form.flush()
        if self.form.wrong or not self.wanted or not self._on:
            self._changed()
            return
        sent, self.wanted = self.wanted, {}
        self.values.update(sent)
        self._waits = True
        self._send(sent)
        self.scroll.canvas.yview_moveto(0)
        self._changed()

    def allow(self, on: bool) -> None:
        """Let changes be sent, or not any more."""
        if on != self._on:
            self._on = on
            self.form.enable(on)
            self._changed()

    def show(
        self, values: Mapping[str, Any], waiting: Mapping[str, Any], made: Sequence[str], answers: Sequence[str]
    ) -> None:
        """Show what the training uses (`values`), what it was sent but has not `made` yet, and its `answers`."""
        pending = [change_text(name, values[name], value) for name, value in waiting.items()]
        self._waits = bool(pending)
        now = {**values, **waiting}
        for name, value in now.items():
            if value != self.values[name] and name not in self.wanted:
                self.form.put(name, value)
        self.values = now
        self.wanted = {name: value for name, value in self.wanted.items() if value != now[name]}
        said = (list(made), pending, list(answers))
        if said != self._said:
            self._said = said
            self._show_news(*said)
        later(self, 1, self._changed)

    def _show_news(self, made: list[str], pending: list[str], answers: list[str]) -> None:
        for old in self.news.winfo_children():
            old.destroy()
        lines = [("warning", text) for text in answers]
        lines += [("running", f"From the next epoch on: {text}.") for text in pending]
        lines += [("done", text) for text in reversed(made)]
        if not lines:
            self.news.grid_forget()
            return
        heading(self.news, "Changed while it runs").grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 4))
        for row, (symbol, text) in enumerate(lines, start=1):
            Symbol(self.news, symbol, 18).grid(row=row, column=0, sticky="n", padx=(0, 8), pady=3)
            Text(self.news, text).grid(row=row, column=1, sticky="ew", pady=2)
        self.news.grid(row=0, column=0, sticky="ew", pady=(0, 16))
