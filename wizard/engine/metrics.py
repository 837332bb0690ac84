"""Figures of a classifier, with 95 % intervals by bootstrap over groups or cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from wizard.results import Estimate, PerClass

Counts = NDArray[np.float64]


def confusion(true: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Return counts, rows true and columns predicted."""
    flat = np.bincount(true * classes + predicted, minlength=classes * classes)
    return flat.reshape(classes, classes)


def _ratio(top: Counts, bottom: Counts) -> Counts:
    return np.divide(top, bottom, out=np.full(np.broadcast(top, bottom).shape, np.nan), where=bottom > 0)


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
    _, unit = np.unique(units, return_inverse=True)
    number = int(unit.max()) + 1
    cells = np.zeros((number, classes * classes), np.float64)
    np.add.at(cells, (unit, true * classes + predicted), 1)
    rng = np.random.default_rng(seed)
    matrices = np.empty((rounds, classes * classes))
    share = np.full(number, 1 / number)
    for start in range(0, rounds, 100):
        draws = rng.multinomial(number, share, size=min(100, rounds - start))
        matrices[start : start + len(draws)] = draws @ cells
    return matrices.reshape(rounds, classes, classes)


def estimate(figure: Callable[[Counts], Counts], matrix: Counts, rounds: Counts) -> Estimate:
    """Return a figure of the whole matrix with the 2.5 and 97.5 percentiles over the rounds."""
    return _estimate(float(figure(matrix)), figure(rounds))


def recall_estimates(matrix: Counts, rounds: Counts) -> list[Estimate]:
    """Return recall with interval for every class."""
    drawn = recalls(rounds)
    return [_estimate(float(value), drawn[:, index]) for index, value in enumerate(recalls(matrix))]


def _estimate(value: float, drawn: Counts) -> Estimate:
    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(value) or len(drawn) == 0:
        return Estimate(value=_known(value), low=None, high=None)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Estimate(value=value, low=float(low), high=float(high))


def per_class(matrix: Counts, true: NDArray[np.int64], shares: NDArray[np.float64]) -> list[PerClass]:
    """Return precision, recall, F1, support and one-against-rest AUC per class; None where undefined."""
    figures = zip(precisions(matrix), recalls(matrix), f1_scores(matrix), matrix.sum(axis=-1), strict=True)
    return [
        PerClass(
            precision=_known(precision),
            recall=_known(recall),
            f1=_known(f1),
            support=int(support),
            auc=_auc(true == index, shares[:, index]),
        )
        for index, (precision, recall, f1, support) in enumerate(figures)
    ]


def _auc(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float | None:
    if positive.all() or not positive.any():
        return None
    return float(roc_auc_score(positive, score))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
