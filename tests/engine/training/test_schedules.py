from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.training.schedules import Plateau, factor, one_cycle, triangle
from wizard.train_plan import TrainPlan


def curve(**values):
    plan = TrainPlan(**values)
    return [factor(plan, epoch / 20, float(epoch)) for epoch in range(21)]


def test_one_cycle_rises_and_falls_to_zero():
    assert curve() == [one_cycle(epoch / 20) for epoch in range(21)]
    assert max(curve()) == one_cycle(0.1) == 1
    assert curve()[0] == pytest.approx(0.05)
    assert curve()[-1] == pytest.approx(0, abs=1e-9)


def test_cosine_constant_exponential():
    cosine = curve(schedule="cosine")
    assert (cosine[0], cosine[10], cosine[20]) == pytest.approx((1, 0.5, 0))
    assert set(curve(schedule="constant")) == {1.0}
    np.testing.assert_allclose(curve(schedule="exponential", decay=0.9), 0.9 ** np.arange(21))


def test_cyclical_is_a_triangle():
    np.testing.assert_allclose(curve(schedule="cyclical", cycle=4)[:9], [0.1, 0.55, 1, 0.55, 0.1, 0.55, 1, 0.55, 0.1])
    assert triangle(2.5) == 1


def test_plateau_drops_after_the_patience_and_starts_counting_anew():
    plateau, drops = Plateau(), []
    for loss in (1.0, 0.9, 0.91, 0.95, 0.9, 0.9, 0.5, 0.5, 0.6):
        plateau.note(loss, patience=2)
        drops.append(plateau.drops)
    assert drops == [0, 0, 0, 1, 1, 2, 2, 2, 3]
    assert factor(TrainPlan(schedule="plateau", plateau_factor=0.1), 0.5, 3.0, 2) == pytest.approx(0.01)


def test_plateau_survives_json():
    assert Plateau.of({}) == Plateau.of({"lowest": None, "waited": 0, "drops": 0}) == Plateau()
    assert Plateau.of({"lowest": 0.3, "waited": 1, "drops": 2}) == Plateau(0.3, 1, 2)
