"""The page of Visualize."""

from __future__ import annotations

import tkinter as tk

from typing_extensions import override

from wizard.results import VisualizeResult
from wizard.steps.page import StepPage, seconds_text
from wizard.widgets.basics import Area
from wizard.widgets.embedding import EmbeddingPanel
from wizard.widgets.panels import empty, facts, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder


class VisualizePage(StepPage):
    """Features to maps."""

    step = "visualize"
    instruction = "Draw maps on which similar cells lie close together."
    act = "Draw the maps"
    again = "Draw the maps again"
    promise = "Here you will see the maps, coloured by any tag, in the plane and in space."

    panel: EmbeddingPanel | None = None

    @override
    def views(self, result: VisualizeResult) -> dict[str, Builder]:
        return {
            "Maps": lambda parent: self.tall(parent, lambda inner: self._maps(inner, result), 230),
            "Summary": lambda parent: self._summary(parent, result),
        }

    def _maps(self, parent: tk.Misc, result: VisualizeResult) -> tk.Misc:
        if not result.maps:
            return empty(parent, "No maps", "No map was drawn. Choose at least one and draw again.")
        path = self.project.result_dir(self.step) / "maps.csv"
        self.panel = EmbeddingPanel(parent, path, result.maps, result.tags, result.colour)
        return self.panel

    def _summary(self, parent: tk.Misc, result: VisualizeResult) -> tk.Misc:
        return self.stack(
            parent,
            [
                lambda inner: _facts(inner, result),
                lambda inner: heading(inner, "Maps"),
                lambda inner: _table(inner, result),
            ],
            result.notices,
        )


def _facts(parent: tk.Misc, result: VisualizeResult) -> Area:
    return facts(
        parent,
        [
            ("Cells", f"{result.n_cells:,}"),
            ("Features", f"{result.n_features:,}"),
            ("Coloured by", result.colour),
            ("Time", seconds_text(result.seconds)),
        ],
    )


def _table(parent: tk.Misc, result: VisualizeResult) -> Table:
    rows = [(item.title, str(item.dimensions), f"{item.seconds:.1f}", item.note) for item in result.maps]
    return Table(parent, ["Map", "Dimensions", "Seconds", "Remark"], rows, height=min(10, len(rows) or 1))
