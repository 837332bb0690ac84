from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.training import losses
from wizard.engine.training.feed import Batch
from wizard.engine.training.recipe import (
    batch_size,
    bytes_per_cell,
    class_weights,
    custom_weights,
    epoch_number,
    optimizer,
)
from wizard.engine.training.steps import Learner
from wizard.plan import Plan
from wizard.train_plan import TrainPlan

OPTIMIZERS = ("adamw", "adam", "nadam", "sgd", "rmsprop")


def small(seed=3):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Flatten()(inputs)
    return keras.Model(inputs, keras.layers.Dense(2)(x))


def learner(net, plan):
    return Learner(net, optimizer(plan), losses.loss(plan.loss, plan.focal_gamma))


def test_a_step_gives_the_weighted_loss_with_regularisation():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.1))(keras.layers.Flatten()(inputs))
    net = keras.Model(inputs, x)
    images = np.random.default_rng(0).normal(size=(8, 4, 4, 1)).astype(np.float32)
    classes, weights = np.arange(8) % 2, np.linspace(0.5, 2, 8).astype(np.float32)
    logits = np.asarray(net(images))
    own = -log_softmax(logits, axis=1)[np.arange(8), classes]
    expected = (own * weights).mean() + 0.1 * (net.get_weights()[0] ** 2).sum()
    loss, accuracy = learner(net, TrainPlan())(Batch(images, losses.truth(classes, 2), weights))
    assert loss == pytest.approx(expected, rel=1e-4)
    assert accuracy == (logits.argmax(1) == classes).mean()


def step(plan, truth=None):
    """The weights' change by one step on the same batch."""
    net = small()
    learn = learner(net, plan)
    before = net.get_weights()[0].copy()
    images = np.random.default_rng(0).normal(size=(8, 4, 4, 1)).astype(np.float32)
    truth = np.eye(2, dtype=np.float32)[np.arange(8) % 2] if truth is None else truth
    learn(Batch(images, truth, np.ones(8, np.float32)))
    return net.get_weights()[0] - before, before


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_learns(name):
    net = small()
    learn = learner(net, TrainPlan(optimizer=name, learning_rate=0.02))
    rng = np.random.default_rng(0)
    classes = np.arange(64) % 2
    images = (rng.normal(0, 0.3, (64, 4, 4, 1)) + np.where(classes, 1, -1)[:, None, None, None]).astype(np.float32)
    for _ in range(40):
        _, accuracy = learn(Batch(images, np.eye(2, dtype=np.float32)[classes], np.ones(64, np.float32)))
    assert accuracy == 1


def test_each_optimizer_makes_another_step():
    steps = [step(TrainPlan(optimizer=name))[0] for name in OPTIMIZERS]
    for first in range(len(steps)):
        for second in range(first):
            if {OPTIMIZERS[first], OPTIMIZERS[second]} != {"adam", "adamw"}:
                assert np.abs(steps[first] - steps[second]).max() > 1e-6


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_pulls_to_zero_except_for_adam(name):
    base = {"optimizer": name, "learning_rate": 0.1, "gradient_clip": 0.0}
    without, before = step(TrainPlan(**base, weight_decay=0.0))
    with_decay, _ = step(TrainPlan(**base, weight_decay=0.5))
    expected = 0 if name == "adam" else -0.1 * 0.5 * before
    # Keras shrinks the weights first and takes the step from there.
    np.testing.assert_allclose(with_decay - without, expected, atol=1e-2 if name in ("nadam", "rmsprop") else 1e-5)


def test_momentum_and_nesterov_count_for_gradient_descent():
    steps = [
        step(TrainPlan(optimizer="sgd", momentum=momentum, nesterov=nesterov, weight_decay=0))[0]
        for momentum, nesterov in ((0.9, True), (0.9, False), (0.0, False))
    ]
    np.testing.assert_allclose(steps[0], 1.9 * steps[1], rtol=1e-3, atol=1e-6)
    assert optimizer(TrainPlan(optimizer="sgd", momentum=0.5)).momentum == 0.5
    assert optimizer(TrainPlan(optimizer="rmsprop", momentum=0.5)).momentum == 0.5


def test_gradient_clipping_bounds_the_step():
    plan = TrainPlan(optimizer="sgd", momentum=0, nesterov=False, weight_decay=0, learning_rate=1.0)
    clipped = step(plan.model_copy(update={"gradient_clip": 0.01}))[0]
    free = step(plan.model_copy(update={"gradient_clip": 0.0}))[0]
    assert np.linalg.norm(clipped) <= 0.0101 < np.linalg.norm(free)


