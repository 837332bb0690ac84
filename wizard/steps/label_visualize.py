"""The page of Visualize where the task is to predict a stain."""

from __future__ import annotations

import tkinter as tk

from typing_extensions import override

from wizard.results import LabelVisualizeResult
from wizard.steps.label_evaluate import PANEL_WORDS, with_words
from wizard.steps.page import StepPage
from wizard.steps.predict_maps import MapsView
from wizard.widgets.panels import notice_list
from wizard.widgets.tabs import Builder

_COLOURS = "Left predicted, right true where it is known; each stain in a colour of its own on the transmitted light."
_MAP_FILE = "map.png"


class LabelVisualizePage(StepPage):
    """Predictions and features to pictures."""

    step = "label_visualize"
    instruction = "See predicted and true stains side by side, and a map of the features."
    act = "Draw the pictures"
    again = "Draw again"
    promise = "Here you will see the stains in colour, where prediction and truth differ, and a map of the features."

    @override
    def views(self, result: LabelVisualizeResult) -> dict[str, Builder]:
        folder = self.project.result_dir(self.step)
        views: dict[str, Builder] = {}

        def pictures(parent: tk.Misc, words: str, files: dict[str, str]) -> tk.Misc:
            return self.tall(
                parent, lambda inner: with_words(inner, words, MapsView(inner, files, folder, self.host.tell)), 300
            )

        if result.overlays:
            views["Stains"] = lambda parent: pictures(parent, _COLOURS, result.overlays)
        if result.panels:
            views["Errors"] = lambda parent: pictures(parent, PANEL_WORDS, result.panels)
        if result.map and (folder / _MAP_FILE).is_file():
            parts = ", ".join(f"{100 * part:.0f} %" for part in result.explained)
            words = f"Each point is a row of Extract; the two components hold {parts} of the variation."
            views["Map"] = lambda parent: pictures(parent, words, {"Map of the features": _MAP_FILE})
        if result.notices:
            views["Notes"] = lambda parent: self.stack(parent, [lambda inner: notice_list(inner, result.notices)])
        return views
