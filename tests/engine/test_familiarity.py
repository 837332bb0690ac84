from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.familiarity import Familiarity


@pytest.fixture
def learned():
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 3, 600)
    features = rng.normal(size=(600, 40)) + classes[:, None] * 3
    return Familiarity.fit(features[:400].astype(np.float32), classes[:400], features[400:].astype(np.float32))


def test_strangers_are_found_and_own_cells_are_not(learned):
    rng = np.random.default_rng(1)
    own = (rng.normal(size=(1000, 40)) + rng.integers(0, 3, 1000)[:, None] * 3).astype(np.float32)
    assert learned.unfamiliar(own).mean() < 0.05
    assert learned.unfamiliar(own + 8 * np.eye(40, dtype=np.float32)[:1]).mean() > 0.5


def test_the_limit_follows_the_rate_of_false_alarms(learned):
    rng = np.random.default_rng(7)
    own = (rng.normal(size=(4000, 40)) + rng.integers(0, 3, 4000)[:, None] * 3).astype(np.float32)
    assert learned.limit_at(0.01) == learned.limit and learned.judged == 200
    limits = [learned.limit_at(rate) for rate in (0.2, 0.1, 0.05, 0.01, 0.001)]
    assert limits == sorted(limits)
    assert 0.1 < (learned.distance(own) > limits[0]).mean() < 0.35


def test_models_of_older_programs_know_one_rate(learned):
    arrays = {name: value for name, value in learned.arrays().items() if name not in ("tail", "judged")}
    older = Familiarity.from_arrays(arrays)
    assert older.limit_at(0.01) == older.limit and older.limit_at(0.05) is None
    with pytest.raises(ValueError, match="do not fit"):
        Familiarity.from_arrays(learned.arrays() | {"tail": np.ones(3, np.float32)})


def test_arrays_and_back(learned):
    again = Familiarity.from_arrays(learned.arrays())
    some = np.random.default_rng(2).normal(size=(9, 40)).astype(np.float32)
    np.testing.assert_allclose(again.distance(some), learned.distance(some))
    with pytest.raises(ValueError, match="do not fit"):
        Familiarity.from_arrays(learned.arrays() | {"precision": np.eye(3, dtype=np.float32)})


def test_fewer_cells_than_features():
    rng = np.random.default_rng(3)
    features = rng.normal(size=(6, 50)).astype(np.float32)
    learned = Familiarity.fit(features, np.array([0, 0, 0, 1, 1, 1]), features)
    assert np.isfinite(learned.distance(features)).all()
