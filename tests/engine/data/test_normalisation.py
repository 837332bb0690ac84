from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.data import normalisation


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return np.stack([rng.normal(1000, 50, (60, 12, 12)), rng.normal(30, 3, (60, 12, 12))], axis=1).astype(np.uint16)


def test_mean_sd_centres_each_channel(images):
    made = normalisation.apply(images, normalisation.fit("mean_sd", images))
    assert made.shape == (60, 12, 12, 2)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made.mean(axis=(0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(made.std(axis=(0, 1, 2)), 1, atol=1e-3)


def test_constants_are_of_the_training_cells_only(images):
    constants = normalisation.fit("mean_sd", images)
    brighter = normalisation.apply(images + 100, constants)
    assert brighter.mean() > 1


def test_percentile_is_clipped(images):
    images[0, 0, 0, 0] = 60000
    made = normalisation.apply(images, normalisation.fit("percentile", images))
    assert made.min() == -1
    assert made.max() == 1


def test_per_cell_forgets_absolute_intensity(images):
    constants = normalisation.fit("per_cell", images)
    ten_times = normalisation.apply(images.astype(np.uint32) * 10, constants)
    np.testing.assert_allclose(ten_times, normalisation.apply(images, constants), atol=1e-5)


@pytest.mark.parametrize("kind", list(normalisation.NORMALISATIONS))
def test_flat_cells_stay_finite(kind):
    flat = np.full((4, 1, 8, 8), 7, np.uint8)
    assert np.isfinite(normalisation.apply(flat, normalisation.fit(kind, flat))).all()
