"""How well probabilities rank the cells of a class before the others: AUC and average precision with intervals."""

from __future__ import annotations

import numpy as np

from wizard.engine.evaluating.judged import Floats, Judged
from wizard.engine.evaluating.redraw import all_or_none, binned
from wizard.results_base import Estimate
from wizard.results_evaluate import PerClass


def areas(counts: Floats) -> Floats:
    """Return (round, 2) AUC and average precision from counts (round, 2 x rank + positive), ranks from the lowest.

    Equal ranks count half for the AUC. NaN where one kind of cells is absent.
    """
    others, own = counts[:, 0::2], counts[:, 1::2]
    all_own, all_others = own.sum(axis=1), others.sum(axis=1)
    below = np.cumsum(others, axis=1) - others
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (own * (below + others / 2)).sum(axis=1) / (all_own * all_others)
        found = np.cumsum(own[:, ::-1], axis=1)
        taken = found + np.cumsum(others[:, ::-1], axis=1)
        precision = np.divide(found, taken, out=np.zeros_like(found), where=taken > 0)
        average = (precision * own[:, ::-1]).sum(axis=1) / all_own
    average[all_others == 0] = np.nan
    return np.stack([auc, average], axis=1)


def estimates(judged: Judged, per_class: list[PerClass]) -> list[dict[str, Estimate]]:
    """Return `auc` and `ap` of every class with intervals, around the values of `per_class`; {} where undefined."""
    found: list[dict[str, Estimate]] = []
    for index, figures in enumerate(per_class):
        if figures.auc is None or figures.ap is None:
            found.append({})
            continue
        ranks, number = binned(judged.shares[:, index])
        drawn = judged.redraw.over(2 * ranks + (judged.true == index), 2 * number, areas)
        fewer = min(figures.support, len(judged.true) - figures.support)
        both = zip(("auc", "ap"), (figures.auc, figures.ap), drawn.T, strict=True)
        found.append(
            {
                name: all_or_none(judged.redraw.estimate(value, rounds, "share", fewer), fewer)
                for name, value, rounds in both
            }
        )
    return found
