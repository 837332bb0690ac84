from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.engine.data.frames import (
    Framing,
    exceeds,
    fitting_frame,
    fitting_side,
    fitting_square,
    frame_cell,
    frame_many,
    suggested_frame,
    window,
)
from wizard.engine.data.frames_pixels import border_level, quiet_corner
from wizard.engine.errors import UserError
from wizard.parse_plan import ParsePlan

PADDINGS = ["background", "noise", "edge", "reflect", "constant"]
INTERPOLATIONS = ["nearest", "linear", "area", "cubic", "lanczos"]


def ramp(height, width, dtype=np.uint16):
    return np.arange(2 * height * width).reshape(2, height, width).astype(dtype)


def framed(image, frame, mask=None, centre=None, seed=0, **how):
    """Frame a cell; `frame` is (height, width), or one number for a square."""
    size = (frame, frame) if isinstance(frame, int) else frame
    return frame_cell(image, mask, Framing(size, **how), centre, seed)[0]


def test_the_same_size_is_untouched_and_a_copy():
    image = ramp(20, 20)
    result = framed(image, 20)
    np.testing.assert_array_equal(result, image)
    assert not np.shares_memory(result, image)


def test_crop_takes_the_middle():
    np.testing.assert_array_equal(framed(ramp(25, 24), 20), ramp(25, 24)[:, 2:22, 2:22])


@pytest.mark.parametrize("padding", PADDINGS)
def test_padding_keeps_the_cell_in_the_middle(padding):
    image = ramp(11, 6)
    result = framed(image, 16, padding=padding)
    assert result.shape == (2, 16, 16)
    assert result.dtype == image.dtype
    np.testing.assert_array_equal(result[:, 2:13, 5:11], image)


def test_background_is_the_borders_median_and_never_wraps():
    image = np.full((1, 8, 8), 3, np.uint8)
    image[0, 2:6, 2:6] = 255
    assert border_level(image).tolist() == [3]
    assert (framed(image, 16)[0, :4] == 3).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.float32])
def test_border_level_is_the_median_of_every_type(dtype):
    image = np.random.default_rng(1).integers(0, 200, (3, 7, 9)).astype(dtype)
    border = np.concatenate([image[:, 0], image[:, -1], image[:, 1:-1, 0], image[:, 1:-1, -1]], axis=1)
    expected = np.median(border, axis=1)
    np.testing.assert_array_equal(border_level(image), expected.astype(dtype))
    assert border_level(np.array([[[-3, -2]]], np.int16)).tolist() == [-3], "rounded down, also below zero"


def test_edge_and_reflect_are_numpys():
    image = ramp(11, 6)
    for padding in ("edge", "reflect"):
        expected = np.pad(image, [(0, 0), (2, 3), (5, 5)], mode=padding)
        np.testing.assert_array_equal(framed(image, 16, padding=padding), expected)


@pytest.mark.parametrize(("height", "width"), [(2, 3), (1, 1), (1, 7), (5, 2)])
def test_reflect_of_a_tiny_cell_goes_back_and_forth(height, width):
    image = ramp(height, width)
    top, left = (16 - height) // 2, (16 - width) // 2
    widths = [(0, 0), (top, 16 - height - top), (left, 16 - width - left)]
    np.testing.assert_array_equal(framed(image, 16, padding="reflect"), np.pad(image, widths, mode="reflect"))


def test_constant_is_clipped_to_the_type():
    image = np.full((1, 2, 2), 7, np.uint8)
    assert framed(image, 4, padding="constant", padding_value=-5.0)[0, 0, 0] == 0
    assert framed(image, 4, padding="constant", padding_value=1e9)[0, 0, 0] == 255
    assert framed(image, 4, padding="constant", padding_value=41.6)[0, 0, 0] == 42
    assert framed(image.astype(np.float32), 4, padding="constant", padding_value=1e300)[0, 0, 0] < np.inf


def test_noise_is_that_of_the_quietest_corner():
    rng = np.random.default_rng(5)
    image = rng.normal(900, 90, (2, 40, 40))
    image[0, :10, -10:] = rng.normal(300, 4, (10, 10))
    image[1, -10:, :10] = rng.normal(500, 2, (10, 10))
    image = np.rint(image).astype(np.uint16)
    mean, spread = quiet_corner(image)
    assert mean == pytest.approx([300, 500], abs=2)
    outside = framed(image, 120, padding="noise")[:, :40]
    assert outside.mean(axis=(1, 2)) == pytest.approx(mean, abs=0.5)
    assert outside.std(axis=(1, 2)) == pytest.approx(spread, rel=0.1)


