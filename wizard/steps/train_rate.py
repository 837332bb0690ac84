"""The tab of Train with the learning rate that was found, and the act that finds it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from typing_extensions import override

from wizard.results import RateResult
from wizard.steps.train_augmented import TAB as AUGMENTED
from wizard.steps.train_several import SeveralTabs
from wizard.widgets.basics import Area, Text, act_button, enable, quiet_button
from wizard.widgets.rate_chart import RateChart
from wizard.widgets.tabs import Builder

FINDER = "lr_finder"
FIND = "Find the learning rate"
TAB = "Learning rate"


class RateTab(SeveralTabs):
    """A page with the tab; it is there once a rate was searched."""

    use_rate: object = None
    """The button that takes the suggestion."""
    _rate_words: Text | None = None
    _rate_known: str | None = None

    @property
    def rate(self) -> RateResult | None:
        """What the last search found."""
        found: RateResult | None = self.project.result(FINDER)
        return found

    def find_rate(self) -> None:
        """Train for some steps while the learning rate rises."""
        self.flush()
        if self.form is not None and not self.form.wrong:
            self.host.start([FINDER])

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        return [(FIND, self.find_rate), *super().more_acts()]

    @override
    def marks(self) -> tuple[str, ...]:
        found = self.rate
        return (*((f"rate {found.id}",) if found is not None else ()), *super().marks())

    @override
    def result_views(self) -> dict[str, Builder]:
        views, found = super().result_views(), self.rate
        self._rate_words = None
        known, self._rate_known = self._rate_known, found.id if found is not None else ""
        if found is None:
            return views
        if known is not None and known != found.id:
            self.host.tabs[self.step] = TAB
        titles = list(views)
        place = titles.index(AUGMENTED) + 1 if AUGMENTED in titles else len(titles) - ("Files" in titles)
        before = {title: views[title] for title in titles[:place]}
        after = {title: views[title] for title in titles[place:]}
        tab = {TAB: lambda parent: self.tall(parent, lambda inner: self._rate(inner, found), 300)}
        return {**before, **tab, **after}

    def _rate(self, parent: tk.Misc, found: RateResult) -> tk.Misc:
        frame = Area(parent)
        frame.columnconfigure(0, weight=1)
        frame.rowconfigure(1, weight=1)
        self._rate_words = Text(frame)
        self._rate_words.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        RateChart(frame, found.rates, found.losses, found.suggestion).grid(row=1, column=0, sticky="nsew")
        row = Area(frame)
        row.grid(row=2, column=0, sticky="w", pady=(8, 0))
        self._use = act_button(row, f"Use {found.suggestion:g}", lambda: self.take_rate(found), height=36)
        self._use.grid(row=0, column=0, padx=(0, 8))
        self._again = quiet_button(row, "Find it again", self.find_rate, height=36)
        self._again.grid(row=0, column=1)
        self._say_rate(found)
        return frame

    def take_rate(self, found: RateResult) -> None:
        """Make the suggestion the learning rate of Train."""
        self.attempt({"learning_rate": found.suggestion})

    @override
    def refresh(self) -> None:
        super().refresh()
        found = self.rate
        if found is not None and self._rate_words is not None and self._rate_words.winfo_exists():
            self._say_rate(found)

    def _say_rate(self, found: RateResult) -> None:
        assert self._rate_words is not None
        now = self.project.plan.train
        free = self.host.run is None and self.project.state(self.step).kind != "blocked"
        in_use = now.learning_rate == found.suggestion
        others = ("network", "optimizer", "batch", "target", "normalisation", "start")
        changed = [name for name in others if name in found.settings and found.settings[name] != getattr(now, name)]
        if changed:
            words = "Network, optimizer or cells were changed since this search: find it again."
        elif in_use:
            words = f"The learning rate is {now.learning_rate:g}, as suggested."
        else:
            words = (
                "While the rate rose step by step, the loss fell, then ran away. The suggestion lies clearly below the "
                f"lowest point. The learning rate in use is {now.learning_rate:g}."
            )
        if str(self._rate_words.cget("text")) != words:
            self._rate_words.say(words)
        enable(self._use, free and not in_use, strong=not changed)
        enable(self._again, free)
