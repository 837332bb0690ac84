"""The published multi-scale network (Christiansen et al. 2018), fully convolutional.

Five towers see the same field at 1, 1/2 .. 1/16 of its resolution, a sixth merges them; all are chains of one module
with two convolutions and no padding. From 250 px come 8; larger pictures (250 + 16 n) give 8 + 16 n, and every block of
16 px is what its own window would give. Layout after the authors' released code (Apache-2.0), written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.labeling.networks.base import PictureNetwork, Wanted, joined, register, slug

_WINDOW, _STEP = 250, 16
_EXPAND = 211 / 39
"""Width of the wide convolution to that of the narrow one; found by the authors' search."""

_TOWERS: tuple[tuple[int, tuple[int, ...], int, tuple[int, ...]], ...] = (
    (72, (), 18, ()),
    (102, (48,), 14, (36,)),
    (146, (70, 32), 10, (20, 36)),
    (202, (98, 46, 20), 6, (12, 20, 36)),
    (250, (122, 58, 26, 10), 2, (8, 12, 20, 36)),
)
"""Side that a tower sees; sides after each halving; modules in between; sides after each doubling."""
_MERGE = tuple(range(34, 7, -2))


def widths(base: int, side: int) -> tuple[int, int]:
    """Return the filters of the wide and the narrow convolution where a window's picture has `side` px."""
    narrow = ceil(base / side)
    return _even(_EXPAND * narrow), _even(narrow)


def _even(number: float) -> int:
    whole = ceil(number)
    return whole + whole % 2


def _active(x: Any, name: str) -> Any:
    """Normalise, then give both the positive part and the hyperbolic tangent."""
    x = keras.layers.BatchNormalization(momentum=0.999, epsilon=1e-3, name=f"{name}_norm")(x)
    both = [keras.layers.ReLU(name=f"{name}_relu")(x), keras.layers.Activation("tanh", name=f"{name}_tanh")(x)]
    return keras.layers.Concatenate(name=f"{name}_both")(both)


def _narrow(x: Any, filters: int, name: str) -> Any:
    x = _active(x, f"{name}_reduce")
    return keras.layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_reduce")(x)


def module(x: Any, base: int, side: int, stride: int, name: str) -> Any:
    """Add a module that keeps (`stride` 1: kernel 3, one px lost per side) or halves (2: kernel 4) the resolution."""
    kernel, channels = (3, 4)[stride - 1], x.shape[-1]
    wide, narrow = (max(number, channels) for number in widths(base, side))
    y = _active(x, f"{name}_expand")
    y = keras.layers.Conv2D(wide, kernel, stride, "valid", use_bias=False, name=f"{name}_expand")(y)
    highest = keras.layers.MaxPooling2D(kernel, stride, name=f"{name}_highest")(x)
    y = _narrow(keras.layers.Concatenate(name=f"{name}_wide")([y, highest]), narrow, name)
    skip = keras.layers.Cropping2D(1, name=f"{name}_skip")(x)
    if stride == 2:
        skip = keras.layers.AveragePooling2D(2, name=f"{name}_skip_shrunk")(skip)
    if narrow > channels:
        skip = _Channels(narrow, name=f"{name}_skip_channels")(skip)
    return keras.layers.Add(name=name)([skip, y])


def doubled(x: Any, base: int, side: int, name: str) -> Any:
    """Add a module that doubles the resolution with overlapping kernels and drops what their borders lack.

    The border is cut off before the narrow convolution, not behind: that works pixel by pixel, so nothing changes.
    """
    wide, narrow = widths(base - 4, side)
    y = _active(x, f"{name}_expand")
    y = keras.layers.Conv2DTranspose(wide, 4, 2, "valid", use_bias=False, name=f"{name}_expand")(y)
    y = _narrow(keras.layers.Cropping2D(2, name=f"{name}_cut")(y), narrow, name)
    skip = keras.layers.UpSampling2D(2, name=f"{name}_skip_grown")(x)
    skip = keras.layers.Cropping2D(1, name=f"{name}_skip")(skip)
    shared = min(narrow, x.shape[-1])
    parts = [_Channels(shared, name=f"{name}_{part}_channels")(given) if given.shape[-1] > shared else given
             for part, given in (("skip", skip), ("new", y))]  # fmt: skip
    return keras.layers.Add(name=name)(parts)


class _Channels(keras.layers.Layer):  # type: ignore[misc]
    """The first `count` channels; where there are fewer, zeros are added."""

    def __init__(self, count: int, **more: Any) -> None:
        super().__init__(**more)
        self.count = count

    def call(self, x: Any) -> Any:
        """Cut or fill up."""
        missing = self.count - x.shape[-1]
        return keras.ops.pad(x, [[0, 0]] * 3 + [[0, missing]]) if missing > 0 else x[..., : self.count]

    def compute_output_shape(self, shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Tell the shape without computing."""
        return (*shape[:-1], self.count)


def _tower(x: Any, number: int, base: int) -> Any:
    seen, halvings, modules, doublings = _TOWERS[number]
    name, side = f"tower{number}", seen
    cut = (_WINDOW - seen) // 2
    x = keras.layers.Cropping2D(cut, name=f"{name}_sees")(x) if cut else x
    for step, side in enumerate(halvings):
        x = module(x, base, side, 2, f"{name}_half{step}")
        x = module(x, base, side, 1, f"{name}_half{step}_smooth")
    for step in range(modules):
        side -= 2
        x = module(x, base, side, 1, f"{name}_scale{step}")
    for step, side in enumerate(doublings):
        x = doubled(x, base, side, f"{name}_double{step}")
        x = module(x, base, side, 1, f"{name}_double{step}_smooth")
    return x


def build_published(wanted: Wanted) -> Any:
    """Build the network; options: `base` (base depth, 400 as released), `projection` (0).

    With `projection` the planes are first mixed into so many (16 as released; the paper feeds the planes themselves).
    The widths come from the parts of the paper's window, whatever the sides of the pictures are.
    """
    base, projection = int(wanted.options.get("base", 400)), int(wanted.options.get("projection", 0))
    inputs = x = keras.Input((*wanted.sides, wanted.planes), name="planes")
    if projection:
        x = keras.layers.Conv2D(projection, 1, name="projection")(x)
    x = keras.layers.Concatenate(name="towers")([_tower(x, number, base) for number in range(len(_TOWERS))])
    for step, side in enumerate(_MERGE):
        x = module(x, base, side, 1, f"merge{step}" if side > _MERGE[-1] else "trunk")
    heads = []
    for label in wanted.labels:
        y = _active(x, f"head_{slug(label)}")
        heads.append(wanted.head.convolution(f"head_{slug(label)}")(y))
    return keras.Model(inputs, joined(heads), name="published")


register(
    PictureNetwork(
        "published", "Published multi-scale network",
        "As Christiansen and others published it in 2018, for comparison: about a hundred times slower.",
        build_published, smallest=_WINDOW, step=_STEP, lost=121,
    )
)  # fmt: skip
