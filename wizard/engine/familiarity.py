"""Tells cells that are unlike all training cells, by their distance in the network's features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_COMPONENTS = 32
USUAL = 0.01
"""The false-alarm rate that `limit` stands for."""
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""The false-alarm rates at which `tail` is known."""


@dataclass(frozen=True)
class Familiarity:
    """Class means and shared covariance of the features (Mahalanobis distance, Lee et al. 2018).

    `centre` (d), `components` (k, d) project features; `means` (classes, k) and `precision` (k, k)
    measure the distance; cells beyond `limit` are unfamiliar. `tail` holds, for each of `RATES`, the distance that
    this share of the validation cells exceeds, divided by `limit`, and `judged` how many cells these were; models
    of older programs know neither.
    """

    centre: Floats
    components: Floats
    means: Floats
    precision: Floats
    limit: float
    tail: Floats | None = None
    judged: int = 0

    @classmethod
    def fit(cls, features: Floats, classes: NDArray[np.int64], others: Floats) -> Familiarity:
        """Learn from training features (cell, d) and their classes; `others` (validation) set the limit.

        The limit is the distance that 1 % of the other cells exceed.
        """
        from sklearn.covariance import LedoitWolf

        centre = features.mean(axis=0)
        number = min(_COMPONENTS, features.shape[1], max(1, len(features) - 1))
        _, _, axes = np.linalg.svd(features - centre, full_matrices=False)
        components = axes[:number].astype(np.float32)
        low = (features - centre) @ components.T
        present = np.unique(classes)
        means = np.stack([low[classes == label].mean(axis=0) for label in present])
        rest = low - means[np.searchsorted(present, classes)]
        precision = LedoitWolf(assume_centered=True).fit(rest).precision_.astype(np.float32)
        unscaled = cls(centre.astype(np.float32), components, means.astype(np.float32), precision, np.inf)
        distances = unscaled.distance(others)
        limit = float(np.quantile(distances, 1 - USUAL))
        tail = np.quantile(distances, 1 - np.array(RATES)) / max(limit, 1e-12)
        return cls(
            unscaled.centre, components, unscaled.means, precision, limit, tail.astype(np.float32), len(distances)
        )

    def distance(self, features: Floats) -> Floats:
        """Return the distance to the nearest class mean for each row of features (cell, d)."""
        low = (features - self.centre) @ self.components.T
        apart = low[:, None, :] - self.means[None]
        squared = np.einsum("nck,kj,ncj->nc", apart, self.precision, apart)
        nearest: Floats = np.sqrt(np.maximum(squared.min(axis=1), 0)).astype(np.float32)
        return nearest

    def unfamiliar(self, features: Floats) -> NDArray[np.bool_]:
        """Return True for cells farther than the limit."""
        return self.distance(features) > self.limit

    def limit_at(self, rate: float) -> float | None:
        """Return the distance that a share `rate` (0.001 to 0.2) of ordinary cells exceeds; None if not known."""
        if abs(rate - USUAL) < 1e-9:
            return self.limit
        if self.tail is None:
            return None
        return self.limit * float(np.interp(np.log(rate), np.log(RATES), self.tail))

    def arrays(self) -> dict[str, Floats]:
        """Return everything as named arrays for the model file."""
        found = {
            "centre": self.centre,
            "components": self.components,
            "means": self.means,
            "precision": self.precision,
            "limit": np.asarray([self.limit], np.float32),
        }
        if self.tail is not None:
            found |= {"tail": self.tail, "judged": np.asarray([self.judged], np.float32)}
        return found

    @classmethod
    def from_arrays(cls, arrays: dict[str, Floats]) -> Familiarity:
        """Rebuild from `arrays()`; raises ValueError when the shapes do not fit together."""
        centre, components = arrays["centre"], arrays["components"]
        means, precision, limit = arrays["means"], arrays["precision"], arrays["limit"]
        k = len(components)
        fits = (
            components.ndim == 2
            and centre.shape == components.shape[1:]
            and means.ndim == 2
            and means.shape[1] == k
            and precision.shape == (k, k)
            and limit.shape == (1,)
        )
        tail, judged = arrays.get("tail"), arrays.get("judged", np.zeros(1, np.float32))
        if tail is not None:
            fits = fits and tail.shape == (len(RATES),) and judged.shape == (1,) and bool(np.isfinite(tail).all())
        if not fits:
            raise ValueError("the shapes of the familiarity arrays do not fit together")
        return cls(centre, components, means, precision, float(limit[0]), tail, int(judged[0]))
