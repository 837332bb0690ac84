"""The history of trainings: their table, their curves over each other, saved epochs, settings, notes."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from typing import Any, Protocol

import customtkinter as ctk

from wizard.plan import step_settings
from wizard.runs import Run
from wizard.steps.train_runs import (
    differences,
    epochs_of,
    keys_of,
    keys_of_whole,
    name_of,
    row_of,
    row_of_whole,
    told,
    wholes,
)  # fmt: skip
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, font, plural, px, quiet_button
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.curves import Curve, Curves, figure_names, line_style, points_of
from wizard.widgets.panels import heading
from wizard.widgets.pick_table import Column, PickTable
from wizard.widgets.scroll import Scroll
from wizard.widgets.table import Table
from wizard.words import catalogue

_COLUMNS = (
    Column("When", 150), Column("Network", 130), Column("Accuracy", 80, "e"), Column("Balanced", 80, "e"),
    Column("Best epoch", 100, "e"), Column("Time", 90), Column("Outcome", 90), Column("Part", 150),
    Column("Target", 110), Column("Note", 260),
)  # fmt: skip
_MOST_ROWS = 5
_MOST_SMOOTH = 25
_SHOWN_VALUES = 12


class HistoryActs(Protocol):
    """What the history asks of the page."""

    def take_back(self, run: Run, epoch: int) -> None:
        """Make the weights of a saved epoch the project's model."""

    def use_settings(self, run: Run) -> None:
        """Take a run's settings over."""

    def write_note(self, run: Run, note: str) -> None:
        """Store the user's words about a run."""

    def delete_runs(self, runs: list[Run]) -> None:
        """Delete runs, after asking."""


class HistoryView(Scroll):
    """All trainings; those that are ticked are drawn over each other, one alone is shown with its saved epochs."""

    def __init__(self, master: tk.Misc, acts: HistoryActs) -> None:
        super().__init__(master)
        self._acts = acts
        self._runs: dict[str, Run] = {}
        self._looks: dict[str, int] = {}
        self._wholes: dict[str, list[Run]] = {}
        self._now: dict[str, Any] = {}
        self._on: bool | None = None
        self._training = False
        self.details: RunDetails | None = None
        hint = "Tick trainings to draw their curves over each other. Accuracies: best epoch, validation cells."
        Text(self.inner, hint, colour=palette.MUTED).grid(row=0, column=0, sticky="ew", pady=(0, 6))
        self.table = PickTable(self.inner, _COLUMNS, self._picked)
        self.table.grid(row=1, column=0, sticky="ew")
        self._controls().grid(row=2, column=0, sticky="ew", pady=(10, 2))
        self.chart = Curves(self.inner, 230)
        self.chart.grid(row=3, column=0, sticky="ew")

    def _controls(self) -> Line:
        row = Line(self.inner)
        self._figures: dict[str, str] = {}
        self.figure = Choice(
            row, ["Validation loss"], width=190, height=32,
            command=lambda _name: self._draw(), dynamic_resizing=False,
        )  # fmt: skip
        self.figure.pack(side="left", padx=(0, 16))
        self.smooth_words = Text(row, "", wrap=False)
        self.smooth_words.pack(side="left", padx=(0, 8))
        self.smooth = ctk.CTkSlider(
            row, from_=1, to=_MOST_SMOOTH, number_of_steps=(_MOST_SMOOTH - 1) // 2, width=150, height=18,
            command=lambda _value: self._draw(),
        )  # fmt: skip
        self.smooth.set(1)
        self.smooth.pack(side="left")
        return row

    @property
    def width(self) -> int:
        """How many epochs go into each median; 1 = the values as they are."""
        return round(self.smooth.get())

    def show(self, found: Sequence[Run], now: dict[str, Any], present: str, on: bool, training: bool = False) -> None:
        """Show these runs.

        `now` are the present settings, `present` the run of the model in use, `on` says whether anything can be
        started, `training` whether a training is under way.
        """
        before, self._runs = self._runs, {run.id: run for run in found}
        changed = (before, self._now, self._on) != (self._runs, now, on)
        self._now, self._on, self._training = now, on, training
        self._wholes = wholes(found)
        keys: dict[str, Sequence[object]] = {run.id: keys_of(run, present, training) for run in found}
        rows = {run.id: row_of(run, present, training) for run in found}
        for name, folds in self._wholes.items():
            keys[name] = keys_of_whole(folds, present, training)
            rows[name] = row_of_whole(folds, present, training)
        above = {run.id: name for name, folds in self._wholes.items() for run in folds}
        # The newest first; what lies in a training stands in the order in which it was trained.
        order = sorted((name for name in rows if name not in above), key=lambda name: str(keys[name][0]), reverse=True)
        order += [run.id for folds in self._wholes.values() for run in folds]
        self.table.show(
            {name: rows[name] for name in order}, _MOST_ROWS, {name: keys[name] for name in order}, above
        )  # fmt: skip
        if not self.table.picked and found:
            self.table.pick(order[0])
        elif changed:
            self._picked(self.table.picked)

    @property
    def picked(self) -> list[Run]:
        """The ticked runs; a ticked training of several networks stands for all of them."""
        names = [run.id for name in self.table.picked for run in self._wholes.get(name, [])]
        names += [name for name in self.table.picked if name in self._runs]
        return [self._runs[name] for name in dict.fromkeys(names)]

    def _picked(self, rows: list[str]) -> None:
        names = [run.id for run in self.picked]
        self._looks = {name: look for name, look in self._looks.items() if name in names}
        for name in names:
            if name not in self._looks:
                taken = set(self._looks.values())
                self._looks[name] = next(look for look in range(len(names)) if look not in taken)
        filled = {name: line_style(look)[0] for name, look in self._looks.items()}
        self.table.colours(filled | {name: palette.now(palette.MUTED) for name in rows if name in self._wholes})
        self._offer_figures()
        self._draw()
        self._show_details()

    def _offer_figures(self) -> None:
        names = figure_names([run.history for run in self.picked])
        self._figures = {title: key for key, title in names.items()} or {"Validation loss": "val_loss"}
        self.figure.configure(values=list(self._figures))
        if self.figure.get() not in self._figures:
            self.figure.set(next(iter(self._figures)))

    def _draw(self) -> None:
        title, width = self.figure.get(), self.width
        self.smooth_words.say(f"Median of {width} epochs" if width > 1 else "Not smoothed")
        key = self._figures.get(title, "")
        curves = [
            Curve(name_of(run), points_of(run.history, key), run.best_epoch, self._looks[run.id]) for run in self.picked
        ]
        self.chart.show(title, curves, width)

    def _show_details(self) -> None:
        picked = self.picked
        ids = [run.id for run in picked]
        if self.details is not None and self.details.winfo_exists():
            if _seen(self.details.runs) == _seen(picked) and self.details.now == self._now:
                self.details.runs = picked
                self.details.enable(bool(self._on))
                return
            epoch = self.details.epoch if [run.id for run in self.details.runs] == ids else 0
            self.details.destroy()
        else:
            epoch = 0
        self.details = RunDetails(self.inner, self._acts, picked, self._now, epoch, self._training)
        self.details.grid(row=4, column=0, sticky="ew", pady=(6, 0))
        self.details.enable(bool(self._on))
        self.event_generate("<<Grown>>")


