from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from wizard.engine.embeddings import reduction


def blocks_of(features, size=37):
    return lambda: (features[start : start + size] for start in range(0, len(features), size))


def made(cells=400, features=60):
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(cells, 5)) * [9, 6, 4, 3, 2]
    return (hidden @ rng.normal(size=(5, features)) + rng.normal(size=(cells, features)) + 50).astype(np.float32)


@pytest.mark.parametrize("way", ["at once", "covariance", "block by block"])
def test_the_same_components_whether_or_not_they_fit_into_memory(way, monkeypatch):
    if way != "at once":
        monkeypatch.setattr(reduction, "_IN_MEMORY", 0)
    if way == "block by block":
        monkeypatch.setattr(reduction, "_WIDEST", 10)
    features = made()
    found = reduction.fit(blocks_of(features), False, 1)
    wanted = PCA(50, svd_solver="full").fit(features)
    np.testing.assert_allclose(found.explained[:5], wanted.explained_variance_ratio_[:5], rtol=0.02)
    scores = np.concatenate([found.scores(block) for block in blocks_of(features)()])
    assert scores.shape == (400, 50)
    for part in range(5):
        assert abs(np.corrcoef(scores[:, part], wanted.transform(features)[:, part])[0, 1]) > 0.999


def test_standardized_features_have_one_spread():
    features = made() * np.linspace(1, 1000, 60, dtype=np.float32)
    found = reduction.fit(blocks_of(features), True, 1)
    prepared = (features - found.mean) / found.scale
    np.testing.assert_allclose(prepared.std(axis=0), 1, atol=1e-3)


def test_constant_features_and_numbers_that_are_not_known():
    features = made()
    features[:, 3] = 7.0
    features[5, 10], features[6, 11] = np.nan, np.inf
    features[:, 20] = np.nan
    found = reduction.fit(blocks_of(features), True, 1)
    assert not {3, 20} & set(found.kept.tolist())
    assert len(found.kept) == 58
    assert found.unknown == 2
    assert np.isfinite(found.scores(features)).all()


def test_nothing_but_constants():
    found = reduction.fit(blocks_of(np.ones((20, 4), np.float32)), True, 1)
    assert len(found.kept) == 0
    assert found.components.shape == (0, 0)
