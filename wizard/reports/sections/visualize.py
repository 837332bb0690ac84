"""The maps in a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from wizard.plan import step_settings
from wizard.reports import maps, tables
from wizard.reports.blocks import Block, Column, Figure, Stream, Table, Text, Value
from wizard.reports.words import count, duration, listed
from wizard.results import Map, VisualizeResult

_SHOWN = 10
_READING = (
    "A map lays cells with similar features side by side. PCA keeps large distances; in t-SNE and UMAP only near "
    "neighbours count, so the size of a cluster and the gap between clusters mean little; PHATE shows courses and "
    "branches. A map suggests questions; it proves nothing."
)


def summary(result: VisualizeResult) -> str:
    """Say what was laid out."""
    return (
        f"{count(result.n_cells, 'cell')} with {count(result.n_features, 'feature')} each were laid out in "
        f"{count(len(result.maps), 'map')}: {listed(item.title for item in result.maps)}."
    )


def blocks(result: VisualizeResult, folder: Path) -> list[Block]:
    """Return every map as a figure, and the coordinates."""
    path = folder / "maps.parquet"
    table = tables.map_table(path) if path.is_file() else None
    found: list[Block] = [Text(_READING, "note"), _overview(result)]
    if table is None:
        return found
    found += [_figure(one, result, table, folder) for one in result.maps if set(one.columns) <= set(table.column_names)]
    rows = Stream(table.num_rows, partial(tables.arrow_rows, table))
    note = "One row per cell; the coordinates have no unit."
    columns = tables.arrow_columns(table)
    return [*found, Table("Coordinates", columns, rows, note, sheet="Coordinates", shown=_SHOWN)]


def _overview(result: VisualizeResult) -> Table:
    rows: list[list[Value]] = [[item.title, item.dimensions, duration(item.seconds), item.note] for item in result.maps]
    columns = [Column("Map"), Column("Dimensions", "whole"), Column("Time taken"), Column("Note")]
    return Table("Maps", columns, rows)


def _figure(one: Map, result: VisualizeResult, table: Any, folder: Path) -> Figure:
    coloured = result.colour in table.column_names and result.colour not in one.columns
    parts = [f"{count(table.num_rows, 'cell')}"]
    parts += [f"coloured by {result.colour}"] if coloured else []
    parts += [f"computed in {duration(one.seconds)}"]
    parts += [one.note.rstrip(".")] if one.note else []
    title = f"{one.title}, {count(table.num_rows, 'cell')}"
    draw = partial(_paint, one, result.colour if coloured else "", table, title)
    return Figure(folder / one.figure, one.title, f"{'; '.join(parts)}. The axes have no unit.", draw)


def _paint(one: Map, colour: str, table: Any, title: str, path: Path) -> None:
    points = np.column_stack([table.column(name).to_numpy() for name in one.columns]).astype(np.float64)
    labels = tables.values(table, colour) if colour else None
    names = {item.name: item.choices for item in step_settings("visualize")}["methods"]
    maps.paint(points, labels, colour, names.get(one.method, one.method), title, path)
