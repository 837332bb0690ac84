"""The page of Extract where the task is to predict a stain."""

from __future__ import annotations

import tkinter as tk

from typing_extensions import override

from wizard.results import LabelExtractResult
from wizard.steps.page import StepPage
from wizard.widgets.panels import facts, figures
from wizard.widgets.tabs import Builder

_ROWS = {"nucleus": "Nuclei", "square": "Squares"}


class LabelExtractPage(StepPage):
    """A model and pictures to a table of what the network sees around each place."""

    step = "label_extract"
    instruction = "Read out what the network sees around each nucleus, or in each square."
    act = "Extract the features"
    again = "Extract again"
    promise = "Here you will see how many places were described, by how many features, and where their table is."

    @override
    def views(self, result: LabelExtractResult) -> dict[str, Builder]:
        return {"Summary": lambda parent: self._summary(parent, result)}

    def _summary(self, parent: tk.Misc, result: LabelExtractResult) -> tk.Misc:
        tiles = [
            (_ROWS.get(result.rows, result.rows), f"{result.n_rows:,}", "rows of the table"),
            ("Features", f"{result.n_features:,}", f"of the layer {result.layer}"),
            ("Fields of view", f"{result.n_fields:,}", ""),
        ]
        about = [
            ("Diameter of a nucleus", f"{result.diameter:.1f} px" if result.diameter else ""),
            ("Model", result.model),
            ("Table", "One row per place with its field, its position and its features; see Files."),
        ]
        return self.stack(
            parent,
            [
                lambda inner: figures(inner, tiles),
                lambda inner: facts(inner, [(name, value) for name, value in about if value]),
            ],
            result.notices,
        )