LOGITS = np.random.default_rng(1).normal(0, 2, (6, 3)).astype(np.float32)
TRUTH = losses.truth(np.array([0, 1, 2, 0, 1, 2]), 3)


def value(kind, truth=TRUTH, gamma=2.0):
    return np.asarray(losses.loss(kind, gamma)(keras.ops.convert_to_tensor(truth), keras.ops.convert_to_tensor(LOGITS)))


def test_losses_are_what_their_names_say():
    own = (log_softmax(LOGITS, axis=1) * TRUTH).sum(1)
    np.testing.assert_allclose(value("cross_entropy"), -own, rtol=1e-5)
    np.testing.assert_allclose(value("focal"), -((1 - np.exp(own)) ** 2) * own, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(value("focal", gamma=0.0), -own, rtol=1e-5)
    shares = expit(LOGITS.astype(np.float64))
    binary = -(TRUTH * np.log(shares) + (1 - TRUTH) * np.log(1 - shares)).sum(1)
    np.testing.assert_allclose(value("one_vs_rest"), binary, rtol=1e-4)


def test_binary_logits_give_the_normalised_odds_as_probabilities():
    shares = expit(LOGITS.astype(np.float64))
    odds = shares / (1 - shares)
    np.testing.assert_allclose(softmax(LOGITS.astype(np.float64), axis=1), odds / odds.sum(1, keepdims=True), rtol=1e-6)


def test_label_smoothing_is_that_of_keras():
    smooth = losses.smooth(TRUTH, 0.1, "cross_entropy")
    theirs = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction=None)(TRUTH, LOGITS)
    np.testing.assert_allclose(value("cross_entropy", smooth), np.asarray(theirs), rtol=1e-5)
    np.testing.assert_allclose(losses.smooth(TRUTH, 0.2, "one_vs_rest"), np.where(TRUTH, 0.9, 0.1), rtol=1e-6)


def test_fitted_epochs_and_batches():
    assert [epoch_number(0, cells) for cells in (50, 130, 2000, 100_000)] == [150, 150, 65, 31]
    assert epoch_number(7, 130) == 7
    assert [batch_size(0, cells) for cells in (3, 130, 400, 2000)] == [3, 8, 16, 64]
    assert batch_size(32, 20) == 20


def test_a_fitted_batch_fits_into_the_memory():
    assert batch_size(0, 5000, 2**20, 8 * 2**30) == 64
    assert batch_size(0, 5000, 100 * 2**20, 8 * 2**30) == 32
    assert batch_size(0, 5000, 2**40, 8 * 2**30) == 2
    assert batch_size(64, 5000, 2**40, 8 * 2**30) == 64
    assert bytes_per_cell(small()) == (16 + 16 + 2) * 8


NAMES = ("G1", "a = b", "rare")
COUNTS = np.array([90, 900, 10])


def test_balanced_weights_are_capped_and_have_mean_one():
    weights = class_weights(TrainPlan(class_weights="balanced"), COUNTS, NAMES)
    assert weights[0] / weights[1] == pytest.approx(10)
    assert weights[2] / weights[0] == pytest.approx(10 / (1000 / 270), rel=1e-4)
    assert (weights * COUNTS).sum() / 1000 == pytest.approx(1)
    assert class_weights(TrainPlan(class_weights="none"), COUNTS, NAMES).tolist() == [1, 1, 1]


def test_softened_weights_lie_between():
    full, half = (class_weights(TrainPlan(class_weights=kind), COUNTS, NAMES) for kind in ("balanced", "softened"))
    np.testing.assert_allclose(half / half[0], np.sqrt(full / full[0]), rtol=1e-5)
    assert (half * COUNTS).sum() / 1000 == pytest.approx(1)


def test_custom_weights():
    plan = TrainPlan(class_weights="custom", class_weight_values=["G1 = 2", "a = b = 0.5"])
    weights = class_weights(plan, COUNTS, NAMES)
    np.testing.assert_allclose(weights / weights[2], [2, 0.5, 1], rtol=1e-6)
    assert (weights * COUNTS).sum() / 1000 == pytest.approx(1)


@pytest.mark.parametrize("line", ["G2 = 2", "G1", "G1 = much", "G1 = 0", "G1 = nan", "= 3"])
def test_custom_weights_that_cannot_be_used(line):
    with pytest.raises(UserError, match="class weight"):
        custom_weights([line], NAMES)


@pytest.mark.parametrize(
    ("old", "new"), [(True, "balanced"), (False, "none"), ("yes", "balanced"), ("no", "none"), ("custom", "custom")]
)
def test_plans_with_yes_and_no_for_class_weights_can_be_read(old, new):
    assert Plan().with_values({"train.class_weights": old}).train.class_weights == new
