"""Figures of in silico labeling: curves of a training, heat maps, number of planes, map of the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq
from matplotlib.figure import Figure

from wizard.reports import style
from wizard.reports.words import shorten
from wizard.results_label import PlanesFigures, StainFigures

_SMOOTH = 10
_PER_ROW = 3


def curves(history: Sequence[Mapping[str, float | None]], path: Path) -> None:
    """Draw the loss on training crops (mean of ten steps) and on the check pixels over the minutes."""
    steps = [(row["seconds"], row["loss"]) for row in history if row.get("seconds") is not None]
    times = [float(time or 0) / 60 for time, _ in steps]
    losses = [float(loss or 0) for _, loss in steps]
    smooth = [sum(losses[max(0, at - _SMOOTH + 1) : at + 1]) / min(at + 1, _SMOOTH) for at in range(len(losses))]
    checked = [
        (float(row["seconds"] or 0) / 60, float(value)) for row in history
        if (value := row.get("check_loss")) is not None
    ]  # fmt: skip

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        axis.plot(times, smooth, color=style.BLUE, linewidth=1.6, label="Training crops")
        if checked:
            axis.plot(*zip(*checked, strict=True), color=style.RED, linestyle="--", marker="s", markersize=4,
                      label="Check pixels")  # fmt: skip
        axis.set(xlabel="Minutes", ylabel="Loss")
        # The first look may come out far above all others, before the running averages of the layers are settled.
        seen = sorted([*smooth, *(value for _, value in checked)])
        if seen and seen[-1] > 3 * seen[len(seen) // 2]:
            axis.set_ylim(0, 3 * seen[len(seen) // 2])
        axis.grid(axis="y")
        axis.legend(loc="upper right")

    style.paint(path, (7.0, 3.6), draw)


def heat_maps(stains: Sequence[StainFigures], path: Path) -> None:
    """Draw how many of 1,000 pixels have each true and predicted grey level."""
    columns = min(_PER_ROW, len(stains))
    rows = -(-len(stains) // columns)

    def draw(figure: Figure) -> None:
        places = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis in places[len(stains) :]:
            axis.set_visible(False)
        for axis, one in zip(places, stains, strict=False):
            values = [[value if value > 0 else None for value in row] for row in one.heat_map]
            cells = [[float("nan") if value is None else value for value in row] for row in values]
            axis.imshow(cells, origin="lower", extent=(0, 1, 0, 1), cmap="Blues", norm="log", vmin=0.01, vmax=1000)
            axis.plot([0, 1], [0, 1], color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
            for row, found in enumerate(one.heat_map):
                for column, value in enumerate(found):
                    if value >= 0.5:
                        axis.text(column / 10 + 0.05, row / 10 + 0.05, f"{value:.0f}", ha="center", va="center",
                                  fontsize=6.5, color="white" if value > 60 else style.INK)  # fmt: skip
            axis.set(title=shorten(one.label, 24), xlabel="Predicted", ylabel="True")

    style.paint(path, (3.4 * columns, 3.5 * rows), draw)


def planes(found: Sequence[PlanesFigures], path: Path) -> None:
    """Draw Pearson of each stain over the number of planes given."""

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for index, label in enumerate(found[0].pearson):
            points = [(one.planes, value) for one in found if (value := one.pearson.get(label)) is not None]
            colour, marker = style.look(index)
            if points:
                axis.plot(*zip(*points, strict=True), color=colour, marker=marker, linewidth=1.6,
                          label=shorten(label, 24))  # fmt: skip
        axis.set_xticks([one.planes for one in found])
        axis.set(xlabel="Planes given", ylabel="Pearson")
        axis.grid(axis="y")
        axis.legend(loc="best")

    style.paint(path, (6.0, 3.6), draw)


def feature_map(table: Path, path: Path) -> None:
    """Draw each row at its two main components, coloured by its field (the first 16)."""
    found = pq.read_table(table, columns=["field", "PCA 1", "PCA 2"]).to_pydict()
    names = list(dict.fromkeys(found["field"]))

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for index, name in enumerate(names[:16]):
            at = [number for number, field in enumerate(found["field"]) if field == name]
            colour, marker = style.look(index)
            axis.scatter([found["PCA 1"][number] for number in at], [found["PCA 2"][number] for number in at], s=12,
                         color=colour, marker=marker, alpha=0.7, linewidths=0, label=shorten(name, 30))  # fmt: skip
        axis.set(xlabel="PCA 1", ylabel="PCA 2")
        if len(names) > 1:
            axis.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))

    style.paint(path, (6.4, 4.8), draw)
