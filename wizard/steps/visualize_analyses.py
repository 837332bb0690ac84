"""The tabs of Visualize beside the maps: progression, and batches; that of the clusters has a module of its own."""

from __future__ import annotations

import tkinter as tk
from typing import Any

from wizard.results import VisualizeResult
from wizard.results_base import Estimate
from wizard.results_visualize import BatchEffect, Progression
from wizard.steps.page import StepPage
from wizard.steps.visualize_clusters import clusters_view
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.film_strip import FilmPanel
from wizard.widgets.interval_chart import IntervalChart, Line, Mark
from wizard.widgets.panels import figures, heading
from wizard.widgets.table import Table

__all__ = ["batches_view", "clusters_view", "progression_view"]

CORRECTIONS = {"harmony": "Harmony", "combat": "ComBat"}
ROW = (
    "This row orders the cells by likeness alone, from the start that you chose; the other values had no say. It is a "
    "measure of how far a cell looks along the way, such as the storage age of red cells. It is no clock, and it does "
    "not show that one cell turns into the next."
)
BATCHES = (
    "Within one class, cells should look the same in every batch. At chance the batch cannot be told from the "
    "features; near 1 every batch has a look of its own, which the maps then show as well. Only differences that a "
    "linear rule finds are measured."
)
_DASH = "\u2013"
_MOST_LINES = 40


def progression_view(page: StepPage, parent: tk.Misc, result: VisualizeResult) -> tk.Misc:
    """Return the correlation in words, the film strip, and where the cells of each value lie."""
    found = result.progression
    assert found is not None
    folder = page.project.result_dir(page.step)
    parts: list[Any] = [lambda inner: _progression_figures(inner, found), lambda inner: Text(inner, in_words(found))]
    parts += _warnings(found.cautions)
    if found.film is not None:
        film = found.film
        parts.append(lambda inner: heading(inner, "Typical cells, from first to last"))
        parts.append(lambda inner: FilmPanel(inner, film, folder, found.steps, found.order))
    parts.append(lambda inner: Text(inner, ROW, colour=palette.MUTED))
    if found.stages:
        parts.append(lambda inner: heading(inner, f"Where the cells of each {found.tag} lie in the row"))
        parts.append(lambda inner: stage_chart(inner, found))
        parts.append(lambda inner: stage_table(inner, found))
    return page.stack(parent, parts)


def _progression_figures(parent: tk.Misc, found: Progression) -> Area:
    arranged = found.n_cells + found.outside
    left = f"{found.disconnected:,} not joined to the start" if found.disconnected else "all joined to the start"
    return figures(
        parent,
        [
            ("Rank correlation", number(found.correlation), ends(found.correlation)),
            *([("Hold-out cells alone", number(found.holdout), ends(found.holdout))] if found.holdout else []),
            ("Means of the groups", number(found.within), ends(found.within)) if found.within is not None
            else ("Values in the order", str(len(found.order)), f"from {found.root}"),
            ("Cells in the row", f"{arranged:,}", left),
        ],
    )  # fmt: skip


def in_words(found: Progression) -> str:
    """Say in plain words how well the row follows the tag."""
    value, low = found.correlation.value, found.correlation.low
    over = f" Interval: 95 %, over {found.intervals_over}." if found.intervals_over else ""
    if value is None:
        return f"How well the row follows {found.tag} cannot be told from these cells."
    tag = found.tag
    if low is not None and low <= 0 <= value:
        said = f"The row hardly follows {tag}: no relation at all cannot be excluded."
    elif value < 0:
        said = f"The row runs against {tag}."
    elif value >= 0.8:
        said = f"The row closely follows {tag}."
    elif value >= 0.5:
        said = f"The row clearly follows {tag}."
    else:
        said = f"The row weakly follows {tag}."
    return f"{said} Rank correlation {value:.2f}; 1 is the same order, 0 none.{over}"


def _warnings(said: list[str]) -> list[Any]:
    return [lambda inner, text=text: Text(inner, text, colour=palette.WARN) for text in said]


def stage_chart(parent: tk.Misc, found: Progression) -> IntervalChart:
    """Return a box per value: 90 % of its cells as a line, the middle half as a box, the median as a dot."""
    lines = [
        Line(stage.value, (Mark(stage.median, stage.p5, stage.p95, 0, (stage.p25, stage.p75)),), f"{stage.cells:,}")
        for stage in found.stages[:_MOST_LINES]
    ]
    legend = ["median; box: middle half of the cells; line: 90 %"]
    return IntervalChart(parent, lines, legend, "Pseudotime: the share of the cells that come before")


def stage_table(parent: tk.Misc, found: Progression) -> Table:
    """Return the percentiles of each value."""
    rows = [
        (stage.value, f"{stage.cells:,}", *(f"{one:.3f}" for one in
         (stage.p5, stage.p25, stage.median, stage.p75, stage.p95)))
        for stage in found.stages
    ]  # fmt: skip
    columns = [found.tag, "Cells", "5 %", "25 %", "Median", "75 %", "95 %"]
    return Table(parent, columns, rows, height=min(12, len(rows)))


