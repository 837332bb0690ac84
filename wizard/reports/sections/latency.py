"""The latency study in a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wizard.reports import latency_chart
from wizard.reports.blocks import Block, Column, Figure, Table, Text, Value
from wizard.reports.latency_chart import label
from wizard.reports.sections.common import facts
from wizard.reports.words import count
from wizard.results import LatencyResult
from wizard.results_latency import LEFT_OUT


def summary(result: LatencyResult) -> str:
    """Say what was timed and what the fastest way allows."""
    best = result.fastest
    ways = count(len(result.timings), "way", "ways")
    if best is None:
        return f"None of {ways} of computing could be timed; the table says why."
    cells = "a single cell" if best.batch == 1 else f"{best.batch} cells at once"
    return (
        f"{ways} of computing were timed at {result.frame}×{result.frame} px. The fastest for {cells} is "
        f"{label(best)}: {best.median_ms:.2f} ms in the median, {best.p99_ms:.2f} ms for 99 % of the times, which "
        f"allows sorting {best.sorting_rate:,.0f} cells a second."
    )


def blocks(result: LatencyResult, folder: Path) -> list[Block]:
    """Return what the figures leave out, the figure and the table."""
    where: list[list[Value]] = [["Processor", result.processor], ["Logical cores", result.cores]]
    found: list[Block] = [Text(LEFT_OUT, "note"), facts("Where it was timed", where)]
    picture = folder / "latency.png"
    if picture.is_file():
        timed = any(not one.failed for one in result.timings)
        draw = partial(latency_chart.draw, result) if timed else None
        found.append(Figure(picture, "Time for a decision", "Lower is faster; the scale is logarithmic.", draw))
    columns = [
        Column("Network"), Column("Channels", "whole"), Column("Precision"), Column("Cells at once", "whole"),
        Column("Engine"), Column("Median, ms", "number"), Column("99 %, ms", "number"), Column("Cells/s", "whole"),
        Column("Sorting rate, cells/s", "whole"), Column("Why not"),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for one in result.timings:
        known: list[Value] = [one.median_ms, one.p99_ms, round(one.cells_per_second), round(one.sorting_rate)]
        rows.append([
            one.network_title, one.channels, one.precision, one.batch, one.engine,
            *([None] * 4 if one.failed else known), one.failed,
        ])  # fmt: skip
    note = "Sorting rate: cells a second at which 99 % of the decisions are made before the next cells are there."
    found.append(Table("Timings", columns, rows, note=note, sheet="Timings"))
    return found
