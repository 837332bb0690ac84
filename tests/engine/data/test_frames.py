from __future__ import annotations

import numpy as np
import pytest

from wizard.engine.data.frames import border_level, fitting_frame, frame_cell


def ramp(height, width, dtype=np.uint16):
    return np.arange(2 * height * width, dtype=dtype).reshape(2, height, width)


def test_same_size_is_untouched():
    image = ramp(20, 20)
    assert frame_cell(image, 20, "background", "crop") is not None
    np.testing.assert_array_equal(frame_cell(image, 20, "background", "crop"), image)


def test_crop_takes_the_middle():
    np.testing.assert_array_equal(frame_cell(ramp(25, 24), 20, "zero", "crop"), ramp(25, 24)[:, 2:22, 2:22])


@pytest.mark.parametrize("padding", ["background", "edge", "reflect", "zero"])
def test_padding_keeps_the_cell_in_the_middle(padding):
    image = ramp(11, 6)
    framed = frame_cell(image, 16, padding, "crop")
    assert framed.shape == (2, 16, 16)
    assert framed.dtype == image.dtype
    np.testing.assert_array_equal(framed[:, 2:13, 5:11], image)


def test_background_is_the_borders_median_and_never_wraps():
    image = np.full((1, 8, 8), 3, np.uint8)
    image[0, 2:6, 2:6] = 255
    framed = frame_cell(image, 16, "background", "crop")
    assert border_level(image).tolist() == [3]
    assert (framed[0, :4] == 3).all()


def test_reflect_of_a_tiny_cell():
    assert frame_cell(ramp(2, 3), 16, "reflect", "crop").shape == (2, 16, 16)
    assert frame_cell(ramp(1, 1), 16, "reflect", "crop").shape == (2, 16, 16)


def test_shrink_keeps_the_whole_cell_and_its_level():
    image = np.full((1, 100, 50), 1000, np.uint16)
    framed = frame_cell(image, 32, "zero", "shrink")
    assert framed.dtype == np.uint16
    assert (framed[0, :, 8:24] == 1000).all()
    assert framed[0, :, :8].max() == 0


def test_fitting_frame():
    assert fitting_frame([40] * 10) == 40
    assert fitting_frame([5]) == 16
    assert fitting_frame([41] * 99 + [500]) == 48
    assert fitting_frame([900]) == 128
