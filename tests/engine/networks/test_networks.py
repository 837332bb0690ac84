"""Checks that every registered network must pass."""

from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.networks import NETWORKS, STAGES
from wizard.engine.networks.base import build, network
from wizard.plan import step_settings


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("shape", [(48, 48, 2), (40, 64, 1), (32, 32, 5)])
def test_shapes(name, shape):
    net = build(name, shape, 7, {})
    logits = net(np.zeros((2, *shape), np.float32), training=False)
    assert logits.shape == (2, 7)
    paths = [weight.path for weight in net.weights]
    assert len(set(paths)) == len(paths)
    for stage in STAGES:
        assert net.get_layer(NETWORKS[name].stages[stage]).output.shape[0] is None


@pytest.mark.parametrize("name", NETWORKS)
def test_smallest_frame(name):
    smallest = NETWORKS[name].smallest
    build(name, (smallest, smallest, 1), 2, {})
    with pytest.raises(UserError, match="too small"):
        build(name, (smallest - 1, smallest, 1), 2, {})


@pytest.mark.parametrize("name", NETWORKS)
def test_batch_norm_is_usable_after_a_few_steps(name):
    for layer in build(name, (32, 32, 1), 2, {}).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            assert layer.momentum == 0.9


def test_resnet50_has_deepometrys_layers():
    net = build("resnet50", (48, 48, 2), 7, {})
    stages = NETWORKS["resnet50"].stages
    assert net.get_layer(stages["stage 4"]).output.shape[1:] == (3, 3, 1024)
    assert net.get_layer(stages["stage 5"]).output.shape[1:] == (2, 2, 2048)
    assert net.get_layer("pool").output.shape[1:] == (2048,)
    assert net.count_params() == 23_598_919


def test_plan_offers_exactly_the_registered_networks():
    (setting,) = [item for item in step_settings("train") if item.name == "network"]
    assert set(setting.choices) == set(NETWORKS)


def test_unknown_network():
    with pytest.raises(UserError, match="no network called 'x'"):
        network("x")
