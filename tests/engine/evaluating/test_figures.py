from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.engine.evaluating.conftest import make, random_shares
from wizard.engine import metrics
from wizard.engine.evaluating import by_tag, curves, ordinal, ranking, reliability, suspects, thresholds
from wizard.engine.evaluating.redraw import binned
from wizard.sorting import sort_out


def rows(path):
    with path.open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def test_areas_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    own = rng.random(400) < 0.3
    score = np.round(rng.normal(0, 1, 400) + own, 1)
    ranks, number = binned(score)
    counts = np.bincount(2 * ranks + own, minlength=2 * number)[None].astype(float)
    found = ranking.areas(counts)[0]
    assert found[0] == pytest.approx(roc_auc_score(own, score))
    assert found[1] == pytest.approx(average_precision_score(own, score))


def test_areas_have_intervals_around_them(judged):
    matrix = metrics.confusion(judged.true, judged.predicted, 3).astype(float)
    for figures, found in zip(
        (per := metrics.per_class(matrix, judged.true, judged.shares)), ranking.estimates(judged, per), strict=True
    ):
        assert found["auc"].value == figures.auc and found["auc"].low < figures.auc < found["auc"].high
        assert found["ap"].value == figures.ap and found["ap"].low < figures.ap < found["ap"].high


def test_absent_classes_have_no_areas():
    judged = make(np.zeros(20, int), random_shares(np.zeros(20, int), 2, 1.0))
    matrix = metrics.confusion(judged.true, judged.predicted, 2).astype(float)
    assert ranking.estimates(judged, metrics.per_class(matrix, judged.true, judged.shares)) == [{}, {}]


def test_sorting_by_a_threshold():
    shares = np.array([[0.9, 0.05, 0.05], [0.6, 0.3, 0.1], [0.55, 0.05, 0.4], [0.2, 0.7, 0.1]])
    true = np.array([0, 1, 0, 1])
    found = sort_out(shares, true, 0, np.array([0.0, 0.58, 0.95]))
    assert found.cells.tolist() == [4, 2, 0]
    assert found.own.tolist() == [2, 1, 0]
    np.testing.assert_allclose(found.purity[:2], [0.5, 0.5])
    assert np.isnan(found.purity[2])
    np.testing.assert_allclose(found.gain, [1, 0.5, 0])
    np.testing.assert_allclose(found.enrichment[:2], [1, 1])
    # Below the threshold the next class is named: at 0.58 cells 0 and 3 are right, at 0.95 cells 1 and 3.
    np.testing.assert_allclose(found.accuracy, [0.5, 0.5, 0.5])


def test_the_threshold_rule_is_that_of_aideveloper(judged):
    for level in (0.1, 0.35, 0.6):
        scores = judged.shares.copy()
        scores[:, 1] = np.where(scores[:, 1] >= level, 1.5, 0.0)
        scores[:, 1][scores[:, 1] == 0] = -1
        wanted = (scores.argmax(axis=1) == judged.true).mean()
        assert sort_out(judged.shares, judged.true, 1, np.array([level])).accuracy[0] == pytest.approx(wanted)


def test_tables_of_thresholds_and_curves(judged, tmp_path):
    assert thresholds.write(tmp_path, judged) and curves.write(tmp_path, judged)
    found = rows(tmp_path / "thresholds.csv")
    assert len(found) == 3 * 101
    assert float(found[0]["yield"]) == 1 and float(found[0]["enrichment"]) == 1
    lines = rows(tmp_path / "curves.csv")
    roc = [(float(row["x"]), float(row["y"])) for row in lines if (row["class"], row["curve"]) == ("c0", "roc")]
    assert roc[0] == (0, 0) and roc[-1] == (1, 1)
    assert sum(int(row["cells"]) for row in rows(tmp_path / "probabilities.csv")) == 3 * 300


def test_reliability_bins_are_those_of_the_error(judged):
    from wizard.engine.calibration import calibration_error

    bins = reliability.bins(judged.shares, judged.true)
    assert sum(one.n_cells for one in bins) == 300
    error = sum(one.n_cells * abs(one.confidence - one.accuracy.value) for one in bins) / 300
    assert error == pytest.approx(calibration_error(judged.shares, judged.true))


