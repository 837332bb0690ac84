"""Cells whose label may be wrong, on the page of Evaluate."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path

from wizard.engine.errors import UserError
from wizard.results_evaluate import EvaluateResult
from wizard.steps.evaluate_correct import CorrectPanel
from wizard.steps.session import WindowProject
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural
from wizard.widgets.pick_gallery import PickPanel


class SuspectView(Area):
    """The pictures of suspect cells, and the panel that corrects a label."""

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
        assert result.suspects is not None
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        words = (
            f"{plural(result.n_suspects, 'cell')} of {result.n_cells:,} may carry a wrong label (confident learning): "
            "labelled class \u2192 class that it looks like, the most suspicious first. The model may be wrong as "
            "well: look before you correct."
        )
        Text(self, words, colour=palette.MUTED).grid(row=0, column=0, sticky="ew", pady=(0, 8))
        self.panel = PickPanel(self, result.suspects, folder, filters=True)
        self.panel.grid(row=1, column=0, sticky="nsew")
        self.correct = CorrectPanel(self, self.panel, project, result.target, result.classes, origin, refuse)
        self.correct.grid(row=2, column=0, sticky="ew", pady=(10, 0))
