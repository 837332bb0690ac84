"""The Samples tab of Predict: how many cells of each class every sample, donor or source has."""

from __future__ import annotations

import tkinter as tk

from wizard.results_predict import PredictResult, SampleRow
from wizard.steps.page import percent
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.table import Table

KINDS = COUNTS, SHARES, CORRECTED = "counts", "shares", "corrected shares"


class SamplesView(Area):
    """A menu of the tags and of what is shown, and the table."""

    def __init__(self, master: tk.Misc, result: PredictResult) -> None:
        super().__init__(master)
        self.result = result
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        top = Line(self)
        top.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        tags = list(dict.fromkeys(row.tag for row in result.samples))
        corrected = any(row.corrected for row in result.samples)
        self.tag, self.kind = tags[0], SHARES
        self.menus = [
            self._menu(top, "By", tags, lambda value: self.show(tag=value)),
            self._menu(top, "Show", [SHARES, COUNTS, *([CORRECTED] if corrected else [])],
                       lambda value: self.show(kind=value)),
        ]  # fmt: skip
        self.words = Text(top, "", colour=palette.MUTED)
        self.words.pack(side="left")
        self.table = Table(self, [])
        self.show()

    def _menu(self, parent: tk.Misc, title: str, values: list[str], act: object) -> Choice:
        Text(parent, title, wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
        menu = Choice(parent, values, KINDS, command=act, height=28, width=140)
        menu.pack(side="left", padx=(0, 16))
        return menu

    def show(self, tag: str = "", kind: str = "") -> None:
        """Show the values of a tag, as counts, shares or corrected shares; "" leaves it as it is."""
        self.tag, self.kind = tag or self.tag, kind or self.kind
        self.table.destroy()
        rows = [self._line(row) for row in self.result.samples if row.tag == self.tag]
        columns = [self.tag, "Cells", "Unsure", "Unlike training", *self.result.classes]
        self.table = Table(self, columns, rows)
        self.table.grid(row=1, column=0, sticky="nsew")
        self.words.say(f"{len(rows):,} rows. All figures with intervals: samples.csv.")

    def _line(self, row: SampleRow) -> list[str]:
        if self.kind == COUNTS:
            cells = [f"{row.counts.get(name, 0):,}" for name in self.result.classes]
        elif self.kind == CORRECTED:
            cells = [percent(row.corrected.get(name)) for name in self.result.classes]
        else:
            cells = [percent(row.counts.get(name, 0) / max(1, row.cells)) for name in self.result.classes]
        return [row.value or "(none)", f"{row.cells:,}", f"{row.unsure:,}", f"{row.unfamiliar:,}", *cells]