def _seen(found: list[Run]) -> list[tuple[object, ...]]:
    """Return what is shown below the curves: the figures of a run under way change it not."""
    return [(run.id, run.outcome, run.note, run.saved, run.adjustments, run.model) for run in found]


class RunDetails(Area):
    """What can be seen and done about the ticked runs."""

    def __init__(
        self,
        master: tk.Misc,
        acts: HistoryActs,
        runs: list[Run],
        now: dict[str, Any],
        epoch: int = 0,
        training: bool = False,
    ) -> None:
        super().__init__(master)
        self._training = training
        self.runs, self.now, self._acts = runs, now, acts
        self.columnconfigure(0, weight=1)
        self._row = 0
        self._on = True
        self.note: ctk.CTkEntry | None = None
        self.epochs: Table | None = None
        self.back: ctk.CTkButton | None = None
        self.use: ctk.CTkButton | None = None
        self.delete: ctk.CTkButton | None = None
        if len(runs) == 1:
            self._one(runs[0], epoch)
        elif runs:
            self._several()

    def _add(self, widget: Any, below: int = 8) -> None:
        widget.grid(row=self._row, column=0, sticky="ew", pady=(0, below))
        self._row += 1

    # One run.

    def _one(self, run: Run, epoch: int) -> None:
        self._add(heading(self, name_of(run)), 2)
        self._add(Text(self, told(run, self._training), colour=palette.MUTED))
        self._add(self._note_row(run))
        if run.saved:
            self._add(heading(self, "Saved epochs"), 4)
            self._saved(run, epoch)
        self._settings(run)
        if run.adjustments:
            self._add(heading(self, "Changed while it ran"), 4)
            self._add(_adjustments(self, run))
        row = Line(self)
        self.use = quiet_button(row, "Use these settings", lambda: self._acts.use_settings(run))
        self.use.pack(side="left", padx=(0, 8))
        self._delete_button(row, "Delete this training\u2026")
        self._add(row)

    def _note_row(self, run: Run) -> Area:
        row = Area(self)
        row.columnconfigure(1, weight=1)
        Text(row, "Note", wrap=False).grid(row=0, column=0, padx=(0, 12))
        self.note = ctk.CTkEntry(row, height=32, font=font())
        self.note.insert(0, run.note)
        self.note.grid(row=0, column=1, sticky="ew")
        for sequence in ("<FocusOut>", "<Return>", "<KP_Enter>"):
            self.note.bind(sequence, lambda _event: self.store_note())
        return row

    def store_note(self) -> None:
        """Store the note if it was changed."""
        if self.note is not None and len(self.runs) == 1:
            typed = " ".join(self.note.get().split())
            if typed != self.runs[0].note:
                self._acts.write_note(self.runs[0], typed)

    def _saved(self, run: Run, epoch: int) -> None:
        rows = epochs_of(run)
        self.epochs = Table(
            self, ["Epoch", "Validation loss", "Accuracy", "Balanced accuracy", ""], rows, height=min(5, len(rows))
        )
        self.epochs.tree.column(0, stretch=False)
        self.epochs.tree.column(len(self.epochs.columns) - 1, stretch=True)
        self._add(self.epochs)
        row = Area(self)
        self.back = quiet_button(row, "Take back", lambda: self._acts.take_back(run, self.epoch))
        self.back.pack(side="left")
        self._add(row, 12)
        tree = self.epochs.tree
        tree.bind("<<TreeviewSelect>>", lambda _event: self._epoch_chosen(), add="+")
        self.choose_epoch(epoch if epoch in run.saved else run.best_epoch if run.best_epoch in run.saved else 0)
        self._epoch_chosen()

    def choose_epoch(self, epoch: int) -> None:
        """Select a saved epoch, as a click does."""
        if self.epochs is not None:
            tree = self.epochs.tree
            for item in tree.get_children():
                if int(tree.set(item, "Epoch")) == epoch:
                    tree.selection_set(item)
                    tree.focus(item)
                    tree.see(item)

    @property
    def epoch(self) -> int:
        """The saved epoch that is selected; 0 = none."""
        chosen = self.epochs.tree.selection() if self.epochs is not None else ()
        return int(self.epochs.tree.set(chosen[0], "Epoch")) if self.epochs is not None and chosen else 0

    def _epoch_chosen(self) -> None:
        if self.back is not None:
            name = f"Take back the model of epoch {self.epoch}" if self.epoch else "Select an epoch to take back"
            self.back.configure(text=name)
            enable(self.back, self._on and bool(self.epoch))

    def _settings(self, run: Run) -> None:
        known = {item.name: item.default for item in step_settings("train")}
        rows = differences([known | run.settings, self.now])
        if rows:
            self._add(heading(self, "Settings that are not as they are now"), 4)
            self._add(_settings_table(self, ["Setting", "In this training", "Now"], rows))
        else:
            self._add(Text(self, "Its settings are those that are set now.", colour=palette.MUTED))

    # Several runs.

    def _several(self) -> None:
        self._add(heading(self, f"What differs between these {len(self.runs)} trainings"), 4)
        rows = differences([run.settings for run in self.runs])
        if rows:
            self._add(_settings_table(self, ["Setting", *(name_of(run) for run in self.runs)], rows))
        else:
            self._add(Text(self, "Nothing: their settings are the same.", colour=palette.MUTED))
        if len({run.data_set for run in self.runs}) > 1:
            words = "They were not trained on the same data set: their figures cannot be compared."
            self._add(Text(self, f"\u26a0 {words}", colour=palette.WARN))
        row = Line(self)
        self._delete_button(row, f"Delete these {plural(len(self.runs), 'training')}\u2026")
        self._add(row)

    def _delete_button(self, row: tk.Misc, text: str) -> None:
        self.delete = quiet_button(row, text, lambda: self._acts.delete_runs(self.runs))
        self.delete.pack(side="left")

    def enable(self, on: bool) -> None:
        """Let things be done, or not (while a step runs)."""
        self._on = on
        for button in (self.use, self.delete):
            if button is not None:
                enable(button, on)
        if self.note is not None:
            self.note.configure(state="normal" if on else "disabled")
        self._epoch_chosen()


def _settings_table(master: tk.Misc, columns: list[str], rows: list[list[str]]) -> Table:
    table = Table(master, columns, rows, height=min(_SHOWN_VALUES, len(rows)))
    for index in range(1, len(columns)):
        table.tree.column(index, minwidth=px(master, 90))
    return table


def _adjustments(master: tk.Misc, run: Run) -> Table:
    titles = {item.name: catalogue.say(item.title) for item in step_settings("train")}
    rows = [
        [f"{row.get('epoch', '')}", titles.get(str(row.get("setting")), str(row.get("setting", ""))),
         f"{row.get('old', '')}", f"{row.get('new', '')}"]
        for row in run.adjustments
    ]  # fmt: skip
    return Table(master, ["From epoch", "Setting", "Before", "Then"], rows, height=min(6, len(rows)))
