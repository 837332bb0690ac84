"""Taking differences between batches out of scores: Harmony, or ComBat."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError

Scores = NDArray[np.float32]
Doubles = NDArray[np.float64]
_FEWEST_HARMONY = 60
"""Harmony needs two clusters of about 30 cells."""
_ROUNDS, _CLOSE = 200, 1e-6


def corrected(
    scores: Scores, batches: Sequence[Any] | NDArray[Any], method: Literal["none", "harmony", "combat"], seed: int
) -> Scores:
    """Return scores (n, d) float32 of which the differences between batches were taken out.

    The class is deliberately not told to either method: kept as a covariate it would leak into the corrected scores
    and make classes look better separated than they are (Nygaard 2016, Biostatistics 17, 29-39). So where classes are
    spread unevenly over batches, part of their difference goes, too. Cells without a batch or with scores that are not
    finite stay as they are. Raises UserError when there are fewer than two batches or too few cells.
    """
    if method == "none":
        return scores
    texts = np.asarray(["" if value is None else str(value) for value in np.asarray(batches).tolist()], dtype=str)
    known = (texts != "") & np.isfinite(scores).all(axis=1)
    _, codes = np.unique(texts[known], return_inverse=True)
    if len(np.unique(codes)) < 2:
        raise UserError(
            "There is nothing to correct: all cells are of one batch.", "",
            "Choose another tag as batch, or no correction.",
        )  # fmt: skip
    made = np.array(scores, np.float32)
    inside = scores[known].astype(np.float64)
    if method == "combat":
        made[known] = combat(inside, codes)
        return made
    if known.sum() < _FEWEST_HARMONY:
        raise UserError(
            f"{known.sum()} cells are too few for Harmony.", f"It needs {_FEWEST_HARMONY} at least.", "Choose ComBat."
        )
    made[known] = harmony(inside, codes, seed)
    return made


def harmony(scores: Doubles, batches: NDArray[np.int64], seed: int) -> Doubles:
    """Return Harmony's scores (Korsunsky 2019, Nat Methods 16, 1289-1296), with the settings of its authors."""
    log = logging.getLogger("harmonypy")
    before, log.disabled = log.disabled, True
    state = np.random.get_state()
    try:
        import harmonypy
        import pandas as pd

        log.disabled = True
        batch = pd.DataFrame({"batch": [f"b{code}" for code in batches]})
        kept = scores.std(axis=0) > 1e-12
        found = harmonypy.run_harmony(
            np.ascontiguousarray(scores[:, kept]), batch, ["batch"], random_state=seed, verbose=False
        )
        moved = np.asarray(found.Z_corr, np.float64)
    finally:
        log.disabled = before
        np.random.set_state(state)
    made = scores.copy()
    made[:, kept] = moved if moved.shape == (len(scores), int(kept.sum())) else moved.T
    return made


def combat(scores: Doubles, batches: NDArray[np.int64]) -> Doubles:
    """Return scores without the batches' own means and spreads: ComBat (Johnson 2007, Biostatistics 8, 118-127).

    Each column is standardised over all batches; means and variances of a batch are shrunk towards those that the
    batch has over all columns (empirical Bayes), taken out, and the column gets its own mean and spread back.
    Constant columns stay; the variance of a batch of one cell is not changed.
    """
    kept = scores.std(axis=0) > 1e-12
    made = scores.copy()
    values = scores[:, kept]
    number = np.bincount(batches).astype(np.float64)
    means = np.stack([values[batches == code].mean(axis=0) for code in range(len(number))])
    grand = number @ means / number.sum()
    pooled = ((values - means[batches]) ** 2).mean(axis=0)
    scale = np.sqrt(np.maximum(pooled, 1e-12))
    even = (values - grand) / scale
    for code, cells in enumerate(number):
        inside = batches == code
        shift, variance = _shrunken(even[inside], cells)
        even[inside] = (even[inside] - shift) / np.sqrt(variance)
    made[:, kept] = even * scale + grand
    return made


def _shrunken(even: Doubles, cells: float) -> tuple[Doubles, Doubles]:
    """Return the mean and the variance of each column of one batch, shrunk towards those of all its columns."""
    mean = even.mean(axis=0)
    if cells < 2:
        return mean, np.ones(len(mean))
    variance = np.maximum(even.var(axis=0, ddof=1), 1e-6)
    prior, spread = mean.mean(), mean.var(ddof=1) if len(mean) > 1 else 0.0
    middle, width = variance.mean(), variance.var(ddof=1) if len(variance) > 1 else 0.0
    if spread <= 0 or width <= 0:
        return mean, variance
    # Inverse gamma prior from the moments of the variances.
    shape, rate = (2 * width + middle**2) / width, (middle * width + middle**3) / width
    shift, now = mean.copy(), variance.copy()
    for _ in range(_ROUNDS):
        moved = (cells * spread * mean + now * prior) / (cells * spread + now)
        squares = ((even - moved) ** 2).sum(axis=0)
        next_variance = (rate + squares / 2) / (cells / 2 + shape - 1)
        change = max(
            float(np.abs((moved - shift) / np.maximum(np.abs(shift), _CLOSE)).max()),
            float(np.abs((next_variance - now) / now).max()),
        )
        shift, now = moved, next_variance
        if change < 1e-4:
            break
    return shift, now
