from __future__ import annotations

import pytest

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.networks.base import build
from wizard.engine.networks.cost import cost, seconds_per_image


def test_multiplications_counted_by_hand():
    inputs = keras.Input((10, 8, 3))
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
    x = keras.layers.DepthwiseConv2D(3, padding="same")(x)
    x = keras.Sequential([keras.layers.BatchNormalization(), keras.layers.Conv2D(6, 1)])(x)
    net = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
    parameters, multiplications = cost(net)
    assert parameters == (108 + 4) + (36 + 4) + 16 + (24 + 6) + (240 + 2)
    assert multiplications == 5 * 4 * (108 + 36 + 24) + 240


def test_balanced_is_small():
    parameters, multiplications = cost(build("balanced", (48, 48, 2), 7, {}))
    assert parameters < 1_000_000
    assert multiplications < 50_000_000


def test_the_three_are_ordered_by_cost():
    costs = [cost(build(name, (48, 48, 2), 7, {})) for name in ("fast", "balanced", "thorough")]
    assert costs == sorted(costs)
    assert costs[0][1] * 3 < costs[1][1]


def test_time_per_image():
    assert 0 < seconds_per_image("fast", (24, 32, 2), 3) < 0.5
    with pytest.raises(UserError, match="too small"):
        seconds_per_image("fast", (8, 8, 2), 3)
