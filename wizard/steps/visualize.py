"""The page of Visualize."""

from __future__ import annotations

import tkinter as tk
from typing import Any

from typing_extensions import override

from wizard.results import VisualizeResult
from wizard.steps.page import StepPage, seconds_text
from wizard.steps.visualize_analyses import batches_view, clusters_view, progression_view
from wizard.steps.visualize_maps import MapsView
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural
from wizard.widgets.map_frame import QUALITY
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

    panel: MapsView | None = None

    @override
    def views(self, result: VisualizeResult) -> dict[str, Builder]:
        views: dict[str, Builder] = {
            "Maps": lambda parent: self.tall(parent, lambda inner: self._maps(inner, result), 420)
        }
        if result.clusters is not None:
            views["Clusters"] = lambda parent: clusters_view(self, parent, result)
        if result.progression is not None:
            views["Progression"] = lambda parent: progression_view(self, parent, result)
        if result.batch is not None:
            views["Batches"] = lambda parent: batches_view(self, parent, result)
        views["Summary"] = lambda parent: self._summary(parent, result)
        return views

    def _maps(self, parent: tk.Misc, result: VisualizeResult) -> tk.Misc:
        if not result.maps:
            return empty(parent, "No maps", "No map was drawn. Choose at least one and draw again.", "visualize")
        self.panel = MapsView(parent, self.project, result, self.host.settings_changed)
        self.panel.on_shown = self.host.keyboard.install
        return self.panel

    def _summary(self, parent: tk.Misc, result: VisualizeResult) -> tk.Misc:
        parts: list[Any] = [
            lambda inner: _facts(inner, result),
            lambda inner: heading(inner, "Maps"),
            lambda inner: _table(inner, result),
            lambda inner: Text(inner, QUALITY, size="small", colour=palette.MUTED),
        ]
        if result.loadings:
            parts += [
                lambda inner: heading(inner, "Principal components"),
                lambda inner: _components(inner, result),
                lambda inner: Text(
                    inner, "The features that weigh most in each component, with their weights (all: loadings.csv).",
                    size="small", colour=palette.MUTED,
                ),
            ]  # fmt: skip
        return self.stack(parent, parts, result.notices)


def _facts(parent: tk.Misc, result: VisualizeResult) -> Area:
    rows = [
        ("Cells", f"{result.n_cells:,}"),
        ("Features", f"{result.n_features:,}"),
        ("Coloured by", result.colour),
        ("Time", seconds_text(result.seconds)),
    ]
    if result.n_laid_out and result.n_laid_out < result.n_cells:
        rows.insert(1, ("Laid out", f"{result.n_laid_out:,} of them; the others were put among these"))
    if result.n_placed:
        rows.insert(1, ("Placed", f"{plural(result.n_placed, 'other cell')} (rings on the maps)"))
    if result.judged_cells:
        judged = f"on {plural(result.judged_cells, 'cell')} drawn by lot, {result.judged_neighbours} neighbours each"
        rows.append(("Quality counted", judged))
    return facts(parent, rows)


def _table(parent: tk.Misc, result: VisualizeResult) -> Table:
    rows = [
        (
            item.title, str(item.dimensions), _figure(item.trustworthiness, 3), _share(item.preservation),
            f"{item.seconds:.1f}", item.note,
        ) for item in result.maps
    ]  # fmt: skip
    heads = ["Map", "Dimensions", "Trustworthiness", "Neighbours kept", "Seconds", "Remark"]
    return Table(parent, heads, rows, height=min(10, len(rows) or 1))


def _components(parent: tk.Misc, result: VisualizeResult) -> Table:
    rows = [
        (one.component, _share(one.share), ", ".join(f"{name} {weight:+.2f}" for name, weight in one.features.items()))
        for one in result.loadings
    ]
    return Table(parent, ["Component", "Variance", "Features"], rows, height=len(rows))


def _figure(value: float | None, digits: int) -> str:
    return "\u2013" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "\u2013" if value is None else f"{100 * value:.0f} %"
