from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import (
    balanced_accuracy_score,
    f1_score,
    matthews_corrcoef,
    precision_recall_fscore_support,
    recall_score,
)

from wizard.engine import metrics


@pytest.fixture
def answers():
    rng = np.random.default_rng(0)
    true = rng.choice(4, 300, p=[0.5, 0.3, 0.15, 0.05])
    predicted = np.where(rng.random(300) < 0.7, true, rng.integers(0, 4, 300))
    return true, predicted


def test_figures_agree_with_scikit_learn(answers):
    true, predicted = answers
    matrix = metrics.confusion(true, predicted, 4).astype(float)
    precision, recall, f1, support = precision_recall_fscore_support(true, predicted)
    np.testing.assert_allclose(metrics.precisions(matrix), precision)
    np.testing.assert_allclose(metrics.recalls(matrix), recall)
    np.testing.assert_allclose(metrics.f1_scores(matrix), f1)
    assert matrix.sum(axis=1).tolist() == support.tolist()
    assert metrics.accuracy(matrix) == pytest.approx((true == predicted).mean())
    assert metrics.balanced_accuracy(matrix) == pytest.approx(balanced_accuracy_score(true, predicted))
    assert metrics.macro_f1(matrix) == pytest.approx(f1_score(true, predicted, average="macro"))


def test_absent_classes_are_none_and_do_not_count(answers):
    true, predicted = answers[0] % 3, answers[1] % 3
    matrix = metrics.confusion(true, predicted, 5).astype(float)
    assert metrics.balanced_accuracy(matrix) == pytest.approx(balanced_accuracy_score(true, predicted))
    shares = np.full((300, 5), 0.2)
    figures = metrics.per_class(matrix, true, shares)
    assert figures[4].recall is None
    assert figures[4].auc is None
    assert figures[4].support == 0
    assert figures[0].auc == pytest.approx(0.5)


def test_interval_over_cells_is_the_binomial_one():
    true = np.zeros(400, np.int64)
    predicted = (np.arange(400) >= 320).astype(np.int64)
    drawn = metrics.bootstrap(true, predicted, np.arange(400), 2, 4000, 1)
    found = metrics.estimate(metrics.accuracy, metrics.confusion(true, predicted, 2).astype(float), drawn)
    half = 1.96 * np.sqrt(0.8 * 0.2 / 400)
    assert found.value == pytest.approx(0.8)
    assert found.low == pytest.approx(0.8 - half, abs=0.006)
    assert found.high == pytest.approx(0.8 + half, abs=0.006)


def test_interval_over_groups_is_wider_when_groups_differ():
    groups = np.repeat(np.arange(10), 40)
    true = np.zeros(400, np.int64)
    predicted = (groups >= 8).astype(np.int64)
    matrix = metrics.confusion(true, predicted, 2).astype(float)
    width = []
    for units in (np.arange(400), groups):
        found = metrics.estimate(metrics.accuracy, matrix, metrics.bootstrap(true, predicted, units, 2, 2000, 1))
        width.append(found.high - found.low)
    assert width[1] > 3 * width[0]


def test_bootstrap_keeps_the_number_of_units():
    groups = np.repeat([5, 9], 7)
    drawn = metrics.bootstrap(np.zeros(14, np.int64), np.zeros(14, np.int64), groups, 2, 50, 0)
    assert set(drawn.sum(axis=(1, 2))) == {14}


def test_more_figures_agree_with_scikit_learn(answers):
    true, predicted = answers
    matrix = metrics.confusion(true, predicted, 4).astype(float)
    assert metrics.weighted_f1(matrix) == pytest.approx(f1_score(true, predicted, average="weighted"))
    assert metrics.correlation(matrix) == pytest.approx(matthews_corrcoef(true, predicted))
    for index, value in enumerate(metrics.specificities(matrix)):
        assert value == pytest.approx(recall_score(true != index, predicted != index))


def test_the_correlation_of_one_class_is_not_defined():
    matrix = np.array([[5.0, 3.0], [0.0, 0.0]])
    assert np.isnan(metrics.correlation(matrix))
    assert np.isnan(metrics.specificities(matrix)[0])


def test_every_class_figure_has_an_interval(answers):
    true, predicted = answers
    matrix = metrics.confusion(true, predicted, 4).astype(float)
    drawn = metrics.bootstrap(true, predicted, np.arange(300), 4, 300, 1)
    found = metrics.class_estimates(matrix, drawn, 300)
    assert set(found) == {"recall", "precision", "specificity", "f1"}
    for name, figure in (("recall", metrics.recalls), ("precision", metrics.precisions)):
        for value, one in zip(figure(matrix), found[name], strict=True):
            assert one.low <= value == one.value <= one.high
