"""Clusters, progression and batch effects in a report."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from wizard.reports import analysis_charts, film, maps, tables
from wizard.reports.blocks import Block, Column, Figure, Heading, Table, Text, Value
from wizard.reports.words import count, one_line, percent, with_interval
from wizard.results import Map, VisualizeResult
from wizard.results_base import Estimate
from wizard.results_visualize import BatchEffect, Clusters, Progression

CORRECTIONS = {"harmony": "Harmony", "combat": "ComBat"}
_CLUSTERS = (
    "Clusters are groups of cells that lie close together in the features. How many there are depends on the setting "
    "“Resolution of the clusters”; they are a way to look at the cells, not kinds of cells that were proven. A small "
    "stability means that another start of the same method draws other borders."
)
_PROGRESSION = (
    "The cells were put in a row by their likeness alone, starting from cells of one value; the values of the others "
    "had no say. Pseudotime 0.3 means that 30 % of the cells come before. The row is no clock: equal steps need not "
    "take equal times, and cells of one place in it need not share a history."
)
_BATCHES = (
    "Within one class, cells should look the same in every batch. Balanced accuracy at chance means that the batch "
    "cannot be told from the features; near 1, that each batch has a look of its own, which maps and clusters then "
    "show as well. Only differences that a linear rule finds are measured."
)


def own_column(result: VisualizeResult, name: str, present: list[str]) -> str:
    """Return the column that the step made under this name, "" when there is none; tags may have had the name first."""
    own = [tag for tag in result.tags if re.fullmatch(rf"{name}(_2)*", tag)]
    return own[-1] if own and own[-1] in present else (name if not result.tags and name in present else "")


def clusters(result: VisualizeResult, folder: Path, table: Any) -> list[Block]:
    """Return the clusters as a table, with their mix as a figure and on a map."""
    found = result.clusters
    if found is None or not found.clusters:
        return []
    made: list[Block] = [Heading("Clusters"), Text(_CLUSTERS, "note"), Text(clusters_in_words(found)), _table(found)]
    if found.tag:
        caption = f"Shares of the values of {one_line(found.tag)} in each cluster; at the right its number of cells."
        draw = partial(analysis_charts.paint_clusters, found)
        made.append(Figure(folder / "clusters.png", "Mix of the clusters", caption, draw))
    name = own_column(result, "cluster", list(table.column_names)) if table is not None else ""
    made += _map(result, folder, table, name, "Clusters on the map", [f"cluster {one.name}" for one in found.clusters])
    return made


def clusters_in_words(found: Clusters) -> str:
    """Say how many clusters there are, how stable they are, and how well they agree with the tag."""
    said = f"{count(len(found.clusters), 'cluster')} ({found.method}, resolution {found.resolution:g})."
    if found.agreement is not None:
        said += (
            f" Agreement with {one_line(found.tag)}: {found.agreement:.2f} (adjusted mutual information; 0 by chance, "
            "1 for the same groups)."
        )
    if found.stability is not None:
        said += f" Stability: {found.stability:.2f} (adjusted Rand index of two runs with different seeds; 1 is equal)."
    return said


def _table(found: Clusters) -> Table:
    total = sum(one.cells for one in found.clusters)
    rows: list[list[Value]] = []
    for one in found.clusters:
        mix = [f"{value or 'not known'} {percent(number / one.cells)}"
               for value, number in list(one.tags.get(found.tag, {}).items())[:4]]  # fmt: skip
        others = [_most_common(tag, counts, one.cells) for tag, counts in one.tags.items() if tag != found.tag]
        rows.append(
            [one.name, one.cells, one.cells / max(1, total), "; ".join(mix), "; ".join(o for o in others if o),
             ", ".join(one.typical[:3])]
        )  # fmt: skip
    columns = [
        Column("Cluster"), Column("Cells", "whole"), Column("Share", "percent"),
        Column(f"Mix of {found.tag or 'tags'}"),
        Column("Most common values of the other tags"), Column("Typical cells"),
    ]  # fmt: skip
    note = "All counts are in clusters.csv, the cells nearest to each centre in cluster_cells.csv."
    return Table("Clusters", columns, rows, note, sheet="Clusters")


def _most_common(tag: str, counts: dict[str, int], cells: int) -> str:
    """Return the leading value of a tag, where it leads clearly."""
    if len(counts) < 2 and tag == "split":
        return ""
    value, number = next(iter(counts.items()), ("", 0))
    return f"{tag}: {value} {percent(number / cells)}" if value and number > cells / 2 else ""


def _map(result: VisualizeResult, folder: Path, table: Any, name: str, title: str, order: list[str]) -> list[Block]:
    """Return the first flat map (UMAP before PHATE before others) coloured by a column of the step's own."""
    flat = [one for one in result.maps if one.dimensions == 2 and table is not None
            and set(one.columns) <= set(table.column_names)]  # fmt: skip
    if not flat or not name:
        return []
    rank = {"umap": 0, "phate": 1, "tsne": 2}
    one = min(flat, key=lambda item: rank.get(item.method, 9))
    draw = partial(_paint_map, one, table, name, bool(order), title)
    caption = f"{one.title}, coloured by {'cluster' if order else 'pseudotime'}. The axes have no unit."
    return [Figure(folder / f"map_{'clusters' if order else 'pseudotime'}.png", title, caption, draw)]


