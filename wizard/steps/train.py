"""The page of Train."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from typing_extensions import override

from wizard.results import TrainResult
from wizard.steps.page import percent, seconds_text
from wizard.steps.train_augmented import PREVIEW, SHOW
from wizard.steps.train_several import SeveralTabs
from wizard.widgets.basics import Area, plural
from wizard.widgets.live_chart import LiveChart
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder


class TrainPage(SeveralTabs):
    """A data set to a model."""

    step = "train"
    instruction = "Choose what the network learns, then start the training."
    act = "Start training"
    again = "Train again"
    promise = "Here you will see the training curve grow while the network learns, and what came out."

    chart: LiveChart | None = None
    _seen = -1

    @override
    def more_acts(self) -> tuple[str, Callable[[], None]] | None:
        if any(self.project.training_dir.glob("checkpoint_*.json")):
            return "Continue the interrupted training", lambda: self.host.start(["train"], {"resume": True})
        return SHOW, self.show_augmented

    @override
    def live_views(self) -> dict[str, Builder]:
        if self.host.run is not None and self.host.run.doing == PREVIEW:
            return super().live_views()
        self._seen = -1
        return {"Curve": self._live, "Notes": self._live_notes}

    def _live(self, parent: tk.Misc) -> tk.Misc:
        self.chart = LiveChart(parent)
        return self.chart

    @override
    def follow(self) -> None:
        super().follow()
        run = self.host.run
        if run is None or self.chart is None or not self.chart.winfo_exists() or len(run.metrics) == self._seen:
            return
        self._seen = len(run.metrics)
        epochs = max(run.epochs, self.project.plan.train.epochs if not run.metrics else 1)
        self.chart.show(run.metrics, epochs)

    @override
    def views(self, result: TrainResult) -> dict[str, Builder]:
        return {
            "Curve": lambda parent: self.tall(parent, lambda inner: self._curve(inner, result)),
            "Summary": lambda parent: self._summary(parent, result),
        }

    def _curve(self, parent: tk.Misc, result: TrainResult) -> tk.Misc:
        frame = Area(parent)
        frame.columnconfigure(0, weight=1)
        frame.rowconfigure(1, weight=1)
        _headline(frame, result).grid(row=0, column=0, sticky="ew")
        self.chart = LiveChart(frame, 280)
        self.chart.show(result.history, result.epochs or len(result.history), result.best_epoch)
        self.chart.grid(row=1, column=0, sticky="nsew")
        return frame

    def _summary(self, parent: tk.Misc, result: TrainResult) -> tk.Misc:
        return self.stack(
            parent,
            [
                lambda inner: _facts(inner, result),
                lambda inner: heading(inner, f"Classes of the tag {result.target}"),
                lambda inner: _classes(inner, result),
            ],
            result.notices,
        )


def _headline(parent: tk.Misc, result: TrainResult) -> Area:
    cells = int(result.validation.get("n_cells", 0))
    return figures(
        parent,
        [
            (
                "Validation accuracy",
                percent(result.validation.get("accuracy")),
                f"{plural(cells, 'cell')}, drawn by {result.validation_by or 'cell'}",
            ),
            ("Balanced accuracy", percent(result.validation.get("balanced_accuracy")), "every class counts the same"),
            ("Best epoch", f"{result.best_epoch}", f"of {result.epochs} shown; {result.ended_because}".rstrip("; ")),
        ],
    )


def _facts(parent: tk.Misc, result: TrainResult) -> Area:
    frame = f"{result.frame[1]} \u00d7 {result.frame[0]} px"
    return facts(
        parent,
        [
            ("Network", result.network_title or result.network),
            ("Parameters", f"{result.parameters:,}"),
            ("Input", f"{', '.join(item.name for item in result.channels)}; {frame}"),
            ("Target", result.target + (" (weak supervision)" if result.weak else "")),
            ("Epochs", f"{result.epochs}, best: {result.best_epoch}"),
            ("Ended because", result.ended_because),
            ("Validation loss", f"{result.validation['loss']:.4f}" if "loss" in result.validation else "\u2013"),
            ("Speed", f"{result.images_per_second:,.0f} images per second"),
            ("Time", seconds_text(result.seconds)),
            ("Model", result.model),
        ],
    )


def _classes(parent: tk.Misc, result: TrainResult) -> Table:
    rows = [(name, f"{row.get('train', 0):,}", f"{row.get('validation', 0):,}") for name, row in result.counts.items()]
    return Table(parent, ["Class", "Training cells", "Validation cells"], rows, height=min(10, len(rows) or 1))
