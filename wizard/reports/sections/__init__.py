"""What a report says about each step: one module per step, found here by the step's name.

Runs beside the steps are here when they get a report of their own; their order is that of the report over all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from wizard.reports.blocks import Block
from wizard.reports.sections import (
    check,
    evaluate,
    explain,
    extract,
    label,
    label_heads,
    latency,
    parse,
    predict,
    train,
    visualize,
)

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
    "label_parse": label.parse_summary,
    "label_train": label.train_summary,
    "label_evaluate": label.evaluate_summary,
    "label_predict": label.predict_summary,
    "label_extract": label.extract_summary,
    "label_visualize": label.visualize_summary,
    "label_compare": label_heads.summary,
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
    "label_parse": label.parse_blocks,
    "label_train": label.train_blocks,
    "label_evaluate": label.evaluate_blocks,
    "label_predict": label.predict_blocks,
    "label_extract": label.extract_blocks,
    "label_visualize": label.visualize_blocks,
    "label_compare": label_heads.blocks,
}
"""Step → its figures and tables; the folder holds the files that the step has written."""
