"""Which weights of one network fit another of the same kind: by layer, by channel of the image, by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.training.freezing import as_list
from wizard.results import Channel

Arrays = dict[str, NDArray[Any]]
_PLAIN = (
    keras.layers.ZeroPadding2D, keras.layers.MaxPooling2D, keras.layers.AveragePooling2D, keras.layers.Flatten,
    keras.layers.GlobalAveragePooling2D, keras.layers.GlobalMaxPooling2D, keras.layers.Dropout, keras.layers.ReLU,
    keras.layers.SpatialDropout2D, keras.layers.Identity, keras.layers.Activation, keras.layers.BatchNormalization,
)  # fmt: skip
"""Layers after which the last axis still holds the image's channels, in their order."""


@dataclass(frozen=True)
class Spread:
    """How new channels follow from old ones: weights (new channel, old channel) of kernels, and the same in words."""

    matrix: NDArray[np.float32]
    words: str

    @property
    def same(self) -> bool:
        """True when all channels stay in their places."""
        return self.matrix.shape[0] == self.matrix.shape[1] and bool((self.matrix == np.eye(len(self.matrix))).all())

    def kernel(self, old: NDArray[Any]) -> NDArray[Any]:
        """Return a kernel whose last axis but one holds the channels, in as many rows as there are positions."""
        new, before = self.matrix.shape
        rows = old.shape[-2] // before
        parts = old.reshape(*old.shape[:-2], rows, before, old.shape[-1])
        return np.einsum("nc,...co->...no", self.matrix, parts).reshape(*old.shape[:-2], rows * new, old.shape[-1])

    def vector(self, old: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
        """Return a vector over the channels; those without an old one keep what they are in `like`."""
        new, before = self.matrix.shape
        total = self.matrix.sum(axis=1, keepdims=True)
        mean = (old.reshape(-1, before) @ (self.matrix / np.where(total == 0, 1, total)).T).astype(old.dtype)
        return np.where(total[:, 0] == 0, like.reshape(-1, new), mean).reshape(-1)


def spread_of(old: Sequence[Channel], new: Sequence[Channel]) -> Spread:
    """Match channels by name and number; without any match by place, and where the number differs by the mean."""
    places = {(channel.name, channel.number): place for place, channel in enumerate(old)}
    matched = [places.get((channel.name, channel.number)) for channel in new]
    matrix: NDArray[np.float32] = np.zeros((len(new), len(old)), np.float32)
    if not any(place is not None for place in matched):
        names = f"None of its channels ({listed(old)}) is among yours ({listed(new)})"
        if len(old) == len(new):
            return Spread(np.eye(len(new), dtype=np.float32), f"{names}, so they were matched by their place.")
        # Times old by new, so that the sums stay.
        return Spread(matrix + np.float32(1 / len(new)), f"{names}, so each starts from the mean of all.")
    for row, place in enumerate(matched):
        if place is not None:
            matrix[row, place] = 1
    added = [channel for channel, place in zip(new, matched, strict=True) if place is None]
    gone = [channel for place, channel in enumerate(old) if place not in matched]
    words = f"New channels, which have no weight at first: {listed(added)}." if added else ""
    words += " " if added and gone else ""
    return Spread(matrix, words + (f"Channels that are no longer used: {listed(gone)}." if gone else ""))


def listed(channels: Sequence[Channel]) -> str:
    """Name channels to the user."""
    return ", ".join(channel.shown for channel in channels)


@dataclass
class Taken:
    """What of a model's weights (by path) fits a network: `found` are the new values by path."""

    values: Arrays
    spread: Spread
    found: Arrays = field(default_factory=dict)
    total: int = 0
    misfits: list[str] = field(default_factory=list)
    """Layers, besides the last, whose weights have another size."""

    def all_of(self, network: Any, old_classes: Sequence[str], classes: Sequence[str]) -> None:
        """Go through the layers of a network."""
        first = {} if self.spread.same else _seeing(network)
        last = [layer for layer in network.layers if layer.weights][-1]
        for layer in network.layers:
            for weight in layer.weights:
                self.total += 1
                old, like = self.values.get(weight.path), np.asarray(weight.numpy())
                if old is None:
                    continue
                if layer is last:
                    new = _by_class(old, like, old_classes, classes)
                elif layer.name in first:
                    new = self._by_channel(layer, old, like)
                else:
                    new = old
                if new is not None and new.shape == like.shape:
                    self.found[weight.path] = new.astype(like.dtype)
                elif layer is not last and layer.name not in self.misfits:
                    self.misfits.append(layer.name)

    def words(self, name: str, title: str) -> str:
        """Say how much was taken over from a model."""
        text = f"Starts from {name} ({title}): {len(self.found)} of {self.total} arrays of weights were taken over."
        if self.misfits:
            text += f" These layers have another size and start at random: {', '.join(self.misfits)}."
        return text

    def _by_channel(self, layer: Any, old: NDArray[Any], like: NDArray[Any]) -> NDArray[Any] | None:
        before = self.spread.matrix.shape[1]
        if isinstance(layer, keras.layers.BatchNormalization):
            return self.spread.vector(old, like) if old.shape[-1] % before == 0 else None
        if type(layer) not in (keras.layers.Conv2D, keras.layers.Dense):
            # What other layers make of the channels is not known.
            return None
        return self.spread.kernel(old) if old.ndim > 1 and old.shape[-2] % before == 0 else old


def _seeing(network: Any) -> set[str]:
    """Return the names of the layers with weights that get the image as it is, padded, pooled or flattened at most."""
    plain = {id(network.inputs[0])}
    found = set()
    for step in network.operations:
        inputs = as_list(step.input)
        if isinstance(step, keras.layers.InputLayer) or not all(id(tensor) in plain for tensor in inputs):
            continue
        if getattr(step, "weights", None):
            found.add(step.name)
        if isinstance(step, _PLAIN) and len(inputs) == 1:
            plain.add(id(step.output))
    return found


def _by_class(
    old: NDArray[Any], like: NDArray[Any], before: Sequence[str], classes: Sequence[str]
) -> NDArray[Any] | None:
    """Return the output layer's array with the last axis by class name; None when no class or not the rest fits."""
    pairs = [(place, before.index(name)) for place, name in enumerate(classes) if name in before]
    fits = old.shape[:-1] == like.shape[:-1] and old.shape[-1] == len(before) and like.shape[-1] == len(classes)
    if not pairs or not fits:
        return None
    new = like.copy()
    for place, other in pairs:
        new[..., place] = old[..., other]
    return new
