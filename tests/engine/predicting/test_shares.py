from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.predicting import shares

CLASSES = ["a", "b", "c"]


def rates(matrix):
    return shares.rates_of({"confusion": matrix}, [str(index) for index in range(len(matrix))])


def test_the_correction_inverts_the_confusion():
    counts = np.array([[80, 15, 5], [10, 85, 5], [0, 10, 90]])
    found, why = rates(counts.tolist())
    assert not why
    truth = np.array([0.05, 0.25, 0.7])
    seen = truth @ found.shares * 1e6
    np.testing.assert_allclose(shares.corrected(seen, found.shares), truth, atol=1e-9)


def test_where_no_mixture_fits_the_shares_stay_between_0_and_1():
    found, _ = rates([[90, 10], [20, 80]])
    better = shares.corrected(np.array([100.0, 0.0]), found.shares)
    np.testing.assert_allclose(better, [1, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ([[5, 5], [5, 5]], "confuses some classes"), ([[9, 1], [0, 0]], "no validation cells of 1"),
        ([[1, 2, 3]], "damaged"), ([[1, float("nan")], [0, 1]], "damaged"),
    ],
)  # fmt: skip
def test_when_a_correction_is_not_possible_the_reason_is_given(matrix, reason):
    found, why = shares.rates_of({"confusion": matrix}, ["0", "1"])
    assert found is None and reason in why


def test_models_without_the_record_are_not_corrected():
    assert shares.rates_of(None, CLASSES)[1] == "the model holds no record of its validation cells"
    assert "too many" in shares.rates_of({"confusion": np.eye(60).tolist()}, list(map(str, range(60))))[1]


def test_one_group_gets_wilsons_interval_and_the_correction_a_wider_one():
    found, _ = rates([[180, 20], [40, 160]])
    counted, better = shares.estimates(np.array([[300.0, 700.0]]), found)
    assert counted[0].value == 0.3 and counted[0].low == pytest.approx(0.2724, abs=1e-3)
    assert better[0].value == pytest.approx((0.3 - 0.2) / 0.7, abs=1e-6)
    assert better[0].low < better[0].value < better[0].high
    assert better[0].high - better[0].low > counted[0].high - counted[0].low
    assert not shares.too_wide(better)
    assert shares.too_wide(shares.estimates(np.array([[3.0, 7.0]]), rates([[4, 1], [2, 3]])[0])[1])


def test_groups_that_differ_widen_the_interval():
    alike = shares.estimates(np.full((6, 2), 50.0), None)[0][0]
    differ = shares.estimates(np.array([[90.0, 10], [10, 90], [80, 20], [20, 80], [60, 40], [40, 60]]), None)[0][0]
    assert alike.value == differ.value == 0.5
    assert alike.high - alike.low < 0.01 and differ.high - differ.low > 0.2


def test_the_intervals_of_corrected_shares_hold_the_truth():
    rng = np.random.default_rng(5)
    real = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])
    truth = np.array([0.6, 0.3, 0.1])
    inside = []
    for _ in range(60):
        judged = np.stack([rng.multinomial(150, row) for row in real])
        seen = rng.multinomial(2000, truth @ real).astype(float)
        _, better = shares.estimates(seen[None], shares.Rates(judged.astype(float)))
        inside += [item.low <= share <= item.high for item, share in zip(better, truth, strict=True)]
    assert 0.88 < np.mean(inside) <= 1


def test_counts_per_group():
    predicted = np.array([0, 1, 1, 0, 1])
    np.testing.assert_array_equal(shares.per_group(predicted, 2, np.array([0, 0, 0, 1, 1])), [[1, 2], [1, 1]])
    np.testing.assert_array_equal(shares.per_group(predicted, 2, None), [[2, 3]])
    np.testing.assert_array_equal(shares.per_group(predicted, 2, np.zeros(5, np.int64)), [[2, 3]])
