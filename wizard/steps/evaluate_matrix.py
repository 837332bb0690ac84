"""The confusion matrix with the cells behind each of its fields."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path

from wizard.engine.errors import UserError
from wizard.results_evaluate import EvaluateResult
from wizard.steps.evaluate_correct import CorrectPanel
from wizard.steps.session import WindowProject
from wizard.widgets.basics import Area, Button, Text, font
from wizard.widgets.choice import Choice
from wizard.widgets.confusion import Confusion, Shares
from wizard.widgets.gallery import Group
from wizard.widgets.panels import empty
from wizard.widgets.pick_gallery import PickPanel

_MODES: dict[str, Shares] = {
    "Numbers of cells": "counts", "Share of each true class": "rows", "Share of each predicted class": "columns",
}  # fmt: skip
_WRONG = "Wrong cells, most confident first"


class MatrixView(Area):
    """The matrix at the left; at the right the wrong cells, or those of the field that was chosen."""

    def __init__(
        self,
        master: tk.Misc,
        result: EvaluateResult,
        folder: Path,
        project: WindowProject,
        origin: Callable[[str], tuple[str, str] | None],
        refuse: Callable[[UserError], None],
    ) -> None:
        super().__init__(master)
        self.result = result
        self.columnconfigure((0, 1), weight=1, uniform="half")
        self.rowconfigure(1, weight=1)
        self.matrix = Confusion(self, result.classes, result.confusion, self._chosen)
        self.mode = Choice(self, list(_MODES), command=self.show_as, height=28, width=230)
        self.mode.grid(row=0, column=0, sticky="w", pady=(0, 8))
        self.matrix.grid(row=1, column=0, sticky="nsew", padx=(0, 16))
        top = Area(self)
        top.columnconfigure(0, weight=1)
        top.grid(row=0, column=1, sticky="ew", pady=(0, 8))
        self.choice = Text(top, _WRONG, weight="bold")
        self.choice.grid(row=0, column=0, sticky="ew")
        self.show_all = Button(top, "Wrong cells", command=self.wrong, width=96, height=26, font=font())
        self.on_shown: Callable[[tk.Misc], None] = lambda widget: None
        self.panel: PickPanel | None = None
        self.correct: CorrectPanel | None = None
        gallery = result.behind or result.gallery
        if gallery is None or not gallery.cells:
            empty(self, "No pictures", "Evaluate again to see the cells behind the matrix.", "image").grid(
                row=1, column=1, sticky="nsew"
            )
        else:
            self.panel = PickPanel(self, gallery, folder)
            self.panel.grid(row=1, column=1, sticky="nsew")
            self.correct = CorrectPanel(self, self.panel, project, result.target, result.classes, origin, refuse)
            self.correct.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(10, 0))
            tk.Misc.lift(self.panel, top)
            tk.Misc.lift(self.correct, self.panel)
            self.wrong()
        tk.Misc.lift(self.matrix, self.mode)

    def show_as(self, mode: str) -> None:
        """Show counts, or shares by row or by column."""
        self.mode.set(mode)
        self.matrix.show_as(_MODES[mode])

    def _groups(self, label: str | None) -> list[Group]:
        """Return the cells of one field, or of all where the model was wrong."""
        assert self.panel is not None
        found: dict[str, list[int]] = {}
        for index, cell in enumerate(self.panel.cells.gallery.cells):
            true, _arrow, predicted = cell.label.partition(" \u2192 ")
            if cell.label == label or (label is None and true != predicted):
                found.setdefault(cell.label, []).append(index)
        return [Group(name, tuple(cells)) for name, cells in found.items()]

    def _show(self, label: str | None) -> None:
        if self.panel is not None:
            self.panel.cells.show_groups(self._groups(label))
            self.panel.cells.pick(None)
            self.panel.tell_number()
        if self.correct is not None:
            self.correct.show()

    def _chosen(self, true: str, predicted: str) -> None:
        row, column = self.result.classes.index(true), self.result.classes.index(predicted)
        cells = self.result.confusion[row][column]
        kind = "right" if true == predicted else "wrong"
        self.choice.say(f"True {true}, predicted {predicted} ({kind}): {cells:,}, most confident first")
        self._show(f"{true} \u2192 {predicted}")
        self.show_all.grid(row=0, column=1, padx=(8, 0))
        self.on_shown(self.show_all.master)

    def wrong(self) -> None:
        """Show all wrong cells."""
        self.choice.say(_WRONG)
        self.show_all.grid_forget()
        self._show(None)
        self.matrix.chosen = None
        self.matrix.redraw()
