from __future__ import annotations

import numpy as np
import pytest

from wizard.engine import calibration


def draw(temperature, count=20000):
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (count, 4))
    shares = calibration.probabilities(honest, 1.0)
    classes = (rng.random((count, 1)) > shares.cumsum(axis=1)).sum(axis=1)
    return honest * temperature, classes


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_temperature_is_found(temperature):
    logits, classes = draw(temperature)
    assert calibration.fit_temperature(logits, classes) == pytest.approx(temperature, rel=0.05)


def test_calibration_error_before_and_after():
    logits, classes = draw(4.0)
    before = calibration.calibration_error(calibration.probabilities(logits, 1.0), classes)
    after = calibration.calibration_error(calibration.probabilities(logits, 4.0), classes)
    assert before > 0.15
    assert after < 0.015


def test_no_cells_and_extreme_logits():
    assert calibration.fit_temperature(np.zeros((0, 3)), np.zeros(0, np.int64)) == 1.0
    shares = calibration.probabilities(np.array([[1e4, -1e4, 0.0]]), 1.0)
    assert np.isfinite(shares).all()
