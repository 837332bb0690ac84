"""The page of Evaluate."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from typing_extensions import override

from wizard.results import EvaluateResult
from wizard.steps import evaluate_views as shown
from wizard.steps.evaluate_cells import JudgedCells, read_cells
from wizard.steps.evaluate_curves import CurvesView, read_curves
from wizard.steps.evaluate_explain import ExplainTab
from wizard.steps.evaluate_matrix import MatrixView
from wizard.steps.evaluate_suspects import SuspectView
from wizard.steps.evaluate_thresholds import ThresholdView
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.later import background
from wizard.widgets.panels import empty, heading
from wizard.widgets.tabs import Builder

Found = TypeVar("Found")


class EvaluatePage(ExplainTab):
    """A model and labelled cells to honest figures."""

    step = "evaluate"
    instruction = "See how well the model does on cells that it never saw."
    act = "Evaluate the model"
    again = "Evaluate again"
    promise = "Here you will see the accuracy with its uncertainty, and which classes are mixed up."

    matrix_view: MatrixView | None = None
    suspect_view: SuspectView | None = None
    cells: JudgedCells | None = None
    """The evaluated cells, once they are read."""
    _cells_of = ""

    @override
    def views(self, result: EvaluateResult) -> dict[str, Builder]:
        folder = self.project.result_dir(self.step)
        if self._cells_of != result.id:
            self.cells, self._cells_of = None, result.id
        views: dict[str, Builder] = {
            "Figures": lambda parent: self._figures(parent, result),
            "Confusion matrix": lambda parent: self.tall(
                parent, lambda inner: self._matrix(inner, result, folder), 420
            ),
        }
        if (folder / "thresholds.csv").is_file():
            views["Threshold"] = lambda parent: self.tall(parent, lambda inner: self._threshold(inner, result), 420)
        if result.reliability:
            views["Curves"] = lambda parent: self.tall(parent, lambda inner: self._curves(inner, result), 380)
        if result.by_tag:
            views["By tag"] = lambda parent: shown.TagView(parent, result)
        if result.rival is not None:
            rival = result.rival
            views["Two models"] = lambda parent: self.stack(parent, shown.rival_parts(result, rival))
        if result.suspects is not None:
            views["Suspect labels"] = lambda parent: self.tall(
                parent, lambda inner: self._suspects(inner, result, folder), 400
            )
        return views

    def _figures(self, parent: tk.Misc, result: EvaluateResult) -> tk.Misc:
        parts: list[Any] = [
            lambda inner: shown.headline(inner, result),
            lambda inner: Text(inner, shown.counts_words(result), colour=palette.MUTED),
            lambda inner: heading(inner, "Classes"),
            lambda inner: shown.per_class(inner, result),
        ]
        if result.ordinal is not None:
            parts += shown.ordinal_parts(result.ordinal)
        parts.append(lambda inner: shown.facts_of(inner, result))
        return self.stack(parent, parts, result.notices)

    def _matrix(self, parent: tk.Misc, result: EvaluateResult, folder: Path) -> tk.Misc:
        view = MatrixView(parent, result, folder, self.project, self._origin, self.host.tell)
        view.on_shown = self.host.keyboard.install
        view.bind("<Map>", lambda _event: view.correct.refresh() if view.correct is not None else None)
        self.matrix_view = view
        self._read_cells(view, result, lambda _cells: view.correct.show() if view.correct is not None else None)
        return view

    def _suspects(self, parent: tk.Misc, result: EvaluateResult, folder: Path) -> tk.Misc:
        view = SuspectView(parent, result, folder, self.project, self._origin, self.host.tell)
        view.bind("<Map>", lambda _event: view.correct.refresh())
        self.suspect_view = view
        self._read_cells(view, result, lambda _cells: view.correct.show())
        return view

    def _threshold(self, parent: tk.Misc, result: EvaluateResult) -> tk.Misc:
        frame = _Waiting(parent)
        self._read_cells(frame, result, lambda cells: self._put(frame, ThresholdView(frame, cells, result.classes)))
        return frame

    def _curves(self, parent: tk.Misc, result: EvaluateResult) -> tk.Misc:
        frame = _Waiting(parent)
        path = self.project.result_dir(self.step) / "curves.csv"
        background(
            frame, lambda: read_curves(path), lambda points: self._put(frame, CurvesView(frame, result, points)),
            frame.complain,
        )  # fmt: skip
        return frame

    def _put(self, frame: _Waiting, view: Any) -> None:
        frame.show(view)
        self.host.keyboard.install(frame)

    def _origin(self, cell_id: str) -> tuple[str, str] | None:
        return None if self.cells is None else self.cells.origin.get(cell_id)

    def _read_cells(self, widget: tk.Misc, result: EvaluateResult, then: Callable[[JudgedCells], object]) -> None:
        """Read the evaluated cells in the background, once for each result."""
        if self.cells is not None:
            then(self.cells)
            return
        path, classes = self.project.result_dir(self.step) / "cells.csv", list(result.classes)

        def got(cells: JudgedCells) -> None:
            if self._cells_of == result.id:
                self.cells = cells
                then(cells)

        complain = widget.complain if isinstance(widget, _Waiting) else lambda error: None
        background(widget, lambda: read_cells(path, classes), got, complain)


class _Waiting(Area):
    """Holds a view that comes when its table is read."""

    def __init__(self, master: tk.Misc) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.view: Any = None

    def show(self, view: Any) -> None:
        """Show the view."""
        self.view = view
        view.grid(row=0, column=0, sticky="nsew")

    def complain(self, error: Exception) -> None:
        """Say that the table cannot be read."""
        self.show(empty(self, "The table cannot be read", f"{error}. Evaluate again.", "warning"))