def test_noise_never_wraps_and_is_the_same_for_the_same_seed():
    image = np.random.default_rng(2).integers(0, 4, (1, 10, 10)).astype(np.uint8)
    first = framed(image, 64, padding="noise", seed=7)
    assert first.max() < 20
    assert (first == 0).any()
    np.testing.assert_array_equal(first, framed(image, 64, padding="noise", seed=7))
    assert (first != framed(image, 64, padding="noise", seed=8)).any()
    bright = 255 - image
    assert framed(bright, 64, padding="noise").min() > 235


def test_an_objects_position_is_the_middle_and_what_lies_outside_is_padding():
    image = np.zeros((1, 40, 60), np.uint16)
    image[0, 3, 50] = 9
    centre = (3.5, 50.5)
    given_centre = framed(image, 17, centre=centre, padding="constant", padding_value=1.0)
    assert given_centre[0, 8, 8] == 9
    assert (given_centre[0, :5] == 1).all()
    assert (given_centre[0, 5:] != 1).all()
    of_image, _ = frame_cell(image, None, Framing((17, 17), centre="image"), centre)
    np.testing.assert_array_equal(of_image, image[:, 11:28, 21:38])


def test_the_masks_centroid_is_used_only_when_asked_for():
    image, mask = np.zeros((2, 30, 30), np.uint8), np.zeros((2, 30, 30), np.uint8)
    mask[0, 4:7, 20:25], mask[1, 25:, :3] = 1, 2
    image[:, 5, 22] = 50
    result, framed_mask = frame_cell(image, mask, Framing((9, 9), centre="object"))
    assert result[0, 4, 4] == 50
    assert framed_mask is not None
    assert framed_mask[0].sum() == 15
    auto, _ = frame_cell(image, mask, Framing((9, 9)))
    assert auto.max() == 0
    empty, _ = frame_cell(image, np.zeros_like(mask), Framing((9, 9), centre="object"), (np.nan, np.nan))
    np.testing.assert_array_equal(empty, auto)


def test_masks_go_along_and_are_empty_in_the_padding():
    mask = np.full((1, 6, 6), 2, np.uint8)
    _, result = frame_cell(np.ones((1, 6, 6), np.uint8), mask, Framing((10, 10), padding="reflect"))
    assert result is not None
    assert result.dtype == np.uint8
    assert (result[0, 2:8, 2:8] == 2).all()
    assert result.sum() == mask.sum()


def test_outside_of_the_mask_is_set_to_the_background():
    image = np.full((2, 9, 9), 100, np.uint16)
    image[:, 1:8, 1:8] = 500
    mask = np.zeros((2, 9, 9), np.uint8)
    mask[0, 2:5, 2:5], mask[1, 4:7, 4:7] = 1, 1
    mask[0, 6, 6] = 3
    each, _ = frame_cell(image, mask, Framing((9, 9), masking="channel"))
    np.testing.assert_array_equal(each, np.where(mask == 1, 500, 100))
    both, _ = frame_cell(image, mask, Framing((9, 9), masking="combined"))
    np.testing.assert_array_equal(both, np.where((mask == 1).any(axis=0), 500, [[[100]], [[100]]]))
    kept, _ = frame_cell(image, np.zeros_like(mask), Framing((9, 9), masking="combined"))
    np.testing.assert_array_equal(kept, image, "a cell without any mask stays")


def test_shrink_keeps_the_whole_cell_and_its_level():
    image = np.full((1, 100, 50), 1000, np.uint16)
    result = framed(image, 32, larger="shrink", padding="constant")
    assert result.dtype == np.uint16
    assert (result[0, :, 8:24] == 1000).all()
    assert result[0, :, :8].max() == 0
    moved = framed(image, 32, larger="shrink", padding="constant", centre=(50.0, 0.0))
    assert (moved[0, :, 16:] == 1000).all(), "moved towards the object as far as the whole cell stays in view"
    assert moved[0, :, :16].max() == 0


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_scale_keeps_type_level_and_position(interpolation):
    image = np.full((2, 20, 20), 300, np.int16)
    result = framed(image, 40, scale=2.0, interpolation=interpolation)
    assert (result == 300).all()
    image[:, 10:12, 4:6] = 3000
    result = framed(image, 21, scale=0.5, interpolation=interpolation, centre=(11.0, 5.0), padding="constant")
    assert np.unravel_index(result[0].argmax(), (21, 21)) == (10, 10)
    sharp = np.zeros((1, 16, 16), np.uint8)
    sharp[:, 5:10, 5:10] = 255
    assert framed(sharp, 24, scale=1.5, interpolation=interpolation).dtype == np.uint8


