"""The tabs of Train about more than one training: history, queue, comparison."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from typing_extensions import override

from wizard import runs, training_queue
from wizard.engine.errors import UserError, from_os_error
from wizard.results import Candidate, CompareResult
from wizard.runs import Run
from wizard.steps.confirm import confirm
from wizard.steps.live import LiveNotes
from wizard.steps.queue_runner import QueueHost, QueueRunner, queue_entries, train_values
from wizard.steps.train_augmented import AugmentedTab
from wizard.steps.train_compare import COMPARE, CompareView
from wizard.steps.train_history import HistoryView
from wizard.steps.train_queue import ADD, START, QueueStrip, QueueView
from wizard.steps.train_runs import any_runs, name_of, runs_of
from wizard.training_queue import Queued
from wizard.widgets.basics import plural
from wizard.widgets.tabs import Builder

HISTORY, QUEUE, COMPARISON = "History", "Queue", "Comparison"
"""The titles of the tabs."""


class SeveralTabs(AugmentedTab):
    """A page with these tabs; each is there once there is something to show."""

    history: HistoryView | None = None
    queue_view: QueueView | None = None
    comparison: CompareView | None = None
    strip: QueueStrip | None = None
    _several: tuple[str, ...] | None = None
    _before: tuple[str, dict[str, Any]] | None = None
    """Result and settings before a model was to be taken back."""

    @property
    def queue(self) -> QueueRunner:
        """The queue, which the window runs."""
        return cast(QueueHost, self.host).queue

    @property
    def compared(self) -> CompareResult | None:
        """The last comparison."""
        found: CompareResult | None = self.project.result("compare")
        return found

    @property
    def queued(self) -> list[Queued]:
        """The entries of the queue; a damaged file shows none and is told when it is to be changed."""
        try:
            return queue_entries(self.project)
        except UserError:
            return []

    # What can be done.

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        acts = [(COMPARE, self.compare), (ADD, self.add_to_queue)]
        if any(entry.outcome == "waiting" for entry in self.queued):
            acts.append((START, self.start_queue))
        return [*super().more_acts(), *acts]

    def _ready(self) -> bool:
        self.flush()
        return self.host.run is None and (self.form is None or not self.form.wrong)

    def compare(self) -> None:
        """Train some networks for the same time on the same cells."""
        if self._ready():
            self.host.start(["compare"])

    def _attempt(self, act: Callable[[], object]) -> bool:
        """Do something that may be refused, and show the refusal; the page follows what changed."""
        try:
            act()
        except UserError as error:
            self.host.tell(error)
            return False
        except OSError as error:
            self.host.tell(from_os_error(error) or UserError("This could not be written.", f"{error}."))
            return False
        self.host.settings_changed()
        return True

    def take_settings(self, values: dict[str, Any]) -> bool:
        """Make these settings (by full name) those of the project; they are shown in the form."""
        return self._attempt(lambda: self.store({key.partition(".")[2]: value for key, value in values.items()}))

    def show_settings(self) -> None:
        """Show the stored settings in the form."""
        if self.winfo_exists() and self.form is not None:
            for name, value in self.project.plan.train.model_dump().items():
                self.form.put(name, value)
            self.host.settings_changed()

    # History.

    def take_back(self, run: Run, epoch: int) -> None:
        """Ask whether the weights of an epoch are to be the project's model, then make them so."""
        confirm(
            self.host, self, f"Take back the model of epoch {epoch}?",
            [
                f"It becomes this project's newest model, as it was in this training: {name_of(run)}.",
                "The settings of Train become those of that training. The model file that is there now stays.",
            ],
            ("Take it back", lambda: self._start_take_back(run, epoch)),
        )  # fmt: skip

    def _start_take_back(self, run: Run, epoch: int) -> None:
        result, values = self.project.result(self.step), self.project.plan.train.model_dump()
        if self.take_settings(runs.values(run)):
            self.host.start(["train"], {"take_back": (run.id, epoch)})
            if self.host.run is not None:
                self._before = (result.id if result is not None else "", values)

    def _after_take_back(self) -> None:
        """Give the settings back that were there before if nothing was taken back after all."""
        if self._before is not None and self.host.run is None:
            (known, values), self._before = self._before, None
            result = self.project.result(self.step)
            if (result.id if result is not None else "") == known:
                self.attempt(values)

    def use_settings(self, run: Run) -> None:
        """Take a run's settings over."""
        if self.host.run is None:
            self.take_settings(runs.values(run))

    def write_note(self, run: Run, note: str) -> None:
        """Store the user's words about a run."""
        stored = runs.load(self.project, run.id)
        if stored is not None:
            stored.note = note
            self._attempt(lambda: runs.save(self.project, stored))

    def delete_runs(self, found: list[Run]) -> None:
        """Delete runs, after asking."""
        size = sum(runs.bytes_of(self.project, run.id) for run in found) / 1e6
        listed = ", ".join(name_of(run) for run in found[:4]) + (" and others" if len(found) > 4 else "")
        confirm(
            self.host, self, f"Delete {plural(len(found), 'training')} from the history?",
            [
                f"{listed}: curves, settings and saved epochs, {size:,.1f} MB. This cannot be undone.",
                "Model files stay where they are.",
            ],
            ("Delete", lambda: self._delete(found)), no="Keep", careful=True,
        )  # fmt: skip

    def _delete(self, found: list[Run]) -> None:
        if self.host.run is None:
            for run in found:
                runs.delete(self.project, run.id)
            self.host.settings_changed()

    # Queue.

    def add_to_queue(self) -> None:
        """Put the present settings at the end of the queue, and show it."""
        if self._ready() and self._attempt(lambda: training_queue.add(self.project, self.project.plan.train)):
            self.host.tabs[self.step] = QUEUE
            if self.tabs is not None and QUEUE in self.tabs.heads:
                self.tabs.choose(QUEUE)
            self.show_side("result")

    def start_queue(self) -> None:
        """Train what waits, one after the other."""
        if self._ready():
            self.queue.on_settings = self.show_settings
            self.queue.start()

    def move_entry(self, entry: str, by: int) -> None:
        """Move an entry of the queue up (-1) or down (1)."""
        self._attempt(lambda: training_queue.move(self.project, entry, by))

    def remove_entries(self, entries: list[str]) -> None:
        """Take entries out of the queue."""
        for entry in entries:
            self._attempt(partial(training_queue.remove, self.project, entry))

    def use_entry(self, entry: Queued) -> None:
        """Take an entry's settings over."""
        if self.host.run is None:
            self.take_settings(train_values(entry.settings))

    def _switch_queue(self) -> None:
        if self.queue.ends_after:
            self.queue.go_on_after_this()
        else:
            self.queue.stop_after_this()
        self.refresh()

    # Comparison.

    def use_candidate(self, candidate: Candidate) -> None:
        """Take network, learning rate and augmentation of a candidate over."""
        if self.host.run is None:
            names = ("network", "learning_rate", "augmentation")
            self.take_settings({f"train.{name}": getattr(candidate, name) for name in names})

    def take_back_candidate(self, candidate: Candidate) -> None:
        """Ask whether the model of a candidate is to be the project's."""
        run = runs.load(self.project, candidate.run)
        if run is not None:
            self.take_back(run, candidate.best_epoch or run.best_epoch)

    # What is shown.

    def _tab_marks(self) -> tuple[str, ...]:
        found = self.compared
        return (
            *((HISTORY,) if any_runs(self.project) else ()),
            *((QUEUE,) if self.queued else ()),
            *((f"{COMPARISON} {found.id}",) if found is not None else ()),
        )

    @override
    def marks(self) -> tuple[str, ...]:
        # The marks of the other tabs stay last: AugmentedTab looks for its own there.
        return (*self._tab_marks(), *super().marks())

    @override
    def result_views(self) -> dict[str, Builder]:
        marks, before = self._tab_marks(), self._several
        self._several = marks
        self.history = self.queue_view = self.comparison = None
        held = self.host.tabs.get(self.step, "")
        views = super().result_views()
        own = self._several_views()
        if before is not None:
            new = next(
                (mark.partition(" ")[0] for mark in marks if mark not in before and not mark.startswith(HISTORY)), ""
            )
            if new:
                self.host.tabs[self.step] = new
            elif held in (HISTORY, QUEUE) and set(before) - set(marks):
                self.host.tabs[self.step] = held
        if not own:
            return views
        last = {title: view for title, view in views.items() if title == "Files"}
        return {**{title: view for title, view in views.items() if title not in last}, **own, **last}

    @override
    def live_views(self) -> dict[str, Builder]:
        if self.host.run is not None and self.host.run.doing == "compare":
            return {"Working": self._comparing}
        return super().live_views()

    def _comparing(self, parent: tk.Misc) -> LiveNotes:
        self.notes = LiveNotes(parent, "Here you will see how well each network learned, and which one is chosen.")
        return self.notes

    @override
    def _put_tabs(self, views: dict[str, Builder]) -> None:
        run = self.host.run
        if run is not None and run.doing == self.step and self._shown == ("live", id(run)):
            self.history = self.queue_view = self.comparison = None
            own = self._several_views()
            views = {**views, **{title: own[title] for title in (HISTORY, QUEUE) if title in own}}
        super()._put_tabs(views)

    def _several_views(self) -> dict[str, Builder]:
        found = self.compared
        views: dict[str, Builder] = {}
        if any_runs(self.project):
            views[HISTORY] = self._build_history
        if self.queued:
            views[QUEUE] = lambda parent: self.tall(parent, self._build_queue, 260)
        if found is not None:
            views[COMPARISON] = lambda parent: self._build_comparison(parent, found)
        return views

    def _build_history(self, parent: tk.Misc) -> tk.Misc:
        self.history = HistoryView(parent, self)
        self.history.bind("<<Grown>>", lambda event: self.host.keyboard.install(event.widget), add="+")
        self._show_several()
        return self.history

    def _build_queue(self, parent: tk.Misc) -> tk.Misc:
        self.queue_view = QueueView(parent, self)
        self._show_several()
        return self.queue_view

    def _build_comparison(self, parent: tk.Misc, found: CompareResult) -> tk.Misc:
        self.comparison = CompareView(parent, found, self, [])
        self._show_several()
        return self.comparison

    @override
    def refresh(self) -> None:
        super().refresh()
        self._after_take_back()
        self._show_several()
        self._show_strip()

    def _show_several(self) -> None:
        on = self.host.run is None
        blocked = self.project.state(self.step).kind == "blocked"
        if self.history is not None and self.history.winfo_exists():
            result = self.project.result(self.step)
            present = result.run if result is not None else ""
            training = self.host.run is not None and self.host.run.step == self.step
            self.history.show(runs_of(self.project), self.project.plan.train.model_dump(), present, on, training)
        if self.queue_view is not None and self.queue_view.winfo_exists():
            self.queue_view.show(self.queued, on, blocked)
        if self.comparison is not None and self.comparison.winfo_exists():
            self.comparison.show(on, blocked, [run.id for run in runs_of(self.project)])

    def _show_strip(self) -> None:
        if not self.queue.on:
            if self.strip is not None:
                self.strip.grid_forget()
            return
        if self.strip is None:
            self.strip = QueueStrip(self.right, self._switch_queue)
            self.host.keyboard.install(self.strip)
        self.strip.show(self.queue.words, self.queue.ends_after, self.queue.number == self.queue.total)
        self.strip.grid(row=2, column=0, sticky="ew", padx=16, pady=(0, 14))
