"""Checks that every registered network must pass."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.networks import NETWORKS, STAGES, base
from wizard.engine.networks.base import Network, build, lasting, network, options_of
from wizard.network_names import KNOWN, TITLES, group_of, labels
from wizard.plan import step_settings
from wizard.train_plan import TrainPlan

ROOMY = {"VGG_small_2": (34, 37), "VGG_small_3": (34, 37)}
"""A rectangular frame where 40×56 does not fit."""

SMALL = [name for name in NETWORKS if NETWORKS[name].group != KNOWN or name in ("compact", "resnet18", "mobilenetv2")]
LARGE = (
    "resnet50", "resnet50v2", "densenet121", "efficientnetb0", "efficientnetv2b0", "mobilenet", "mobilenetv3large",
    "inceptionv3", "xception", "nasnetmobile", "vgg16", "convnexttiny",
)  # fmt: skip
"""One of each family: their larger kin go through the same builder and differ in numbers only."""

every = pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])


def rectangle(name, channels):
    smallest = NETWORKS[name].smallest
    height, width = ROOMY.get(name, (max(40, smallest), max(56, smallest)))
    return height, width, channels


@every
def test_smallest_frame(name):
    keras.backend.clear_session()
    entry = NETWORKS[name]
    net = build(name, (entry.smallest, entry.smallest, 1), 2, {})
    assert net(np.zeros((2, entry.smallest, entry.smallest, 1), np.float32), training=False).shape == (2, 2)
    with pytest.raises(UserError, match="too small"):
        build(name, (entry.smallest - 1, entry.smallest, 1), 2, {})


@every
def test_rectangular_frame_stages_and_learning(name):
    """Five channels: logits, a layer for every stage, weights of unique names; one step reaches the first layer."""
    keras.backend.clear_session()
    shape = rectangle(name, 5)
    keras.utils.set_random_seed(3)
    net = build(name, shape, 7, {})
    paths = [weight.path for weight in net.weights]
    assert len(set(paths)) == len(paths)
    assert net.count_params() > 0
    assert net.layers[-1].activation is keras.activations.linear
    for stage in STAGES:
        assert net.get_layer(NETWORKS[name].stages[stage]).output.shape[0] is None
    assert len(net.get_layer(NETWORKS[name].stages["pool"]).output.shape) == 2
    for layer in net.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            assert layer.momentum == 0.9
    assert not any(isinstance(layer, (keras.layers.Rescaling, keras.layers.Normalization)) for layer in net.layers)
    net.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True), run_eagerly=True)
    images = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
    kernels = [weight for weight in net.trainable_weights if weight.path.endswith("kernel")]
    before = kernels[0].numpy(), kernels[-1].numpy()
    loss = net.train_on_batch(images, np.eye(7, dtype=np.float32)[[0, 1, 2, 3]])
    assert np.isfinite(loss)
    assert (kernels[0].numpy() != before[0]).any()
    assert (kernels[-1].numpy() != before[1]).any()


@every
def test_seed_decides_the_first_weights(name):
    """Also: names of weights do not depend on what was built before, or saved models would not load."""
    found = []
    for seed in (5, 5, 6):
        keras.utils.set_random_seed(seed)
        net = build(name, rectangle(name, 2), 3, {})
        found.append({weight.path: weight.numpy() for weight in net.weights})
    assert list(found[0]) == list(found[1])
    assert all((found[1][path] == value).all() for path, value in found[0].items())
    assert any((found[2][path] != value).any() for path, value in found[0].items())


def test_plan_offers_exactly_the_registered_networks():
    (setting,) = [item for item in step_settings("train") if item.name == "network"]
    assert list(setting.choices) == list(TITLES)
    assert set(setting.choices) == set(NETWORKS)
    assert setting.default == "balanced"


def test_titles_and_groups_are_those_of_the_light_list():
    assert len(set(labels().values())) == len(TITLES)
    for name, entry in NETWORKS.items():
        assert (entry.title, entry.group) == (TITLES[name], group_of(name))
        assert entry.help.endswith(".")
        assert set(entry.stages) == set(STAGES)


def test_unknown_network():
    with pytest.raises(UserError, match="no network called 'x'"):
        network("x")


def test_own_network_by_entry_point(monkeypatch):
    def make(shape, classes, options):
        inputs = keras.Input(shape)
        x = keras.layers.GlobalAveragePooling2D(name="pool")(inputs)
        return keras.Model(inputs, keras.layers.Dense(classes, name="classes")(x))

    own = Network("mine", "Mine", "My own.", 8, make, dict.fromkeys(STAGES, "pool"))
    found = SimpleNamespace(load=lambda: own)
    monkeypatch.setattr(base, "NETWORKS", dict(NETWORKS))
    monkeypatch.setattr(base.metadata, "entry_points", lambda group, name: [found] if name == "mine" else [])
    assert network("mine").title == "Mine"
    assert build("mine", (16, 16, 2), 3, {}).count_params() == 9


def test_options_keep_no_path_in_the_model():
    assert options_of(TrainPlan()) == {"intensities": True}
    assert options_of(TrainPlan(intensities=False)) == {}
    options = options_of(TrainPlan(imagenet="C:\\weights_notop.h5", intensities=False))
    assert options == {"imagenet": "C:\\weights_notop.h5"}
    assert lasting(options | {"dropout": 0.3}) == {"dropout": 0.3}


def test_imagenet_is_for_the_networks_of_keras():
    with pytest.raises(UserError, match="no ImageNet weights for Balanced"):
        build("balanced", (32, 32, 3), 2, {"imagenet": "x.h5"})
