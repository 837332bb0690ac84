from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.augmentation_plan import AugmentationPlan, changed_ranges
from wizard.engine.data import augmentation, augmentation_fast, normalisation
from wizard.engine.data.augmentation import PRESETS, Augmentation, augment, line_kernels, transforms
from wizard.engine.data.augmentation_colour import matrices
from wizard.plan import Plan
from wizard.results import Channel

STILL = {"flip_horizontal": False, "flip_vertical": False, "rotation": 0.0, "shift": 0.0, "zoom": 0.0}
RGB = [Channel(name=name, number=n) for n, name in enumerate(("Red", "Green", "Blue"), 1)]
GREY = [Channel(name="Ch3", number=3), Channel(name="Ch6", number=6)]
ONE = {
    "flips": {"flip_horizontal": True, "flip_vertical": True}, "rotation": {"rotation": 180.0},
    "shift": {"shift": 0.2}, "zoom": {"zoom": 0.3}, "shear": {"shear": 20.0}, "add": {"brightness_add": 0.5},
    "multiply": {"brightness_multiply": 0.5}, "contrast": {"contrast": 0.5}, "average": {"average_blur": 7.0},
    "gauss": {"gauss_blur": 2.0}, "motion": {"motion_blur": 9.0}, "noise": {"noise": 0.3},
    "erasing": {"erasing": 0.4}, "channels": {"channel_dropout": 0.5},
}  # fmt: skip
EVERYTHING = {name: value for one in ONE.values() for name, value in one.items()}


def only(**values):
    return Augmentation(**{**STILL, **values})


def made(images, how, seed=0):
    return augment(images, how, np.random.default_rng(seed))


def cells(number=40, height=24, width=24, channels=2, seed=0):
    return np.random.default_rng(seed).normal(size=(number, height, width, channels)).astype(np.float32)


@pytest.fixture
def disc():
    y, x = np.mgrid[:33, :33] - 16
    return np.repeat(((x**2 + y**2) < 64).astype(np.float32)[None, ..., None], 8, axis=0)


# What every change keeps.


def test_turning_keeps_a_disc(disc):
    turned = made(disc, only(rotation=180.0))
    assert np.abs(turned - disc).mean() < 0.02


def test_turns_move_what_is_not_round(disc):
    disc[:, :, 17:] = 0
    turned = made(disc, PRESETS["flow cell"])
    assert np.abs(turned - disc).mean() > 0.02
    np.testing.assert_allclose(turned.sum(axis=(1, 2, 3)), disc.sum(axis=(1, 2, 3)), rtol=0.35)


def test_flow_cell_keeps_intensity_and_smear_changes_it():
    flat = np.full((16, 20, 20, 2), 0.7, np.float32)
    np.testing.assert_allclose(made(flat, PRESETS["flow cell"]), 0.7, atol=1e-5)
    assert made(flat, PRESETS["smear"]).std() > 0.02


def test_none_changes_nothing_and_the_images_themselves_stay():
    images = cells()
    before = images.copy()
    assert made(images, None) is images
    assert np.array_equal(made(images, only()), images)
    made(images, Augmentation(**EVERYTHING))
    assert np.array_equal(images, before)


@pytest.mark.parametrize("name", ONE)
def test_every_change_has_its_effect_and_stays_finite(name):
    images = cells()
    changed = made(images, only(**ONE[name]))
    assert changed.dtype == np.float32 and changed.shape == images.shape
    assert np.isfinite(changed).all() and not np.array_equal(changed, images)


@pytest.mark.parametrize("name", ["rotation", "shift", "zoom", "shear", "average", "gauss", "motion"])
@pytest.mark.parametrize("fill", ["reflect", "nearest"])
def test_no_black_corners(name, fill):
    flat = np.full((20, 19, 31, 2), 5.0, np.float32)
    np.testing.assert_allclose(made(flat, only(**ONE[name], fill=fill)), 5.0, rtol=1e-5)


