"""The comparison of heads in a report."""

from __future__ import annotations

from pathlib import Path

from wizard.reports.blocks import Block, Column, Table, Text, Value
from wizard.reports.words import listed
from wizard.results import LabelCompareResult


def summary(result: LabelCompareResult) -> str:
    """Say what was compared."""
    titles = listed(one.title for one in result.heads)
    return f"{titles} learnt for {result.minutes:g} min each and were judged on pixels held out by {result.split_by}."


def blocks(result: LabelCompareResult, folder: Path) -> list[Block]:
    """Return the table of all heads and stains."""
    columns = [
        Column("Head"), Column("Stain"), Column("Pearson", "number"), Column("Pearson, bright", "number"),
        Column("SSIM", "number"), Column("Absolute error", "number"), Column("In the interval", "percent"),
        Column("Steps", "whole"), Column("Seconds per megapixel", "number"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [one.title, stain.label, stain.pearson, stain.pearson_foreground, stain.ssim, stain.mae, stain.coverage,
         one.steps, one.seconds_per_megapixel]
        for one in result.heads for stain in one.stains
    ]  # fmt: skip
    note = "Differences of a few hundredths may come from the seed; compare longer, or with several seeds."
    return [Text("No model was kept; train with the head of your choice.", "note"),
            Table("Heads", columns, rows, note=note, sheet="Heads")]  # fmt: skip
