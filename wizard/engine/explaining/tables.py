"""The tables of an explanation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wizard import fileio
from wizard.results import Estimate, ExplainResult
from wizard.results_explain import HOW


def write_tables(result: ExplainResult, folder: Path) -> None:
    """Write channels.csv (every subset of channels), cells.csv and classes.csv (shares of the channels)."""
    names = [channel.shown for channel in result.channels]
    if result.ablation:
        rows = [
            [
                "yes" if row.channels == result.suggested and _decides(row.how, result) else "no",
                result.names(row.channels), len(row.channels), HOW[row.how], *_ends(row.accuracy),
                *_ends(row.balanced_accuracy), *_ends(row.change), row.epochs or "", row.seconds or "", row.failed,
            ]
            for row in result.ablation
        ]  # fmt: skip
        heads = ["suggested", "channels", "number", "how"]
        heads += [
            f"{name}{end}" for name in ("accuracy", "balanced_accuracy", "change") for end in ("", "_low", "_high")
        ]
        fileio.write_csv(folder / "channels.csv", [*heads, "epochs", "seconds", "failed"], rows)
        result.files["Every subset of channels"] = "channels.csv"
    if result.cells:
        heads = [
            "cell_id",
            "source",
            "object",
            "true",
            "predicted",
            "confidence",
            *(f"evidence_{name}" for name in names),
        ]
        cells = [
            [one.cell_id, one.source, one.object, one.label, one.predicted, f"{one.confidence:.5f}", *one.channels]
            for one in result.cells
        ]
        fileio.write_csv(folder / "cells.csv", heads, cells)
        result.files["Every explained cell"] = "cells.csv"


def _decides(how: str, result: ExplainResult) -> bool:
    return (how == "retrained") == (result.suggested_by == "retrained")


def _ends(one: Estimate | None) -> list[Any]:
    if one is None:
        return ["", "", ""]
    return ["" if value is None else round(value, 5) for value in (one.value, one.low, one.high)]