def test_what_comes_in_is_the_mirrored_or_the_last_pixel():
    ramp = np.broadcast_to(np.arange(10, dtype=np.float32)[None, None, :, None], (1, 4, 10, 1)).copy()
    maps = np.array([[1.0, 0.0, -3.0, 0.0, 1.0, 0.0]])
    out = np.empty_like(ramp)
    augmentation_fast.warp(ramp, maps, False, out)
    assert out[0, 0, :, 0].tolist() == [2, 1, 0, 0, 1, 2, 3, 4, 5, 6]
    augmentation_fast.warp(ramp, maps, True, out)
    assert out[0, 0, :, 0].tolist() == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.lists(st.floats(-3, 3), min_size=4, max_size=4),
       st.floats(-90, 90), st.floats(-90, 90), st.booleans())  # fmt: skip
def test_any_map_reads_inside_only(height, width, turn, x, y, nearest):
    images = np.random.default_rng(0).uniform(1, 2, (1, height, width, 1)).astype(np.float32)
    out = np.zeros_like(images)
    augmentation_fast.warp(images, np.array([[turn[0], turn[1], x, turn[2], turn[3], y]]), nearest, out)
    assert out.min() >= 0.999 and out.max() <= 2.001


@pytest.mark.parametrize("tiny", [1e-17, -1e-17, 1e-300, 5e-324])
def test_steps_next_to_nothing_lead_nowhere_else(tiny):
    images, out = np.ones((1, 9, 9, 1), np.float32), np.zeros((1, 9, 9, 1), np.float32)
    for start in (-5.0, 0.0, 4.0, 30.0):
        augmentation_fast.warp(images, np.array([[tiny, 1.0, start, 1.0, tiny, start]]), False, out)
        assert np.array_equal(out, images)


def test_a_quarter_turn_is_that_of_numpy():
    images = cells(1, 11, 11)
    draws = np.full((1, augmentation._FIXED), 0.5)
    draws[0, augmentation._ANGLE] = 1.0
    out = np.empty_like(images)
    augmentation_fast.warp(images, transforms(draws, (11, 11), only(rotation=90.0)), False, out)
    turns = [np.rot90(images[0], k) for k in (1, 3)]
    assert min(np.abs(out[0] - turn).max() for turn in turns) < 1e-5


@pytest.mark.parametrize("size", [(24, 40), (7, 61), (1, 1), (2, 3)])
def test_rectangular_and_tiny_frames(size):
    images = cells(6, *size, channels=3)
    for how in (*PRESETS.values(), Augmentation(**EVERYTHING)):
        changed = made(images, how)
        assert changed.shape == images.shape and np.isfinite(changed).all()


# The same seed, the same images.


