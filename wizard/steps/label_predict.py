"""The page of Predict where the task is to predict a stain."""

from __future__ import annotations

import tkinter as tk
from typing import Any

from typing_extensions import override

from wizard.results import LabelPredictResult, NoticeText
from wizard.steps.label_views import left_out, pictures, share
from wizard.steps.page import StepPage
from wizard.widgets.basics import plural
from wizard.widgets.cues import cue_list
from wizard.widgets.panels import facts, figures, notice_list
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

_HEADS = ("Field", "Unlike the training", "Width, px", "Height, px", "Seconds", "File")
_COLOURS = ("blue", "orange", "green", "pink", "yellow", "cyan")


class LabelPredictPage(StepPage):
    """A model and stacks of transmitted light to predicted stains."""

    step = "label_predict"
    instruction = "Predict the stains of pictures that were never stained."
    act = "Predict the stains"
    again = "Predict again"
    promise = "Here you will see the predicted stains in colour on the transmitted light, and where their files are."

    @override
    def views(self, result: LabelPredictResult) -> dict[str, Builder]:
        shown = {one.name: one.overlay for one in result.fields if one.overlay}
        folder = self.project.result_dir(self.step)
        views: dict[str, Builder] = {}
        if shown:
            views["Pictures"] = lambda parent: pictures(self, parent, legend(result.labels), shown, folder)
        views["Summary"] = lambda parent: self._summary(parent, result)
        views["Fields"] = lambda parent: _fields(parent, result)
        if result.cues:
            views["Check"] = lambda parent: self.stack(parent, [lambda inner: cue_list(inner, result.cues)])
        return views | left_out(result.skipped)

    def _summary(self, parent: tk.Misc, result: LabelPredictResult) -> tk.Misc:
        pixels = sum(one.height * one.width for one in result.fields)
        seconds = sum(one.seconds for one in result.fields)
        tiles = [
            ("Fields of view", f"{len(result.fields):,}", f"{pixels / 1e6:.1f} megapixels"),
            ("Stains", f"{len(result.labels):,}", ", ".join(result.labels)),
            ("Unlike the training", f"{result.n_unlike:,}", plural(result.n_unlike, "field")),
        ]
        about = [
            ("Channels of each file", ", ".join(result.channels)),
            ("Model", result.model),
            ("Speed", f"{pixels / seconds / 1e6:.2f} megapixels per second, files included ({result.engine})"
             if seconds else ""),
            ("Pictures", "16 bits, 0 to 1 on the scale of the training; see Files."),
        ]  # fmt: skip
        parts: list[Any] = [
            lambda inner: figures(inner, tiles),
            lambda inner: notice_list(inner, [NoticeText(level="warning", text=result.caution)]),
            lambda inner: facts(inner, [(name, value) for name, value in about if value]),
        ]
        return self.stack(parent, parts, result.notices)


def legend(labels: list[str]) -> str:
    """Say which stain has which colour in the pictures."""
    named = (f"{label} {_COLOURS[at % len(_COLOURS)]}" for at, label in enumerate(labels))
    return f"Predicted stains on the transmitted light: {', '.join(named)}."


def _fields(parent: tk.Misc, result: LabelPredictResult) -> Table:
    heads = [*_HEADS, *(f"Bright {label}" for label in result.labels)]
    rows = [
        (one.name, one.unlike or "\u2013", f"{one.width:,}", f"{one.height:,}", f"{one.seconds:.1f}", one.file,
         *(share(one.bright.get(label)) for label in result.labels))
        for one in result.fields
    ]  # fmt: skip
    return Table(parent, heads, rows)
