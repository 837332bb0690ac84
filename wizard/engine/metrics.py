"""Figures of a classifier, with 95 % intervals by bootstrap over groups or cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from wizard.engine.evaluating.redraw import Scale, all_or_none, interval, of_groups
from wizard.results import Estimate, PerClass

Counts = NDArray[np.float64]


def confusion(true: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Return counts, rows true and columns predicted."""
    flat: NDArray[np.int64] = np.bincount(true * classes + predicted, minlength=classes * classes)
    return flat.reshape(classes, classes)


def _ratio(top: Counts, bottom: Counts) -> Counts:
    empty = np.full(np.broadcast(top, bottom).shape, np.nan)
    shares: Counts = np.divide(top, bottom, out=empty, where=bottom > 0)
    return shares


def recalls(matrix: Counts) -> Counts:
    """Return recall per class from counts (..., class, class); NaN for a class without cells."""
    return _ratio(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1))


def precisions(matrix: Counts) -> Counts:
    """Return precision per class; NaN for a class never predicted."""
    return _ratio(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-2))


def f1_scores(matrix: Counts) -> Counts:
    """Return F1 per class; NaN for a class neither present nor predicted."""
    return _ratio(2 * np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1) + matrix.sum(axis=-2))


def accuracy(matrix: Counts) -> Counts:
    """Return the share of right cells from counts (..., class, class)."""
    return _ratio(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1)))


def _mean(values: Counts) -> Counts:
    """Mean over the last axis without NaN; NaN where nothing is left."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1).astype(float))


def balanced_accuracy(matrix: Counts) -> Counts:
    """Return the mean recall over the classes that have cells."""
    return _mean(recalls(matrix))


def macro_f1(matrix: Counts) -> Counts:
    """Return the mean F1 over the classes that have cells."""
    present = matrix.sum(axis=-1) > 0
    return _mean(np.where(present, f1_scores(matrix), np.nan))


def specificities(matrix: Counts) -> Counts:
    """Return for each class the share of the other cells that were not given it; NaN without other cells."""
    right = np.diagonal(matrix, axis1=-2, axis2=-1)
    others = matrix.sum(axis=(-2, -1))[..., None] - matrix.sum(axis=-1)
    return _ratio(others - (matrix.sum(axis=-2) - right), others)


def weighted_f1(matrix: Counts) -> Counts:
    """Return the mean F1, each class weighted by its cells."""
    support = matrix.sum(axis=-1)
    scores = np.where(support > 0, f1_scores(matrix), 0.0)
    return _ratio((scores * support).sum(axis=-1), support.sum(axis=-1))


def correlation(matrix: Counts) -> Counts:
    """Return the Matthews correlation coefficient for any number of classes (Gorodkin 2004).

    NaN when all cells are of one class or all predictions name one.
    """
    cells, true, named = matrix.sum(axis=(-2, -1)), matrix.sum(axis=-1), matrix.sum(axis=-2)
    above = np.trace(matrix, axis1=-2, axis2=-1) * cells - (true * named).sum(axis=-1)
    below = (cells**2 - (named**2).sum(axis=-1)) * (cells**2 - (true**2).sum(axis=-1))
    return _ratio(above, np.sqrt(below))


def bootstrap(
    true: NDArray[np.int64],
    predicted: NDArray[np.int64],
    units: NDArray[np.int64],
    classes: int,
    rounds: int,
    seed: int,
) -> Counts:
    """Return confusion counts (round, class, class) of resampled units.

    `units` numbers the group (or the cell) of every cell; whole units are drawn with replacement.
    """
    redraw = of_groups(units, rounds, seed)
    counts = redraw.over(true * classes + predicted, classes * classes, lambda drawn: drawn)
    return counts.reshape(rounds, classes, classes)


def estimate(
    figure: Callable[[Counts], Counts], matrix: Counts, rounds: Counts, units: float = 0, scale: Scale = "share"
) -> Estimate:
    """Return a figure of the whole matrix with its 95 % interval over the rounds.

    `units` is how many groups or cells were drawn; with it the interval allows for few of them.
    """
    return interval(float(figure(matrix)), figure(rounds), units, scale)


def class_estimates(matrix: Counts, rounds: Counts, units: int) -> dict[str, list[Estimate]]:
    """Return recall, precision, specificity and F1 of every class with intervals."""
    right, true, named = np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    figures: dict[str, tuple[Callable[[Counts], Counts], Counts]] = {
        "recall": (recalls, true),
        "precision": (precisions, named),
        "specificity": (specificities, matrix.sum() - true),
        "f1": (f1_scores, (true + named) / 2),
    }
    found = {}
    for name, (figure, cells) in figures.items():
        drawn, values = figure(rounds), figure(matrix)
        found[name] = [
            all_or_none(
                interval(float(values[place]), drawn[:, place], min(units, float(cells[place])), "share"),
                float(cells[place]),
            )
            for place in range(len(right))
        ]
    return found


def per_class(matrix: Counts, true: NDArray[np.int64], shares: NDArray[np.float64]) -> list[PerClass]:
    """Return every figure of each class, AUC and average precision one against the rest; None where undefined."""
    columns = (precisions(matrix), recalls(matrix), f1_scores(matrix), matrix.sum(axis=-1), specificities(matrix))
    figures = zip(*columns, strict=True)
    return [
        PerClass(
            precision=_known(precision),
            recall=_known(recall),
            f1=_known(f1),
            support=int(support),
            auc=_auc(true == index, shares[:, index]),
            specificity=_known(specificity),
            ap=_ap(true == index, shares[:, index]),
        )
        for index, (precision, recall, f1, support, specificity) in enumerate(figures)
    ]


def _auc(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float | None:
    if positive.all() or not positive.any():
        return None
    return float(roc_auc_score(positive, score))


def _ap(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float | None:
    return float(average_precision_score(positive, score)) if positive.any() and not positive.all() else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
