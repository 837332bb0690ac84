from __future__ import annotations

import keras as plain_keras
import numpy as np
import pytest

from wizard.engine.networks import NETWORKS
from wizard.engine.networks.base import build
from wizard.engine.networks.cost import cost
from wizard.network_names import TITLES


def test_every_network_of_keras_is_here():
    published = {
        name.casefold()
        for name, value in vars(plain_keras.applications).items()
        if callable(value) and name[0].isupper()
    }
    assert published <= set(TITLES)
    assert published <= set(NETWORKS)


def test_resnet50_is_deepometrys():
    net = build("resnet50", (48, 48, 2), 7, {})
    stages = NETWORKS["resnet50"].stages
    assert net.get_layer(stages["stage 4"]).output.shape[1:] == (3, 3, 1024)
    assert net.get_layer(stages["stage 5"]).output.shape[1:] == (2, 2, 2048)
    assert net.get_layer("pool").output.shape[1:] == (2048,)
    assert cost(net)[0] == 23_598_919
    assert 195e6 < cost(net)[1] < 205e6
    assert {"conv1_conv/kernel", "conv5_block3_3_bn/moving_variance"} <= {weight.path for weight in net.weights}


def test_stages_lie_where_the_frame_shrinks():
    net = build("mobilenetv2", (64, 96, 2), 4, {})
    assert net.get_layer("stage4_out").output.shape[1:3] == (4, 6)
    assert net.get_layer("stage5_out").output.shape[1:3] == (2, 3)


@pytest.mark.parametrize("name", ["efficientnetb0", "mobilenetv3small"])
def test_our_normalised_cells_are_not_scaled_again(name):
    """The first layer with weights gets the input as it is (padding aside)."""
    net = build(name, (32, 32, 3), 2, {})
    cells = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    first = next(layer for layer in net.layers if layer.weights)
    seen = np.asarray(plain_keras.Model(net.input, first.input)(cells))
    assert np.array_equal(seen[:, :32, :32], cells)


def test_drop_out():
    assert build("mobilenetv2", (32, 32, 1), 2, {"dropout": 0.3}).get_layer("dropout").rate == 0.3
