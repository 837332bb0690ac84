from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.data.augmentation import PRESETS, Augmentation, augment


@pytest.fixture
def disc():
    y, x = np.mgrid[:33, :33] - 16
    return np.repeat(((x**2 + y**2) < 64).astype(np.float32)[None, ..., None], 8, axis=0)


def test_turning_keeps_a_disc(disc):
    turned = augment(disc, Augmentation(shift=0, zoom=0), np.random.default_rng(0))
    assert np.abs(turned - disc).mean() < 0.02


def test_turns_move_what_is_not_round(disc):
    disc[:, :, 17:] = 0
    turned = augment(disc, PRESETS["flow cell"], np.random.default_rng(0))
    assert np.abs(turned - disc).mean() > 0.02
    np.testing.assert_allclose(turned.sum(axis=(1, 2, 3)), disc.sum(axis=(1, 2, 3)), rtol=0.35)


def test_flow_cell_keeps_intensity_and_smear_changes_it():
    flat = np.full((16, 20, 20, 2), 0.7, np.float32)
    np.testing.assert_allclose(augment(flat, PRESETS["flow cell"], np.random.default_rng(1)), 0.7, atol=1e-5)
    assert augment(flat, PRESETS["smear"], np.random.default_rng(1)).std() > 0.02


def test_none_and_seed(disc):
    assert augment(disc, None, np.random.default_rng(0)) is disc
    first, second = (augment(disc, PRESETS["smear"], np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_rectangular_frames():
    images = np.random.default_rng(0).normal(size=(4, 24, 40, 3)).astype(np.float32)
    assert augment(images, PRESETS["flow cell"], np.random.default_rng(0)).shape == images.shape
