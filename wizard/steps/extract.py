"""The page of Extract."""

from __future__ import annotations

import tkinter as tk

from typing_extensions import override

from wizard.results import ExtractResult
from wizard.steps.page import StepPage
from wizard.widgets.panels import facts, figures
from wizard.widgets.tabs import Builder


class ExtractPage(StepPage):
    """A model and cells to a table of features."""

    step = "extract"
    instruction = "Read out the features that the network sees in each cell."
    act = "Extract the features"
    again = "Extract again"
    promise = "Here you will see how many features were read out, and where their table is."

    @override
    def views(self, result: ExtractResult) -> dict[str, Builder]:
        return {"Summary": lambda parent: self._summary(parent, result)}

    def _summary(self, parent: tk.Misc, result: ExtractResult) -> tk.Misc:
        return self.stack(
            parent,
            [
                lambda inner: figures(
                    inner,
                    [
                        ("Cells", f"{result.n_cells:,}", result.data),
                        ("Features", f"{result.n_features:,}", "numbers for each cell"),
                        ("Layer", result.layer, result.layer_in_network),
                    ],
                ),
                lambda inner: facts(
                    inner,
                    [
                        ("Shape of the layer", " \u00d7 ".join(str(part) for part in result.shape)),
                        ("Model", result.model),
                        ("Speed", f"{result.images_per_second:,.0f} images per second ({result.engine})"),
                        ("Table", "One row per cell with its tags and features; see Files."),
                    ],
                ),
            ],
            result.notices,
        )
