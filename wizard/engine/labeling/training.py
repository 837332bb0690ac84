"""Trains a network on crops until its time is over: the best weights of each stain are kept, a stop loses nothing.

The learning rate rises for some steps and falls to zero with the share of the time (or of the steps) that is spent, so
that the end is always a settled network. With a fixed number of steps all depends on the seed alone. The weights are
judged as they are and as their moving average, and the better of the two is kept. What has seen each pixel some hundred
times begins to learn a small set by heart: the time that is left is then used for a further network, and the answers of
all are averaged (Lakshminarayanan et al. 2017).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wizard.engine.backend import keras
from wizard.engine.labeling.changes import Changes, changed
from wizard.engine.labeling.crops import Batch, Crops
from wizard.engine.labeling.judging import Judge
from wizard.engine.labeling.losses import Masked, packed
from wizard.engine.model import set_weights, weights_of
from wizard.engine.training.averaging import Arrays, Average

Weights = Arrays

_WARM = 10
_MARKS = 20
"""Judgements in a training, as long as they take no more than a tenth of its time."""
_STILL = 0.25
_END = 3.0
"""Seconds in which model and report are written."""
_CLOSE = 0.03
"""A stain gets weights of its own when they lower its loss by more than this share."""
_WORTH = 0.5
"""A further network is worth its while when this share of the time of the one before is left."""

_FAR = 0.15
"""A network whose loss is larger by this share than that of the best is not used beside it."""

Members = list[tuple[Weights, list[int]]]
"""Sets of weights, each with the labels for which it is used."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. `steps` 0 = as many as `seconds` allow; `label_weights` 1 = as the others."""

    head: str
    seconds: float
    steps: int = 0
    batch: int = 8
    rate: float = 2e-3
    changes: Changes = field(default_factory=Changes)
    seed: int = 1
    decay: float = 0.98
    label_weights: tuple[float, ...] = ()
    still: frozenset[str] = frozenset()
    """Layers whose weights stay as they are for the first quarter: those taken over when only heads are new."""
    margin: int = 0
    """Pixels at each border of a crop for which the network gives no answer."""
    enough: int = 0
    """Steps after which a network is done though there is time left; 0 = never."""
    networks: int = 1
    """How many may be trained one after the other."""


@dataclass
class State:
    """Where a training stands; everything besides arrays that the next step depends on."""

    step: int = 0
    seconds: float = 0.0
    marks: int = 0
    first: int = 0
    began: float = 0.0
    """Step and second at which the network of this state began; both go on from one network to the next."""
    best: dict[int, tuple[float, int]] = field(default_factory=dict)
    """Label → its lowest loss on the check pixels, and the step of it."""
    means: dict[int, float] = field(default_factory=dict)
    """Step → mean loss of the labels there."""
    losses: dict[int, list[float]] = field(default_factory=dict)
    """Step → loss of each label."""
    averaged: dict[int, bool] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)


