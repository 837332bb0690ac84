from __future__ import annotations

import numpy as np
from sklearn.manifold import trustworthiness

from wizard.engine.embeddings import quality
from wizard.engine.embeddings.quality import judge_of


def test_the_same_figure_as_scikit_learn():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 10)).astype(np.float32)
    for on_map in (features[:, :2], rng.normal(size=(300, 2)).astype(np.float32)):
        found, _ = judge_of(features, 1).judge(np.ascontiguousarray(on_map))
        assert abs(found - trustworthiness(features, on_map, n_neighbors=15)) < 1e-3


def test_a_perfect_map_and_a_random_one():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 3)).astype(np.float32)
    judge = judge_of(features, 1)
    trust, kept = judge.judge(features * 3)
    assert trust > 0.9999
    assert kept > 0.999
    trust, kept = judge.judge(rng.permutation(features))
    assert 0.4 < trust < 0.6
    assert kept < 0.1


def test_some_cells_stand_for_all(monkeypatch):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(600, 6)).astype(np.float32)
    whole = judge_of(features, 1).judge(np.ascontiguousarray(features[:, :2]))
    monkeypatch.setattr(quality, "MOST_CELLS", 200)
    some = judge_of(features, 1)
    assert len(some.rows) == 200
    np.testing.assert_allclose(some.judge(np.ascontiguousarray(features[:, :2])), whole, atol=0.02)


def test_very_few_cells():
    points = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    trust, kept = judge_of(points, 1).judge(points)
    assert (trust, kept) == (1.0, 1.0)
