from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.analysing import batch, correction, folds
from wizard.visualize_plan import VisualizePlan

PLAN = VisualizePlan()


def cells(number=400, shift=3.0, classes=2, batches=2, seed=0):
    """Return scores (n, 6): classes differ along the first axis, batches along the second."""
    rng = np.random.default_rng(seed)
    kind, lot = rng.integers(0, classes, number), rng.integers(0, batches, number)
    scores = rng.normal(0, 1, (number, 6))
    scores[:, 0] += 4 * kind
    scores[:, 1] += shift * lot
    return scores.astype(np.float32), np.asarray([f"K{one}" for one in kind]), np.asarray([f"D{one}" for one in lot])


def compare(scores, kind, lot, after=None, plan=PLAN):
    return batch.compare(scores, after, kind, lot, plan, "class", "donor")


def test_batches_that_differ_are_told_within_each_class():
    found = compare(*cells())
    assert found.why == "" and [row.value for row in found.rows] == ["K0", "K1"]
    for row in found.rows:
        assert row.chance == 0.5 and row.batches == 2 and row.after is None
        assert row.before.value > 0.88 and row.before.low < row.before.value < row.before.high
    assert 0.76 < found.before.value < 1 and found.before.low < found.before.value < found.before.high
    assert found.classes_before.value > 0.9 and found.correction == "none"


def test_batches_that_do_not_differ_are_at_chance():
    found = compare(*cells(shift=0.0, batches=4, number=1200))
    assert abs(found.before.value) < 0.1 and found.before.low < 0 < found.before.high
    assert all(row.chance == 0.25 and row.before.low < 0.25 < row.before.high for row in found.rows)


@pytest.mark.parametrize("method", ["combat", "harmony"])
def test_a_correction_takes_the_batches_out_and_leaves_the_classes(method):
    scores, kind, lot = cells(number=600)
    plan = VisualizePlan(correct=method)
    after = correction.corrected(scores, lot, method, 1)
    assert after.shape == scores.shape and after.dtype == np.float32
    found = compare(scores, kind, lot, after, plan)
    assert found.correction == method
    assert found.before.value > 0.76 and found.after.value < 0.25
    assert found.classes_after.value > found.classes_before.value - 0.05 > 0.85
    assert all(row.after.value < row.before.value for row in found.rows)
    again = correction.corrected(scores, lot, method, 1)
    assert (after == again).all()


def test_the_same_seed_gives_the_same_figures():
    assert compare(*cells()) == compare(*cells())


def test_one_batch_or_the_same_tag_is_said():
    scores, kind, lot = cells()
    assert "one batch" in compare(scores, kind, np.full(400, "D0")).why
    assert "No cell" in compare(scores, kind, np.full(400, "")).why
    same = batch.compare(scores, None, kind, kind, PLAN, "class", "class")
    assert "same tag" in same.why and same.rows == [] and same.before is None
    many = compare(scores, kind, np.arange(400).astype(str))
    assert "400 values" in many.why


def test_classes_of_one_batch_each_cannot_be_measured():
    scores, kind, _ = cells()
    found = compare(scores, kind, np.char.replace(kind, "K", "D"))
    assert "cannot be told from differences between classes" in found.why


def test_mixed_up_batches_and_classes_are_said():
    scores, kind, lot = cells(number=600, batches=3)
    kept = ~((lot == "D2") & (kind == "K1"))
    found = compare(scores[kept], kind[kept], lot[kept])
    assert found.why == "" and "1 of 3 batches (donor) hold cells of one class only" in found.cautions[0]
    assert [row.batches for row in found.rows] == [3, 2]
    corrected = compare(scores[kept], kind[kept], lot[kept], None, VisualizePlan(correct="combat"))
    assert "correction takes out part" in corrected.cautions[0]


def test_tiny_batches_are_left_out_and_this_is_said():
    scores, kind, lot = cells()
    lot = lot.astype(object)
    kind = kind.astype(object)
    lot[:4] = "D9"
    kind[:6] = "K9"
    found = compare(scores, kind, lot)
    assert [row.value for row in found.rows] == ["K0", "K1"] and all(row.batches == 2 for row in found.rows)
    assert "K9" in found.cautions[-1]


def test_cells_that_are_not_numbers_and_flat_scores_do_no_harm():
    scores, kind, lot = cells()
    scores[:5] = np.nan
    scores[:, 3] = 1.0
    after = correction.corrected(scores, lot, "combat", 1)
    assert np.isnan(after[:5, :3]).all() and np.isfinite(after[5:]).all() and (after[5:, 3] == 1).all()
    assert compare(scores, kind, lot, after).before.value > 0.7
    flat = compare(np.ones((400, 3), np.float32), kind, lot)
    assert flat.before.value == pytest.approx(0, abs=1e-9)


def test_without_a_class_all_cells_are_one():
    scores, _, lot = cells()
    found = batch.compare(scores, None, [], lot, PLAN, "", "donor")
    assert [row.value for row in found.rows] == ["all cells"] and found.classes_before is None