class Training:
    """A network on its way; `judge` knows the check pixels."""

    def __init__(self, net: Any, crops: Crops, judge: Judge, recipe: Recipe) -> None:
        self.net, self.crops, self.judge, self.recipe = net, crops, judge, recipe
        self.state = State()
        self.average = Average("ema", recipe.decay)
        self.kept: dict[int, Weights] = {}
        """Step → weights that are the best for a label, or on average."""
        self.earlier: list[tuple[Members, float]] = []
        """What the networks before this one are used with, and their loss on the check pixels."""
        self.optimizer = keras.optimizers.Adam(recipe.rate, clipnorm=1.0)
        net.compile(self.optimizer, Masked(recipe.head, recipe.label_weights), jit_compile=False)
        self._held = self._to_hold()
        self._drops = [layer for layer in net.layers if isinstance(layer, keras.layers.SpatialDropout2D)]
        self._began = 0.0
        self._judged = 0.0

    def _to_hold(self) -> Weights:
        """Return the weights that stay as they are at first."""
        own = weights_of(self.net)
        return {name: value.copy() for name, value in own.items() if name.split("/")[-2] in self.recipe.still}

    def share(self) -> float:
        """Return how much of the network's training is done, 0 to 1."""
        if self.recipe.steps:
            return min(1.0, self.state.step / self.recipe.steps)
        own = self.state.step - self.state.first
        passes = own / self.recipe.enough if self.recipe.enough else 0.0
        spent = self.seconds() - self.state.began
        return min(1.0, max(passes, spent / max(1.0, self._limit() - self.state.began)))

    def _limit(self) -> float:
        """Return the second at which the steps have to end."""
        # The end needs time as well: a last judgement, and one for each set of weights in the model.
        return self.recipe.seconds - (3 + 2 * len(self.earlier)) * self._judged - _END

    def expected(self) -> float:
        """Return the seconds that the whole training is going to take, as it looks now."""
        if self.recipe.steps or not self.recipe.enough or self.state.step == self.state.first:
            return self.recipe.seconds
        each = (self.seconds() - self.state.began) / (self.state.step - self.state.first) * self.recipe.enough
        return min(self.recipe.seconds, self.state.began + each * (self.recipe.networks - len(self.earlier)))

    def worth_another(self) -> bool:
        """Tell whether the time that is left is worth a further network."""
        if self.recipe.steps or len(self.earlier) + 1 >= self.recipe.networks:
            return False
        return self._limit() - self.seconds() >= _WORTH * (self.seconds() - self.state.began)

    def again(self, weights: Weights, own: int) -> None:
        """Begin a further network with fresh weights; what the last came to is kept in `earlier`."""
        self.earlier.append((self._members(own), self._loss()))
        set_weights(self.net, weights)
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        self.average, self.kept, self._held = Average("ema", self.recipe.decay), {}, self._to_hold()
        now = self.seconds()
        self.state = State(
            self.state.step, self.state.seconds, first=self.state.step, began=now, history=self.state.history
        )

    def seconds(self) -> float:
        """Return the time spent, with that before a resume."""
        return self.state.seconds + (time.monotonic() - self._began if self._began else 0.0)

    def run(self, listen: Callable[[Training], bool], spent: float = 0.0) -> None:
        """Train until the time is over or `listen`, asked after every step, answers True.

        `spent` are seconds of the time that were used before the first step.
        """
        self.state.seconds += spent
        self._began = time.monotonic()
        with _Ahead(self.crops, self.recipe, self.state.step) as batches:
            for batch in batches:
                if self.share() >= 1.0 and self.state.step > self.state.first:
                    break
                self._step(batch)
                if self._due():
                    self.look()
                if listen(self):
                    break
        self.look()
        self.pause()

    def pause(self) -> None:
        """Stop the clock."""
        self.state.seconds, self._began = self.seconds(), 0.0

    def _marks(self) -> int:
        """Return how often the weights are judged: seldom where that takes long."""
        if self.recipe.steps:
            return max(1, min(_MARKS, self.recipe.steps // _WARM))
        if not self._judged:
            return _MARKS
        return max(4, min(_MARKS, int(0.1 * self.recipe.seconds / self._judged)))

    def _due(self) -> bool:
        # The last judgement comes after the loop, where the learning rate is zero.
        return (
            self.state.step - self.state.first >= _WARM
            and self.state.marks + 1 <= self.share() * self._marks() < self._marks()
        )

    def _step(self, batch: Batch) -> None:
        share = self.share()
        own = self.state.step - self.state.first
        rate = self.recipe.rate * min(1.0, (own + 1) / _WARM) * 0.5 * (1 + math.cos(math.pi * share))
        self.optimizer.learning_rate = max(rate, 1e-3 * self.recipe.rate)
        # What is left out depends on seed and step alone, so that a resume goes on alike.
        for number, drop in enumerate(self._drops):
            drop.seed_generator.state.assign([self.recipe.seed % 2**16 * 2**16 + number, self.state.step])
        truth = packed(self._inner(batch.stains), self._inner(batch.weights))
        loss = float(self.net.train_on_batch(batch.light, truth))
        if not math.isfinite(loss):
            raise FloatingPointError
        self.state.step += 1
        if self._held and share < _STILL:
            set_weights(self.net, weights_of(self.net) | self._held)
        self.average.after_step(self.net)
        self.state.history.append({"step": self.state.step, "seconds": self.seconds(), "loss": loss, "rate": rate})

    def _inner(self, pixels: Any) -> Any:
        margin = self.recipe.margin
        return pixels[:, margin:-margin, margin:-margin] if margin else pixels

    def look(self) -> None:
        """Judge the weights on the check pixels and keep them where they are the best so far."""
        began = time.monotonic()
        step, state = self.state.step, self.state
        if step in state.losses:
            return
        plain = self.judge.losses(self.net)
        own = weights_of(self.net)
        set_weights(self.net, self.average.values)
        smooth = self.judge.losses(self.net)
        set_weights(self.net, own)
        better = bool(np.nanmean(smooth) <= np.nanmean(plain))
        found, weights = (smooth, self.average.values) if better else (plain, own)
        state.losses[step] = [float(value) for value in found]
        state.means[step], state.averaged[step] = float(np.nanmean(found)), better
        for label, value in enumerate(found):
            if np.isfinite(value) and value < state.best.get(label, (math.inf, 0))[0]:
                state.best[label] = (float(value), step)
        self.kept[step] = {name: value.copy() for name, value in weights.items()}
        self._forget()
        if state.history:
            named = zip(self.judge.labels, found, strict=True)
            # A stain that no check pixel has is left out.
            values = {f"check_{label}": float(value) for label, value in named if np.isfinite(value)}
            state.history[-1] |= {"check_loss": state.means[step], **values}
        state.marks = int(self.share() * self._marks())
        self._judged = time.monotonic() - began

    def _forget(self) -> None:
        used = {step for _, step in self.state.best.values()} | {self.common()}
        self.kept = {step: weights for step, weights in self.kept.items() if step in used}

    def put(self, weights: Weights) -> None:
        """Put a set of weights into the network."""
        set_weights(self.net, weights)

    def common(self) -> int:
        """Return the step whose weights are best on average."""
        return min(self.state.means, key=lambda step: (self.state.means[step], step))

    def members(self, own: int) -> Members:
        """Return sets of weights, each with the labels for which it is used; only the first `own` may have their own.

        Each label is in one set of every network: the answers of these are averaged. A network that is far worse than
        the best, because it was stopped early, is left out.
        """
        made = [*self.earlier, (self._members(own), self._loss())]
        best = min(loss for _sets, loss in made)
        return [set_ for sets, loss in made if not loss > best * (1 + _FAR) for set_ in sets]

    def _loss(self) -> float:
        return self.state.means[self.common()]

    def _members(self, own: int) -> Members:
        """Return the sets of the network that was trained last.

        The set that is best on average serves every label whose own best is hardly better: each further set
        makes prediction slower.
        """
        common = self.common()
        used: dict[int, list[int]] = {common: []}
        for label in range(len(self.judge.labels)):
            loss, step = self.state.best.get(label, (math.inf, common))
            near = label >= own or math.isinf(loss) or self.state.losses[common][label] <= loss * (1 + _CLOSE)
            used.setdefault(common if near else step, []).append(label)
        return [(self.kept[step], labels) for step, labels in used.items() if labels]

    def best_weights(self) -> Weights:
        """Return the weights that are best on average."""
        return self.kept[self.common()]


class _Ahead:
    """Batches that are made in a second thread while the network learns; each depends on seed and step alone."""

    def __init__(self, crops: Crops, recipe: Recipe, first: int) -> None:
        self._crops, self._recipe, self._first = crops, recipe, first
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Iterator[Batch]:
        return self._each()

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _each(self) -> Iterator[Batch]:
        step = self._first
        coming: Future[Batch] = self._pool.submit(self._made, step)
        while True:
            batch = coming.result()
            step += 1
            coming = self._pool.submit(self._made, step)
            yield batch

    def _made(self, step: int) -> Batch:
        self._crops.at_step(step)
        rng = np.random.default_rng((self._recipe.seed, step, 1))
        return changed(self._crops.draw(self._recipe.batch), self._recipe.changes, rng)


def label_names(stains: Sequence[str], planes: int, planes_too: bool) -> list[str]:
    """Return the labels that a network learns: the stains and, for autoencoding, the planes."""
    return [*stains, *(f"plane {number}" for number in range(planes) if planes_too)]