def _paint_map(one: Map, table: Any, name: str, groups: bool, title: str, path: Path) -> None:
    points = np.column_stack([table.column(axis).to_numpy() for axis in one.columns]).astype(np.float64)
    if groups:
        labels = [f"cluster {value}" if value else "" for value in tables.values(table, name)]
    else:
        numbers = table.column(name).to_numpy().astype(float)
        labels = [f"{value:.4f}" if np.isfinite(value) else "" for value in numbers]
    maps.paint(points, labels, name, one.title.split()[0], title, path)


def progression(result: VisualizeResult, folder: Path, table: Any) -> list[Block]:
    """Return the correlation in words, the film strip, the stages as figure and table, and pseudotime on a map."""
    found = result.progression
    if found is None:
        return []
    made: list[Block] = [Heading(f"Progression along {one_line(found.tag)}"), Text(_PROGRESSION, "note"),
                         Text(progression_in_words(found))]  # fmt: skip
    made += [Text(said, "warning") for said in found.cautions]
    if found.film is not None and all((folder / name).is_file() for name in found.film.sheets.values()):
        caption = (
            f"Typical cells of {count(len(found.steps), 'equal step')} of the row, from first to last; below, the "
            f"values of {one_line(found.tag)} among all cells of the step."
        )
        made.append(Figure(folder / "film.png", "Film strip", caption, partial(film.paint, found, folder)))
    name = own_column(result, "pseudotime", list(table.column_names)) if table is not None else ""
    if name and found.stages and found.tag in table.column_names:
        caption = (
            "Where the cells of each value lie along the row: shape, their density; thick bar, the middle half; thin "
            "line, 90 % of them; circle, the median."
        )
        mark = own_column(result, "placed", list(table.column_names)) if result.n_placed else ""
        draw = partial(_paint_stages, found, table, name, mark)
        made.append(Figure(folder / "progression.png", f"Pseudotime by {one_line(found.tag)}", caption, draw))
    made.append(_stages(found))
    return [*made, *_map(result, folder, table, name, "Pseudotime on the map", [])]


def progression_in_words(found: Progression) -> str:
    """Say how well the row follows the tag, and on how many cells this rests."""
    said = (
        f"Rank correlation (Spearman) of pseudotime and {one_line(found.tag)}: {with_interval(found.correlation)}, "
        f"{count(found.n_cells, 'cell')}"
    )
    said += f", interval over {found.intervals_over}." if found.intervals_over else "."
    if found.holdout is not None:
        said += f" Over the {count(found.n_holdout, 'hold-out cell')} alone: {with_interval(found.holdout)}."
    if found.within is not None and found.within.value is not None:
        said += f" Of the means by group: {with_interval(found.within)}."
    said += (
        f" Method: {found.method} from {one_line(found.root)}, {count(found.neighbours, 'neighbour')}. Order of the "
        f"values: {', '.join(one_line(value) for value in found.order[:24])}{' …' if len(found.order) > 24 else ''}."
    )
    return said


