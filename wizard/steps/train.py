"""The page of Train."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from wizard import weak_targets
from wizard.engine.data.tags import choose_target
from wizard.results import TrainResult
from wizard.steps import train_views
from wizard.steps.train_augmented import SHOW
from wizard.steps.train_estimate import TimeLine
from wizard.steps.train_live import has_recalls
from wizard.widgets.basics import Area
from wizard.widgets.class_chart import ClassChart
from wizard.widgets.live_chart import LiveChart
from wizard.widgets.panels import heading
from wizard.widgets.tabs import Builder

_WEAK_HIGH = 120
"""Design pixels that the panel of a weak target takes."""


class TrainPage(TimeLine):
    """A data set to a model."""

    step = "train"
    instruction = "Choose what the network learns, then start the training."
    act = "Start training"
    again = "Train again"
    promise = "Here you will see the training curve grow while the network learns, and what came out."

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        acts: list[tuple[str, Callable[[], None]]] = [(SHOW, self.show_augmented), *super().more_acts()]
        if any(self.project.training_dir.glob("checkpoint_*.json")):
            acts.insert(0, ("Continue the interrupted training", self._continue))
        return acts

    def _continue(self) -> None:
        self.host.start(["train"], {"resume": True})

    @override
    def refresh(self) -> None:
        super().refresh()
        if self.form is not None and "target" in self.form.fields:
            self.form.fields["target"].remark(self._weak_words())

    def _weak_words(self) -> str:
        """Return what is to be said of the target that would be learned now."""
        parsed = self.project.result("parse")
        wanted = self.project.plan.train.target
        target = choose_target(parsed.tags if parsed is not None else {}, wanted) if parsed or wanted != "auto" else ""
        return weak_targets.before(target) if target and weak_targets.is_weak(target) else ""

    @override
    def views(self, result: TrainResult) -> dict[str, Builder]:
        high = 240 + (_WEAK_HIGH if result.weak else 0)
        views: dict[str, Builder] = {
            "Curve": lambda parent: self.tall(parent, lambda inner: self._curve(inner, result), high)
        }
        if has_recalls(result.history):
            views["Classes"] = lambda parent: self.tall(parent, lambda inner: self._classes(inner, result), 220)
        views["Summary"] = lambda parent: self._summary(parent, result)
        return views

    def _curve(self, parent: tk.Misc, result: TrainResult) -> tk.Misc:
        frame = Area(parent)
        frame.columnconfigure(0, weight=1)
        frame.rowconfigure(2, weight=1)
        if result.weak:
            train_views.weak_panel(frame, result).grid(row=0, column=0, sticky="ew", pady=(0, 10))
        train_views.headline(frame, result).grid(row=1, column=0, sticky="ew")
        self.chart = LiveChart(frame, 280)
        self.chart.show(result.history, result.epochs or len(result.history), result.best_epoch)
        self.chart.grid(row=2, column=0, sticky="nsew")
        return frame

    def _classes(self, parent: tk.Misc, result: TrainResult) -> tk.Misc:
        self.class_chart = ClassChart(parent)
        self.class_chart.show(result.history, result.epochs or len(result.history), result.best_epoch)
        return self.class_chart

    def _summary(self, parent: tk.Misc, result: TrainResult) -> tk.Misc:
        parts: list[Any] = [lambda inner: train_views.weak_panel(inner, result)] if result.weak else []
        parts.append(lambda inner: train_views.facts_of(inner, result))
        tables: list[tuple[str, object, Any]] = [
            ("The networks of the cross-validation", result.folds, train_views.folds_of),
            (f"Classes of the tag {result.target}", result.counts, train_views.classes_of),
            ("Changed while it ran", result.adjustments, train_views.changes_of),
            ("Layers with weights", result.layers, train_views.layers_of),
        ]
        for title, rows, make in tables:
            if rows:
                parts.append(lambda inner, title=title: heading(inner, title))
                parts.append(lambda inner, make=make: make(inner, result))
        return self.stack(parent, parts, result.notices)