def test_a_bad_donor_is_found(tmp_path):
    true = np.tile([0, 1], 200)
    shares = random_shares(true, 2, 6.0)
    bad = np.arange(400) < 40
    shares[bad] = shares[bad][:, ::-1]
    judged = make(true, shares, tags={"day": np.where(bad, "7", "1"), "class": true})
    found = by_tag.figures(judged, "class", 200)
    assert set(found) == {"day", "file"}
    assert (found["day"][0].value, found["day"][0].below, found["day"][0].n_cells) == ("7", True, 40)
    assert not found["day"][1].below
    assert by_tag.write(tmp_path, found)
    assert len(rows(tmp_path / "by_tag.csv")) == 2 + 80


def test_tags_that_say_nothing_new_are_left_out():
    true = np.tile([0, 1], 50)
    judged = make(true, random_shares(true, 2, 1.0),
                  tags={"class": true, "label": true + 5, "order": np.arange(100), "same": np.zeros(100)})  # fmt: skip
    assert set(by_tag.figures(judged, "class", 100)) == {"file"}


@pytest.mark.parametrize(
    ("target", "classes", "order"),
    [
        ("day", ["10", "2", "7"], [1, 2, 0]),
        ("dose", ["0.5 uM", "0 uM", "10 uM"], [1, 0, 2]),
        ("class", ["G1", "S", "G2"], []),
        ("donor", ["1", "2", "3"], []),
        ("day", ["1", "2"], []),
        ("day", ["1", "1.0", "2"], []),
    ],
)
def test_what_is_a_scale(target, classes, order):
    assert ordinal.order_of(target, classes) == order


def test_rank_correlations_agree_with_scipy():
    rng = np.random.default_rng(1)
    true = rng.integers(0, 4, 200)
    guess = np.round(true + rng.normal(0, 1.5, 200))
    ranks, number = binned(guess)
    table = np.zeros((1, 4, number))
    np.add.at(table[0], (true, ranks), 1)
    found = ordinal.correlations(table)[0]
    assert found[0] == pytest.approx(stats.spearmanr(true, guess)[0])
    assert found[1] == pytest.approx(stats.kendalltau(true, guess)[0])


def test_ordinal_figures():
    true = np.random.default_rng(0).integers(0, 4, 400)
    judged = make(true, random_shares(true, 4, 1.5), np.arange(400) % 10, classes=["10", "1", "5", "3"])
    found = ordinal.figures(judged, ordinal.order_of("day", judged.classes))
    assert found.order == ["1", "3", "5", "10"]
    position = np.array([3, 0, 2, 1])
    off = np.abs(position[judged.true] - position[judged.predicted])
    assert found.steps.value == pytest.approx(off.mean())
    assert found.within_one.value == pytest.approx((off <= 1).mean())
    for one in (found.steps, found.within_one, found.spearman, found.kendall):
        assert one.low < one.value < one.high
    assert [one.value for one in found.expected.values()] == sorted(one.value for one in found.expected.values())


def test_wrong_labels_are_suspected(tmp_path):
    true = np.random.default_rng(0).integers(0, 3, 300)
    shares = random_shares(true, 3, 7.0)
    labels = true.copy()
    swapped = np.arange(0, 300, 30)
    labels[swapped] = (true[swapped] + 1) % 3
    judged = make(labels, shares)
    found = suspects.find(judged)
    assert len(set(found.tolist()) & set(swapped.tolist())) >= 8
    assert len(found) <= 14
    suspects.write(tmp_path, judged, found)
    assert rows(tmp_path / "suspect_labels.csv")[0]["label"] != rows(tmp_path / "suspect_labels.csv")[0]["looks_like"]


def test_no_suspects_with_one_class_or_absent_ones():
    assert len(suspects.find(make(np.zeros(20, int), random_shares(np.zeros(20, int), 2, 1.0)))) == 0
    true = np.tile([0, 2], 40)
    assert suspects.find(make(true, random_shares(true, 4, 3.0))).dtype == np.int64
