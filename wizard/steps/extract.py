"""The page of Extract."""

from __future__ import annotations

import tkinter as tk
from pathlib import Path

from typing_extensions import override

from wizard.model_layers import known_layers, shape_text
from wizard.results import ExtractResult
from wizard.results_extract import LayerShape
from wizard.steps.extract_views import FeaturesView, LayersView
from wizard.steps.page import StepPage
from wizard.widgets.basics import plural
from wizard.widgets.later import background
from wizard.widgets.layer_field import LayerField
from wizard.widgets.panels import facts, figures
from wizard.widgets.tabs import Builder


class ExtractPage(StepPage):
    """A model and cells to a table of features."""

    step = "extract"
    instruction = "Read out the features that the network sees in each cell."
    act = "Extract the features"
    again = "Extract again"
    promise = "Here you will see how many features were read out, what they are like, and where their table is."

    _asked: tuple[str, ...] = ()

    @override
    def refresh(self) -> None:
        super().refresh()
        self._offer_layers()

    def _offer_layers(self) -> None:
        """Look up the layers of the chosen model, when that is another one than before."""
        field = self.form.fields.get("layer") if self.form is not None else None
        if not isinstance(field, LayerField):
            return
        models = self.project.models()
        asked = (self.project.plan.extract.model, str(models[0]) if models else "", *self.marks())
        if asked == self._asked:
            return
        self._asked = asked
        project = self.project

        def offer(layers: list[LayerShape]) -> None:
            if asked == self._asked:
                field.offer(layers)

        background(self, lambda: known_layers(project), offer)

    @override
    def _changed(self) -> None:
        super()._changed()
        self._offer_layers()

    @override
    def views(self, result: ExtractResult) -> dict[str, Builder]:
        folder = self.project.result_dir(self.step)
        views: dict[str, Builder] = {
            "Summary": lambda parent: self._summary(parent, result),
            "Features": lambda parent: self.tall(parent, lambda inner: self._features(inner, result, folder), 260),
        }
        if result.layers:
            views["Layers"] = lambda parent: self.tall(parent, lambda inner: self._layers(inner, result), 220)
        return views

    def _features(self, parent: tk.Misc, result: ExtractResult, folder: Path) -> tk.Misc:
        self.features_view = FeaturesView(parent, result, folder)
        return self.features_view

    def _layers(self, parent: tk.Misc, result: ExtractResult) -> tk.Misc:
        self.layers_view = LayersView(parent, result.layers, self.project.plan.extract.layer, self._choose_layer)
        return self.layers_view

    def _choose_layer(self, name: str) -> None:
        self.attempt({"layer": name})

    def _summary(self, parent: tk.Misc, result: ExtractResult) -> tk.Misc:
        stage = result.layer if result.layer != result.layer_in_network else shape_text(result.shape)
        more = [("classical", result.classical), ("measured", result.measured)]
        beside = " and ".join(f"{len(names)} {word}" for word, names in more if names)
        tiles = [
            ("Cells", f"{result.n_cells:,}", result.data),
            (
                "Features",
                f"{result.n_features:,}",
                f"of the network; beside them {beside}" if beside else "of the network",
            ),
            ("Layer", result.layer_in_network or result.layer, stage),
        ]
        return self.stack(
            parent,
            [lambda inner: figures(inner, tiles), lambda inner: facts(inner, _facts(result))],
            result.notices,
        )


def _facts(result: ExtractResult) -> list[tuple[str, str]]:
    layout = "averaged over the positions" if result.layout == "average" else "every position kept"
    shape = f"{shape_text(result.shape)}, {layout}" if len(result.shape) > 1 else shape_text(result.shape)
    rows = [("Shape of the layer", shape), ("Model", result.model)]
    if result.classical:
        rows.append(("Classical features", f"{len(result.classical)}: outline, intensity and texture. {found(result)}"))
    if result.measured:
        names = ", ".join(result.measured[:6]) + (" \u2026" if len(result.measured) > 6 else "")
        rows.append(("Measurements of the files", f"{len(result.measured)}: {names}"))
    if result.renamed:
        rows.append(
            ("Tags under another name", ", ".join(f"{tag} \u2192 {name}" for tag, name in result.renamed.items()))
        )
    rows.append(("Speed", f"{result.images_per_second:,.0f} images per second ({result.engine})"))
    rows.append(("Table", "One row per cell with its tags and features; see Files."))
    return rows


def found(result: ExtractResult) -> str:
    """Say how the pixels of the cells were found for classical features."""
    words = {"mask": "by its mask", "threshold": "by a threshold", "nothing": "not at all"}
    parts = [f"{plural(number, 'cell')} {words[name]}" for name, number in result.found.items() if number]
    return f"Found: {', '.join(parts)}." if parts else ""
