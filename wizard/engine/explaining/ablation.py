"""How well the present model does with some channels taken away, and the figures of every such study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wizard.engine import metrics
from wizard.engine.data import normalisation
from wizard.engine.events import Tell
from wizard.engine.explaining import subsets
from wizard.engine.explaining.judged import Judged, Rows, Stopped, heedful
from wizard.engine.explaining.subsets import Subset
from wizard.results import Estimate
from wizard.results_explain import Ablation, How

_AT_ONCE = 128
_MOST_SWAPS, _ENOUGH = 8, 800
"""Swaps at most, and predictions that are enough: with few cells one swap may happen to change little."""


class Scales:
    """Turns predictions into figures with intervals; every subset is measured on the same redrawn cells."""

    def __init__(self, judged: Judged, places: Rows, rounds: int, seed: int) -> None:
        self.true, self.classes = judged.true[places], len(judged.classes)
        self.units, self.n_groups = judged.units(places)
        self._rounds, self._seed = rounds, seed
        self._whole: dict[How, tuple[float, NDArray[np.float64]]] = {}

    def row(self, subset: Subset, how: How, predicted: Rows) -> Ablation:
        """Return the figures of a subset from predictions (time, cell), each cell judged once or several times.

        The first subset of a kind must be that of all channels.
        """
        times = len(predicted)
        true, units, named = np.tile(self.true, times), np.tile(self.units, times), predicted.ravel()
        matrix = metrics.confusion(true, named, self.classes).astype(float)
        drawn = metrics.bootstrap(true, named, units, self.classes, self._rounds, self._seed)
        value, values = float(metrics.accuracy(matrix)), metrics.accuracy(drawn)
        whole, wholes = self._whole.setdefault(how, (value, values))
        low, high = (float(end) for end in np.percentile(values - wholes, (2.5, 97.5)))
        return Ablation(
            channels=list(subset), how=how,
            accuracy=metrics.estimate(metrics.accuracy, matrix, drawn),
            balanced_accuracy=metrics.estimate(metrics.balanced_accuracy, matrix, drawn),
            change=Estimate(value=value - whole, low=low, high=high),
        )  # fmt: skip


def quick(
    judged: Judged, places: Rows, scales: Scales, asked: Sequence[Subset], seed: int, tell: Tell,
    stretch: tuple[float, float],
) -> list[Ablation]:  # fmt: skip
    """Try subsets of channels on the present model in two ways, and return a row for each.

    Channels outside a subset are replaced by the mean grey level of the training cells (`mean`), or by those of
    another cell (`permuted`, Breiman 2001; of few cells several times). Stop ends it with the subsets tried so far.
    """
    trial = _Trial(judged, places, seed)
    report = heedful(tell.part(*stretch), tell)
    expected = 2 * len(asked) + 2 if asked else 2 * _about(trial.channels)
    known: dict[tuple[Subset, How], Ablation] = {}

    def measure(subset: Subset, how: Literal["mean", "permuted"]) -> Ablation:
        if (subset, how) not in known:
            words = f"Trying channels on the model: {len(known) + 1} of about {expected}"
            share = len(known) / expected
            predicted = trial.predicted(subset, how, lambda part: report(share + part / expected, words))
            known[subset, how] = scales.row(subset, how, predicted)
        return known[subset, how]

    with suppress(Stopped):
        _each(trial.channels, asked, measure)
    return [row for how in ("mean", "permuted") for (_, own), row in known.items() if own == how]


class _Trial:
    """The cells of the study in memory, and what the model says of them without some channels."""

    def __init__(self, judged: Judged, places: Rows, seed: int) -> None:
        self._ask = judged.ask
        self._images = judged.chosen.data.load(judged.rows[places])
        self._constants = judged.chosen.model.manifest["normalisation"]
        self.channels = self._images.shape[1]
        self._mean = np.asarray(normalisation.greys(self._constants, self.channels).mean, np.float32)
        number = len(places)
        times = min(max(1, number - 1), max(1, min(_MOST_SWAPS, _ENOUGH // number)))
        # The cells come in random order, so the cell some places on is any other one.
        shifts = np.random.default_rng([seed, number]).choice(max(1, number - 1), times, replace=False) + 1
        self._donors = [np.roll(np.arange(number), -int(shift)) for shift in shifts]

    def predicted(self, subset: Subset, how: Literal["mean", "permuted"], report: Callable[[float], None]) -> Rows:
        """Return the predicted class of every cell (1, cell), or once for each swap (swap, cell)."""
        away = [channel for channel in range(self.channels) if channel not in subset]
        swaps = self._donors if away and how == "permuted" else [np.zeros(0, np.int64)]
        found = np.empty((len(swaps), len(self._images)), np.int64)
        for number, donors in enumerate(swaps):
            for start in range(0, len(self._images), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                made = normalisation.apply(self._images[part], self._constants)
                if len(donors):
                    others = normalisation.apply(self._images[donors[part]], self._constants)
                    made[..., away] = others[..., away]
                elif away:
                    made[..., away] = self._mean[away]
                found[number, part] = self._ask(made).argmax(axis=1)
                report((number + start / len(self._images)) / len(swaps))
        return found


def _each(
    count: int, asked: Sequence[Subset], measure: Callable[[Subset, Literal["mean", "permuted"]], Ablation]
) -> None:
    whole = tuple(range(count))
    measure(whole, "mean")
    measure(whole, "permuted")

    def score(subset: Subset) -> float:
        return middle(measure(subset, "mean"))

    for subset in subsets.tried(count, asked, score):
        for how in ("mean", "permuted"):
            measure(subset, how)


def middle(row: Ablation) -> float:
    """Return the mean of accuracy and balanced accuracy: both count when subsets are compared."""
    parts = [one.value for one in (row.accuracy, row.balanced_accuracy) if one is not None and one.value is not None]
    return float(np.mean(parts)) if parts else 0.0


def _about(channels: int) -> int:
    """Return about how many subsets are tried without a wish."""
    return 2**channels - 1 if channels <= subsets.FEW else channels * (channels + 3) // 2
