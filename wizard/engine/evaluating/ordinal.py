"""Targets whose classes are steps of a scale (day, dose): how far off, and how well the order is found."""

from __future__ import annotations

import re

import numpy as np
from scipy import stats

from wizard.engine.data.tags import GROUP_TAGS
from wizard.engine.evaluating.judged import Floats, Judged
from wizard.engine.evaluating.redraw import all_or_none, binned, mean, share
from wizard.results_base import Estimate
from wizard.results_evaluate import Ordinal

_LEAST = 3
_SCALES = {"day", "date", "week", "passage", "hour", "time", "timepoint", "dose", "concentration"}
_NUMBER = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?)\s*[^\d\s]{0,6}\s*", re.IGNORECASE)
"""A number, perhaps with a short unit behind it."""


def order_of(target: str, classes: list[str]) -> list[int]:
    """Return the class numbers in their order on a scale; empty when they are names and not steps of one.

    A number that only names a group (batch, donor) is no step.
    """
    if len(classes) < _LEAST or (target in GROUP_TAGS and target not in _SCALES):
        return []
    values = []
    for name in classes:
        found = _NUMBER.fullmatch(name)
        if found is None:
            return []
        values.append(float(found[1].replace(",", ".")))
    if len(set(values)) < len(values):
        return []
    return [int(place) for place in np.argsort(values)]


def figures(judged: Judged, order: list[int]) -> Ordinal:
    """Return the ordinal figures; a class's position is its place in `order`, so that steps count and not gaps."""
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    true, predicted = position[judged.true], position[judged.predicted]
    expected = judged.shares @ position.astype(float)
    off = np.abs(true - predicted)
    spearman, kendall = _correlations(judged, true, expected)
    names = [judged.classes[index] for index in order]
    return Ordinal(
        steps=all_or_none(mean(off.astype(float), judged.redraw), len(true)),
        within_one=share(off <= 1, judged.redraw),
        spearman=spearman,
        kendall=kendall,
        order=names,
        expected={
            name: mean(expected[true == place] + 1, judged.redraw.part(np.flatnonzero(true == place)))
            for place, name in enumerate(names)
            if (true == place).any()
        },
    )


def _correlations(judged: Judged, true: np.ndarray, expected: Floats) -> tuple[Estimate, Estimate]:
    nothing = Estimate(value=None, low=None, high=None)
    if len(np.unique(true)) < 2 or len(np.unique(expected)) < 2:
        return nothing, nothing
    steps, ranks = len(judged.classes), binned(expected, 200)
    codes = true * ranks[1] + ranks[0]
    drawn = judged.redraw.over(
        codes, steps * ranks[1], lambda counts: correlations(counts.reshape(-1, steps, ranks[1]))
    )
    found = (float(stats.spearmanr(true, expected)[0]), float(stats.kendalltau(true, expected)[0]))
    first, second = (judged.redraw.estimate(value, drawn[:, place], "correlation") for place, value in enumerate(found))
    return first, second


def correlations(tables: Floats) -> Floats:
    """Return (round, 2) Spearman's and Kendall's (tau-b) rank correlation from counts (round, row, column)."""
    cells = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    row_rank = np.cumsum(rows, axis=1) - rows / 2 - cells[:, None] / 2
    column_rank = np.cumsum(columns, axis=1) - columns / 2 - cells[:, None] / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        above = np.einsum("nij,ni,nj->n", tables, row_rank, column_rank, optimize=True)
        spread = (rows * row_rank**2).sum(axis=1) * (columns * column_rank**2).sum(axis=1)
        spearman = above / np.sqrt(spread)
        before = np.cumsum(np.cumsum(tables, axis=1), axis=2)
        lower = np.zeros_like(tables)
        lower[:, 1:, 1:] = before[:, :-1, :-1]
        down = np.cumsum(tables, axis=1)
        other = np.zeros_like(tables)
        # Earlier rows, later columns.
        other[:, 1:, :] = down[:, :-1].sum(axis=2, keepdims=True) - np.cumsum(down[:, :-1], axis=2)
        score = (tables * (lower - other)).sum(axis=(1, 2))
        pairs = [(cells**2 - (sums**2).sum(axis=1)) / 2 for sums in (rows, columns)]
        kendall = score / np.sqrt(pairs[0] * pairs[1])
    return np.stack([spearman, kendall], axis=1)
