from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.engine.evaluating.conftest import make, random_shares
from wizard.engine import metrics
from wizard.engine.evaluating import leakage, rival
from wizard.engine.evaluating.leakage import Learned


def test_paired_differences(judged):
    second = random_shares(judged.true, 3, 3.0, seed=5)
    found = rival.compare(judged, second, "b.cytomodel")
    guess = second.argmax(axis=1)
    assert found.accuracy.value == pytest.approx((guess == judged.true).mean())
    matrix = metrics.confusion(judged.true, guess, 3).astype(float)
    assert found.balanced_accuracy.value == pytest.approx(float(metrics.balanced_accuracy(matrix)))
    assert found.macro_f1.value == pytest.approx(float(metrics.macro_f1(matrix)))
    assert found.differences["accuracy"].value == pytest.approx(found.accuracy.value - judged.right.mean())
    assert found.differences["accuracy"].low > 0
    assert found.both_right + found.both_wrong + found.only_first_right + found.only_second_right == 300


def test_a_model_does_not_differ_from_itself(judged):
    found = rival.compare(judged, judged.shares, "same")
    difference = found.differences["accuracy"]
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)
    assert found.mcnemar_p == 1.0


def test_mcnemar_is_exact():
    assert rival.mcnemar(0, 0) == 1.0
    assert rival.mcnemar(1, 9) == pytest.approx(2 * stats.binom.cdf(1, 10, 0.5))
    assert rival.mcnemar(9, 1) == rival.mcnemar(1, 9)


def test_cells_that_differ_are_listed(judged, tmp_path):
    second = random_shares(judged.true, 3, 3.0, seed=5)
    rival.write(tmp_path, judged, second)
    lines = (tmp_path / "two_models.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) - 1 == (second.argmax(axis=1) != judged.predicted).sum()


def test_copies_and_shared_groups_are_named(tmp_path):
    true = np.tile([0, 1], 30)
    judged = make(true, random_shares(true, 2, 2.0), np.repeat(["A", "B", "C"], 20))
    known = Learned("10 training cells", {"d3": "old.tif (3)", "x": "other"}, {"B", "Z"})
    found = leakage.check(judged, known)
    assert found.n_duplicates == 1
    assert found.duplicates == ["file0.tif (3) = old.tif (3)"]
    assert (found.shared_groups, found.n_in_shared_groups) == (["B"], 20)
    assert found.n_without == 39
    assert found.accuracy_without.value == pytest.approx(np.delete(judged.right, [3, *range(20, 40)]).mean())
    assert leakage.write(tmp_path, judged, known)
    assert len((tmp_path / "leakage.csv").read_text(encoding="utf-8-sig").splitlines()) == 22


def test_nothing_shared_nothing_written(tmp_path):
    true = np.tile([0, 1], 10)
    judged = make(true, random_shares(true, 2, 2.0))
    assert leakage.write(tmp_path, judged, Learned("5 cells", {"x": "y"}, set())) == {}
    found = leakage.check(judged, Learned())
    assert (found.checked, found.n_duplicates, found.accuracy_without) == ("", 0, None)
