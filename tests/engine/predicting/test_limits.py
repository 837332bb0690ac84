from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.predicting import limits


def judged(confidences, right):
    return {"confidences": list(confidences), "right": [int(value) for value in right]}


def test_wilson_has_the_known_values():
    share = limits.wilson(8, 10)
    assert (share.value, share.low, share.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    nothing = limits.wilson(0, 20)
    assert nothing.low == 0 and nothing.high == pytest.approx(0.1611, abs=1e-4)
    assert limits.wilson(0, 0).value is None


def test_the_lowest_threshold_that_keeps_the_error_is_chosen():
    # Of 100 cells the 20 least certain are wrong half the time, the others never.
    confidences = np.linspace(0.505, 1.0, 100)
    right = np.ones(100, bool)
    right[:20:2] = False
    limit = limits.choose(judged(confidences, right), 0.05, 0.0)
    kept = confidences >= limit.threshold
    assert (~right[kept]).mean() <= 0.05 < (~right[confidences >= limit.threshold - 0.006]).mean()
    assert limit.kept == kept.mean() and limit.error.value == (~right[kept]).mean() and not limit.why
    assert "chosen for at most 5 % wrong predictions" in limit.words


def test_everything_is_kept_where_nothing_is_wrong():
    limit = limits.choose(judged(np.linspace(0.5, 1, 60), np.ones(60)), 0.05, 0.0)
    assert limit.threshold == 0 and limit.kept == 1 and limit.error.high < 0.07


def test_an_error_that_cannot_be_kept_is_said():
    rng = np.random.default_rng(0)
    limit = limits.choose(judged(np.sort(rng.uniform(0.5, 1, 400)), rng.random(400) > 0.3), 0.01, 0.0)
    assert "No threshold keeps wrong predictions at 1 %" in limit.why and limit.kept * 400 >= 100
    assert "chosen for" not in limit.words


def test_too_few_cells_are_said():
    limit = limits.choose(judged([0.7, 0.9], [1, 1]), 0.05, 0.0)
    assert limit.threshold == limits.FALL_BACK and "2 validation cells are too few" in limit.why


def test_a_fixed_threshold_is_only_judged():
    limit = limits.choose(judged(np.linspace(0.5, 1, 51), np.arange(51) > 9), 0.05, 0.75)
    assert limit.threshold == 0.75 and limit.wanted is None and limit.error.value == 0 and not limit.why
    assert "a fixed threshold" in limit.words


@pytest.mark.parametrize("record", [None, {}, {"confidences": [0.5]}, {"confidences": ["a"], "right": [1]},
                                    {"confidences": [0.5, float("nan")], "right": [1, 1]}])  # fmt: skip
def test_models_without_the_record_fall_back(record):
    limit = limits.choose(record, 0.05, 0.0)
    assert limit.threshold == limits.FALL_BACK and "no record" in limit.why and limit.error is None


def test_cells_of_equal_confidence_stay_together():
    confidences = np.repeat([0.6, 0.9], 40)
    limit = limits.choose(judged(confidences, np.arange(80) >= 30), 0.05, 0.0)
    assert limit.threshold == 0.9 and limit.kept == 0.5
