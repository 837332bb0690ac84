"""Small residual networks (He et al. 2016) for frames of 16 to 128 px with any number of channels.

The shortcut averages where it must shrink (He et al. 2019, "ResNet-D"), so that no pixel is skipped;
the stem keeps the full frame, because cells of 40 px have nothing to give away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wizard.engine.backend import keras
from wizard.engine.networks.base import MOMENTUM, Network, Shape, register
from wizard.network_names import TITLES, group_of

_STAGES = {"stage 4": "stage4_out", "stage 5": "stage5_out", "pool": "pool"}
_LARGE = 96
"""Frames whose shorter side is longer than this are halved by the stem."""

_KNOTS, _FIGURES = 16, 32
"""Hinges of each intensity figure, and features made from all of them."""


@dataclass(frozen=True)
class Design:
    """A residual network: filters of the stem, then (filters, blocks, stride) of stages 2 to 5."""

    stem: int
    stages: tuple[tuple[int, int, int], ...]
    squeeze: int = 0
    """Squeeze-and-excitation (Hu et al. 2018): filters per hidden unit, 0 = none."""
    dropout: float = 0.2


DESIGNS = {
    "fast": Design(16, ((16, 1, 2), (32, 1, 2), (64, 1, 2), (96, 1, 1))),
    "balanced": Design(24, ((32, 1, 2), (64, 1, 2), (128, 1, 2), (192, 1, 1))),
    "thorough": Design(24, ((32, 2, 2), (64, 2, 2), (128, 2, 2), (192, 2, 1))),
    "compact": Design(24, ((32, 1, 2), (64, 1, 2), (128, 1, 2), (192, 1, 1))),
}

_HELP = {
    "fast": "The smallest that is nearly as good: for a first look, old PCs and large data sets.",
    "balanced": "Our small residual network: trains in minutes on an office PC.",
    "thorough": "Twice as deep and half as fast; worth a try on large data sets, no better on small ones.",
    "compact": "The recommended network of earlier versions.",
}


def conv_norm(x: Any, filters: int, size: int, stride: int, name: str) -> Any:
    """Add a convolution without bias and its batch norm."""
    x = keras.layers.Conv2D(
        filters, size, stride, "same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)
    return keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(x)


def block(x: Any, filters: int, stride: int, name: str, squeeze: int = 0) -> Any:
    """Add two 3×3 convolutions with a shortcut that averages where it must shrink."""
    shortcut = x
    y = keras.layers.ReLU(name=f"{name}_relu_a")(conv_norm(x, filters, 3, stride, f"{name}_a"))
    y = conv_norm(y, filters, 3, 1, f"{name}_b")
    if squeeze:
        y = _excite(y, filters, squeeze, name)
    if stride > 1:
        shortcut = keras.layers.AveragePooling2D(stride, padding="same", name=f"{name}_shrink")(shortcut)
    if shortcut.shape[-1] != filters:
        shortcut = conv_norm(shortcut, filters, 1, 1, f"{name}_shortcut")
    y = keras.layers.Add(name=f"{name}_add")([shortcut, y])
    return keras.layers.ReLU(name=f"{name}_out")(y)


def _excite(x: Any, filters: int, squeeze: int, name: str) -> Any:
    """Weigh every channel by what the whole frame holds."""
    weight = keras.layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    weight = keras.layers.Conv2D(max(8, filters // squeeze), 1, activation="relu", name=f"{name}_hidden")(weight)
    weight = keras.layers.Conv2D(filters, 1, activation="sigmoid", name=f"{name}_excite")(weight)
    return keras.layers.Multiply(name=f"{name}_weigh")([x, weight])


def head(x: Any, classes: int, dropout: float, figures: Any = None) -> Any:
    """Add global average pooling (and beside it the intensity figures, if given), drop-out and the logits."""
    if figures is None:
        x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    else:
        x = keras.layers.GlobalAveragePooling2D(name="pool_cells")(x)
        x = keras.layers.Concatenate(name="pool")([x, figures])
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.layers.Dense(classes, name="classes")(x)


def stage(x: Any, filters: int, blocks: int, stride: int, name: str, squeeze: int = 0) -> Any:
    """Add the blocks of a stage; the first one has the stride, the last one the stage's own name."""
    for number in range(1, blocks + 1):
        own = name if number == blocks else f"{name}_{number}"
        x = block(x, filters, stride if number == 1 else 1, own, squeeze)
    return x