def _paint_stages(found: Progression, table: Any, name: str, mark: str, path: Path) -> None:
    """Draw the cells of each value; those that were placed among the others do not count, as in the table."""
    pseudotime = table.column(name).to_numpy().astype(np.float64)
    if mark:
        pseudotime = np.where(np.asarray(table.column(mark).to_pylist(), bool), np.nan, pseudotime)
    analysis_charts.paint_stages(found, pseudotime, tables.values(table, found.tag), path)


def _stages(found: Progression) -> Table:
    rows: list[list[Value]] = [
        [stage.value, stage.cells, stage.p5, stage.p25, stage.median, stage.p75, stage.p95] for stage in found.stages
    ]
    names = ["5 % of the cells below", "25 % below", "Median", "75 % below", "95 % below"]
    columns = [Column(found.tag), Column("Cells", "whole"), *(Column(name, "number") for name in names)]
    return Table("Pseudotime of the stages", columns, rows, "Pseudotime: the share of the cells that come before.",
                 sheet="Progression")  # fmt: skip


def batches(result: VisualizeResult, folder: Path) -> list[Block]:
    """Return how well batches are told within classes, before and after a correction."""
    found = result.batch
    if found is None:
        return []
    made: list[Block] = [Heading(f"Batch effects of {one_line(found.tag)}")]
    if found.why:
        return [*made, Text(f"Batch effects were not measured. {found.why}", "note")]
    made += [Text(_BATCHES, "note"), Text(batches_in_words(found))]
    made += [Text(said, "warning") for said in found.cautions]
    caption = "How well the batch of a cell is told within each class, with 95 % intervals; dotted: by chance."
    draw = partial(analysis_charts.paint_batches, found)
    made.append(Figure(folder / "batches.png", "Batch effects", caption, draw))
    rows: list[list[Value]] = [
        [row.value, row.cells, row.batches, row.chance, *_ends(row.before), *(_ends(row.after) if row.after else [])]
        for row in found.rows
    ]
    after = [f"After {CORRECTIONS.get(found.correction, found.correction)}", "From (95 %)", "To (95 %)"]
    columns = [
        Column(found.class_tag or "Class"), Column("Cells", "whole"), Column("Batches", "whole"),
        Column("By chance", "number"), Column("Before", "number"), Column("From (95 %)", "number"),
        Column("To (95 %)", "number"),
        *(Column(name, "number") for name in after if any(row.after for row in found.rows)),
    ]  # fmt: skip
    note = "Balanced accuracy of telling the batch by the other cells of the class (five parts, linear discriminant)."
    return [*made, Table("Batch effects within the classes", columns, rows, note, sheet="Batch effects")]


def _ends(one: Estimate) -> list[Value]:
    return [one.value, one.low, one.high]


def batches_in_words(found: BatchEffect) -> str:
    """Say how large the effect is, what the correction did, and whether it took the classes along."""
    name = CORRECTIONS.get(found.correction, found.correction)
    said = (
        f"How well {one_line(found.tag)} is told within a class (0 not at all, 1 always): {with_interval(found.before)}"
    )
    said += f" before and {with_interval(found.after)} after {name}." if found.after is not None else "."
    if found.classes_before is not None:
        said += (
            f" Balanced accuracy of telling {one_line(found.class_tag)} in batches not learned from: "
            f"{with_interval(found.classes_before)}"
        )
        said += f", after {name} {with_interval(found.classes_after)}." if found.classes_after is not None else "."
    if found.correction == "none":
        said += " Nothing was corrected."
    return f"{said}{verdict(found)}"


def verdict(found: BatchEffect) -> str:
    """Say where a correction did not do what it is for."""
    before, after = found.before, found.after
    if before is None or after is None or before.value is None or after.value is None:
        return ""
    kept, left = found.classes_before, found.classes_after
    lost = (
        kept is not None and left is not None and kept.value is not None and left.value is not None
        and kept.low is not None and left.value < kept.low
    )  # fmt: skip
    if lost:
        return f" {one_line(found.class_tag)} is told worse after it: the correction took real differences along."
    if before.low is not None and after.value >= before.low:
        return " The correction did not make the batches harder to tell: better leave it out."
    return ""
