"""A small U-Net (Ronneberger et al. 2015) that works at half resolution and answers at full resolution.

The stem turns every 2 x 2 px into channels, so no pixel is lost and everything after it costs a quarter. Decoder and
heads double by interpolation: no checkerboards, which a rearrangement of channels leaves where training is short.
Whole channels are dropped while it learns (Tompson et al. 2015): a single field is soon learnt by heart.
"""

from __future__ import annotations

from typing import Any

from wizard.engine.backend import keras
from wizard.engine.labeling.networks.base import PictureNetwork, Wanted, joined, register, slug
from wizard.engine.networks.base import MOMENTUM

_WIDTHS = (32, 64, 96, 128)
_HEAD = 16
DROPOUT = 0.2


class ToChannels(keras.layers.Layer):  # type: ignore[misc]
    """Every block of 2 x 2 px becomes one pixel with four times the channels."""

    def call(self, x: Any) -> Any:
        """Rearrange."""
        return keras.ops.nn.space_to_depth(x, 2)

    def compute_output_shape(self, shape: Any) -> tuple[Any, ...]:
        """Tell the shape without computing."""
        picture, height, width, channels = shape
        return picture, height and height // 2, width and width // 2, channels * 4


def _step(x: Any, filters: int, name: str) -> Any:
    x = keras.layers.Conv2D(
        filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)
    x = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(x)
    return keras.layers.ReLU(name=name)(x)


def _pair(x: Any, filters: int, name: str, last: str = "") -> Any:
    return _step(_step(x, filters, f"{name}_a"), filters, last or f"{name}_b")


def build_unet(wanted: Wanted) -> Any:
    """Build the network; options: `widths` (filters of each level), `width` (multiplies them, 1.0), `stem`, `dropout`.

    `stem` = `full` keeps full resolution throughout, at four times the cost; `dropout` is the share of channels (0.2),
    half as many in the decoder.
    """
    dropout = float(wanted.options.get("dropout", DROPOUT))
    half = wanted.options.get("stem", "half") == "half"
    factor = float(wanted.options.get("width", 1.0))
    levels = [max(8, round(filters * factor / 8) * 8) for filters in wanted.options.get("widths", _WIDTHS)]
    inputs = keras.Input((*wanted.sides, wanted.planes), name="planes")
    # Inputs lie around 0.5 with an SD of 0.125.
    x = keras.layers.Rescaling(8.0, -4.0, name="centred")(inputs)
    x = ToChannels(name="stem")(x) if half else x
    kept = []
    for level, filters in enumerate(levels):
        x = keras.layers.MaxPooling2D(2, name=f"down{level}_pool")(x) if level else x
        x = _pair(x, filters, f"down{level}")
        x = keras.layers.SpatialDropout2D(dropout, name=f"down{level}_dropped")(x) if level and dropout else x
        kept.append(x)
    for level in range(len(levels) - 2, -1, -1):
        x = keras.layers.UpSampling2D(2, interpolation="bilinear", name=f"up{level}_grown")(x)
        x = keras.layers.Concatenate(name=f"up{level}_joined")([x, kept[level]])
        x = _pair(x, levels[level], f"up{level}", "" if level else "trunk")
        x = keras.layers.SpatialDropout2D(dropout / 2, name=f"up{level}_dropped")(x) if dropout else x
    heads = []
    for label in wanted.labels:
        name = f"head_{slug(label)}"
        y = _step(x, _HEAD, f"{name}_hidden")
        y = wanted.head.convolution(name)(y)
        grown = keras.layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_grown")
        heads.append(grown(y) if half else y)
    return keras.Model(inputs, joined(heads), name="unet")


register(
    PictureNetwork(
        "unet", "Fast U-Net", "Trains in minutes on an office PC and predicts a picture in seconds.", build_unet,
        smallest=32, step=16, halo=32,
    )
)  # fmt: skip