def batches_view(page: StepPage, parent: tk.Misc, result: VisualizeResult) -> tk.Misc:
    """Return how well batches are told within each class, before and after a correction."""
    found = result.batch
    assert found is not None
    if found.why:
        parts: list[Any] = [
            lambda inner: heading(inner, "Batch effects were not measured"),
            lambda inner: Text(inner, found.why),
            lambda inner: Text(inner, BATCHES, colour=palette.MUTED),
        ]
        return page.stack(parent, parts)
    parts = [lambda inner: _batch_figures(inner, found), lambda inner: Text(inner, effect_in_words(found))]
    parts += _warnings(found.cautions)
    parts += [
        lambda inner: heading(inner, f"How well {found.tag} is told within each {found.class_tag or 'class'}"),
        lambda inner: batch_chart(inner, found),
        lambda inner: Text(inner, BATCHES, colour=palette.MUTED),
        lambda inner: batch_table(inner, found),
    ]
    return page.stack(parent, parts)


def _name(found: BatchEffect) -> str:
    return CORRECTIONS.get(found.correction, found.correction)


def _batch_figures(parent: tk.Misc, found: BatchEffect) -> Area:
    tiles = [("Batch effect", number(found.before), f"0 none, 1 complete; {ends(found.before)}")]
    if found.after is not None:
        tiles.append((f"After {_name(found)}", number(found.after), ends(found.after)))
    if found.classes_before is not None:
        tiles.append(("Class told across batches", number(found.classes_before), ends(found.classes_before)))
    if found.classes_after is not None:
        tiles.append((f"Class after {_name(found)}", number(found.classes_after), ends(found.classes_after)))
    return figures(parent, tiles, across=2 if len(tiles) in (2, 4) else 3)


def effect_in_words(found: BatchEffect) -> str:
    """Say how large the effect is, and what a correction did to it and to the classes."""
    value, low = _value(found.before), found.before.low if found.before is not None else None
    if value is None:
        return "The effect cannot be told from these cells."
    if low is not None and low <= 0:
        said = f"The features hardly tell {found.tag} within a class: no effect cannot be excluded."
    elif value >= 0.5:
        said = f"The features strongly tell {found.tag} within a class."
    elif value >= 0.2:
        said = f"The features clearly tell {found.tag} within a class."
    else:
        said = f"The features slightly tell {found.tag} within a class."
    if found.after is None:
        how = "; choose Harmony or ComBat under Settings to take such differences out" if low is None or low > 0 else ""
        return f"{said} Nothing was corrected{how}."
    after = _value(found.after)
    kept, left = _value(found.classes_before), _value(found.classes_after)
    if found.before is not None and after is not None and low is not None and after >= low:
        said += f" {_name(found)} did not make it harder to tell: better leave it out."
    elif after is not None:
        said += f" {_name(found)} lowered this from {value:.2f} to {after:.2f}."
    if kept is not None and left is not None and found.classes_before is not None:
        bound = found.classes_before.low
        lost = bound is not None and left < bound
        said += (
            " The class is told worse after it: real differences went along." if lost
            else " The class is told as well as before."
        )  # fmt: skip
    return said


def batch_chart(parent: tk.Misc, found: BatchEffect) -> IntervalChart:
    """Return the balanced accuracy of each class before and after, with its interval and chance."""
    lines = []
    for row in found.rows[:_MOST_LINES]:
        marks = [_mark(one, place) for place, one in enumerate((row.before, row.after)) if one is not None]
        kept = tuple(mark for mark in marks if mark is not None)
        lines.append(Line(row.value, kept, f"{row.cells:,} cells", row.chance))
    legend = ["before", f"after {_name(found)}"] if any(row.after for row in found.rows) else ["balanced accuracy"]
    return IntervalChart(parent, lines, legend, f"Balanced accuracy of telling {found.tag}")


def _mark(one: Estimate, series: int) -> Mark | None:
    if one.value is None:
        return None
    low = one.low if one.low is not None else one.value
    high = one.high if one.high is not None else one.value
    return Mark(one.value, low, high, series)


def batch_table(parent: tk.Misc, found: BatchEffect) -> Table:
    """Return the figures of each class."""
    after = any(row.after for row in found.rows)
    rows = []
    for row in found.rows:
        line = [row.value, f"{row.cells:,}", str(row.batches), f"{row.chance:.2f}", number(row.before),
                span(row.before)]  # fmt: skip
        rows.append([*line, *([number(row.after), span(row.after)] if after else [])])
    columns = [found.class_tag or "Class", "Cells", "Batches", "By chance", "Before", "95 % interval"]
    columns += [f"After {_name(found)}", "95 % interval "] if after else []
    return Table(parent, columns, rows, height=min(12, len(rows)))


def _value(one: Estimate | None) -> float | None:
    return one.value if one is not None else None


def number(one: Estimate | None) -> str:
    """Return a figure with two decimals, a dash when unknown."""
    value = _value(one)
    return _DASH if value is None else f"{value:.2f}"


def span(one: Estimate | None) -> str:
    """Return an interval, e.g. `0.80 to 0.89`, a dash when unknown."""
    if one is None or one.low is None or one.high is None:
        return _DASH
    return f"{one.low:.2f} to {one.high:.2f}"


def ends(one: Estimate | None) -> str:
    """Return an interval for the line below a figure."""
    return f"95 %: {span(one)}" if span(one) != _DASH else "no interval"
