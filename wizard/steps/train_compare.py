"""The result of a comparison of networks on the page of Train: the table, the choice and its reason."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from typing import Any, Protocol

import customtkinter as ctk

from wizard.plan import step_settings
from wizard.results import Candidate, CompareResult
from wizard.steps.page import percent, when
from wizard.steps.train_runs import DASH, shown_value
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, act_button, enable, plural, quiet_button
from wizard.widgets.panels import heading, notice_list
from wizard.widgets.pick_table import Column, PickTable
from wizard.widgets.scroll import Scroll
from wizard.words import catalogue

COMPARE = "Compare networks"

_COLUMNS = (
    Column("Network", 200), Column("Accuracy", 80, "e"), Column("Balanced", 80, "e"), Column("Loss worse by", 126, "e"),
    Column("Learning rate", 110, "e"), Column("Augmentation", 130), Column("Best epoch", 100, "e"),
    Column("Images/s", 90, "e"), Column("Parameters", 110, "e"),
)  # fmt: skip


def row_of(candidate: Candidate, chosen: bool) -> tuple[str, ...]:
    """Return the row of a candidate; what could not be trained has its reason and no figures."""
    titles = {item.name: item for item in step_settings("train")}
    title = catalogue.say(candidate.network_title or candidate.network)
    rate = f"{candidate.learning_rate:g}"
    augmentation = catalogue.say(shown_value(titles["augmentation"], candidate.augmentation).partition(":")[0])
    if candidate.failed:
        return (catalogue.say(f"{title} (failed)"), DASH, DASH, DASH, rate, augmentation, DASH, DASH, DASH)
    worse = f"{candidate.worse_by:.3f} \u00b1 {candidate.worse_error:.3f}" if candidate.worse_by else "lowest loss"
    return (
        catalogue.say(f"{title} (chosen)") if chosen else title,
        percent(candidate.accuracy), percent(candidate.balanced_accuracy), worse, rate, augmentation,
        f"{candidate.best_epoch} of {candidate.epochs}", f"{candidate.images_per_second:,.0f}",
        f"{candidate.parameters:,}",
    )  # fmt: skip


class CompareActs(Protocol):
    """What the view asks of the page."""

    def use_candidate(self, candidate: Candidate) -> None:
        """Take network, learning rate and augmentation over."""

    def take_back_candidate(self, candidate: Candidate) -> None:
        """Make its model the project's."""

    def compare(self) -> None:
        """Compare anew."""


class CompareView(Scroll):
    """Which network is chosen and why, the figures of all, and the buttons that take one over."""

    def __init__(self, master: tk.Misc, found: CompareResult, acts: CompareActs, kept: Sequence[str]) -> None:
        super().__init__(master)
        self.found, self._acts, self._kept = found, acts, set(kept)
        self._on = True
        inner = self.inner
        self._row = 0
        chosen = found.candidates[found.choice] if 0 <= found.choice < len(found.candidates) else None
        title = f"{chosen.network_title or chosen.network} is chosen" if chosen else "None could be trained"
        self._add(heading(inner, title), 2)
        if found.reason:
            self._add(Text(inner, found.reason))
        self._add(Text(inner, _about(found), colour=palette.MUTED))
        self.table = PickTable(inner, _COLUMNS, lambda _names: self._enable(), single=True)
        self._add(self.table)
        row = Area(inner)
        self.use: ctk.CTkButton = act_button(
            row, "Use this choice", lambda: acts.use_candidate(self.candidate), height=36
        )
        self.use.pack(side="left", padx=(0, 8))
        self.back = quiet_button(
            row, "Take back its model", lambda: acts.take_back_candidate(self.candidate), height=36
        )
        self.back.pack(side="left", padx=(0, 8))
        self.again = quiet_button(row, "Compare again", acts.compare, height=36)
        self.again.pack(side="left")
        self._add(row)
        self.words = Text(inner, "", colour=palette.MUTED, size="small")
        self._add(self.words)
        failed = [item for item in found.candidates if item.failed]
        for item in failed:
            told = f"{item.network_title or item.network} could not be trained: {item.failed}"
            self._add(Text(inner, f"\u26a0 {told}", colour=palette.WARN))
        if found.notices:
            self._add(heading(inner, "Notes"), 4)
            self._add(notice_list(inner, found.notices))
        self.table.show(
            {f"{place}": row_of(item, place == found.choice) for place, item in enumerate(found.candidates)}, 10
        )
        self.table.pick(f"{max(0, found.choice)}")

    def _add(self, widget: Any, below: int = 10) -> None:
        widget.grid(row=self._row, column=0, sticky="ew", pady=(0, below))
        self._row += 1

    @property
    def candidate(self) -> Candidate:
        """The candidate that is selected."""
        picked = self.table.picked
        return self.found.candidates[int(picked[0])]

    def show(self, on: bool, blocked: bool, kept: Sequence[str]) -> None:
        """Let things be done, or not; `kept` are the runs that are still there."""
        self._kept = set(kept)
        self._on, self._blocked = on, blocked
        self._enable()

    _blocked = False

    def _enable(self) -> None:
        picked = self.table.picked
        good = bool(picked) and not self.candidate.failed
        self.table.colours({picked[0]: palette.now(palette.ACCENT)} if picked else {})
        enable(self.use, self._on and good, strong=True)
        enable(self.back, self._on and good and not self._blocked and self.candidate.run in self._kept)
        enable(self.again, self._on and not self._blocked)
        if not picked:
            self.words.say("Select a network.")
        elif self.candidate.failed:
            self.words.say("It could not be trained, so there is nothing to use.")
        else:
            self.words.say(
                "Use this choice sets network, learning rate and augmentation; then train as long as you like. "
                "Take back its model makes the model of the comparison this project's newest."
            )


def _about(found: CompareResult) -> str:
    cells = f"{found.n_train:,} training and {found.n_validation:,} validation cells"
    each = f"{plural(len(found.candidates), 'training')} in {found.minutes:g} minutes"
    by = f", validation drawn by {found.validation_by}" if found.validation_by else ""
    return f"{each}, target {found.target}, {cells}{by}. Made {when(found.created)}."
