"""The page of Evaluate."""

from __future__ import annotations

import tkinter as tk

import customtkinter as ctk
from typing_extensions import override

from wizard.results import Estimate, EvaluateResult
from wizard.steps.evaluate_explain import ExplainTab
from wizard.steps.page import percent
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, font, plural
from wizard.widgets.confusion import Confusion
from wizard.widgets.gallery_panel import GalleryPanel
from wizard.widgets.panels import empty, facts, figures, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder


class EvaluatePage(ExplainTab):
    """A model and labelled cells to honest figures."""

    step = "evaluate"
    instruction = "See how well the model does on cells that it never saw."
    act = "Evaluate the model"
    again = "Evaluate again"
    promise = "Here you will see the accuracy with its uncertainty, and which classes are mixed up."

    matrix: Confusion | None = None
    wrong_cells: GalleryPanel | None = None

    @override
    def views(self, result: EvaluateResult) -> dict[str, Builder]:
        return {
            "Figures": lambda parent: self._figures(parent, result),
            "Confusion matrix": lambda parent: self.tall(parent, lambda inner: self._confusion(inner, result)),
        }

    def _figures(self, parent: tk.Misc, result: EvaluateResult) -> tk.Misc:
        return self.stack(
            parent,
            [
                lambda inner: _headline(inner, result),
                lambda inner: Text(inner, counts_words(result), colour=palette.MUTED),
                lambda inner: heading(inner, "Classes"),
                lambda inner: _per_class(inner, result),
                lambda inner: _facts(inner, result),
            ],
            result.notices,
        )

    def _confusion(self, parent: tk.Misc, result: EvaluateResult) -> tk.Misc:
        frame = Area(parent)
        frame.columnconfigure((0, 1), weight=1, uniform="half")
        frame.rowconfigure(1, weight=1)
        self.matrix = Confusion(frame, result.classes, result.confusion, self._chosen)
        switch = ctk.CTkSwitch(frame, text="Share of each true class", font=font(), command=self._switch)
        switch.grid(row=0, column=0, sticky="w", pady=(0, 8))
        self.by_row = switch
        self.matrix.grid(row=1, column=0, sticky="nsew", padx=(0, 16))
        self._right_of_matrix(frame, result)
        tk.Misc.lift(self.matrix, switch)
        return frame

    def _right_of_matrix(self, frame: Area, result: EvaluateResult) -> None:
        top = Area(frame)
        top.columnconfigure(0, weight=1)
        top.grid(row=0, column=1, sticky="ew", pady=(0, 8))
        self.choice = Text(top, "Wrong cells, most confident first", weight="bold")
        self.choice.grid(row=0, column=0, sticky="ew")
        self.show_all = ctk.CTkButton(top, text="Show all", command=self._all, width=80, height=26, font=font())
        if result.gallery is not None and result.gallery.cells:
            self.wrong_cells = GalleryPanel(frame, result.gallery, self.project.result_dir(self.step))
            self.wrong_cells.grid(row=1, column=1, sticky="nsew")
        else:
            self.wrong_cells = None
            empty(frame, "No wrong cells", "The model named every cell right.").grid(row=1, column=1, sticky="nsew")

    def _switch(self) -> None:
        if self.matrix is not None:
            self.matrix.show_by_row(bool(self.by_row.get()))

    def _chosen(self, true: str, predicted: str) -> None:
        if self.wrong_cells is None:
            return
        label = f"{true} \u2192 {predicted}"
        right = " (right: not in this gallery)" if true == predicted else ""
        self.choice.say(f"True {true}, predicted {predicted}{right}")
        self.wrong_cells.show_only(label)
        self.show_all.grid(row=0, column=1)
        self.host.keyboard.install(self.show_all.master)

    def _all(self) -> None:
        self.choice.say("Wrong cells, most confident first")
        self.show_all.grid_forget()
        if self.wrong_cells is not None:
            self.wrong_cells.show_only(None)
        if self.matrix is not None:
            self.matrix.chosen = None
            self.matrix.redraw()


def counts_words(result: EvaluateResult) -> str:
    """Say on which cells the figures rest, and what the intervals mean."""
    unit = "groups" if result.interval_by == "group" else "cells"
    groups = f" in {plural(result.n_groups, 'group')}" if result.n_groups else ""
    return (
        f"{plural(result.n_cells, 'cell')}{groups}: {result.data}. Hold-out chosen by {result.split_by}. "
        f"Brackets: 95 % interval from redrawing {unit}."
    )


def _interval(estimate: Estimate | None) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return "interval unknown"
    return f"[{100 * estimate.low:.1f} to {100 * estimate.high:.1f} %]"


def _headline(parent: tk.Misc, result: EvaluateResult) -> Area:
    shown = (
        ("Accuracy", result.accuracy),
        ("Balanced accuracy", result.balanced_accuracy),
        ("Macro F1", result.macro_f1),
    )
    return figures(parent, [(name, percent(one.value if one else None), _interval(one)) for name, one in shown])


def _per_class(parent: tk.Misc, result: EvaluateResult) -> Table:
    rows = []
    for name, one in result.per_class.items():
        interval = result.recall_intervals.get(name)
        rows.append(
            (
                name, f"{one.support:,}", percent(one.recall), _interval(interval) if interval else "\u2013",
                percent(one.precision), percent(one.f1), "\u2013" if one.auc is None else f"{one.auc:.3f}",
            )
        )  # fmt: skip
    columns = ["Class", "Cells", "Recall", "95 % interval", "Precision", "F1", "AUC"]
    return Table(parent, columns, rows, height=min(12, len(rows) or 1))


def _facts(parent: tk.Misc, result: EvaluateResult) -> Area:
    return facts(
        parent,
        [
            ("Calibration error (ECE)", percent(result.ece)),
            ("Model", result.model),
            ("Speed", f"{result.images_per_second:,.0f} images per second ({result.engine})"),
        ],
    )
