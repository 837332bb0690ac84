"""The colours of series, seen by eyes without one kind of cone, and on both backgrounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wizard.widgets import palette

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
LEAST = 12.0
"""Of Lab distance; 2 to 3 is just seen side by side."""


def lab(colour: str, eye: np.ndarray) -> np.ndarray:
    """Return a colour as that eye sees it, in CIE Lab."""
    part = np.array(palette.rgb(colour)) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    xyz = _XYZ @ np.clip(eye @ linear, 0, 1) / (0.9505, 1.0, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES)
def test_no_two_series_look_alike(eye: str) -> None:
    seen = [lab(colour, EYES[eye]) for colour in palette.SERIES]
    nearest = min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2))
    assert nearest >= LEAST, nearest


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", [0, 1])
def test_series_stand_out_from_the_background(eye: str, theme: int) -> None:
    back = lab(palette.SURFACE[theme], EYES[eye])
    assert min(float(np.linalg.norm(lab(colour, EYES[eye]) - back)) for colour in palette.SERIES) >= 20


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", [0, 1])
def test_warnings_and_what_can_be_pressed_look_different(eye: str, theme: int) -> None:
    one, other = lab(palette.WARN[theme], EYES[eye]), lab(palette.ACCENT_TEXT[theme], EYES[eye])
    assert float(np.linalg.norm(one - other)) >= 25


@pytest.mark.parametrize("theme", [0, 1])
def test_the_ring_of_the_focus_is_seen_on_all_that_it_surrounds(theme: int) -> None:
    for back in (palette.BACK, palette.SURFACE, palette.SUNKEN, palette.ACCENT, palette.ACCENT_SOFT, palette.FRAME,
                 palette.OFF, palette.LINE):  # fmt: skip
        assert palette.contrast(palette.RING[theme], back[theme]) >= 3.0, back


def test_classes_beyond_the_colours_differ_in_shape() -> None:
    styles = [palette.series_style(index) for index in range(56)]
    assert len(set(styles)) == 56
    assert all(palette.series_style(index)[1] != palette.series_style(index + 8)[1] for index in range(48))
