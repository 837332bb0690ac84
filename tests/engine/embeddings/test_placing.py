from __future__ import annotations

import numpy as np

from wizard.engine.embeddings.placing import place


def test_a_cell_lies_where_its_nearest_lie():
    rng = np.random.default_rng(0)
    scores = rng.random((500, 2)).astype(np.float32)
    others = rng.random((50, 2)).astype(np.float32) * 0.8 + 0.1
    placement = place(scores, others, 1)
    np.testing.assert_allclose(placement.weights.sum(axis=1), 1, atol=1e-5)
    assert np.abs(placement.mean(scores) - others).max() < 0.08


def test_an_exact_copy_lies_on_its_own_place():
    scores = np.random.default_rng(1).normal(size=(100, 8)).astype(np.float32)
    coordinates = np.random.default_rng(2).normal(size=(100, 2)).astype(np.float32)
    np.testing.assert_allclose(place(scores, scores[:9], 1).mean(coordinates), coordinates[:9], atol=1e-3)


def test_labels_by_majority_and_unknown_values_do_not_count():
    scores = np.concatenate([np.zeros((20, 2)), np.full((20, 2), 9.0)]).astype(np.float32)
    scores += np.random.default_rng(0).normal(size=scores.shape).astype(np.float32) * 0.1
    labels = np.repeat([0, 1], 20)
    others = np.array([[0, 0.02], [9, 9.02]], np.float32)
    placement = place(scores, others, 1)
    assert placement.majority(labels).tolist() == [0, 1]
    values = np.where(labels == 0, np.nan, 5.0).astype(np.float32)
    made = placement.mean(values)
    assert np.isnan(made[0])
    assert made[1] == 5.0
