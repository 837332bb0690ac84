"""Cells whose label may be wrong: confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70, 1373-1411)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.evaluating.judged import Judged

TABLE = "suspect_labels.csv"


def find(judged: Judged) -> NDArray[np.int64]:
    """Return places of judged cells whose label is suspect, the most suspicious first.

    A cell is suspect when it looks like another class with at least that class's usual confidence, and is among as
    many of its class as the counts of such confusions suggest (cleanlab, `prune_by_noise_rate`). None are found with
    fewer than two classes.
    """
    from cleanlab.filter import find_label_issues

    present = np.flatnonzero(judged.support)
    if len(present) < 2:
        return np.zeros(0, np.int64)
    number = np.full(len(judged.classes), -1)
    number[present] = np.arange(len(present))
    shares = judged.shares[:, present] + 1e-9
    found = find_label_issues(
        number[judged.true],
        shares / shares.sum(axis=1, keepdims=True),
        return_indices_ranked_by="self_confidence",
        filter_by="prune_by_noise_rate",
        n_jobs=1,
    )
    places = np.asarray(found, np.int64)
    return places[~judged.right[places]]


def write(folder: Path, judged: Judged, places: NDArray[np.int64]) -> dict[str, str]:
    """Write suspect_labels.csv, the most suspicious first; return title → file."""
    rows = [
        [*judged.origin(place), judged.classes[judged.true[place]], judged.classes[judged.predicted[place]],
         f"{judged.shares[place, judged.true[place]]:.5f}", f"{judged.confidence[place]:.5f}"]
        for place in places
    ]  # fmt: skip
    names = ["cell_id", "source", "object", "label", "looks_like", "p_label", "p_looks_like"]
    fileio.write_csv(folder / TABLE, names, rows)
    return {"Suspect labels": TABLE}
