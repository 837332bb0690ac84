from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.training.mixing import mix

IMAGES = np.arange(8, dtype=np.float32)[:, None, None, None] * np.ones((8, 10, 12, 2), np.float32)
TRUTH = np.eye(4, dtype=np.float32)[np.arange(8) % 4]
WEIGHTS = np.arange(1, 9, dtype=np.float32)


def mixed(mixup, cutmix, seed=0):
    return mix(IMAGES, TRUTH, WEIGHTS, mixup, cutmix, np.random.default_rng(seed))


def test_off_changes_nothing():
    for before, after in zip((IMAGES, TRUTH, WEIGHTS), mixed(0, 0), strict=True):
        assert after is before


@pytest.mark.parametrize("seed", range(5))
def test_mixup_blends_images_labels_and_weights_alike(seed):
    images, truth, weights = mixed(0.5, 0, seed)
    assert images.dtype == truth.dtype == weights.dtype == np.float32
    np.testing.assert_allclose(truth.sum(1), 1, rtol=1e-5)
    # Cells are as bright as their number, and weigh one more.
    np.testing.assert_allclose(images[:, 0, 0, 0] + 1, weights, rtol=1e-5)
    assert np.ptp(images[3]) == 0


@pytest.mark.parametrize("seed", range(5))
def test_cutmix_pastes_a_rectangle_and_shares_the_label_by_area(seed):
    images, truth, weights = mixed(0, 1.0, seed)
    np.testing.assert_allclose(truth.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(images.mean(axis=(1, 2, 3)) + 1, weights, rtol=1e-4)
    for number, image in enumerate(images):
        assert len(np.unique(image)) <= 2
        own = (image[..., 0] == number).mean()
        other = [value for value in np.unique(image) if value != number]
        assert own == 1 or len(other) == 1
    assert IMAGES[1].max() == 1


def test_both_take_turns():
    flat = [np.ptp(mixed(1.0, 1.0, seed)[0], axis=(1, 2, 3)).max() == 0 for seed in range(20)]
    assert 3 < sum(flat) < 17