def test_a_seed_gives_the_same_images_in_any_number_of_threads():
    images, how = cells(24), Augmentation(**EVERYTHING)
    alone = [made(images, how, seed) for seed in range(8)]
    found = [None] * 8

    def work(seed):
        found[seed] = made(images, how, seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(alone[0], alone[1])


def test_a_cell_gets_the_same_in_parts_as_in_one():
    images, how = cells(30), Augmentation(**EVERYTHING)
    rng = np.random.default_rng(3)
    parts = np.concatenate([augment(images[:10], how, rng), augment(images[10:], how, rng)])
    np.testing.assert_array_equal(parts, made(images, how, 3))


# Defects that other programs have.


def test_with_both_flips_all_four_sides_come_equally_often():
    image = np.array([[[[0.0], [1.0]], [[2.0], [3.0]]]], np.float32)
    flipped = made(np.repeat(image, 4000, axis=0), only(flip_horizontal=True, flip_vertical=True))
    sides = {tuple(side.ravel().astype(int)) for side in flipped}
    assert sides == {(0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0)}
    for side in sides:
        share = (flipped.reshape(-1, 4) == side).all(axis=1).mean()
        assert 0.22 < share < 0.28


@pytest.mark.parametrize(("name", "first"), [("flip_horizontal", (1, 0, 3, 2)), ("flip_vertical", (2, 3, 0, 1))])
def test_one_flip_leaves_half_of_the_cells_alone(name, first):
    image = np.array([[[[0.0], [1.0]], [[2.0], [3.0]]]], np.float32)
    flipped = made(np.repeat(image, 2000, axis=0), only(**{name: True})).reshape(-1, 4)
    share = (flipped == first).all(axis=1).mean()
    assert 0.46 < share < 0.54 and (flipped == (0, 1, 2, 3)).all(axis=1).mean() == pytest.approx(1 - share)


def colours(pixels, saturation=1.0, turn=0.0, black=(0, 0, 0), step=(1, 1, 1)):
    images = np.asarray(pixels, np.float32).reshape(1, 1, -1, 3)
    change = matrices(np.array([saturation]), np.array([turn]), np.array(black, float), np.array(step, float))
    augmentation_fast.recolour(images, change, np.array([0, 1, 2]))
    return images[0, 0]


def test_more_saturation_never_pales_and_nothing_wraps():
    (red,) = colours([[250, 0, 0]], saturation=1.3)
    assert red[0] > 250 and red[1] < 0 and red[2] < 0
    pale, grey = colours([[250, 0, 0], [90, 90, 90]], saturation=0.5)
    assert 0 < pale[1] < pale[0] < 250
    np.testing.assert_allclose(grey, 90, rtol=1e-3)
    (none,) = colours([[250, 10, 40]], saturation=0.0)
    assert np.ptp(none) < 0.5


def test_hue_turns_reds_too_and_a_whole_turn_is_none():
    red = [[200.0, 20.0, 20.0]]
    np.testing.assert_allclose(colours(red, turn=2 * np.pi), red, atol=1e-3)
    np.testing.assert_allclose(colours(red, turn=0.0), red, atol=1e-3)
    third = colours(red, turn=2 * np.pi / 3)[0]
    assert third.argmax() != 0, "a third of a turn makes red green or blue"
    assert abs(colours(red, turn=np.deg2rad(12.0)) - red).max() > 5
    np.testing.assert_allclose(colours([[80, 80, 80]], turn=2.0), 80, rtol=1e-3)


def test_colour_is_changed_as_before_the_normalisation():
    raw = np.random.default_rng(0).integers(0, 256, (60, 3, 8, 8)).astype(np.uint8)
    raw[:, 1] //= 3
    constants = normalisation.fit("mean_sd", raw)
    how = augmentation.of(Plan().with_values({
        "train.augmentation": "own", "train.saturation": 0.5, "train.hue": 40.0,
        **{f"train.{name}": value for name, value in STILL.items()},
    }).train, RGB, constants)  # fmt: skip
    changed = normalisation.undo(made(normalisation.apply(raw, constants), how), constants, raw)
    luma = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(np.tensordot(luma, changed, (0, 1)), np.tensordot(luma, raw, (0, 1)), atol=0.05)
    assert np.abs(changed - raw).max() > 5


def test_colour_is_left_alone_where_there_is_none():
    images = cells(channels=2)
    plan = Plan().with_values({
        "train.augmentation": "own", "train.saturation": 1.0, "train.hue": 90.0,
        **{f"train.{name}": value for name, value in STILL.items()},
    }).train  # fmt: skip
    assert np.array_equal(made(images, augmentation.of(plan, GREY)), images)
    assert augmentation.of(plan, [*GREY, *reversed(RGB)]).colour == (4, 3, 2)


@pytest.mark.parametrize("most", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 31.0])
def test_any_size_of_blur_works_and_keeps_place_and_amount(most):
    spot = np.zeros((40, 33, 33, 1), np.float32)
    spot[:, 16, 16] = 1.0
    x = np.arange(33)
    for how in (
        only(average_blur=most),
        only(gauss_blur=min(most, 8.0) / 3),
        only(motion_blur=most, motion_angle=90.0),
    ):
        blurred = made(spot, how)[..., 0]
        np.testing.assert_allclose(blurred.sum(axis=(1, 2)), 1.0, rtol=1e-4)
        np.testing.assert_allclose((blurred.sum(axis=1) * x).sum(axis=1), 16.0, atol=1e-2)
        np.testing.assert_allclose((blurred.sum(axis=2) * x).sum(axis=1), 16.0, atol=1e-2)
        assert blurred.min() >= 0


