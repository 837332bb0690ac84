"""The page of Train where the task is to predict a stain."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from wizard.plan import step_settings
from wizard.results import LabelCompareResult, LabelTrainResult
from wizard.results_label import ComparedHead
from wizard.steps.label_views import figure, share
from wizard.steps.page import StepPage, seconds_text
from wizard.widgets.basics import Area, plural
from wizard.widgets.line_chart import Line, LineChart
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.picture_view import PictureView
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

CONTINUE, COMPARE = "Continue the interrupted training", "Compare heads"
COMPARED = "label_compare"
_SMOOTH = 10


class LabelTrainPage(StepPage):
    """Fields of view to a network that predicts their stains."""

    step = "label_train"
    instruction = "Choose how long the network may learn, then start the training."
    act = "Start training"
    again = "Train again"
    promise = (
        "Here you will see the loss fall while the network learns, and a part of a picture with what it predicts "
        "there beside the truth."
    )

    chart: LineChart | None = None
    picture: PictureView | None = None
    _seen: tuple[int, ...] = ()

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        acts: list[tuple[str, Callable[[], None]]] = [(COMPARE, lambda: self.host.start([COMPARED]))]
        if (self.project.stain_training_dir / "state.json").is_file():
            acts.insert(0, (CONTINUE, lambda: self.host.start([self.step], {"resume": True})))
        return acts

    @override
    def marks(self) -> tuple[str, ...]:
        compared = self.project.result(COMPARED)
        return (*super().marks(), compared.id) if compared is not None else super().marks()

    # While it learns.

    @override
    def live_views(self) -> dict[str, Builder]:
        run = self.host.run
        if run is None or run.doing != self.step:
            return super().live_views()
        self._seen, self.chart, self.picture = (), None, None
        return {
            "Picture": lambda parent: self.tall(parent, self._live_picture, 260),
            "Curve": self._live_curve,
            "Notes": self._live_notes,
        }

    def _live_picture(self, parent: tk.Misc) -> tk.Misc:
        self.picture, self._seen = PictureView(parent), ()
        self.picture.wait("The first picture comes when the weights are judged for the first time.")
        return self.picture

    def _live_curve(self, parent: tk.Misc) -> tk.Misc:
        self.chart, self._seen = LineChart(parent, "Minutes", "Loss"), ()
        return self.chart

    @override
    def follow(self) -> None:
        super().follow()
        run = self.host.run
        if run is None or run.doing != self.step or (len(run.metrics), run.previews) == self._seen:
            return
        self._seen = (len(run.metrics), run.previews)
        if self.chart is not None and self.chart.winfo_exists():
            self.chart.show(live_lines(run.metrics))
        if self.picture is not None and self.picture.winfo_exists() and run.preview:
            self.picture.show(Path(run.preview))

    # What came out.

    @override
    def result_views(self) -> dict[str, Builder]:
        views = super().result_views()
        compared: LabelCompareResult | None = self.project.result(COMPARED)
        if compared is not None:
            files = views.pop("Files", None)
            views["Heads"] = lambda parent: self._heads(parent, compared)
            if files is not None:
                views["Files"] = files
        return views

    @override
    def views(self, result: LabelTrainResult) -> dict[str, Builder]:
        views: dict[str, Builder] = {"Summary": lambda parent: self._summary(parent, result)}
        picture = result.files.get("Check crop", "")
        if picture:
            path = self.project.result_dir(self.step) / picture
            views["Picture"] = lambda parent: self.tall(parent, lambda inner: _shown(inner, path), 260)
        views["Curve"] = lambda parent: self.tall(parent, lambda inner: self._curve(inner, result), 240)
        return views

    def _curve(self, parent: tk.Misc, result: LabelTrainResult) -> tk.Misc:
        self.chart = LineChart(parent, "Minutes", "Loss")
        self.chart.show(loss_lines(result.history))
        return self.chart

    def _summary(self, parent: tk.Misc, result: LabelTrainResult) -> tk.Misc:
        tiles = [(one.label, figure(one.pearson), "Pearson of the check pixels") for one in result.checks[:6]]
        parts: list[Any] = [
            lambda inner: figures(inner, tiles),
            lambda inner: heading(inner, "These figures flatter: the weights were chosen by them. Evaluate is honest."),
            lambda inner: facts(inner, _facts(result)),
        ]
        return self.stack(parent, parts, result.notices)

    def _heads(self, parent: tk.Misc, result: LabelCompareResult) -> tk.Misc:
        rows = [row for one in result.heads for row in _head_rows(one)]
        words = f"Each learnt for {result.minutes:g} min; judged on the hold-out ({result.split_by})."
        columns = ["Head", "Stain", "Pearson", "Pearson, bright", "SSIM", "In the interval", "Steps", "Seconds per MP"]
        return self.stack(
            parent, [lambda inner: heading(inner, words), lambda inner: Table(inner, columns, rows, height=len(rows))]
        )


def _head_rows(one: ComparedHead) -> list[tuple[str, ...]]:
    speed = "\u2013" if one.seconds_per_megapixel is None else f"{one.seconds_per_megapixel:.2f}"
    return [
        (one.title or one.head, stain.label, figure(stain.pearson), figure(stain.pearson_foreground),
         figure(stain.ssim), share(stain.coverage), f"{one.steps:,}", speed)
        for stain in one.stains
    ]  # fmt: skip


def _shown(parent: tk.Misc, path: Path) -> Area | PictureView:
    view = PictureView(parent)
    view.show(path)
    return view


def _facts(result: LabelTrainResult) -> list[tuple[str, str]]:
    heads = next(item.choices for item in step_settings("label_train") if item.name == "head")
    weights = "a moving average over the steps" if result.averaged else "those of one step"
    if result.members > 1:
        weights = f"{weights}; {result.members} sets, of each network and for stains that are best at another moment"
    rows = [
        ("Network", result.network_title),
        ("What is told of a pixel", heads.get(result.head, result.head)),
        ("Networks", f"{result.networks}, their answers averaged" if result.networks > 1 else "1"),
        ("Parameters", f"{result.parameters:,}"),
        ("Planes", f"{result.planes}"),
        ("Steps", f"{result.steps:,} of {plural(result.batch, 'crop')} of {result.crop} px"),
        ("Time", seconds_text(result.train_seconds)),
        ("Fields for training", f"{result.n_train_fields:,}, {result.train_pixels:,} pixels"),
        ("Check pixels", f"{result.check_pixels:,}"),
        ("Weights kept", weights),
        ("Started from", result.started_from),
        ("Layers that are new", ", ".join(result.fresh)),
        ("Model", result.model),
    ]
    return [(name, value) for name, value in rows if value]


def live_lines(metrics: Iterable[Mapping[str, float]]) -> list[Line]:
    """Return the lines of a training that runs, from what it told."""
    rows = list(metrics)
    return [Line(name, _points(rows, "minutes", key, 1.0)) for name, key in
            (("Check pixels", "val_loss"), ("Training crops", "loss"))]  # fmt: skip


def loss_lines(history: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Return the lines of a finished training: the loss of the check pixels, and that of the crops smoothed."""
    rows = list(history)
    crops = _points(rows, "seconds", "loss", 60.0)
    values = [y for _x, y in crops]
    smooth = [
        (x, sum(values[max(0, at - _SMOOTH + 1) : at + 1]) / min(at + 1, _SMOOTH)) for at, (x, _y) in enumerate(crops)
    ]
    thin = max(1, len(smooth) // 500)
    checked = Line("Check pixels", _points(rows, "seconds", "check_loss", 60.0), dots=True)
    return [checked, Line("Training crops", smooth[::thin])]


def _points(rows: list[Mapping[str, Any]], across: str, up: str, unit: float) -> list[tuple[float, float]]:
    found = [(row.get(across), row.get(up)) for row in rows]
    return [(x / unit, y) for x, y in found if x is not None and y is not None and math.isfinite(y)]
