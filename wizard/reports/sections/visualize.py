"""The maps in a report, with what was found in them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from wizard.plan import step_settings
from wizard.reports import analysis_charts, maps, tables
from wizard.reports.blocks import Block, Column, Figure, Heading, Stream, Table, Text, Value
from wizard.reports.sections import visualize_analyses as analyses
from wizard.reports.words import count, duration, listed, percent
from wizard.results import Map, VisualizeResult

_SHOWN = 10
_READING = (
    "A map lays cells with similar features side by side. PCA keeps large distances; in t-SNE and UMAP only near "
    "neighbours count, so the size of a cluster and the gap between clusters mean little; PHATE shows courses and "
    "branches. A map suggests questions; it proves nothing."
)
_QUALITY = (
    "Trustworthiness: 1 when no cell has neighbours on the map that are far from it in the features (Venna and Kaski "
    "2001). Neighbours kept: the share of the nearest cells in the features that are nearest on the map, too."
)


def summary(result: VisualizeResult) -> str:
    """Say what was laid out and found."""
    said = (
        f"{count(result.n_cells, 'cell')} with {count(result.n_features, 'feature')} each were laid out in "
        f"{count(len(result.maps), 'map')}: {listed(item.title for item in result.maps)}."
    )
    if result.n_placed:
        said += f" {count(result.n_placed, 'other cell')} {'was' if result.n_placed == 1 else 'were'} placed into them."
    found = []
    if result.clusters is not None and result.clusters.clusters:
        found.append(count(len(result.clusters.clusters), "cluster"))
    if result.progression is not None:
        found.append(f"a progression along {listed([result.progression.tag])}")
    return f"{said} Found: {listed(found)}." if found else said


def blocks(result: VisualizeResult, folder: Path) -> list[Block]:
    """Return every map as a figure with its quality, what was found in them, and the coordinates."""
    path = folder / "maps.parquet"
    table = tables.map_table(path) if path.is_file() else None
    found: list[Block] = [Text(_READING, "note"), _overview(result)]
    if table is not None:
        drawn = [one for one in result.maps if set(one.columns) <= set(table.column_names)]
        found += [_figure(one, result, table, folder) for one in drawn]
    found += _components(result, folder)
    found += analyses.progression(result, folder, table)
    found += analyses.clusters(result, folder, table)
    found += analyses.batches(result, folder)
    if table is None:
        return found
    rows = Stream(table.num_rows, partial(tables.arrow_rows, table))
    note = "One row per cell; the coordinates have no unit."
    columns = tables.arrow_columns(table)
    return [*found, Table("Coordinates", columns, rows, note, sheet="Coordinates", shown=_SHOWN)]


def _overview(result: VisualizeResult) -> Table:
    rows: list[list[Value]] = [
        [item.title, item.dimensions, item.trustworthiness, item.preservation, duration(item.seconds), item.note]
        for item in result.maps
    ]
    columns = [
        Column("Map"), Column("Dimensions", "whole"), Column("Trustworthiness", "number"),
        Column("Neighbours kept", "percent"), Column("Time taken"), Column("Note"),
    ]  # fmt: skip
    judged = any(item.trustworthiness is not None for item in result.maps)
    note = _QUALITY if judged else ""
    if judged and result.judged_cells:
        note += f" Counted on {count(result.judged_cells, 'cell')}, {result.judged_neighbours} neighbours each."
    if result.n_laid_out and result.n_laid_out < result.n_cells:
        note += f" {count(result.n_laid_out, 'cell')} drawn by lot were laid out, the others placed among them."
    return Table("Maps", columns, rows, note.strip())


def _components(result: VisualizeResult, folder: Path) -> list[Block]:
    """Return how much each principal component explains, and which features weigh most in it."""
    made: list[Block] = []
    if result.explained:
        caption = (
            f"{count(len(result.explained), 'component')} together hold {percent(sum(result.explained))} of the "
            "variance of the features."
        )
        draw = partial(analysis_charts.paint_explained, result.explained)
        made.append(Figure(folder / "explained.png", "Explained variance", caption, draw))
    if result.loadings:
        rows: list[list[Value]] = [
            [one.component, one.share, ", ".join(f"{name} {weight:+.2f}" for name, weight in one.features.items())]
            for one in result.loadings
        ]
        columns = [Column("Component"), Column("Share of the variance", "percent"), Column("Features that weigh most")]
        note = "Weights of the features in the component; the sign of a whole component means nothing."
        made.append(Table("Loadings", columns, rows, note, sheet="Loadings"))
    return [Heading("Principal components"), *made] if made else []


def _figure(one: Map, result: VisualizeResult, table: Any, folder: Path) -> Figure:
    coloured = result.colour in table.column_names and result.colour not in one.columns
    parts = [f"{count(table.num_rows, 'cell')}"]
    parts += [f"coloured by {result.colour}"] if coloured else []
    parts += [f"trustworthiness {one.trustworthiness:.3f}"] if one.trustworthiness is not None else []
    parts += [f"{percent(one.preservation)} of the neighbours kept"] if one.preservation is not None else []
    parts += [f"{count(result.n_placed, 'placed cell')} as rings"] if _placed(result, table) else []
    parts += [f"computed in {duration(one.seconds)}"]
    parts += [one.note.rstrip(".")] if one.note else []
    title = f"{one.title}, {count(table.num_rows, 'cell')}"
    draw = partial(_paint, one, result, table, title)
    return Figure(folder / one.figure, one.title, f"{'; '.join(parts)}. The axes have no unit.", draw)


def _placed(result: VisualizeResult, table: Any) -> str:
    """Return the column that tells placed cells; "" without such cells."""
    return analyses.own_column(result, "placed", list(table.column_names)) if result.n_placed else ""


def _paint(one: Map, result: VisualizeResult, table: Any, title: str, path: Path) -> None:
    points = np.column_stack([table.column(name).to_numpy() for name in one.columns]).astype(np.float64)
    colour = result.colour if result.colour in table.column_names and result.colour not in one.columns else ""
    labels = tables.values(table, colour) if colour else None
    names = {item.name: item.choices for item in step_settings("visualize")}["methods"]
    mark = _placed(result, table)
    placed = np.asarray(table.column(mark).to_pylist(), bool) if mark else None
    maps.paint(points, labels, colour, names.get(one.method, one.method), title, path, placed)