def test_a_box_of_a_given_side_is_exactly_that():
    kernels, radii = line_kernels(np.array([1.0, 3.0, 4.0]), np.zeros(3))
    assert radii.tolist() == [0, 1, 2]
    np.testing.assert_allclose(kernels[1], [0, 1 / 3, 1 / 3, 1 / 3, 0], atol=1e-6)
    np.testing.assert_allclose(kernels[2], [0.125, 0.25, 0.25, 0.25, 0.125], atol=1e-6)


def test_a_gauss_blur_is_that_of_scipy():
    from scipy.ndimage import gaussian_filter

    images = cells(1, 30, 30, 1)
    kernels, radii = line_kernels(np.ones(1), np.array([1.4]))
    mine = images.copy()
    augmentation_fast.soften(mine, kernels, radii, False)
    theirs = gaussian_filter(images[0, ..., 0], 1.4, mode="reflect", radius=5)
    np.testing.assert_allclose(mine[0, ..., 0], theirs, atol=1e-5)


def test_motion_follows_its_direction():
    spot = np.zeros((30, 21, 21, 1), np.float32)
    spot[:, 10, 10] = 1.0
    level = made(spot, only(motion_blur=9.0, motion_angle=0.0))[..., 0]
    assert level[:, 10].sum() == pytest.approx(30, rel=1e-3) and (level[:, 10] > 0).sum(axis=1).max() >= 8


@pytest.mark.parametrize("zoom", [0.0, 0.1, 0.7])
def test_zoom_goes_both_ways_alike_and_without_end(zoom):
    draws = np.random.default_rng(0).random((4000, augmentation._FIXED))
    sizes = np.linalg.norm(transforms(draws, (20, 30), only(zoom=zoom))[:, [0, 3]], axis=1)
    assert np.exp(-zoom) - 1e-9 <= sizes.min() <= sizes.max() <= np.exp(zoom) + 1e-9
    assert abs(np.log(sizes).mean()) < 0.02


# Grey levels.


def test_contrast_keeps_the_mean_of_every_cell_and_channel():
    images = cells() * 3 + 7
    changed = made(images, only(contrast=0.8))
    np.testing.assert_allclose(changed.mean(axis=(1, 2)), images.mean(axis=(1, 2)), rtol=1e-4)
    ratio = changed.std(axis=(1, 2)) / images.std(axis=(1, 2))
    assert 0.4 < ratio.min() < 0.7 and 1.5 < ratio.max() < 2.3
    assert np.abs(ratio[:, 0] - ratio[:, 1]).max() > 0.1
    alike = made(images, only(contrast=0.8, channels_apart=False))
    ratio = alike.std(axis=(1, 2)) / images.std(axis=(1, 2))
    np.testing.assert_allclose(ratio[:, 0], ratio[:, 1], rtol=1e-3)


@pytest.mark.parametrize("kind", list(normalisation.NORMALISATIONS))
def test_brightness_means_the_same_for_every_normalisation_and_type(kind):
    rng = np.random.default_rng(0)
    raw = rng.normal(20000, 3000, (200, 2, 12, 12)).clip(0, 65535).astype(np.uint16)
    constants = normalisation.fit(kind, raw)
    images = normalisation.apply(raw, constants)
    plan = Plan().with_values({
        "train.augmentation": "own", "train.brightness_add": 0.5, "train.noise": 0.2,
        **{f"train.{name}": value for name, value in STILL.items()},
    }).train  # fmt: skip
    changed = normalisation.undo(made(images, augmentation.of(plan, GREY, constants)), constants, raw)
    moved = (changed - normalisation.undo(images, constants, raw)).mean(axis=(2, 3))
    sd = raw.std()
    assert 0.4 * sd < np.abs(moved).max() < 0.8 * sd, "cells that are measured by themselves differ in span"


def test_another_exposure_scales_what_the_instrument_wrote():
    raw = np.random.default_rng(0).integers(100, 4000, (50, 2, 9, 9)).astype(np.uint16)
    constants = normalisation.fit("mean_sd", raw)
    how = augmentation.of(Plan().with_values({
        "train.augmentation": "own", "train.brightness_multiply": 0.3,
        **{f"train.{name}": value for name, value in STILL.items()},
    }).train, GREY, constants)  # fmt: skip
    changed = normalisation.undo(made(normalisation.apply(raw, constants), how), constants, raw)
    ratio = changed / raw
    assert np.ptp(ratio, axis=(2, 3)).max() < 0.01
    assert ratio.min() < 0.85 and ratio.max() > 1.15


