"""AIDeveloper's small VGG networks and those after Nitta et al. 2018 (Cell 175:266).

Stages: `stage 4` is the last convolution, `stage 5` the first dense layer, `pool` the last hidden layer.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from wizard.engine.networks.aideveloper import Layers, zoo
from wizard.engine.networks.base import register


def vgg_1(layers: Layers, x: Any) -> Any:
    """Four convolutions with batch norm, dense 256."""
    x = layers.flat(layers.mark(layers.pool(_vgg_trunk(layers, x)), "stage4"))
    x = layers.mark(layers.norm(layers.dense(layers.norm(x), 256)), "stage5")
    return layers.drop(x, 0.5)


def _vgg_trunk(layers: Layers, x: Any) -> Any:
    x = layers.conv(layers.norm(layers.conv(x, 32, 3)), 32, 3)
    x = layers.norm(layers.pool(x))
    return layers.conv(layers.norm(layers.conv(x, 64, 3)), 64, 3)


def vgg_2(layers: Layers, x: Any) -> Any:
    """As the first, with the input added through a side branch of a third of the size."""
    side = layers.pool(layers.conv(layers.norm(x), 64, 1), 3)
    x = layers.pool(layers.add(_vgg_trunk(layers, x), side))
    x = layers.flat(layers.mark(x, "stage4"))
    x = layers.mark(layers.norm(layers.dense(layers.norm(x), 256)), "stage5")
    return layers.drop(x, 0.5)


def vgg_3(layers: Layers, x: Any) -> Any:
    """A side branch without batch norm, dense 256 and 128."""
    side = layers.pool(layers.conv(x, 64, 1), 3)
    x = layers.pool(layers.conv(layers.conv(x, 32, 3), 32, 3))
    x = layers.conv(layers.norm(layers.conv(x, 64, 3)), 64, 3)
    return _vgg_end(layers, layers.pool(layers.add(x, side)))


def vgg_4(layers: Layers, x: Any) -> Any:
    """As the third, with padding: any frame from 8 px."""
    side = layers.pool(layers.conv(x, 64, 1, same=True), 4)
    x = layers.pool(layers.conv(layers.conv(x, 32, 3, same=True), 32, 3, same=True))
    x = layers.pool(layers.norm(layers.conv(x, 64, 3, same=True)))
    x = layers.conv(x, 64, 3, same=True)
    return _vgg_end(layers, layers.pool(layers.add(x, side)))


def _vgg_end(layers: Layers, x: Any) -> Any:
    x = layers.flat(layers.mark(x, "stage4"))
    x = layers.mark(layers.norm(layers.drop(layers.dense(x, 256), 0.5)), "stage5")
    return layers.drop(layers.dense(x, 128), 0.25)


def branches_meet(side: int) -> bool:
    """Tell whether the branches of the second and third small VGG have one size at a frame's side.

    One pixel fits every size, which is why 14 and 15 px are possible.
    """
    main, branch = (side - 4) // 2 - 4, side // 3
    return main >= 1 and max(main, branch) >= 2 and (main == branch or 1 in (main, branch))


def nitta(layers: Layers, x: Any, pairs: int, units: int, stride: int = 1) -> Any:
    """Pairs of convolutions, each followed by pooling and drop-out; one dense layer.

    `stride` is that of the second convolution. The variants with a linear or ReLU end differ from the first
    one no further, because every network here ends in logits.
    """
    for number in range(pairs):
        filters = 32 if number == 0 else 64
        x = layers.conv(x, filters, 3)
        x = layers.conv(x, filters, 3, stride=stride if number == 0 else 1)
        x = layers.drop(layers.pool(x), 0.25)
    x = layers.dense(layers.flat(layers.mark(x, "stage4")), units)
    return layers.drop(layers.mark(x, "stage5"), 0.5)


_VGG = "Four convolutions and dense layers; grows with the frame."
_NITTA = "After the intelligent cell sorter of Nitta et al. 2018; grows with the frame."

for _entry in (
    zoo("VGG_small_1", _VGG, 16, vgg_1),
    zoo("VGG_small_2", _VGG + " Few frame sizes fit.", 14, vgg_2, branches_meet),
    zoo("VGG_small_3", _VGG + " Few frame sizes fit.", 14, vgg_3, branches_meet),
    zoo("VGG_small_4", _VGG, 8, vgg_4),
    zoo("Nitta_et_al_6layer", _NITTA, 16, partial(nitta, pairs=2, units=256)),
    zoo("Nitta_et_al_8layer", _NITTA, 36, partial(nitta, pairs=3, units=128)),
    zoo("Nitta_et_al_6layer_linact", _NITTA, 38, partial(nitta, pairs=2, units=256, stride=3)),
    zoo("Nitta_et_al_6layer_reluact", _NITTA + " Here the same as 6 layers.", 16, partial(nitta, pairs=2, units=256)),
):
    register(_entry)
