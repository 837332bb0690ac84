"""The page of Parse where the task is to predict a stain."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from wizard.results import LabelParseResult
from wizard.steps.page import StepPage
from wizard.steps.predict_maps import MapsView
from wizard.widgets.basics import plural
from wizard.widgets.cues import cue_list
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

NO_PREPARATION = "none"


class LabelParsePage(StepPage):
    """Pictures of fields of view to a set that a network can learn from."""

    step = "label_parse"
    instruction = "Choose stacks of transmitted light with pictures of their stains."
    act = "Parse the pictures"
    again = "Parse the pictures again"
    promise = (
        "Here you will see which fields of view were found, their planes and stains, what the preparation does to "
        "them, and what is held out for honest figures."
    )

    @override
    def views(self, result: LabelParseResult) -> dict[str, Builder]:
        views: dict[str, Builder] = {"Summary": lambda parent: self._summary(parent, result)}
        views["Fields"] = lambda parent: fields_of(parent, result)
        pictures = {"What each operation does": result.files["Preparation"]} if "Preparation" in result.files else {}
        if pictures:
            folder = self.project.result_dir(self.step)
            views["Preparation"] = lambda parent: self.tall(
                parent, lambda inner: MapsView(inner, pictures, folder, self.host.tell), 240
            )
        if result.cues:
            views["Check"] = lambda parent: self.stack(parent, [lambda inner: cue_list(inner, result.cues)])
        if result.skipped:
            views[f"Left out ({len(result.skipped):,})"] = lambda parent: Table(
                parent, ["File", "Why"], [(item.file, item.why) for item in result.skipped]
            )
        return views

    def _summary(self, parent: tk.Misc, result: LabelParseResult) -> tk.Misc:
        held = result.pixels.get("holdout", 0)
        whole = max(1, held + result.pixels.get("train", 0))
        tiles = [
            ("Fields of view", f"{result.n_fields:,}", f"{plural(result.planes, 'plane')} of transmitted light"),
            ("Stains", f"{len(result.labels):,}", ", ".join(result.labels)),
            ("Hold-out", f"{100 * held / whole:.0f} %", f"of the pixels, by {result.split_by}"),
        ]
        levels = [(name, words) for name, words in result.levels.items()]
        parts: list[Any] = [
            lambda inner: figures(inner, tiles),
            lambda inner: facts(inner, _facts(result)),
            lambda inner: heading(inner, "Grey levels"),
            lambda inner: facts(inner, levels),
        ]
        if result.previewed:
            parts.append(lambda inner: heading(inner, "Rows of the picture of the preparation, from the top"))
            parts.append(
                lambda inner: facts(inner, [(str(at + 1), words) for at, words in enumerate(result.previewed)])
            )
        return self.stack(parent, parts, result.notices)


def _facts(result: LabelParseResult) -> list[tuple[str, str]]:
    rows = [
        ("Fields for training", f"{result.fields.get('train', 0):,}"),
        ("Fields with hold-out", f"{result.fields.get('holdout', 0):,}"),
        ("Pixels for training", f"{result.pixels.get('train', 0):,}"),
        ("Pixels held out", f"{result.pixels.get('holdout', 0):,}"),
        ("Size", sizes_text(result.sizes)),
        ("Preparation", ", ".join(result.prepared) or NO_PREPARATION),
    ]
    if result.pixel_size:
        rows.append(("Pixel size", f"{result.pixel_size:.4g} \u00b5m"))
    return rows


def sizes_text(sizes: Sequence[tuple[int, int]]) -> str:
    """Return the sizes of fields (height, width) in words, width first."""
    different = sorted({(width, height) for height, width in sizes})
    shown = ", ".join(f"{width} \u00d7 {height} px" for width, height in different[:3])
    return f"{shown} \u2026" if len(different) > 3 else shown


def fields_of(parent: tk.Misc, result: LabelParseResult) -> Table:
    """Return all fields with their sizes."""
    rows = [
        (name, f"{width:,}", f"{height:,}")
        for name, (height, width) in zip(result.names, result.sizes, strict=False)
    ]  # fmt: skip
    return Table(parent, ["Field", "Width, px", "Height, px"], rows)
