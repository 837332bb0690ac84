from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import KNeighborsClassifier

from wizard.engine.embeddings import METHODS, tsne
from wizard.engine.embeddings.space import build
from wizard.visualize_plan import VisualizePlan


def silent(share, label=""):
    assert 0 <= share <= 1


def clouds(count=90, width=20):
    rng = np.random.default_rng(0)
    classes = np.repeat([0, 1, 2], count // 3)
    centres = rng.normal(size=(3, width)) * 4
    return (centres[classes] + rng.normal(size=(count, width))).astype(np.float32), classes


def space(points, plan=None):
    return build(points, 90, (plan or VisualizePlan()).seed)


@pytest.mark.parametrize("name", METHODS)
def test_maps_keep_neighbours_together(name):
    points, classes = clouds()
    made = METHODS[name].make(space(points), (2, 3), VisualizePlan(), silent)
    for dimensions in (2, 3):
        assert made[dimensions].shape == (90, dimensions)
        assert made[dimensions].dtype == np.float32
        assert np.isfinite(made[dimensions]).all()
        assert KNeighborsClassifier(5).fit(made[dimensions], classes).score(made[dimensions], classes) > 0.9
        assert METHODS[name].note(space(points), dimensions, VisualizePlan()).endswith(".")


@pytest.mark.parametrize("name", METHODS)
def test_few_cells_and_the_same_seed(name):
    points, _ = clouds(12, 8)
    plan = VisualizePlan(seed=3)
    first, second = (METHODS[name].make(space(points, plan), (2,), plan, silent)[2] for _ in range(2))
    np.testing.assert_allclose(first, second, atol=1e-3)


def test_the_map_in_space_is_as_good_as_that_of_scikit_learn():
    points, _ = clouds(300)
    plan = VisualizePlan(perplexity=15)
    ours = METHODS["tsne"].make(space(points), (3,), plan, silent)[3]
    theirs = TSNE(3, perplexity=15, random_state=1, init="pca").fit_transform(points)
    assert trustworthiness(points, ours, n_neighbors=10) > trustworthiness(points, theirs, n_neighbors=10) - 0.01


def test_many_cells_in_space_are_placed_among_some(monkeypatch):
    monkeypatch.setattr(tsne, "MOST_IN_SPACE", 120)
    points, classes = clouds(300)
    made = METHODS["tsne"].make(space(points), (3,), VisualizePlan(perplexity=10), silent)[3]
    assert KNeighborsClassifier(5).fit(made, classes).score(made, classes) > 0.95
    assert "placed" in METHODS["tsne"].note(space(points), 3, VisualizePlan())


def test_copies_and_fewer_cells_than_neighbours():
    points = np.repeat(clouds(12, 8)[0], 2, axis=0)
    found = build(points, 500, 1)
    assert found.neighbours.shape == (24, 23)
    assert not (found.neighbours == np.arange(24)[:, None]).any()
    assert (found.distances[:, 0] < 1e-2).all()
    for entry in METHODS.values():
        assert np.isfinite(entry.make(found, (2,), VisualizePlan(), silent)[2]).all()
