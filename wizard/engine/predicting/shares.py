"""Shares of the classes with intervals, also corrected for the mistakes that validation cells show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.predicting.limits import wilson
from wizard.results_base import Estimate

Floats = NDArray[np.float64]

ROUNDS = 400
_STEPS = 300
_MOST_CLASSES = 50
"""More classes are not corrected: their confusion matrix is too thin."""
_MOST_GROUPS = 20_000
_WIDEST = 0.5
_LEAST_APART = 0.1
"""The smallest singular value of the rates at which classes can still be told apart in a mixture."""


@dataclass(frozen=True)
class Rates:
    """How often a cell of a true class is predicted as each class: `counts` (true, predicted) of validation cells."""

    counts: Floats

    @property
    def shares(self) -> Floats:
        """The rates, every row adding up to 1."""
        shares: Floats = self.counts / self.counts.sum(axis=1, keepdims=True)
        return shares


def rates_of(judged: dict[str, Any] | None, classes: list[str]) -> tuple[Rates | None, str]:
    """Return the rates of a model's validation cells, else None and the reason in words."""
    if not judged or "confusion" not in judged:
        return None, "the model holds no record of its validation cells"
    try:
        counts = np.asarray(judged["confusion"], np.float64)
    except (TypeError, ValueError):
        counts = np.zeros(0)
    number = len(classes)
    if counts.shape != (number, number) or not np.isfinite(counts).all() or (counts < 0).any():
        return None, "the model's record of its validation cells is damaged"
    if number > _MOST_CLASSES:
        return None, f"{number} classes are too many for it"
    missing = [name for name, total in zip(classes, counts.sum(axis=1), strict=True) if total == 0]
    if missing:
        return None, f"there were no validation cells of {', '.join(missing[:5])}"
    rates = Rates(counts)
    if np.linalg.svd(rates.shares, compute_uv=False)[-1] < _LEAST_APART:
        return None, "the model confuses some classes so often that their shares cannot be told apart"
    return rates, ""


def corrected(counts: Floats, rates: Floats) -> Floats:
    """Return the shares (..., class) of the true classes that make predicted counts (..., class) most likely.

    `rates` (..., true, predicted) are those of `Rates.shares`. Where inverting the rates gives shares between 0
    and 1 this is that inverse; else it is the nearest mixture in likelihood, by expectation maximisation.
    """
    seen = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1e-12)
    number = counts.shape[-1]
    found = np.broadcast_to(np.full(number, 1 / number), np.broadcast_shapes(seen.shape, rates.shape[:-1])).copy()
    for _ in range(_STEPS):
        mixed = np.einsum("...k,...kj->...j", found, rates)
        found *= np.einsum("...kj,...j->...k", rates, seen / np.maximum(mixed, 1e-12))
        found /= np.maximum(found.sum(axis=-1, keepdims=True), 1e-12)
    direct = np.linalg.solve(np.swapaxes(rates, -1, -2), np.broadcast_to(seen, found.shape)[..., None])[..., 0]
    inside = (direct >= 0).all(axis=-1, keepdims=True)
    return np.where(inside, direct, found)


def drawn(by_group: Floats, seed: int = 1) -> Floats:
    """Return counts per class (round, class) of groups (group, class) drawn with replacement; one group: its cells."""
    rng = np.random.default_rng(seed)
    number = len(by_group)
    if number < 2:
        total = by_group.sum(axis=0)
        return rng.multinomial(int(total.sum()), total / max(total.sum(), 1), size=ROUNDS).astype(float)
    found = np.empty((ROUNDS, by_group.shape[1]))
    share = np.full(number, 1 / number)
    for start in range(0, ROUNDS, 50):
        found[start : start + 50] = rng.multinomial(number, share, size=min(50, ROUNDS - start)) @ by_group
    return found


def estimates(by_group: Floats, rates: Rates | None) -> tuple[list[Estimate], list[Estimate | None]]:
    """Return the counted and the corrected share of each class with 95 % intervals.

    `by_group` holds predicted counts (group, class). With one group the counted shares get Wilson's interval;
    the corrected ones also vary by the number of validation cells behind the rates.
    """
    total = by_group.sum(axis=0)
    number = int(total.sum())
    rounds = drawn(by_group)
    if len(by_group) < 2:
        counted = [wilson(int(hits), number) for hits in total]
    else:
        seen = rounds / np.maximum(rounds.sum(axis=1, keepdims=True), 1)
        counted = _estimates(total / max(number, 1), seen)
    if rates is None or number == 0:
        return counted, [None] * len(total)
    rng = np.random.default_rng(2)
    blur = rng.standard_gamma(rates.counts + 1 / len(total), size=(ROUNDS, *rates.counts.shape))
    varied = corrected(rounds, blur / blur.sum(axis=-1, keepdims=True))
    return counted, list(_estimates(corrected(total, rates.shares), varied))


def _estimates(values: Floats, rounds: Floats) -> list[Estimate]:
    low, high = np.percentile(rounds, (2.5, 97.5), axis=0)
    return [
        Estimate(value=float(value), low=float(min(value, down)), high=float(max(value, up)))
        for value, down, up in zip(values, low, high, strict=True)
    ]


def too_wide(found: Sequence[Estimate | None]) -> bool:
    """Tell whether corrected shares say next to nothing: an interval wider than half of all cells."""
    return any(item is not None and (item.high or 0.0) - (item.low or 0.0) > _WIDEST for item in found)


def per_group(predicted: NDArray[np.int64], classes: int, units: NDArray[np.int64] | None) -> Floats:
    """Return predicted counts (group, class); without groups, or with too many of them, one row."""
    number = int(units.max()) + 1 if units is not None and len(units) else 1
    if units is None or not 2 <= number <= _MOST_GROUPS:
        return np.bincount(predicted, minlength=classes)[None].astype(np.float64)
    flat = np.bincount(units * classes + predicted, minlength=number * classes)
    return flat.reshape(number, classes).astype(np.float64)
