from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.backend import keras
from wizard.engine.networks.base import build


def test_models_of_earlier_versions_find_their_weights():
    net = build("compact", (48, 48, 2), 7, {})
    assert net.count_params() == 888_023
    paths = {weight.path for weight in net.weights}
    assert {"stem_conv/kernel", "stage2_a_norm/gamma", "stage4_shortcut_conv/kernel", "classes/bias"} <= paths


@pytest.mark.parametrize("name", ["fast", "balanced", "thorough", "compact"])
def test_large_frames_are_halved_by_the_stem(name):
    assert build(name, (48, 300, 1), 2, {}).get_layer("stem_relu").output.shape[1:3] == (48, 300)
    assert build(name, (128, 128, 1), 2, {}).get_layer("stem_relu").output.shape[1:3] == (64, 64)


def test_options():
    assert build("balanced", (32, 32, 1), 2, {"width": 0.5}).get_layer("pool").output.shape[1:] == (96,)
    assert build("balanced", (32, 32, 1), 2, {"dropout": 0.4}).get_layer("dropout").rate == 0.4


def test_resnet18_has_the_originals_parameters():
    def trainable(net):
        return sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)

    net = build("resnet18", (48, 48, 3), 10, {})
    assert net.get_layer("stage4_out").output.shape[1:] == (6, 6, 256)
    assert net.get_layer("stage5_out").output.shape[1:] == (3, 3, 512)
    large = build("resnet18", (224, 224, 3), 10, {})
    assert large.get_layer("stage5_out").output.shape[1:] == (7, 7, 512)
    assert trainable(large) == 11_181_642
    # A stem of 3×3 instead of 7×7.
    assert trainable(large) - trainable(net) == (49 - 9) * 3 * 64


def test_shortcuts_see_every_pixel():
    """A change of any single pixel changes the pooled output, also where frames are halved."""
    net = build("fast", (16, 16, 1), 2, {})
    blank = np.zeros((1, 16, 16, 1), np.float32)
    changed = np.repeat(blank, 256, axis=0)
    changed.reshape(256, 256)[np.arange(256), np.arange(256)] = 10.0
    apart = np.abs(np.asarray(net(changed, training=False)) - np.asarray(net(blank, training=False))).max(axis=1)
    assert (apart > 0).all()


def test_intensity_figures_of_a_frame():
    """The network learns a threshold on the total of one channel, which convolutions alone would blur."""
    net = build("fast", (16, 16, 2), 2, {"intensities": True})
    assert net.get_layer("pool").output.shape[-1] == 96 + 32
    figures = keras.Model(net.input, net.get_layer("intensity_figures").output)
    cells = np.random.default_rng(0).normal(size=(3, 16, 16, 2)).astype(np.float32)
    expected = np.concatenate([cells.mean((1, 2)), (cells**2).mean((1, 2)), cells.max((1, 2))], axis=1)
    np.testing.assert_allclose(np.asarray(figures(cells)), expected, atol=1e-5)
    hinges = keras.Model(net.input, net.get_layer("intensity_hinges").output)(cells)
    assert hinges.shape == (3, 6 * 16)


def test_without_intensity_figures_files_of_earlier_versions_fit():
    names = {weight.path for weight in build("balanced", (16, 16, 2), 2, {}).weights}
    assert not any("intensity" in name for name in names)
