from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.backend import keras
from wizard.engine.labeling.heads import BINS, HEADS, by_label, quantile_of_bins
from wizard.engine.labeling.losses import Masked, of_labels, packed

RNG = np.random.default_rng(0)


def tensor(x):
    return keras.ops.convert_to_tensor(np.asarray(x, np.float32))


def array(x):
    return keras.ops.convert_to_numpy(x)


def loss(told, targets, raw, weights, **more):
    return float(Masked(told, **more)(tensor(packed(targets, weights)), tensor(raw)))


@pytest.mark.parametrize("told", list(HEADS))
def test_unknown_pixels_and_labels_do_not_count(told):
    channels = HEADS[told].channels
    targets = RNG.uniform(0, 1, (2, 4, 4, 3)).astype(np.float32)
    raw = RNG.normal(0, 1, (2, 4, 4, 3 * channels)).astype(np.float32)
    weights = np.ones_like(targets)
    weights[..., 1] = 0
    weights[1, :2, :, 2] = 0
    first = loss(told, targets, raw, weights)
    each = of_labels(told, targets, tensor(raw), weights)
    assert np.isnan(each[1])
    assert first == pytest.approx((each[0] + each[2]) / 2, rel=1e-5)
    targets[..., 1] = np.nan
    targets[1, :2, :, 2] = 77
    assert loss(told, targets, raw, weights) == pytest.approx(first, rel=1e-5)
    assert loss(told, targets, raw, weights, label_weights=(0.0, 1.0, 1.0)) == pytest.approx(each[2], rel=1e-5)
    assert loss(told, targets, raw, np.zeros_like(weights)) == 0


def test_a_uniform_guess_of_the_distribution_costs_one():
    targets = RNG.uniform(0, 1, (1, 4, 4, 2)).astype(np.float32)
    assert loss("bins", targets, np.zeros((1, 4, 4, 2 * BINS)), np.ones_like(targets)) == pytest.approx(1, abs=1e-5)


def test_the_published_median_of_a_distribution():
    raw = RNG.normal(0, 2, (50, BINS)).astype(np.float32)
    share = np.exp(raw) / np.exp(raw).sum(-1, keepdims=True)
    wanted = (share.cumsum(-1) < 0.5).sum(-1) / 255
    np.testing.assert_allclose(array(quantile_of_bins(tensor(raw), 0.5, smooth=False)), wanted, atol=1e-6)
    smooth = array(quantile_of_bins(tensor(raw), 0.5))
    assert np.abs(smooth - wanted).max() <= 0.51 / 255
    sure = np.full((1, BINS), -30, np.float32)
    sure[0, 100] = 30
    assert array(quantile_of_bins(tensor(sure), 0.5))[0] == pytest.approx(100 / 255, abs=1e-5)


@pytest.mark.parametrize(
    ("told", "wanted"), [("quantiles", "median"), ("median", "median"), ("mean", "mean"), ("mean_interval", "mean")]
)
def test_what_is_learnt_is_what_is_named(told, wanted):
    """Fitted to many draws of a skewed pixel, the head tells its median (and interval) or its mean."""
    draws = np.clip(RNG.gamma(2.0, 0.1, (1, 40, 50, 1)), 0, 1).astype(np.float32)
    raw = keras.Variable(np.zeros(HEADS[told].channels, np.float32))
    truth = tensor(packed(draws, np.ones_like(draws)))
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build([raw])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            spread = keras.ops.broadcast_to(raw, (1, 40, 50, HEADS[told].channels))
            value = Masked(told)(truth, spread)
        optimizer.apply_gradients([(tape.gradient(value, raw.value), raw)])

    for number in range(150):
        optimizer.learning_rate.assign(0.1 * (1 - number / 150))
        step()
    found = array(HEADS[told].decode(by_label(tensor(array(raw.value))[None], HEADS[told].channels)))[0, 0]
    assert found[0] == pytest.approx(getattr(np, wanted)(draws), abs=0.01)
    if len(found) == 3:
        assert found[1:] == pytest.approx(np.quantile(draws, [0.1, 0.9]), abs=0.015)


def test_the_interval_holds_the_median():
    raw = tensor(RNG.normal(0, 5, (100, 2, 3)))
    found = array(HEADS["quantiles"].decode(raw))
    assert (found[..., 1] <= found[..., 0]).all() and (found[..., 0] <= found[..., 2]).all()
