"""The page of Evaluate where the task is to predict a stain."""

from __future__ import annotations

import tkinter as tk
from typing import Any

from typing_extensions import override

from wizard.results import LabelEvaluateResult, NoticeText
from wizard.results_label import ObjectFigures, PlanesFigures, SizeFigures
from wizard.steps.label_views import PANEL_WORDS, figure, pictures, share, with_words
from wizard.steps.page import StepPage
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural
from wizard.widgets.heat_maps import HeatMaps
from wizard.widgets.line_chart import Line, LineChart
from wizard.widgets.panels import facts, figures, heading, notice_list
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder
from wizard.words import catalogue

_HEADS = (
    "Stain", "Pearson", "Pearson, 1 million", "Pearson, bright", "Linear model", "Linear, bright", "SSIM",
    "Absolute error", "In the interval", "Bright from", "Bright pixels",
)  # fmt: skip


class LabelEvaluatePage(StepPage):
    """A model and pixels that it never saw to honest figures."""

    step = "label_evaluate"
    instruction = "See how alike predicted and true stains are, on pixels that the network never saw."
    act = "Evaluate the model"
    again = "Evaluate again"
    promise = (
        "Here you will see the correlation of each stain beside that of a linear model, where the errors are, "
        "and which nuclei are found, merged or missed."
    )

    @override
    def views(self, result: LabelEvaluateResult) -> dict[str, Builder]:
        folder = self.project.result_dir(self.step)
        views: dict[str, Builder] = {"Summary": lambda parent: self._summary(parent, result)}
        panel = result.files.get("Error panel", "")
        if panel:
            views["Errors"] = lambda parent: pictures(self, parent, PANEL_WORDS, {"Errors": panel}, folder)
        maps = [(one.label, one.heat_map) for one in result.stains if one.heat_map]
        if maps:
            views["Heat maps"] = lambda parent: self.tall(parent, lambda inner: _heat(inner, maps), 320)
        if result.objects is not None:
            views["Nuclei"] = lambda parent: self._nuclei(parent, result)
        if result.planes:
            views["Planes"] = lambda parent: self.tall(parent, lambda inner: _planes(inner, result.planes), 280)
        return views

    def _summary(self, parent: tk.Misc, result: LabelEvaluateResult) -> tk.Misc:
        tiles = [(one.label, figure(one.pearson), _beside(one.linear_pearson)) for one in result.stains[:6]]
        rows = [
            (one.label, figure(one.pearson), figure(one.pearson_sampled), figure(one.pearson_foreground),
             figure(one.linear_pearson), figure(one.linear_foreground), figure(one.ssim), figure(one.mae),
             share(one.coverage), figure(one.threshold), share(one.foreground))
            for one in result.stains
        ]  # fmt: skip
        seconds = result.predict_seconds
        about = [
            ("Judged on", f"{result.data}, {result.pixels:,} pixels of {plural(result.n_fields, 'field')}"),
            ("Held out by", result.split_by),
            ("Model", result.model),
            (
                "Speed",
                f"{result.pixels / seconds / 1e6:.2f} megapixels per second ({result.engine})" if seconds else "",
            ),
        ]
        parts: list[Any] = [
            lambda inner: heading(inner, "Pearson correlation of all pixels that were held out"),
            lambda inner: figures(inner, tiles),
            lambda inner: notice_list(inner, [NoticeText(level="warning", text=result.caution)]),
            lambda inner: Table(inner, _HEADS, rows, height=max(1, min(8, len(rows)))),
            lambda inner: Text(inner, "Bright are the pixels above Otsu\u2019s level of the true stain. "
                               "The interval promises 80 %.", size="small", colour=palette.MUTED),
            lambda inner: facts(inner, [(name, value) for name, value in about if value]),
        ]  # fmt: skip
        return self.stack(parent, parts, result.notices)

    def _nuclei(self, parent: tk.Misc, result: LabelEvaluateResult) -> tk.Misc:
        assert result.objects is not None
        one = result.objects
        parts: list[Any] = [
            lambda inner: heading(inner, f"Nuclei of {one.label}, true and predicted"),
            lambda inner: figures(inner, _errors(one)),
            lambda inner: Text(inner, f"Usual diameter {one.diameter:.0f} px. Accuracy is the share of true nuclei "
                               "without any such error; it can be negative.", size="small",
                               colour=palette.MUTED),
        ]  # fmt: skip
        if result.sizes:
            parts.append(lambda inner: heading(inner, "Diameters of live and dead nuclei"))
            parts.append(lambda inner: _sizes(inner, result.sizes))
        return self.stack(parent, parts)


def _beside(linear: float | None) -> str:
    return "" if linear is None else f"linear model {linear:.3f}"


def _errors(one: ObjectFigures) -> list[tuple[str, str, str]]:
    return [
        ("Nuclei", f"{one.predicted:,}", f"predicted; {one.true:,} are true"),
        ("Accuracy of the nuclei", share(one.accuracy), "after the published rule"),
        ("Split", f"{one.split:,}", "one was predicted as several"),
        (catalogue.say_in("nuclei", "Merged"), f"{one.merged:,}", "several were predicted as one"),
        ("Added", f"{one.added:,}", "predicted where there is none"),
        ("Missed", f"{one.missed:,}", "not predicted"),
    ]


def _sizes(parent: tk.Misc, sizes: list[SizeFigures]) -> Table:
    heads = ["Stain", "Live", "Dead", "Live, px", "Dead, px", "Kolmogorov-Smirnov", "p"]
    rows = [
        (one.kind, f"{one.live:,}", f"{one.dead:,}", figure(one.live_mean), figure(one.dead_mean),
         figure(one.statistic), "\u2013" if one.p is None else f"{one.p:.2g}")
        for one in sizes
    ]  # fmt: skip
    return Table(parent, heads, rows, height=max(1, len(rows)))


def _heat(parent: tk.Misc, maps: list[tuple[str, list[list[float]]]]) -> Area:
    return with_words(
        parent, "Of 1,000 pixels, how many have which true and predicted grey level; right is on the diagonal.",
        HeatMaps(parent, maps),
    )  # fmt: skip


def _planes(parent: tk.Misc, planes: list[PlanesFigures]) -> Area:
    chart = LineChart(parent, "Planes given", "Pearson")
    names = list(planes[0].pearson)
    lines = []
    for name in names:
        found = [(float(one.planes), one.pearson.get(name)) for one in planes]
        lines.append(Line(name, [(count, value) for count, value in found if value is not None], dots=True))
    chart.show(lines)
    return with_words(
        parent, "The network learnt all planes; here those that are not given are replaced by the nearest one that is.",
        chart,
    )  # fmt: skip
