from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.backend import keras
from wizard.engine.labeling import answering
from wizard.engine.labeling.networks import build


@pytest.mark.parametrize("told", ["quantiles", "bins"])
def test_the_fast_way_says_the_same(told):
    keras.utils.set_random_seed(0)
    net = build("unet", 3, ["a", "b"], told, width=0.25)
    final = answering.fixed("unet", 3, ["a", "b"], told, net.get_weights(), 64, {"width": 0.25})
    run, engine = answering.fastest(final)
    assert engine.startswith("OpenVINO")
    pictures = np.random.default_rng(1).uniform(0, 1, (2, 64, 64, 3)).astype(np.float32)
    found = run(pictures)
    assert found.shape == (2, 64, 64, 6)
    # Where a quantile lies between two grey levels, rounding decides which of the two it is read from.
    np.testing.assert_allclose(found, answering.of_keras(final)(pictures), atol=1e-3)
    assert np.abs(found - answering.of_keras(final)(pictures)).mean() < 1e-5


def test_what_openvino_cannot_take_is_computed_by_keras(monkeypatch):
    def broken(*_):
        raise RuntimeError("no")

    monkeypatch.setattr(answering, "_converted", broken)
    net = build("unet", 1, ["a"], "mean", (32, 32), width=0.25)
    run, engine = answering.fastest(net)
    assert engine.startswith("Keras") and run(np.zeros((1, 32, 32, 1), np.float32)).shape == (1, 32, 32, 1)
