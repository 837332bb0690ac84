"""AIDeveloper's small convolutional networks: LeNet-5, TinyResNet, TinyCNN, MhNet and the one for retina cells.

Stages: `stage 4` is the last convolution, `stage 5` the first dense layer, `pool` the last hidden layer.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from wizard.engine.backend import keras
from wizard.engine.networks.aideveloper import Layers, zoo
from wizard.engine.networks.base import register


def lenet(layers: Layers, x: Any, norm: bool = False, drop: bool = False) -> Any:
    """LeNet-5 (LeCun et al. 1998), with batch norm and drop-out if wished."""
    x = layers.conv(x, 6, 5)
    x = layers.pool(layers.norm(x) if norm else x)
    x = layers.conv(x, 16, 5)
    x = layers.norm(x) if norm else x
    x = layers.drop(x, 0.2) if drop else x
    return _lenet_end(layers, layers.pool(x), norm, drop)


def _lenet_end(layers: Layers, x: Any, norm: bool, drop: bool, last: float = 0.5) -> Any:
    """Two dense layers of 120 and 84."""
    x = layers.flat(layers.mark(x, "stage4"))
    for units, share in ((120, 0.5), (84, last)):
        x = layers.dense(x, units)
        x = layers.norm(x) if norm else x
        x = layers.drop(x, share) if drop else x
        x = layers.mark(x, "stage5") if units == 120 else x
    return x


def lenet_skipping(layers: Layers, x: Any) -> Any:
    """LeNet-5 with batch norm and drop-out; its second convolution gets the input and the first one's output added."""
    a = layers.conv(layers.pool(x), 16, 1, same=True, relu=False)
    p = layers.pool(layers.norm(layers.conv(x, 6, 5, same=True)))
    b = layers.conv(p, 16, 1, same=True, relu=False)
    y = layers.drop(layers.norm(layers.conv(p, 16, 5, same=True)), 0.2)
    return _lenet_end(layers, layers.pool(layers.add(y, a, b)), True, True)


def tiny_resnet(layers: Layers, x: Any) -> Any:
    """One convolution and two blocks of 24 filters; a block has one convolution, as in the original's graph."""
    x = layers.relu(layers.norm(layers.conv(x, 24, 3, same=True, relu=False, decay=0.01)))
    for stage in ("stage4", "stage5"):
        y = layers.relu(layers.norm(x))
        x = layers.mark(layers.add(layers.conv(y, 24, 3, same=True, relu=False, decay=0.01), x), stage)
    x = keras.layers.GlobalAveragePooling2D(name="average")(layers.relu(layers.norm(x)))
    return layers.drop(x, 0.2)


def tiny_cnn(layers: Layers, x: Any) -> Any:
    """Two convolutions of 3 filters, dense 16 and 24."""
    x = layers.pool(layers.conv(layers.pool(layers.conv(x, 3, 3)), 3, 3))
    x = layers.dense(layers.flat(layers.mark(x, "stage4")), 16)
    return layers.dense(layers.mark(x, "stage5"), 24)


def mhnet_1(layers: Layers, x: Any) -> Any:
    """Five convolutions with two skips over pooled outputs."""
    p1 = layers.pool(layers.drop(layers.norm(layers.conv(x, 8, 3, same=True)), 0.05))
    q1 = layers.pool(p1)
    q2 = layers.pool(layers.drop(layers.norm(layers.conv(p1, 16, 3, same=True)), 0.2))
    y = layers.drop(layers.norm(layers.conv(q2, 32, 3, same=True)), 0.3)
    y = layers.drop(layers.norm(layers.conv(y, 16, 3, same=True)), 0.2)
    y = layers.norm(layers.conv(layers.add(y, q2), 8, 3, same=True))
    return _lenet_end(layers, layers.drop(layers.add(y, q1), 0.05), True, True, last=0.3)


def mhnet_2(layers: Layers, x: Any) -> Any:
    """Two convolutional paths from the input and a dense one, added up (the original's effective graph)."""
    dense_path = layers.dense(layers.flat(layers.norm(x)), 256)
    flats, skips = [], []
    y = x
    for _ in range(2):
        y = layers.conv(y, 32, 3, same=True)
        skips.append(layers.conv(y, 32, 1, same=True, relu=False))
        flats.append(layers.dense(layers.flat(y), 16, relu=False))
    y = x
    for skip in skips:
        y = layers.add(layers.conv(y, 32, 3, same=True), skip)
    y = layers.drop(layers.pool(layers.mark(y, "stage4")), 0.25)
    y = layers.drop(layers.norm(layers.dense(layers.flat(y), 224)), 0.5)
    joined = keras.layers.Concatenate(name="join_flats")(flats)
    joined = layers.drop(layers.norm(layers.relu(joined)), 0.5)
    z = keras.layers.Concatenate(name="join")([y, joined])
    z = layers.mark(layers.add(z, dense_path), "stage5")
    for _ in range(2):
        z = layers.drop(layers.norm(layers.dense(z, 128)), 0.25)
    return z


def optimised(layers: Layers, x: Any) -> Any:
    """Four convolutions and two dense layers, chosen for retina cells of 32 px."""
    for filters, size in ((6, 3), (6, 3), (36, 5), (36, 7)):
        x = layers.relu(layers.norm(layers.conv(x, filters, size, relu=False)))
        x = layers.pool(x) if size == 7 else x
        x = layers.drop(x, 0.4)
    x = layers.flat(layers.mark(x, "stage4"))
    x = layers.mark(layers.drop(layers.norm(layers.dense(x, 512)), 0.4), "stage5")
    return layers.drop(layers.norm(layers.dense(x, 256)), 0.4)


_LENET = "A classic of two convolutions and two dense layers; quick, for small frames."

for _entry in (
    zoo("LeNet5", _LENET, 16, lenet),
    zoo("LeNet5_do", _LENET, 16, partial(lenet, drop=True)),
    zoo("LeNet5_bn_do", _LENET, 16, partial(lenet, norm=True, drop=True)),
    zoo("LeNet5_bn_do_skipcon", _LENET, 4, lenet_skipping),
    zoo(
        "TinyResNet",
        "Three convolutions of 24 filters: very few parameters, any frame.",
        4,
        tiny_resnet,
        decay=0.01,
    ),
    zoo("TinyCNN", "Two convolutions of 3 filters: the smallest convolutional network.", 10, tiny_cnn),
    zoo("MhNet1_bn_do_skipcon", "Five convolutions with skips and much drop-out.", 4, mhnet_1),
    zoo("MhNet2_bn_do_skipcon", "Convolutional and dense paths side by side; grows fast with the frame.", 4, mhnet_2),
    zoo("CNN_4Conv2Dense_Optim", "Found by search for retina cells of 32 px.", 16, optimised),
):
    register(_entry)
