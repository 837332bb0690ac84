"""The probability below which a cell is unsure, chosen for a stated error on validation cells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.results_base import Estimate
from wizard.results_predict import Limit

FALL_BACK = 0.6
"""The threshold for models that lack the record of their validation cells."""
_Z = 1.959964
_LEAST = 20
"""Validation cells that a threshold must leave at least."""


def wilson(hits: int, total: int) -> Estimate:
    """Return a share with its 95 % interval (Wilson 1927); unknown without cells."""
    if total == 0:
        return Estimate(value=None, low=None, high=None)
    share, square = hits / total, _Z * _Z
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = _Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    return Estimate(value=share, low=low, high=1.0 if hits == total else min(1.0, centre + half))


def choose(judged: dict[str, Any] | None, wanted: float, fixed: float) -> Limit:
    """Return the lowest threshold at which at most `wanted` (0..1) of the kept validation cells are wrong.

    `judged` is the model's record of its validation cells (`wizard.engine.judged.facts`), None in older models.
    A threshold counts only if it keeps `1 / wanted` cells, at least 20: fewer cannot show so small an error.
    With `fixed` above 0 that threshold is taken, and only judged.
    """
    known = _known(judged)
    if known is None:
        why = "" if fixed else (
            f"The model holds no record of its validation cells, so that no threshold could be chosen; {FALL_BACK:g} "
            "is taken. Models trained by this program version hold it."
        )  # fmt: skip
        return Limit(threshold=fixed or FALL_BACK, wanted=None, why=why)
    confidences, right = known
    if fixed:
        return _judge(fixed, None, confidences, right)
    # Cells of equal confidence stay together: a threshold keeps all of them or none.
    starts = np.flatnonzero(np.diff(confidences, prepend=-1.0) > 0)
    kept = len(confidences) - starts
    wrong = (~right)[::-1].cumsum()[::-1][starts]
    errors = wrong / kept
    enough = kept >= max(_LEAST, math.ceil(1 / wanted))
    fine = np.flatnonzero(enough & (errors <= wanted))
    if len(fine):
        first = int(fine[0])
        return _judge(0.0 if first == 0 else float(confidences[starts[first]]), wanted, confidences, right)
    return _best_left(float(wanted), confidences, right, starts, errors, enough)


def _best_left(
    wanted: float, confidences: NDArray[np.float64], right: NDArray[np.bool_], starts: NDArray[np.int64],
    errors: NDArray[np.float64], enough: NDArray[np.bool_],
) -> Limit:  # fmt: skip
    """Return the threshold with the fewest errors where none keeps what was wanted."""
    if not enough.any():
        limit = _judge(FALL_BACK, wanted, confidences, right)
        limit.why = (
            f"The {len(confidences)} validation cells are too few to choose a threshold for {100 * wanted:g} % wrong "
            f"predictions; {FALL_BACK:g} is taken."
        )
        return limit
    best = int(np.argmin(np.where(enough, errors, np.inf)))
    limit = _judge(float(confidences[starts[best]]), wanted, confidences, right)
    limit.why = (
        f"No threshold keeps wrong predictions at {100 * wanted:g} % on the validation cells; the best leaves "
        f"{100 * float(errors[best]):.1f} %."
    )
    return limit


def _judge(threshold: float, wanted: float | None, confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> Limit:
    kept = confidences >= threshold
    number = int(kept.sum())
    return Limit(
        threshold=threshold,
        wanted=wanted,
        error=wilson(int((~right[kept]).sum()), number),
        kept=number / len(confidences),
        n_cells=len(confidences),
    )


def _known(judged: dict[str, Any] | None) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
    """Return sorted confidences and whether each was right; None where the record is missing or damaged."""
    try:
        confidences = np.asarray((judged or {})["confidences"], np.float64)
        right = np.asarray((judged or {})["right"], np.float64) > 0
    except (KeyError, TypeError, ValueError):
        return None
    if confidences.ndim != 1 or len(confidences) == 0 or confidences.shape != right.shape:
        return None
    if not np.isfinite(confidences).all():
        return None
    order = np.argsort(confidences, kind="stable")
    return confidences[order], right[order]
