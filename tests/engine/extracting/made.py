"""A small table of features with the oddest names, as the writers of further formats get it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from wizard.engine.extracting import naming
from wizard.engine.extracting.formats import Source
from wizard.engine.extracting.table import Writer

CELLS = 60
ODD = [
    "=1+1", "<script>alert(1)</script>", "x" * 300, "cell \U0001f9ec", "\u05ea\u05d0 \u202emirrored", "a/b", "..",
    "tab\tand\nline", '"quoted", and more', "'", "", "@SUM(A1)",
]  # fmt: skip
"""Values and names that have broken a file before, or could."""
TAGS = [
    "=cmd",
    "<b>",
    "y" * 300,
    "\U0001f9ec",
    "\u05ea\u05d0",
    "a/b",
    "a_b",
    ".",
    "_index",
    "class",
    "f0001",
    "\u00e4 b",
]


def data_set(cells: int = CELLS, frame: tuple[int, int] = (20, 24), tags: list[str] = TAGS) -> Any:
    """Return what the writers use of a data set."""
    columns = {
        "cell_id": np.array([f"{at:016x}" for at in range(cells)], object),
        "source": np.array([ODD[at % len(ODD)] for at in range(cells)], object),
        "object": np.arange(cells),
        "split": np.array(["train", "holdout"] * (cells // 2) + ["train"] * (cells % 2), object),
    }
    for place, tag in enumerate(tags):
        columns[tag] = np.array([ODD[(at + place) % len(ODD)] for at in range(cells)], object)
    images = np.random.default_rng(0).integers(0, 200, (cells, 2, *frame)).astype(np.uint16)
    return SimpleNamespace(
        cells=columns, tags=tags, frame=frame, load=lambda rows: images[rows],
        channels=[SimpleNamespace(name="Ch1"), SimpleNamespace(name="=Ch2")],
    )  # fmt: skip


def source(folder: Any, cells: int = CELLS, group: int = 25, data: Any = None, width: int = 5) -> tuple[Source, Any]:
    """Write features.parquet in groups; return it with its numbers (cell, network + classical + measured)."""
    data = data or data_set(cells)
    more = [naming.Feature("area", "classical", "px", "Size"), naming.Feature("=Ch2 mean", "classical")]
    columns = naming.columns(data.tags, width, more, ["area", "Intensity/Ch1", "class"])
    values = np.random.default_rng(1).normal(size=(cells, width + 5))
    values[3, width], values[5, width + 2] = np.nan, np.nan
    path = folder / "features.parquet"
    with Writer(path, columns, data) as writer:
        for start in range(0, cells, group):
            part = slice(start, min(start + group, cells))
            here = values[part]
            writer.write(part, [here[:, :width].astype(np.float32), here[:, width : width + 2].astype(np.float32),
                                here[:, width + 2 :]])  # fmt: skip
    about = {"model": "models/=a.cytomodel", "layer": 'pool "\u05ea\U0001f9ec\\', "a/b": "c"}
    return Source(path, columns, data, about), values
