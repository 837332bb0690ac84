"""What a network tells of each pixel of a stain, and how it learns that.

| name | raw channels | learns by | gives |
|---|---|---|---|
| quantiles | 3 | pinball loss at 10, 50 and 90 % | median, low, high |
| median | 1 | absolute error | median |
| mean | 1 | squared error | mean |
| mean_interval | 3 | squared error, pinball loss at 10 and 90 % | mean, low, high |
| bins | 256 | cross-entropy over 256 grey levels, uniform = 1 (as published) | median, low, high |

Pixels outside are 0 to 1; all but the last count inside in SD from the mean of a stain, (y - 0.25) / 0.125.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.errors import UserError

ops = keras.ops

MEAN, SD = 0.25, 0.125
BINS = 256
INTERVAL = (0.1, 0.9)
"""Shares of the pixels that lie below the low and the high end of the interval."""


@dataclass(frozen=True)
class Head:
    """`loss` takes truth (..., label) and raw (..., label, channel), gives (..., label); `decode` raw to `gives`."""

    name: str
    title: str
    help: str
    channels: int
    gives: tuple[str, ...]
    loss: Callable[[Any, Any], Any]
    decode: Callable[[Any], Any]

    def convolution(self, name: str) -> Any:
        """Return the last layer of a label, with its raw channels."""
        return keras.layers.Conv2D(self.channels, 1, kernel_initializer="glorot_uniform", name=name)


HEADS: dict[str, Head] = {}


def head(name: str) -> Head:
    """Return a head by name; raises UserError for an unknown one."""
    if name not in HEADS:
        raise UserError(f"There is no head called {name!r}.", f"Known are: {', '.join(HEADS)}.", "Choose one of these.")
    return HEADS[name]


def by_label(raw: Any, channels: int) -> Any:
    """Return the raw channels (..., label * channel) of a network as (..., label, channel)."""
    labels = raw.shape[-1] // channels
    return ops.reshape(raw, (*ops.shape(raw)[:-1], labels, channels))


def _inside(truth: Any) -> Any:
    return (truth - MEAN) / SD


def _outside(found: Any) -> Any:
    return ops.clip(found * SD + MEAN, 0.0, 1.0)


def _pinball(error: Any, share: float) -> Any:
    # Twice the usual, so that the median's part is the absolute error.
    return 2.0 * ops.maximum(share * error, (share - 1.0) * error)


def _ends(raw: Any) -> tuple[Any, Any, Any]:
    """Return median (or mean), low and high; the ends are distances from the middle, so they never cross."""
    middle = raw[..., 0]
    # The middle shall not move for the interval's sake.
    fixed = ops.stop_gradient(middle)
    return middle, fixed - ops.softplus(raw[..., 1]), fixed + ops.softplus(raw[..., 2])


def _sides_loss(wanted: Any, low: Any, high: Any) -> Any:
    return 0.5 * (_pinball(wanted - low, INTERVAL[0]) + _pinball(wanted - high, INTERVAL[1]))


def _quantile_loss(truth: Any, raw: Any) -> Any:
    wanted = _inside(truth)
    middle, low, high = _ends(raw)
    return ops.abs(wanted - middle) + _sides_loss(wanted, low, high)


def _mean_interval_loss(truth: Any, raw: Any) -> Any:
    wanted = _inside(truth)
    middle, low, high = _ends(raw)
    # A tenth: the features are to serve the mean.
    return ops.square(wanted - middle) + 0.2 * _sides_loss(wanted, low, high)


def _bins_loss(truth: Any, raw: Any) -> Any:
    level = ops.cast(ops.round(ops.clip(truth, 0.0, 1.0) * (BINS - 1)), "int32")
    return ops.sparse_categorical_crossentropy(level, raw, from_logits=True) / math.log(BINS)


def quantile_of_bins(raw: Any, share: float, smooth: bool = True) -> Any:
    """Return the grey level (0 to 1) below which `share` of a pixel's distribution lies.

    `smooth` looks for it inside of the grey level, which takes away the steps of 1/255; without, it is the published
    rule, the number of levels whose running sum stays below.
    """
    running = ops.cumsum(ops.softmax(raw, axis=-1), axis=-1)
    below = ops.cast(running < share, "float32")
    level = ops.sum(below, axis=-1)
    if smooth:
        before = ops.max(running * below, axis=-1)
        after = ops.min(running + below * 2.0, axis=-1)
        level = level - 0.5 + (share - before) / ops.maximum(after - before, 1e-9)
    return ops.clip(level / (BINS - 1), 0.0, 1.0)


def _bins_decode(raw: Any) -> Any:
    return ops.stack([quantile_of_bins(raw, share) for share in (0.5, *INTERVAL)], axis=-1)


HEADS.update(
    (made.name, made)
    for made in (
        Head(
            "quantiles", "Median and interval", "The middle grey level, and the range that holds 80 % of the cases.", 3,
            ("median", "low", "high"), _quantile_loss, lambda raw: _outside(ops.stack(_ends(raw), axis=-1)),
        ),
        Head(
            "median", "Median", "The middle grey level, learnt by the absolute error.", 1, ("median",),
            lambda truth, raw: ops.abs(_inside(truth) - raw[..., 0]), _outside,
        ),
        Head(
            "mean", "Mean", "The average grey level, learnt by the squared error: smooth, and best in correlation.", 1,
            ("mean",), lambda truth, raw: ops.square(_inside(truth) - raw[..., 0]), _outside,
        ),
        Head(
            "mean_interval", "Mean and interval", "The average grey level, and the range that holds 80 % of the cases.",
            3, ("mean", "low", "high"), _mean_interval_loss, lambda raw: _outside(ops.stack(_ends(raw), axis=-1)),
        ),
        Head(
            "bins", "Distribution", "How likely each of 256 grey levels is, as published: slow, needs much memory.",
            BINS, ("median", "low", "high"), _bins_loss, _bins_decode,
        ),
    )
)  # fmt: skip


class Decode(keras.layers.Layer):  # type: ignore[misc]
    """The raw channels of all labels become grey levels from 0 to 1: (..., label * number of `gives`)."""

    def __init__(self, told: str, **more: Any) -> None:
        super().__init__(**more)
        self.head = head(told)

    def call(self, raw: Any) -> Any:
        """Decode label by label, so that no more than one distribution is in memory."""
        size = self.head.channels
        parts = [self.head.decode(raw[..., at : at + size]) for at in range(0, raw.shape[-1], size)]
        return ops.concatenate(parts, axis=-1)

    def compute_output_shape(self, shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Tell the shape without computing."""
        assert shape[-1] is not None
        return (*shape[:-1], shape[-1] // self.head.channels * len(self.head.gives))


def decoded(net: Any, told: str) -> Any:
    """Return the network with its raw channels decoded: what prediction uses."""
    return keras.Model(net.input, Decode(told, name="decoded")(net.output), name=f"{net.name}_decoded")
