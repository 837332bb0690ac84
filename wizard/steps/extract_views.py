"""The tabs of Extract: what each feature is like, and which layers there are."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

from wizard import feature_lines
from wizard.feature_lines import FeatureLine
from wizard.model_layers import find, shape_text
from wizard.results import ExtractResult
from wizard.results_extract import LayerShape
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.later import background, in_chunks
from wizard.widgets.pick_table import Column, PickTable
from wizard.widgets.table import Table
from wizard.words import catalogue

MOST = 500
"""Features that the page shows."""
_ALL = "all features"
_HEADS = ("Feature", "From", "\u03b7\u00b2", "AUC", "of class", "Mean", "SD", "Missing", "Unit", "Meaning")


class FeaturesView(Area):
    """The features with the strongest relation to the target, with mean, spread and missing values."""

    def __init__(self, master: tk.Misc, result: ExtractResult, folder: Path) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self.lines: list[FeatureLine] = []
        self.table: Table | None = None
        Text(self, explained(result.target), size="small", colour=palette.MUTED).grid(
            row=0, column=0, sticky="ew", pady=(10, 6)
        )
        top = Line(self)
        top.grid(row=1, column=0, sticky="ew", pady=(0, 8))
        Text(top, "Show", colour=palette.MUTED, wrap=False).pack(side="left", padx=(0, 8))
        kinds = [_ALL, "of the network", *(["classical"] if result.classical else []),
                 *(["measured"] if result.measured else [])]  # fmt: skip
        self.filter = Choice(top, kinds, command=self.show_only, height=28)
        self.filter.pack(side="left", padx=(0, 16))
        self.words = Text(top, "Reading the table\u2026", colour=palette.MUTED)
        self.words.pack(side="left")
        background(self, lambda: feature_lines.by_relation(feature_lines.read(folder)), self._got, self._not_got)

    def _got(self, lines: list[FeatureLine]) -> None:
        self.lines = lines
        self.table = Table(self, _HEADS)
        self.table.grid(row=2, column=0, sticky="nsew")
        self.show_only(_ALL)

    def _not_got(self, error: Exception) -> None:
        self.words.say(f"{feature_lines.FILE} cannot be read ({error}). Extract again.", palette.WARN)

    def show_only(self, words: str) -> None:
        """Show the features of one kind, or all."""
        if self.table is None:
            return
        kind = {"of the network": "network"}.get(words, words)
        lines = [line for line in self.lines if words == _ALL or line.kind == kind]
        self.table.fill([_row(line) for line in lines[:MOST]])
        if not self.lines:
            self.words.say("This result is of an older version; extract again to see this table.")
            return
        cut = f"The first {MOST} of {len(lines):,}" if len(lines) > MOST else f"{len(lines):,}"
        self.words.say(f"{cut} features, the strongest relation first. Click a heading to sort.")


def explained(target: str) -> str:
    """Say what the columns mean, and with how much care they are to be read."""
    if not target:
        return "Mean and spread over all cells. These cells have no tag of the model's target to compare with."
    return (
        f"\u03b7\u00b2 is the share of a feature's variance that lies between the values of {target}; AUC is the "
        "chance that a cell of the named class has a larger value than another cell. The network has learned from "
        "some of these cells, so its own features look better here than on new ones."
    )


def _row(line: FeatureLine) -> list[str]:
    kind = catalogue.say(feature_lines.KINDS.get(line.kind, line.kind))
    missing = "" if line.missing is None else f"{100 * line.missing:.3g} %"
    return [
        line.name, kind, _figure(line.eta2, ".3f"), _figure(line.auc, ".3f"),
        line.auc_class, _figure(line.mean, ".4g"), _figure(line.sd, ".3g"), missing, line.unit, line.meaning,
    ]  # fmt: skip


def _figure(value: float | None, how: str) -> str:
    return "\u2013" if value is None else format(value, how)


class LayersView(Area):
    """All layers of the network with their shapes; picking one sets it as the layer to read."""

    def __init__(
        self, master: tk.Misc, layers: Sequence[LayerShape], current: str, choose: Callable[[str], object]
    ) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self._layers, self._choose = {one.name: one for one in layers}, choose
        words = "Pick the layer to read, from the input at the top to the classes at the bottom; then extract again."
        Text(self, words, size="small", colour=palette.MUTED).grid(row=0, column=0, sticky="ew", pady=(10, 6))
        columns = [Column("Layer", 300), Column("Name", 90), Column("Shape for one cell", 160, "e"),
                   Column("Averaged", 90, "e"), Column("All positions", 110, "e")]  # fmt: skip
        self.table = PickTable(self, columns, self._picked, single=True)
        self.table.grid(row=1, column=0, sticky="nsew")
        now = find(layers, current)
        self._now = now.name if now else ""
        rows = {one.name: _layer_row(one) for one in layers}
        # A deep network has hundreds of layers: the window may look up in between.
        in_chunks(self, [lambda: self.table.show(rows, most=len(rows)), self._pick_now])

    def _pick_now(self) -> None:
        if self._now:
            self.table.pick(self._now)

    def _picked(self, names: list[str]) -> None:
        self.table.colours(dict.fromkeys(names, palette.now(palette.ACCENT)))
        if names and names[0] != self._now:
            self._now = names[0]
            self._choose(self._layers[names[0]].stage or names[0])


def _layer_row(one: LayerShape) -> list[str]:
    every = 1
    for side in one.shape:
        every *= side
    return [one.name, one.stage, shape_text(one.shape), f"{one.shape[-1]:,}", f"{every:,}"]