def test_noise_is_gaussian_and_of_the_given_size():
    noise = made(np.zeros((200, 20, 20, 2), np.float32), only(noise=0.25))
    assert abs(noise.mean()) < 2e-3 and noise.std() == pytest.approx(0.25, rel=0.01)
    assert (np.abs(noise) > 0.5).mean() == pytest.approx(0.0455, rel=0.1)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.2


def test_erasing_blanks_a_box_in_every_second_cell():
    images = np.full((2000, 20, 20, 2), 5.0, np.float32)
    blank = made(images, only(erasing=0.3)) == 0
    assert (blank[..., 0] == blank[..., 1]).all()
    share = blank[..., 0].mean(axis=(1, 2))
    assert 0.44 < (share > 0).mean() < 0.54 and 0.25 < share.max() < 0.34
    for cell in np.flatnonzero(share)[:50]:
        rows, columns = blank[cell, :, :, 0].any(axis=1), blank[cell, :, :, 0].any(axis=0)
        assert blank[cell, :, :, 0].sum() == rows.sum() * columns.sum()


def test_channels_drop_out_as_often_as_asked_but_never_all():
    images = np.full((4000, 4, 4, 3), 5.0, np.float32)
    gone = (made(images, only(channel_dropout=0.3)) == 0).all(axis=(1, 2))
    assert gone.mean() == pytest.approx(0.3, abs=0.03) and not gone.all(axis=1).any()
    assert not (made(images[..., :1], only(channel_dropout=0.9)) == 0).any(), "the only channel always stays"


# From the plan.


def test_the_ranges_of_the_plan_are_those_of_the_flow_cell():
    fields = AugmentationPlan.model_fields
    assert {name: info.get_default() for name, info in fields.items()} == {
        name: getattr(Augmentation(), name) for name in fields
    }
    plan = Plan().with_values({"train.augmentation": "own"}).train
    assert augmentation.of(plan, GREY) == augmentation.of(Plan().train, GREY)


@pytest.mark.parametrize("name", list(AugmentationPlan.model_fields))
def test_every_range_of_the_plan_counts(name):
    info = AugmentationPlan.model_fields[name]
    default = info.get_default()
    other = {bool: not default, str: "nearest"}.get(type(default), 0.25 if default != 0.25 else 0.3)
    others = {"average_blur": 5.0, "motion_blur": 5.0, "gauss_blur": 2.0, "shear": 20.0, "hue": 30.0}
    base = {"train.augmentation": "own", "train.brightness_add": 0.1, "train.motion_blur": 4.0}
    plain = Plan().with_values(base).train
    changed = Plan().with_values({**base, f"train.{name}": others.get(name, other)}).train
    images = cells(60, channels=3)
    first, second = (made(images, augmentation.of(plan, RGB)) for plan in (plain, changed))
    assert not np.array_equal(first, second)


def test_automatic_is_colour_for_colour_pictures_only():
    plan = Plan().train
    assert plan.augmentation == "auto"
    for channels, name in ((RGB, "colour"), (GREY, "flow cell")):
        assert augmentation.preset_of(plan, channels) == name
        same = Plan().with_values({"train.augmentation": name}).train
        assert augmentation.of(plan, channels) == augmentation.of(same, channels)


@pytest.mark.parametrize("name", ["flow cell", "smear", "colour", "none"])
def test_presets_come_from_the_plan(name):
    plan = Plan().with_values({"train.augmentation": name, "train.noise": 3.0}).train
    how = augmentation.of(plan, GREY)
    assert (how is None) == (name == "none")
    if how is not None:
        assert how.noise == PRESETS[name].noise, "the ranges of the plan count for `own` only"
        assert "Noise" in augmentation.remark(plan) and changed_ranges(plan) == ["Noise"]


def test_nothing_is_remarked_where_all_ranges_count():
    assert augmentation.remark(Plan().train) == ""
    assert augmentation.remark(Plan().with_values({"train.augmentation": "own", "train.noise": 1.0}).train) == ""
