"""The Clusters tab of Visualize: how many, what they consist of, and how their typical cells look."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wizard.results import VisualizeResult
from wizard.results_visualize import Cluster, Clusters
from wizard.steps.page import StepPage, percent
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural, px
from wizard.widgets.choice import Choice
from wizard.widgets.later import background
from wizard.widgets.mix_bars import MOST, MixBars, shares_in_words
from wizard.widgets.panels import empty, figures, heading
from wizard.widgets.table import Table

ABOUT = (
    "Clusters are groups of cells that lie close together in the features. How many there are depends on the "
    "resolution under Advanced settings; they are a way to look at the cells, not kinds of cells that were proven."
)
_EACH, _MOST_PICTURES = 6, 120


def clusters_view(page: StepPage, parent: tk.Misc, result: VisualizeResult) -> tk.Misc:
    """Return the figures, the mix by any tag, typical cells and the table of the clusters."""
    found = result.clusters
    assert found is not None
    if not found.clusters:
        return empty(
            parent, "No clusters", "No cell could be put in a cluster. Extract more cells and draw again.", "visualize"
        )
    sets = [page.project.root / name for name in result.data_sets]
    parts: list[Any] = [
        lambda inner: _figures(inner, found),
        lambda inner: Text(inner, in_words(found)),
        lambda inner: Mixes(inner, found),
    ]
    if sets:
        parts.append(lambda inner: heading(inner, "Typical cells"))
        parts.append(lambda inner: Typical(inner, found.clusters, sets, page.host.keyboard.install))
    parts += [
        lambda inner: heading(inner, "All clusters"),
        lambda inner: table(inner, found),
        lambda inner: Text(inner, ABOUT, colour=palette.MUTED),
    ]
    return page.stack(parent, parts)


def _figures(parent: tk.Misc, found: Clusters) -> Area:
    agreement = "\u2013" if found.agreement is None else f"{found.agreement:.2f}"
    stability = "\u2013" if found.stability is None else f"{found.stability:.2f}"
    return figures(
        parent,
        [
            ("Clusters", str(len(found.clusters)), f"Leiden, resolution {found.resolution:g}"),
            (f"Agreement with {found.tag}" if found.tag else "Agreement", agreement, "0 by chance, 1 the same groups"),
            ("Stability", stability, "two runs with different seeds; 1 is equal"),
        ],
    )


def in_words(found: Clusters) -> str:
    """Say in plain words what the two figures mean here."""
    said = []
    if found.agreement is not None:
        words = (
            "are nearly" if found.agreement >= 0.8 else "partly follow" if found.agreement >= 0.3 else "hardly follow"
        )
        said.append(f"The clusters {words} the values of {found.tag}.")
    if found.stability is not None and found.stability < 0.7:
        said.append("Another run draws other borders: do not build on single clusters; try a lower resolution.")
    elif found.stability is not None:
        said.append("Another run finds about the same clusters.")
    return " ".join(said)


class Mixes(Area):
    """The mix of each cluster by a tag that can be chosen."""

    def __init__(self, master: tk.Misc, found: Clusters) -> None:
        super().__init__(master)
        self.found = found
        self.columnconfigure(0, weight=1)
        top = Area(self)
        top.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        tags = list(found.clusters[0].tags)
        self.tag = found.tag if found.tag in tags else next(iter(tags), "")
        Text(top, "What the clusters consist of, by", size="heading", weight="bold", wrap=False).pack(side="left")
        if len(tags) > 1:
            self.menu = Choice(top, tags, (), command=self.show, height=28, width=150)
            self.menu.set(self.tag)
            self.menu.pack(side="left", padx=12)
        else:
            Text(top, self.tag, size="heading", wrap=False).pack(side="left", padx=8)
        more = len(found.clusters) - MOST
        if more > 0:
            words = f"The {plural(more, 'smallest cluster')} are in the table only."
            Text(self, words, colour=palette.MUTED).grid(row=2, column=0, sticky="ew")
        self.bars: MixBars | None = None
        self.show(self.tag)

    def show(self, tag: str) -> None:
        """Show the mix by another tag."""
        self.tag = tag
        if self.bars is not None:
            self.bars.destroy()
        self.bars = MixBars(self, {f"Cluster {one.name}": one.tags.get(tag, {}) for one in self.found.clusters})
        self.bars.grid(row=1, column=0, sticky="ew")


class Typical(Area):
    """Pictures of the cells nearest to the centre of each cluster, read in the background."""

    def __init__(self, master: tk.Misc, clusters: Sequence[Cluster], sets: Sequence[Path], install: Any) -> None:
        super().__init__(master)
        self.columnconfigure(0, weight=1)
        self._install = install
        self.panel: Any = None
        each = max(1, min(_EACH, _MOST_PICTURES // max(1, len(clusters))))
        wanted = [(one.name, cell) for one in clusters for cell in one.typical[:each]][:_MOST_PICTURES]
        self.words = Text(self, "Reading the pictures\u2026", colour=palette.MUTED)
        self.words.grid(row=0, column=0, sticky="ew")
        names, ids, folders = [name for name, _ in wanted], [cell for _, cell in wanted], list(sets)

        def read() -> Any:
            # NumPy and the data set are loaded when pictures are wanted, not before.
            from wizard.widgets.map_cells import CellPictures

            return CellPictures(folders).read(ids)

        background(self, read, lambda tiles: self._got(tiles, names, ids), self._not_got)

    def _got(self, tiles: Any, names: list[str], ids: list[str]) -> None:
        if tiles is None:
            self.words.say("The data set of these cells is not there any more.")
            return
        from wizard.widgets.tile_gallery import TilePanel

        labels = [f"Cluster {names[place]}" for place in tiles.found]
        captions = [f"Cluster {names[place]}, cell {ids[place]}" for place in tiles.found]
        self.words.grid_remove()
        self.panel = TilePanel(self, tiles, labels, captions)
        self.panel.cells.configure(height=px(self, 320))
        self.panel.grid(row=1, column=0, sticky="ew")
        self._install(self)

    def _not_got(self, error: Exception) -> None:
        self.words.say(f"The pictures cannot be read ({error}).", palette.WARN)


def table(parent: tk.Misc, found: Clusters) -> Table:
    """Return every cluster with its size, its mix and the most common values of the other tags."""
    total = max(1, sum(one.cells for one in found.clusters))
    tag = found.tag or next(iter(found.clusters[0].tags), "")
    others = [name for name in found.clusters[0].tags if name not in (tag, "split")][:4]
    rows = [
        [one.name, f"{one.cells:,}", percent(one.cells / total), shares_in_words(one.tags.get(tag, {}), 3),
         *(shares_in_words(one.tags.get(name, {}), 1) for name in others)]
        for one in found.clusters
    ]  # fmt: skip
    return Table(parent, ["Cluster", "Cells", "Share", tag or "Mix", *others], rows, height=min(14, len(rows)))
