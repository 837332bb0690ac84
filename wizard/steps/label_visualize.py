"""The page of Visualize where the task is to predict a stain."""

from __future__ import annotations

from typing_extensions import override

from wizard.results import LabelVisualizeResult
from wizard.steps.label_views import PANEL_WORDS, pictures
from wizard.steps.page import StepPage
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
        if result.overlays:
            views["Stains"] = lambda parent: pictures(self, parent, _COLOURS, result.overlays, folder)
        if result.panels:
            views["Errors"] = lambda parent: pictures(self, parent, PANEL_WORDS, result.panels, folder)
        if result.map and (folder / _MAP_FILE).is_file():
            parts = ", ".join(f"{100 * part:.0f} %" for part in result.explained)
            words = f"Each point is a row of Extract; the two components hold {parts} of the variation."
            views["Map"] = lambda parent: pictures(self, parent, words, {"Map of the features": _MAP_FILE}, folder)
        if result.notices:
            views["Notes"] = lambda parent: self.stack(parent, [lambda inner: notice_list(inner, result.notices)])
        return views
