"""Networks whose workings are known, because their weights were set by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from wizard.engine.backend import keras
from wizard.engine.networks.base import NETWORKS, Network

SIDE = 24


def build(shape, classes, options):
    inputs = keras.Input(shape, name="cells")
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(inputs)
    y = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, keras.layers.Dense(classes, name="classes")(y))


def build_flat(shape, classes, options):
    inputs = keras.Input(shape, name="cells")
    x = keras.layers.Flatten(name="flat")(inputs)
    return keras.Model(inputs, keras.layers.Dense(classes, name="classes")(x))


NET = Network("seen_test", "Seen", "For tests.", 8, build, {"stage 4": "conv", "stage 5": "conv", "pool": "pool"})
FLAT = Network("flat_test", "Flat", "For tests.", 8, build_flat, {"stage 4": "flat", "stage 5": "flat", "pool": "flat"})


@pytest.fixture(autouse=True)
def known_networks(monkeypatch):
    monkeypatch.setitem(NETWORKS, NET.name, NET)
    monkeypatch.setitem(NETWORKS, FLAT.name, FLAT)


def model(net, name=NET.name, **more):
    return SimpleNamespace(network=net, manifest={"network": name, **more})


@pytest.fixture
def one_channel():
    """A network of three channels and two classes that sees how bright channel 2 is, and nothing else."""
    net = build((SIDE, SIDE, 3), 2, {})
    kernel = np.zeros((3, 3, 3, 4), np.float32)
    kernel[1, 1, 1, 0] = 1.0
    net.get_layer("conv").set_weights([kernel, np.zeros(4, np.float32)])
    weights = np.zeros((4, 2), np.float32)
    weights[0] = (-20.0, 20.0)
    net.get_layer("classes").set_weights([weights, np.array([1.0, -1.0], np.float32)])
    return net


@pytest.fixture
def one_corner():
    """A network of two channels that sees the upper left quarter of both, and nothing else."""
    net = build_flat((SIDE, SIDE, 2), 2, {})
    seen = np.zeros((SIDE, SIDE, 2, 2), np.float32)
    seen[: SIDE // 2, : SIDE // 2, :, 1] = 0.05
    net.get_layer("classes").set_weights([seen.reshape(-1, 2), np.zeros(2, np.float32)])
    return net


@pytest.fixture
def cell():
    """A bright disc in the upper left quarter of every channel, on noise."""
    rng = np.random.default_rng(0)
    image = rng.normal(0, 0.02, (SIDE, SIDE, 3)).astype(np.float32)
    image[3:9, 3:9] += 2.0
    return image