def test_area_is_the_mean_and_nearest_takes_pixels():
    image = np.arange(16, dtype=np.uint16).reshape(1, 4, 4)
    np.testing.assert_array_equal(framed(image, 2, scale=0.5)[0], [[2, 4], [10, 12]])
    exact = np.array([[[2**31 - 1, 5], [7, -(2**31)]]], np.int32)
    twice = framed(exact, 4, scale=2.0, interpolation="nearest")
    np.testing.assert_array_equal(twice, exact.repeat(2, axis=1).repeat(2, axis=2))
    smooth = framed(np.full((1, 4, 4), 2**31 - 1, np.int32), 2, scale=0.5)
    assert smooth.max() == 2**31 - 1


def test_lanczos_overshoot_is_clipped():
    image = np.zeros((1, 16, 16), np.uint8)
    image[:, :, 8:] = 255
    result = framed(image, 48, scale=3.0, interpolation="lanczos")
    assert (result[0, :, :18] < 10).all()
    assert (result[0, :, 30:] > 245).all()


def test_a_huge_scale_computes_only_what_is_seen():
    image = np.random.default_rng(0).integers(0, 255, (1, 1500, 1500)).astype(np.uint8)
    start = time.perf_counter()
    result = framed(image, 64, scale=8.0, interpolation="nearest", centre=(700.0, 20.0))
    assert time.perf_counter() - start < 1
    np.testing.assert_array_equal(result[0, ::8, ::8], image[0, 696:704, 16:24])


def test_colour():
    image = np.array([[[200]], [[100]], [[10]]], np.uint8)
    assert framed(image, 1, colour="grey").tolist() == [[[120]]]
    assert framed(image[:1], 1, colour="rgb").tolist() == [[[200]]] * 3
    assert framed(image, 1, colour="rgb").shape == (3, 1, 1)
    assert framed(image[:2], 1, colour="grey").shape == (2, 1, 1)
    mask = np.array([[[2]], [[1]], [[0]]], np.uint8)
    assert frame_cell(image, mask, Framing((1, 1), colour="grey"))[1].tolist() == [[[1]]]
    assert frame_cell(image[:1], mask[:1], Framing((1, 1), colour="rgb"))[1].tolist() == [[[2]]] * 3


def test_window_puts_the_odd_pixel_at_the_right_and_bottom():
    assert window((11, 25), (5.5, 12.5), (20, 20)) == (-4, 2)
    assert window((40, 40), (-1e30, 1e30), (20, 20)) == (-10, 30)
    assert window((11, 25), (5.5, 12.5), (4, 31)) == (3, -3)


def test_framing_is_read_from_plans_and_older_data_sets():
    assert Framing.of(ParsePlan().model_dump(), (48, 48)) == Framing((48, 48))
    assert Framing.of({"padding": "zero", "larger": "shrink", "frame": [48, 48]}, (48, 48)) == Framing(
        (48, 48), larger="shrink", padding="constant"
    )
    for bad in ({"padding": "magic"}, {"scale": 0}, {"scale": "x"}, {"padding_value": float("nan")}, {"larger": None}):
        with pytest.raises(UserError):
            Framing.of(bad, (48, 48))


def test_fitting_side():
    assert fitting_side([40] * 10) == 40
    assert fitting_side([5]) == 16
    assert fitting_side([41] * 99 + [500]) == 48
    assert fitting_side([900]) == 128
    assert fitting_side([]) == 16
    assert fitting_side(np.array([np.nan, 30.0])) == 32


def test_fitting_and_suggested_frames():
    wide = np.array([[22, 58]] * 40 + [[30, 20]])
    assert fitting_square(wide) == (64, 64)
    assert fitting_frame(wide) == (24, 64)
    assert suggested_frame(wide) == (24, 64)
    assert suggested_frame(wide[:, ::-1]) == (64, 24)
    assert suggested_frame(np.array([[40, 48]] * 9)) == (48, 48), "a small difference is no reason for a rectangle"
    assert suggested_frame(np.array([[10, 16]] * 9)) == (16, 16)
    for fit in (fitting_square, fitting_frame, suggested_frame):
        assert fit(np.zeros((0, 2))) == (16, 16)


def test_a_cell_is_larger_if_one_side_is():
    assert exceeds(np.array([[24, 40], [24.4, 40.4], [25, 10], [10, 41]]), (24, 40)).tolist() == [
        False,
        False,
        True,
        True,
    ]


