"""What a report says about each step: one module per step, found here by the step's name.

Runs beside the steps are here when they get a report of their own; their order is that of the report over all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from wizard.reports.blocks import Block
from wizard.reports.sections import check, evaluate, explain, extract, latency, parse, predict, train, visualize

SUMMARIES: dict[str, Callable[[Any], str]] = {
    "check": check.summary,
    "parse": parse.summary,
    "train": train.summary,
    "evaluate": evaluate.summary,
    "explain": explain.summary,
    "latency": latency.summary,
    "predict": predict.summary,
    "extract": extract.summary,
    "visualize": visualize.summary,
}
"""Step → what was done, in words."""

BLOCKS: dict[str, Callable[[Any, Path], list[Block]]] = {
    "check": check.blocks,
    "parse": parse.blocks,
    "train": train.blocks,
    "evaluate": evaluate.blocks,
    "explain": explain.blocks,
    "latency": latency.blocks,
    "predict": predict.blocks,
    "extract": extract.blocks,
    "visualize": visualize.blocks,
}
"""Step → its figures and tables; the folder holds the files that the step has written."""
