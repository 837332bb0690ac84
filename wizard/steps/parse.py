"""The page of Parse."""

from __future__ import annotations

import tkinter as tk

from typing_extensions import override

from wizard.results import ParseResult
from wizard.steps.page import StepPage
from wizard.widgets.basics import Area, plural
from wizard.widgets.gallery_panel import GalleryPanel
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

_VALUES = 12


class ParsePage(StepPage):
    """Raw images to a data set."""

    step = "parse"
    instruction = "Choose the folder with your cell images and turn them into a data set."
    act = "Parse the images"
    again = "Parse the images again"
    promise = "Here you will see how many cells were found, their tags, and pictures of them by class."

    @override
    def views(self, result: ParseResult) -> dict[str, Builder]:
        views: dict[str, Builder] = {"Summary": lambda parent: self._summary(parent, result)}
        gallery = result.gallery
        if gallery is not None:
            folder = self.project.result_dir(self.step)
            views["Cells"] = lambda parent: self.tall(
                parent, lambda inner: GalleryPanel(inner, gallery, folder, filters=True), 200
            )
        views["Tags"] = lambda parent: self._tags(parent, result)
        if result.n_skipped or result.skipped:
            views[f"Left out ({result.n_skipped or len(result.skipped):,})"] = lambda parent: Table(
                parent, ["File", "Why"], [(item.file, item.why) for item in result.skipped]
            )
        return views

    def _summary(self, parent: tk.Misc, result: ParseResult) -> tk.Misc:
        return self.stack(
            parent,
            [
                lambda inner: _headline(inner, result),
                lambda inner: _facts(inner, result),
                lambda inner: heading(inner, f"Classes of the tag {result.target or 'class'}"),
                lambda inner: _classes(inner, result),
            ],
            result.notices,
        )

    def _tags(self, parent: tk.Misc, result: ParseResult) -> Table:
        rows = []
        for tag, values in result.tags.items():
            listed = [f"{value} ({count:,})" for value, count in list(values.items())[:_VALUES]]
            more = f" and {len(values) - _VALUES:,} more" if len(values) > _VALUES else ""
            use = "can be learned" if tag in result.targets else "same for all cells"
            rows.append((tag, f"{len(values):,}", ", ".join(listed) + more, use))
        return Table(parent, ["Tag", "Values", "Value (cells)", "Use"], rows)


def _headline(parent: tk.Misc, result: ParseResult) -> Area:
    hold = result.counts.get("holdout", 0)
    frame = f"{result.frame[1]} \u00d7 {result.frame[0]} px"
    return figures(
        parent,
        [
            ("Cells", f"{result.n_cells:,}", f"from {plural(result.n_files, 'file')}"),
            ("Channels", f"{len(result.channels)}", ", ".join(item.name for item in result.channels)),
            ("Frame size", frame, f"{result.padded:,} padded, {result.larger:,} larger"),
            ("For training", f"{result.counts.get('train', 0):,}", "cells"),
            ("Hold-out", f"{hold:,}", "cells that no training sees"),
            ("Left out", f"{result.n_skipped:,}", "files" if result.n_skipped != 1 else "file"),
        ],
    )


def _facts(parent: tk.Misc, result: ParseResult) -> Area:
    channels = ", ".join(f"{item.number}: {item.name}" for item in result.channels)
    return facts(
        parent,
        [
            ("Channels (number: name)", channels),
            ("Stored as", f"{result.dtype}, as the instrument wrote it"),
            ("Hold-out chosen by", result.split_by),
            ("Excluded cells", f"{result.counts.get('excluded', 0):,}"),
        ],
    )


def _classes(parent: tk.Misc, result: ParseResult) -> Table:
    splits = [name for name in ("train", "holdout", "excluded") if any(name in row for row in result.classes.values())]
    titles = {"train": "Training", "holdout": "Hold-out", "excluded": "Excluded"}
    rows = [
        (name, *(f"{row.get(split, 0):,}" for split in splits), f"{sum(row.values()):,}")
        for name, row in result.classes.items()
    ]
    table = Table(parent, ["Class", *(titles[name] for name in splits), "All"], rows, height=min(10, len(rows) or 1))
    return table
