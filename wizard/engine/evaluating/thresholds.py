"""What a threshold on the probability of one class would sort out: yield, purity, enrichment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wizard import fileio
from wizard.engine.evaluating.judged import Judged
from wizard.sorting import LEVELS, sort_out

TABLE = "thresholds.csv"
COLUMNS = (
    "class", "threshold", "sorted_out", "right", "concentration_before", "purity", "enrichment", "yield",
    "false_alarms", "accuracy",
)  # fmt: skip


def write(folder: Path, judged: Judged) -> dict[str, str]:
    """Write thresholds.csv for every class that has cells; return title → file."""
    rows: list[list[object]] = []
    for index in np.flatnonzero(judged.support):
        found = sort_out(judged.shares, judged.true, int(index))
        columns = (found.purity, found.enrichment, found.gain, found.false_alarms, found.accuracy)
        for place, level in enumerate(LEVELS):
            figures = ["" if np.isnan(column[place]) else f"{column[place]:.5f}" for column in columns]
            rows.append([
                judged.classes[index], f"{level:.2f}", int(found.cells[place]), int(found.own[place]),
                f"{found.before:.5f}", *figures,
            ])  # fmt: skip
    fileio.write_csv(folder / TABLE, COLUMNS, rows)
    return {"Thresholds: yield, purity, enrichment": TABLE}
