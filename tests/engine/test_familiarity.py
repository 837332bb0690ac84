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
