"""Gathers true and predicted pixels of many regions, and tells the figures of each stain over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.labeling import scores
from wizard.engine.labeling.tiling import Floats
from wizard.results_label import StainFigures

_MOST = 8_000_000
"""Known pixels of a region that are kept; larger ones are thinned evenly."""


@dataclass
class Tally:
    """Pixels of one stain: true, predicted, and what the linear model says; low and high where there is an interval."""

    label: str
    truth: list[Floats] = field(default_factory=list)
    told: list[Floats] = field(default_factory=list)
    linear: list[Floats] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    similar: list[tuple[float, int]] = field(default_factory=list)

    def add(self, truth: Floats, answer: Floats, known: NDArray[np.bool_], linear: Floats | None = None) -> None:
        """Take a region in: stain (y, x), answer (y, x, given) and where the stain is known."""
        if not known.any():
            return
        at = np.flatnonzero(known)
        at = at[:: max(1, len(at) // _MOST) | 1] if len(at) > _MOST else at
        middle = answer[..., 0]
        self.truth.append(truth.ravel()[at])
        self.told.append(middle.ravel()[at])
        if linear is not None:
            self.linear.append(linear.ravel()[at])
        if answer.shape[-1] == 3:
            low, high = answer[..., 1].ravel()[at], answer[..., 2].ravel()[at]
            self.inside.append(float(np.sum((self.truth[-1] >= low) & (self.truth[-1] <= high))))
        self.similar.append((scores.ssim(truth, middle, known), int(known.sum())))

    def figures(self, seed: int) -> StainFigures:
        """Return the figures over all regions."""
        if not self.truth:
            return StainFigures(label=self.label)
        truth, told = np.concatenate(self.truth), np.concatenate(self.told)
        level = scores.otsu(truth)
        usable = [(value, count) for value, count in self.similar if np.isfinite(value)]
        total = sum(count for _, count in usable)
        linear = np.concatenate(self.linear) if self.linear else None
        return StainFigures(
            label=self.label, pearson=known_number(scores.pearson(truth, told)),
            pearson_sampled=known_number(scores.pearson_sampled(truth, told, seed=seed)),
            pearson_foreground=known_number(scores.pearson_foreground(truth, told, level)),
            linear_pearson=None if linear is None else known_number(scores.pearson(truth, linear)),
            linear_foreground=None if linear is None else known_number(
                scores.pearson_foreground(truth, linear, level)),
            ssim=sum(value * count for value, count in usable) / total if total else None,
            mae=float(np.abs(truth - told).mean()), coverage=sum(self.inside) / truth.size if self.inside else None,
            threshold=level, foreground=float(np.mean(truth > level)), pixels=truth.size,
            heat_map=scores.heat_map(truth, told).round(3).tolist(),
        )  # fmt: skip


def known_number(value: float) -> float | None:
    """Return a figure, None where it cannot be told."""
    return float(value) if np.isfinite(value) else None


def of_label(answer: Floats, at: int, gives: int) -> Floats:
    """Return the channels (y, x, given) of one stain."""
    return answer[..., at * gives : (at + 1) * gives]


def mean_of(values: Sequence[Any] | NDArray[Any]) -> float | None:
    """Return the mean of what is known, None for nothing."""
    there = [float(value) for value in values if value is not None and np.isfinite(value)]
    return float(np.mean(there)) if there else None
