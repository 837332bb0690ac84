"""Redrawing groups or cells: what every 95 % interval of Evaluate rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special, stats

from wizard.results_base import Estimate

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Scale = Literal["plain", "share", "correlation"]
"""Which values a figure can have: any, 0..1, or -1..1."""
_NORMAL = 1.959964
_CHUNK = 100
"""Rounds at once, so that memory stays bounded."""


@dataclass(frozen=True)
class Redraw:
    """A bootstrap that draws whole units with replacement: always the same draws, whatever figure is asked.

    `units` numbers the group of every cell from 0; None where single cells are drawn. `number` is how many units
    there are.
    """

    units: Codes | None
    number: int
    rounds: int
    seed: int

    def over(self, codes: Codes, size: int, figure: Callable[[Floats], Floats]) -> Floats:
        """Return `figure` of every round; it gets counts (round, size) of the cells' codes 0 … size - 1."""
        rng = np.random.default_rng(self.seed)
        found = []
        if self.units is None:
            # Drawing cells one by one and counting them is the same as drawing the counts.
            shares = np.bincount(codes, minlength=size) / len(codes)
            for start in range(0, self.rounds, _CHUNK):
                drawn = rng.multinomial(len(codes), shares, size=min(_CHUNK, self.rounds - start))
                found.append(figure(drawn.astype(np.float64)))
            return np.concatenate(found)
        table = sparse.csr_array((np.ones(len(codes)), (codes, self.units)), shape=(size, self.number))
        even = np.full(self.number, 1 / self.number)
        for start in range(0, self.rounds, _CHUNK):
            drawn = rng.multinomial(self.number, even, size=min(_CHUNK, self.rounds - start))
            found.append(figure((table @ drawn.T.astype(np.float64)).T))
        return np.concatenate(found)

    def part(self, places: Codes, rounds: int | None = None) -> Redraw:
        """Return the bootstrap of some of the cells: over their groups, or over cells where they are of one group."""
        rounds = rounds or self.rounds
        if self.units is None:
            return Redraw(None, len(places), rounds, self.seed)
        return of_groups(self.units[places], rounds, self.seed)

    def estimate(self, value: float, drawn: Floats, scale: Scale = "plain", worth: float = np.inf) -> Estimate:
        """Return a figure with its interval from the figure of every round; it rests on `worth` cells at most."""
        return interval(value, drawn, min(self.number, worth), scale)


def of_groups(units: Codes, rounds: int, seed: int) -> Redraw:
    """Return the bootstrap over groups, given any number for each cell's group; over cells when all are one group."""
    names, numbers = np.unique(units, return_inverse=True)
    if len(names) in (1, len(units)):
        return Redraw(None, len(units), rounds, seed)
    return Redraw(numbers.astype(np.int64), len(names), rounds, seed)


def interval(value: float, drawn: Floats, units: float, scale: Scale = "plain") -> Estimate:
    """Return a figure with its 95 % interval from its bootstrap distribution over `units` groups or cells.

    Figures with ends (`share` 0..1, `correlation` -1..1): value ± t x standard error on the logit scale, t Student's
    with units - 1 degrees of freedom and the variance times n / (n - 1), because plain percentiles are too narrow
    for few units and near the ends. `plain` figures: percentiles moved outwards by the same factor (Hesterberg 2015,
    The American Statistician 69, 371-386). Without `units` the percentiles are left as they are. NaN in `drawn` (a
    round without the class) does not count.
    """
    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(value) or len(drawn) == 0:
        return Estimate(value=None if np.isnan(value) else value, low=None, high=None)
    factor = 1.0
    if units > 1:
        factor = float(np.sqrt(units / (units - 1)) * stats.t.ppf(0.975, units - 1) / _NORMAL)
    if scale != "plain" and units > 1 and drawn.min() < drawn.max():
        return _on_logit(value, drawn, factor, scale)
    tail = float(stats.norm.cdf(-factor * _NORMAL))
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return Estimate(value=value, low=float(low), high=float(high))


def _on_logit(value: float, drawn: Floats, factor: float, scale: Scale) -> Estimate:
    start, width = (0.0, 1.0) if scale == "share" else (-1.0, 2.0)
    shares = np.append((drawn - start) / width, (value - start) / width)
    inside = shares[(shares > 0) & (shares < 1)]
    # A round in which all are right is as far from the end as half the nearest other one.
    nearest = float(min(inside.min(), 1 - inside.max())) / 2 if len(inside) else 1e-3
    logits = special.logit(shares.clip(nearest, 1 - nearest))
    half = _NORMAL * factor * float(logits[:-1].std())
    low, high = (start + width * float(special.expit(logits[-1] + one)) for one in (-half, half))
    return Estimate(value=value, low=min(low, value), high=max(high, value))


def all_or_none(estimate: Estimate, number: float) -> Estimate:
    """Mend the interval of a share of `number` cells that is 0 or 1: redrawing cannot show any spread there.

    The open end becomes the exact binomial bound (Clopper and Pearson 1934).
    """
    if estimate.value is None or estimate.low != estimate.high or number <= 0:
        return estimate
    if estimate.value >= 1.0:
        return estimate.model_copy(update={"low": float(0.025 ** (1 / number))})
    if estimate.value <= 0.0:
        return estimate.model_copy(update={"high": float(1 - 0.025 ** (1 / number))})
    return estimate


def share(right: NDArray[np.bool_], redraw: Redraw) -> Estimate:
    """Return the share of True among cells with its interval."""
    drawn = redraw.over(right.astype(np.int64), 2, lambda counts: counts[:, 1] / np.maximum(counts.sum(axis=1), 1))
    return all_or_none(redraw.estimate(float(right.mean()), drawn, "share"), len(right))


def mean(values: Floats, redraw: Redraw) -> Estimate:
    """Return the mean of a value per cell with its interval."""
    codes, number = binned(values)
    middle = np.bincount(codes, values, minlength=number) / np.maximum(np.bincount(codes, minlength=number), 1)
    drawn = redraw.over(codes, number, lambda counts: counts @ middle / np.maximum(counts.sum(axis=1), 1))
    return redraw.estimate(float(values.mean()), drawn)


def binned(values: Floats, most: int = 512) -> tuple[Codes, int]:
    """Return the rank of each value, from 0, and the number of ranks; beyond `most` values near ones share a rank."""
    different = np.unique(values)
    if len(different) > most:
        different = np.unique(np.quantile(values, np.linspace(0, 1, most + 1)[:-1], method="lower"))
    return np.searchsorted(different, values, side="right") - 1, len(different)
