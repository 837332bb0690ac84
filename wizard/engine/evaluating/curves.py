"""ROC and precision-recall curves and histograms of the probabilities, as tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from wizard import fileio
from wizard.engine.evaluating.judged import Floats, Judged

CURVES, HISTOGRAMS = "curves.csv", "probabilities.csv"
_MOST = 300
"""Points of one curve in the table."""
_BINS = 20


def write(folder: Path, judged: Judged) -> dict[str, str]:
    """Write curves.csv (class, curve, threshold, x, y) and probabilities.csv; return title → file.

    ROC: x false alarms, y found (both shares). Precision-recall: x recall, y precision. Classes without cells, or
    without other cells, have no curves.
    """
    rows: list[list[object]] = []
    for index, name in enumerate(judged.classes):
        own = judged.true == index
        if own.all() or not own.any():
            continue
        false, found, level = roc_curve(own, judged.shares[:, index])
        rows += _points(name, "roc", level, false, found)
        precision, recall, level = precision_recall_curve(own, judged.shares[:, index])
        rows += _points(name, "pr", np.append(level, np.inf)[::-1], recall[::-1], precision[::-1])
    fileio.write_csv(folder / CURVES, ["class", "curve", "threshold", "x", "y"], rows)
    fileio.write_csv(folder / HISTOGRAMS, ["probability_of", "true", "from", "to", "cells"], list(_histograms(judged)))
    return {"ROC and precision-recall curves": CURVES, "Histograms of the probabilities": HISTOGRAMS}


def _points(name: str, curve: str, level: Floats, x: Floats, y: Floats) -> list[list[object]]:
    """Return the points of a curve, at most `_MOST`: the first, the last, and others evenly along it."""
    length = np.cumsum(np.abs(np.diff(x, prepend=x[0])) + np.abs(np.diff(y, prepend=y[0])))
    places = np.arange(len(x))
    if len(x) > _MOST:
        places = np.unique(np.searchsorted(length, np.linspace(0, length[-1], _MOST)).clip(0, len(x) - 1))
    return [
        [name, curve, f"{level[place]:.5f}" if np.isfinite(level[place]) else "", f"{x[place]:.5f}", f"{y[place]:.5f}"]
        for place in places
    ]


def _histograms(judged: Judged) -> list[list[object]]:
    edges = np.linspace(0, 1, _BINS + 1)
    rows: list[list[object]] = []
    for index, name in enumerate(judged.classes):
        for true in np.flatnonzero(judged.support):
            counts, _ = np.histogram(judged.shares[judged.true == true, index], edges)
            rows += [
                [name, judged.classes[true], f"{edges[place]:.2f}", f"{edges[place + 1]:.2f}", int(count)]
                for place, count in enumerate(counts)
            ]
    return rows