def test_many_cells_are_drawn_by_lot(monkeypatch):
    monkeypatch.setattr(batch, "MOST_CELLS", 100)
    found = compare(*cells(number=2000))
    assert all(row.cells == 100 for row in found.rows)


def test_groups_left_out_are_judged_by_the_others():
    scores, kind, lot = cells(batches=3)
    codes, groups = (np.unique(one, return_inverse=True)[1] for one in (kind, lot))
    named = folds.left_out(scores, codes, groups)
    assert (named >= 0).all() and (named == codes).mean() > 0.9
    codes[groups == 2] = 7
    assert (folds.left_out(scores, codes, groups)[groups == 2] == -1).all(), "no other group holds this class"


def test_combat_moves_means_and_spreads_together():
    rng = np.random.default_rng(0)
    lot = np.repeat([0, 1, 2], [300, 200, 100])
    scores = rng.normal(0, 1, (600, 8)) * np.array([1, 2, 0.5])[lot][:, None] + np.array([0, 3, -2])[lot][:, None]
    made = correction.combat(scores, lot)
    means = np.stack([made[lot == one].mean(axis=0) for one in range(3)])
    spreads = np.stack([made[lot == one].std(axis=0) for one in range(3)])
    assert np.abs(means - scores.mean(axis=0)).max() < 0.15
    assert np.abs(spreads / spreads[0] - 1).max() < 0.15
    # Within a batch the order of the cells stays.
    assert (np.argsort(made[lot == 1, 0]) == np.argsort(scores[lot == 1, 0])).all()


def test_combat_shrinks_the_estimates_of_small_batches():
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 1, (204, 30))
    lot = np.repeat([0, 1], [200, 4])
    made = correction.combat(scores, lot)
    moved = np.abs(made - scores)[lot == 1].mean()
    # Taking each column's own mean of four cells out would move them by about 0.4.
    own = np.abs(scores[lot == 1].mean(axis=0)).mean()
    assert moved < 0.75 * own + 0.2 and np.isfinite(made).all()


def test_combat_agrees_with_the_published_formulas():
    """One batch of the two, by hand: standardise, iterate the posterior means, put back."""
    rng = np.random.default_rng(5)
    lot = np.repeat([0, 1], [40, 30])
    scores = rng.normal(0, 1, (70, 5)) + np.where(lot[:, None] == 1, rng.normal(1, 0.5, 5), 0)
    means = np.stack([scores[lot == one].mean(axis=0) for one in (0, 1)])
    grand = (40 * means[0] + 30 * means[1]) / 70
    scale = np.sqrt(((scores - means[lot]) ** 2).mean(axis=0))
    even = ((scores - grand) / scale)[lot == 1]
    mean, variance = even.mean(axis=0), even.var(axis=0, ddof=1)
    prior, spread = mean.mean(), mean.var(ddof=1)
    m, s2 = variance.mean(), variance.var(ddof=1)
    a, b = (2 * s2 + m**2) / s2, (m * s2 + m**3) / s2
    g, d = mean.copy(), variance.copy()
    for _ in range(500):
        g = (30 * spread * mean + d * prior) / (30 * spread + d)
        d = (b + ((even - g) ** 2).sum(axis=0) / 2) / (30 / 2 + a - 1)
    expected = (even - g) / np.sqrt(d) * scale + grand
    assert np.abs(correction.combat(scores, lot)[lot == 1] - expected).max() < 1e-3


def test_a_batch_of_one_cell_is_moved_only():
    rng = np.random.default_rng(0)
    made = correction.combat(rng.normal(0, 1, (51, 4)), np.repeat([0, 1], [50, 1]))
    assert np.isfinite(made).all()


def test_cells_without_a_batch_stay_where_they_are():
    scores, _, lot = cells()
    lot = lot.astype(object)
    lot[:20] = None
    after = correction.corrected(scores, lot, "combat", 1)
    assert (after[:20] == scores[:20]).all() and not np.allclose(after[20:], scores[20:])


def test_nothing_to_correct_is_said():
    scores, _, lot = cells()
    assert correction.corrected(scores, lot, "none", 1) is scores
    with pytest.raises(correction.UserError, match="one batch"):
        correction.corrected(scores, ["a"] * 400, "combat", 1)
    with pytest.raises(correction.UserError, match="too few for Harmony"):
        correction.corrected(scores[:30], lot[:30], "harmony", 1)


def test_harmony_is_quiet_and_leaves_the_lot_of_others_alone(capfd, caplog):
    scores, _, lot = cells(number=200)
    np.random.seed(4)
    expected = np.random.random()
    np.random.seed(4)
    correction.corrected(scores, lot, "harmony", 1)
    assert np.random.random() == expected
    out = capfd.readouterr()
    assert out.out == "" and out.err == "" and caplog.text == ""