def test_a_rectangle_crops_one_side_and_pads_the_other():
    image = ramp(30, 20)
    result = framed(image, (24, 28), padding="constant", padding_value=7.0)
    assert result.shape == (2, 24, 28)
    np.testing.assert_array_equal(result[:, :, 4:24], image[:, 3:27])
    assert (result[:, :, :4] == 7).all()
    assert (result[:, :, 24:] == 7).all()
    mirrored = np.pad(image, [(0, 0), (0, 0), (4, 4)], mode="reflect")[:, 3:27]
    np.testing.assert_array_equal(framed(image, (24, 28), padding="reflect"), mirrored)


@pytest.mark.parametrize(
    ("sides", "frame", "expected"), [((100, 50), (32, 60), (32, 16)), ((50, 100), (32, 60), (30, 60))]
)
def test_shrinking_to_a_rectangle_keeps_the_whole_cell_and_its_shape(sides, frame, expected):
    image = np.full((1, *sides), 1000, np.uint16)
    inside = framed(image, frame, larger="shrink", padding="constant")[0] == 1000
    assert inside.any(axis=1).sum() == expected[0]
    assert inside.any(axis=0).sum() == expected[1]
    assert inside.sum() == expected[0] * expected[1]


sides = st.integers(1, 40)
places = st.one_of(st.none(), st.floats(-60, 100), st.just(float("nan")))


@settings(max_examples=150, deadline=None)
@given(
    sizes=st.lists(st.tuples(sides, sides), min_size=1, max_size=5), tall=st.integers(1, 40), wide=st.integers(1, 40), y=places, x=places,
    padding=st.sampled_from(PADDINGS), masking=st.sampled_from(["no", "channel", "combined"]),
    centre=st.sampled_from(["auto", "image", "object"]), larger=st.sampled_from(["crop", "shrink"]),
    scale=st.sampled_from([1.0, 1.0, 0.4, 2.3]), dtype=st.sampled_from([np.uint8, np.int16, np.uint16, np.float32]),
    interpolation=st.sampled_from(INTERPOLATIONS), masked=st.booleans(), seed=st.integers(0, 2**63),
)  # fmt: skip
def test_many_cells_are_framed_like_each(
    sizes, tall, wide, y, x, padding, masking, centre, larger, scale, dtype, interpolation, masked, seed
):
    rng = np.random.default_rng(seed)
    images = [rng.integers(0, 60000, (2, *size)).astype(dtype) for size in sizes]
    masks = [rng.integers(0, 3, image.shape).astype(np.uint8) if masked and n != 1 else None
             for n, image in enumerate(images)]  # fmt: skip
    how = Framing((tall, wide), larger, padding, 12.0, centre, masking, scale, interpolation)
    centres = None if y is None or x is None else np.tile([y, x], (len(images), 1))
    out = np.full((len(images), 2, tall, wide), 77, dtype)
    out_masks = np.full(out.shape, 9, np.uint8)
    frame_many(images, masks, how, centres, range(len(images)), out, out_masks)
    for n, (image, mask) in enumerate(zip(images, masks, strict=True)):
        expected, expected_mask = frame_cell(image, mask, how, None if centres is None else (y, x), n)
        assert (expected.shape, expected.dtype) == ((2, tall, wide), dtype)
        np.testing.assert_array_equal(out[n], expected)
        np.testing.assert_array_equal(out_masks[n], 0 if expected_mask is None else expected_mask)


def test_many_cells_of_different_types_become_the_common_one():
    images = [np.full((1, 4, 4), 200, np.uint8), np.full((1, 6, 6), 60000, np.uint16)]
    out = np.zeros((2, 1, 8, 8), np.uint16)
    frame_many(images, None, Framing((8, 8)), None, [0, 1], out)
    assert (out[0] == 200).all()
    assert (out[1] == 60000).all()
    frame_many([], None, Framing((8, 8)), None, [], out[:0])


def test_a_cell_with_another_number_of_channels_is_refused():
    with pytest.raises(ValueError, match="channels"):
        frame_many([np.zeros((3, 4, 4), np.uint8)], None, Framing((8, 8)), None, [0], np.zeros((1, 2, 8, 8), np.uint8))


def test_threads_agree():
    rng = np.random.default_rng(3)
    images = [rng.integers(0, 4000, (3, *rng.integers(5, 40, 2))).astype(np.int16) for _ in range(200)]
    results = [np.zeros((200, 3, 32, 32), np.int16) for _ in range(4)]
    work = [
        threading.Thread(target=frame_many, args=(images, None, Framing((32, 32)), None, range(200), out))
        for out in results
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert all((out == results[0]).all() for out in results)
    assert results[0].any()
