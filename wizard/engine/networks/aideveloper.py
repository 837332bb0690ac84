"""AIDeveloper's networks: what their modules share, and the multilayer perceptrons.

Source: AIDeveloper's model zoo 0.1.4 (Kräter et al. 2021, Adv. Sci. 8:2003743). Layers, initial weights and
drop-out are the originals'; the networks answer with logits, and batch norm averages over fewer steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.networks.base import FAMILIES, MOMENTUM, Network, Shape, register
from wizard.network_names import AIDEVELOPER, TITLES, perceptron_title

_MOST_UNITS, _MOST_LAYERS = 4096, 8

_DROPOUTS = {
    "MLP_256_128_64_do": (0.4, 0.3, 0.2),
    "MLP_80_56_80_48_do": (0.25, 0.25, 0.25, 0.25),
    "MLP_72_64_48_48_do": (0.2, 0.1, 0.1, 0.1),
}
_SKIPPING = ("MLP_24_16_24_skipcon",)


class Layers:
    """Adds layers and names them by kind and number: `conv_1`, `norm_1`, `dense_2`."""

    def __init__(self, shape: Shape) -> None:
        self.inputs = keras.Input(shape, name="cells")
        self._numbers: Counter[str] = Counter()

    def name(self, kind: str) -> str:
        """Return the next name of a kind."""
        self._numbers[kind] += 1
        return f"{kind}_{self._numbers[kind]}"

    def conv(
        self, x: Any, filters: int, size: int, same: bool = False, relu: bool = True, stride: int = 1, decay: float = 0
    ) -> Any:
        """Add a convolution, by default with ReLU; `decay` is its L2 penalty."""
        penalty = keras.regularizers.L2(decay) if decay else None
        x = keras.layers.Conv2D(
            filters, size, stride, "same" if same else "valid", kernel_regularizer=penalty, name=self.name("conv")
        )(x)
        return self.relu(x) if relu else x

    def relu(self, x: Any) -> Any:
        """Add a ReLU."""
        return keras.layers.ReLU(name=self.name("relu"))(x)

    def pool(self, x: Any, size: int = 2) -> Any:
        """Add max-pooling."""
        return keras.layers.MaxPooling2D(size, name=self.name("max"))(x)

    def norm(self, x: Any) -> Any:
        """Add batch norm."""
        return keras.layers.BatchNormalization(momentum=MOMENTUM, name=self.name("norm"))(x)

    def drop(self, x: Any, share: float) -> Any:
        """Add drop-out."""
        return keras.layers.Dropout(share, name=self.name("dropout"))(x)

    def flat(self, x: Any) -> Any:
        """Lay out all values in one row."""
        return keras.layers.Flatten(name=self.name("flat"))(x)

    def dense(self, x: Any, units: int, relu: bool = True) -> Any:
        """Add a dense layer, by default with ReLU."""
        x = keras.layers.Dense(units, name=self.name("dense"))(x)
        return self.relu(x) if relu else x

    def add(self, *parts: Any) -> Any:
        """Add up tensors; those of one pixel count everywhere."""
        return keras.layers.Add(name=self.name("add"))(list(parts))

    def mark(self, x: Any, stage: str) -> Any:
        """Give an output a name under which its features are found: `stage4`, `stage5` or `pool`."""
        return keras.layers.Identity(name=stage)(x)


STAGES = {"stage 4": "stage4", "stage 5": "stage5", "pool": "pool"}

Draw = Callable[[Layers, Any], Any]
"""Draws a network up to its last hidden layer and marks `stage4`, `stage5`."""


def _build(name: str, draw: Draw, decay: float, shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
    """Build a network: what `draw` makes of the input, then the logits."""
    layers = Layers(shape)
    x = layers.mark(draw(layers, layers.inputs), "pool")
    penalty = keras.regularizers.L2(decay) if decay else None
    x = keras.layers.Dense(classes, kernel_regularizer=penalty, name="classes")(x)
    return keras.Model(layers.inputs, x, name=name)


def zoo(
    name: str,
    help: str,
    smallest: int,
    draw: Draw,
    side: Callable[[int], bool] | None = None,
    decay: float = 0.0,
) -> Network:
    """Return the entry of one of AIDeveloper's networks; `decay` is the L2 penalty of its output layer."""
    title = TITLES.get(name) or perceptron_title(name)
    return Network(name, title, help, smallest, partial(_build, name, draw, decay), STAGES, AIDEVELOPER, side)


def _perceptron(sizes: tuple[int, ...], dropouts: tuple[float, ...], skip: bool, layers: Layers, x: Any) -> Any:
    """Draw a multilayer perceptron; `skip` adds the first hidden layer to the last."""
    x = first = layers.flat(x)
    for number, units in enumerate(sizes):
        x = layers.dense(x, units)
        if dropouts:
            x = layers.drop(x, dropouts[number])
        if number == 0:
            x = first = layers.mark(x, "stage4")
        if number == max(0, len(sizes) - 2):
            x = layers.mark(x, "stage5")
    return layers.add(first, x) if skip else x


def perceptron(name: str) -> Network | None:
    """Return the multilayer perceptron of a name like `MLP_24_16_24`; None when the name is not understood."""
    known = name in _DROPOUTS or name in _SKIPPING
    parts = name.split("_")[1:]
    numbers = parts[:-1] if known else parts
    if not 1 <= len(numbers) <= _MOST_LAYERS or not all(part.isascii() and part.isdigit() for part in numbers):
        return None
    sizes = tuple(int(part) for part in numbers)
    if not all(1 <= units <= _MOST_UNITS for units in sizes):
        return None
    draw = partial(_perceptron, sizes, _DROPOUTS.get(name, ()), name in _SKIPPING)
    return zoo(name, "All pixels into dense layers: fast to sort with, but blind to where things are.", 4, draw)


for _name in TITLES:
    if _name.startswith("MLP_"):
        _entry = perceptron(_name)
        if _entry is not None:
            register(_entry)
FAMILIES["MLP_"] = perceptron