def _builder(name: str, design: Design) -> Any:
    def build(shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
        """Build the network; options: `width` (multiplies all filters, 1.0), `dropout`, `intensities` (no)."""
        width = float(options.get("width", 1.0))
        inputs = keras.Input(shape, name="cells")
        first = 2 if min(shape[:2]) > _LARGE else 1
        x = keras.layers.ReLU(name="stem_relu")(conv_norm(inputs, _wide(design.stem, width), 3, first, "stem"))
        for number, (filters, blocks, stride) in enumerate(design.stages, start=2):
            x = stage(x, _wide(filters, width), blocks, stride, f"stage{number}", design.squeeze)
        figures = intensities(inputs) if options.get("intensities") else None
        x = head(x, classes, float(options.get("dropout", design.dropout)), figures)
        model = keras.Model(inputs, x, name=name)
        if figures is not None:
            _spread_knots(model)
        return model

    return build


def intensities(inputs: Any) -> Any:
    """Return figures of each channel's whole frame: mean (so the total), mean square and highest grey level.

    Totals are what flow cytometry gates on (DNA content, for one), yet convolutions blur them. Each figure is
    written as a sum of hinges (Gorishniy et al. 2022), so that a threshold on it can be sharp.
    """
    squares = keras.layers.Multiply(name="intensity_squares")([inputs, inputs])
    parts = [
        keras.layers.GlobalAveragePooling2D(name="intensity_mean")(inputs),
        keras.layers.GlobalAveragePooling2D(name="intensity_mean_square")(squares),
        keras.layers.GlobalMaxPooling2D(name="intensity_highest")(inputs),
    ]
    x = keras.layers.Concatenate(name="intensity_figures")(parts)
    x = keras.layers.BatchNormalization(momentum=MOMENTUM, name="intensity_norm")(x)
    x = keras.layers.Dense(x.shape[-1] * _KNOTS, activation="relu", name="intensity_hinges")(x)
    return keras.layers.Dense(_FIGURES, activation="relu", name="intensity_features")(x)


def _spread_knots(model: Any) -> None:
    """Start the hinges at knots evenly spread over the figures' usual range, each figure with its own."""
    layer = model.get_layer("intensity_hinges")
    figures = layer.kernel.shape[0]
    knots = np.linspace(-2.5, 2.5, _KNOTS)
    kernel = np.kron(np.eye(figures), np.ones(_KNOTS)).astype(np.float32)
    layer.set_weights([kernel, np.tile(-knots, figures).astype(np.float32)])


def _wide(filters: int, width: float) -> int:
    return max(8, round(filters * width / 8) * 8)


def build_resnet18(shape: Shape, classes: int, options: Mapping[str, Any]) -> Any:
    """Build ResNet18 (He et al. 2016); option: `dropout` (0).

    Frames up to 96 px get a stem of 3×3 that halves them once, larger ones the original 7×7 and max-pooling.
    """
    inputs = keras.Input(shape, name="cells")
    large = min(shape[:2]) > _LARGE
    x = keras.layers.ReLU(name="stem_relu")(conv_norm(inputs, 64, 7 if large else 3, 2, "stem"))
    if large:
        x = keras.layers.MaxPooling2D(3, 2, padding="same", name="stem_pool")(x)
    for number, filters in enumerate((64, 128, 256, 512), start=2):
        x = stage(x, filters, 2, 1 if number == 2 else 2, f"stage{number}")
    return keras.Model(inputs, head(x, classes, float(options.get("dropout", 0.0))), name="resnet18")


for _name, _design in DESIGNS.items():
    register(
        Network(
            _name, TITLES[_name], _HELP[_name], 16, _builder(_name, _design), _STAGES, group_of(_name), intensities=True
        )
    )  # fmt: skip
register(
    Network(
        "resnet18", TITLES["resnet18"], "The classic of 18 layers, 11 million parameters; its stem fits small frames.",
        16, build_resnet18, _STAGES, group_of("resnet18"),
    )
)  # fmt: skip
