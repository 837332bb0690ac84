from __future__ import annotations

import numpy as np

from wizard.engine.backend import keras
from wizard.engine.model import set_weights, weights_of
from wizard.engine.training.averaging import Average, averaged, renew_statistics


def net():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(3, 3, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="out")(keras.layers.Flatten()(x)))


def filled(network, value):
    set_weights(network, {name: np.full_like(array, value) for name, array in weights_of(network).items()})


def test_the_moving_average_forgets_its_start_and_follows():
    network, average = net(), Average("ema", 0.9)
    for step in range(200):
        filled(network, 1.0 if step < 100 else 2.0)
        average.after_step(network)
        if step == 99:
            np.testing.assert_allclose(averaged(average.arrays())["conv/kernel"], 1.0, rtol=1e-5)
    last = average.values["conv/kernel"]
    np.testing.assert_allclose(last, 2 - 0.9**100, atol=1e-3)
    average.put_in(network, [])
    np.testing.assert_array_equal(weights_of(network)["conv/kernel"], last)


def test_the_mean_of_epochs_is_a_mean_and_survives_a_checkpoint():
    network, average = net(), Average("swa", 0.9)
    average.after_step(network)
    assert not average.values
    for value in (1.0, 2.0, 6.0):
        filled(network, value)
        average.after_epoch(network)
        copy = Average("swa", 0.9)
        copy.restore(average.arrays())
        average = copy
    np.testing.assert_allclose(average.values["conv/kernel"], 3.0, rtol=1e-6)
    assert average.count == 3


def test_statistics_are_those_of_the_cells_and_the_momentum_comes_back():
    network = net()
    images = np.random.default_rng(0).normal(3, 2, (40, 6, 6, 1)).astype(np.float32)
    renew_statistics(network, [images[:20], images[20:]])
    made = np.asarray(keras.Model(network.input, network.get_layer("conv").output)(images))
    norm = network.get_layer("norm")
    np.testing.assert_allclose(np.asarray(norm.moving_mean), made.mean(axis=(0, 1, 2)), rtol=1e-3)
    halves = [part.var(axis=(0, 1, 2)) for part in (made[:20], made[20:])]
    np.testing.assert_allclose(np.asarray(norm.moving_variance), np.mean(halves, axis=0), rtol=1e-3)
    assert norm.momentum == 0.99
