"""The page of Predict."""

from __future__ import annotations

import csv
import itertools
import tkinter as tk
from pathlib import Path

from typing_extensions import override

from wizard.results import PredictResult
from wizard.steps.page import percent
from wizard.steps.predict_maps import MapsView
from wizard.steps.predict_samples import SamplesView
from wizard.steps.predict_watch import WatchTab
from wizard.widgets import palette
from wizard.widgets.bars import Bars
from wizard.widgets.basics import Area, Text
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.gallery_panel import GalleryPanel
from wizard.widgets.later import background
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.prediction_gallery import PredictionGallery
from wizard.widgets.share_bars import ShareBars
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

MOST_ROWS = 2000
"""Rows of predictions.csv that the page shows."""


class PredictPage(WatchTab):
    """A model and cells without labels to a table of predictions."""

    step = "predict"
    instruction = "Let the model name the class of each cell."
    act = "Predict the cells"
    again = "Predict again"
    promise = "Here you will see how many cells of each class were found, with a table and pictures."

    table: Table | None = None

    @override
    def views(self, result: PredictResult) -> dict[str, Builder]:
        views: dict[str, Builder] = {"Counts": lambda parent: self._counts(parent, result)}
        if result.samples:
            views["Samples"] = lambda parent: self.tall(parent, lambda inner: SamplesView(inner, result), 220)
        views["Table"] = lambda parent: self.tall(
            parent, lambda inner: PredictionTable(inner, self._folder / "predictions.csv", result), 220
        )
        gallery = result.gallery
        if gallery is not None and len(result.marks) == len(gallery.cells):
            views["Cells"] = lambda parent: self.tall(
                parent, lambda inner: PredictionGallery(inner, gallery, self._folder, result.marks), 240
            )
        elif gallery is not None:
            views["Cells"] = lambda parent: self.tall(
                parent, lambda inner: GalleryPanel(inner, gallery, self._folder, filters=True), 200
            )
        if result.maps:
            views["Map"] = lambda parent: MapsView(parent, result.maps, self._folder, self.host.tell)
        return views

    @property
    def _folder(self) -> Path:
        return self.project.result_dir(self.step)

    def _counts(self, parent: tk.Misc, result: PredictResult) -> tk.Misc:
        parts: list[Builder] = [
            lambda inner: _headline(inner, result),
            lambda inner: heading(inner, "Cells of each predicted class"),
            lambda inner: ShareBars(inner, result.shares) if result.shares else Bars(inner, result.counts),
        ]
        parts += [_paragraph(text) for text in _explained(result)]
        rows = [
            ("Cells from", result.data),
            ("Model", result.model),
            ("Speed", f"{result.images_per_second:,.0f} images per second ({result.engine})"),
        ]
        return self.stack(parent, [*parts, lambda inner: facts(inner, rows)], result.notices)


def _paragraph(text: str) -> Builder:
    return lambda inner: Text(inner, text, colour=palette.MUTED)


def _explained(result: PredictResult) -> list[str]:
    """Say what the intervals, the correction and the marks rest on."""
    if not result.shares:
        return []
    lines = [f"Intervals: 95 %, over {result.intervals_over}."]
    if result.uncorrected:
        lines.append(f"Shares are not corrected for wrong predictions: {result.uncorrected}.")
    else:
        lines.append(
            "Corrected: the shares that explain these predictions best, given how often the model mistook one class "
            "for another on its validation cells. It holds if these cells are as well recognised as those."
        )
    if result.limit is not None:
        lines.append(result.limit.words)
    if result.false_alarms is not None:
        lines.append(
            f"Unlike the training cells: farther from every class than all but {100 * result.false_alarms:g} % of the "
            "validation cells."
        )
    return lines


class PredictionTable(Area):
    """The first rows of predictions.csv, filtered by class."""

    def __init__(self, master: tk.Misc, path: Path, result: PredictResult) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self.rows: list[list[str]] = []
        self.table: Table | None = None
        self._at = 0
        top = Line(self)
        top.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        Text(top, "Show", colour=palette.MUTED, wrap=False).pack(side="left", padx=(0, 8))
        self.filter = Choice(top, ["all classes", *result.classes], ("all classes",), command=self.show_only, height=28)
        self.filter.pack(side="left", padx=(0, 16))
        self.words = Text(top, "Reading the table\u2026", colour=palette.MUTED)
        self.words.pack(side="left")
        self._total = result.n_cells
        background(self, lambda: read_rows(path, MOST_ROWS), self._got, self._not_got)

    def _got(self, found: tuple[list[str], list[list[str]]]) -> None:
        names, self.rows = found
        self._at = names.index("predicted") if "predicted" in names else 0
        self.table = Table(self, names, self.rows)
        self.table.grid(row=1, column=0, sticky="nsew")
        self._say(len(self.rows))

    def _not_got(self, error: Exception) -> None:
        self.words.say(f"predictions.csv cannot be read ({error}). Predict again.", palette.WARN)

    def show_only(self, name: str) -> None:
        """Show the cells that were predicted as one class, or all."""
        if self.table is not None:
            rows = [row for row in self.rows if name == "all classes" or row[self._at] == name]
            self.table.fill(rows)
            self._say(len(rows))

    def _say(self, shown: int) -> None:
        cut = f" of the first {len(self.rows):,}" if self._total > len(self.rows) else ""
        self.words.say(f"{shown:,}{cut} rows. Click a heading to sort.")


def read_rows(path: Path, most: int) -> tuple[list[str], list[list[str]]]:
    """Return the column names and the first rows of a CSV file, figures shortened for the eye."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        names = next(reader, [])
        rows = [[_short(value) for value in row] for row in itertools.islice(reader, most)]
    return names, rows


def _short(text: str) -> str:
    if "." in text and len(text) > 6:
        try:
            return f"{float(text):.3f}"
        except ValueError:
            return text
    return text


def _headline(parent: tk.Misc, result: PredictResult) -> Area:
    share = result.n_cells or 1
    return figures(
        parent,
        [
            ("Cells", f"{result.n_cells:,}", f"{len(result.counts)} classes found"),
            (
                "Unsure", f"{result.n_unsure:,}",
                f"{percent(result.n_unsure / share)} below {percent(result.threshold)} probability"
                if result.threshold else "no threshold is needed for so few wrong predictions",
            ),
            (
                "Unlike the training cells", f"{result.n_unfamiliar:,}",
                f"{percent(result.n_unfamiliar / share)}: look at them yourself",
            ),
        ],
    )  # fmt: skip
