"""Naming cells by others: linear discriminant analysis judged on cells, or on groups, that it has not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Codes = NDArray[np.int64]
FOLDS = 5


def held_out(scores: Scores, codes: Codes, seed: int) -> Codes:
    """Return the class that the cells of the other four fifths give to each cell; parts are stratified and seeded."""
    rng = np.random.default_rng(seed)
    part = np.empty(len(codes), np.int64)
    for code in np.unique(codes):
        members = rng.permutation(np.flatnonzero(codes == code))
        part[members] = np.arange(len(members)) % FOLDS
    named = np.empty(len(codes), np.int64)
    for fold in range(FOLDS):
        named[part == fold] = _named(scores, codes, part != fold, part == fold)
    return named


def left_out(scores: Scores, codes: Codes, groups: Codes) -> Codes:
    """Return the class that the cells of all other groups give to each cell; -1 where they cannot.

    A group cannot be judged when the others hold fewer than two classes; cells of a class that the others lack are
    not judged either.
    """
    named = np.full(len(codes), -1, np.int64)
    for group in np.unique(groups):
        others = groups != group
        known = np.unique(codes[others])
        judged = ~others & np.isin(codes, known)
        if len(known) > 1 and judged.any():
            named[judged] = _named(scores, codes, others, judged)
    return named


def _named(scores: Scores, codes: Codes, learn: NDArray[np.bool_], judge: NDArray[np.bool_]) -> Codes:
    """Learn with equal weight for each class and shrunken covariance (Ledoit and Wolf 2004); return predicted codes."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    known = np.unique(codes[learn])
    spread = scores[learn].std(axis=0)
    kept = spread > 1e-12
    if not kept.any():
        return np.full(int(judge.sum()), known[0])
    middle = scores[learn].mean(axis=0)
    even = ((scores - middle) / np.where(kept, spread, 1))[:, kept].astype(np.float64)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=np.full(len(known), 1 / len(known)))
    model.fit(even[learn], codes[learn])
    return np.asarray(model.predict(even[judge]), np.int64)
