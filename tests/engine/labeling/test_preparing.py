from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.engine.labeling.pictures import light, nuclei, published_field, save
from wizard.engine.errors import UserError
from wizard.engine.labeling.fields import pixels, share, stack
from wizard.engine.labeling.finding import find_fields
from wizard.engine.labeling.networks.base import network
from wizard.engine.labeling.preparing import levels, quality, shading
from wizard.engine.labeling.preparing.median import median_to_rest
from wizard.engine.labeling.preparing.operations import OPERATIONS, halved, prepare, projected
from wizard.engine.labeling.preparing.stitching import Pair, compose, correlation, grid, settle, stitch
from wizard.engine.labeling.sizes import refuse_small

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, ">u2"])
def test_the_median_of_one_pass_is_scipys(dtype):
    image = RNG.integers(0, 200, (40, 57)).astype(dtype)
    np.testing.assert_array_equal(median_to_rest(image, 5, 1), ndimage.median_filter(image, 5))


def test_the_median_comes_to_rest():
    image = RNG.normal(0, 1, (60, 50)).astype(np.float32)
    wanted = image
    for _ in range(32):
        wanted = ndimage.median_filter(wanted, 5)
    found = median_to_rest(image)
    np.testing.assert_array_equal(found, wanted)
    still = np.zeros((30, 30), np.float32)
    still[:, 15:] = 1
    np.testing.assert_array_equal(median_to_rest(still), still)


def test_a_wide_blur_is_a_gaussian():
    image = ndimage.gaussian_filter(RNG.normal(0, 1, (300, 410)), 5)
    exact = ndimage.gaussian_filter(image, 40, mode="nearest")
    assert np.abs(shading.blur(image, 40) - exact).max() < 0.2 * image.std()


def fields_of_cells(count, seed=0):
    return [nuclei(seed + n, 96, 120, 8, 5)[0] for n in range(count)]


def test_uneven_light_is_taken_away():
    rows, columns = np.mgrid[:96, :120]
    falloff = 1 - 0.4 * np.hypot(rows - 48, columns - 60) / 77
    pictures = fields_of_cells(20)
    made = prepare([picture * falloff for picture in pictures], "stain", ["even"]).pictures
    before = np.std([picture * falloff / picture for picture in pictures])
    after = np.std([one / picture for one, picture in zip(made, pictures, strict=True)])
    assert after < 0.2 * before


def test_dust_on_the_camera_is_taken_away():
    dust = np.zeros((96, 120), np.float32)
    dust[(np.mgrid[:96, :120][0] - 30) ** 2 + (np.mgrid[:96, :120][1] - 80) ** 2 < 81] = 0.1
    pictures = fields_of_cells(24)
    made = prepare([picture + dust + 0.05 for picture in pictures], "stain", ["dust"])
    rest = np.mean([one - picture - 0.05 for one, picture in zip(made.pictures, pictures, strict=True)], axis=0)
    assert np.abs(rest[dust > 0]).mean() < 0.04
    assert np.abs(rest[dust == 0]).mean() < 0.005
    clean = prepare(pictures, "stain", ["dust"])
    np.testing.assert_allclose(clean.pictures[0], pictures[0], atol=0.03)


def test_dust_in_the_light_is_taken_away():
    dust = np.ones((96, 120), np.float32)
    dust[20:24, 40:44] = 0.7
    pictures = [0.5 + 0.1 * ndimage.gaussian_filter(RNG.normal(0, 1, (96, 120)), 2) for _ in range(30)]
    made = prepare([picture * dust for picture in pictures], "light", ["light_dust"]).pictures
    rest = np.mean([one / picture for one, picture in zip(made, pictures, strict=True)], axis=0)
    assert abs(rest[20:24, 40:44].mean() / rest[60:, :].mean() - 1) < 0.03


def test_operations_are_separate_and_in_order():
    assert list(OPERATIONS) == ["median", "dust", "half", "even", "light_dust"]
    picture = RNG.uniform(0, 1, (21, 31)).astype(np.float32)
    assert prepare([picture], "stain", []).pictures[0].dtype == np.float32
    np.testing.assert_array_equal(prepare([picture], "stain", []).pictures[0], picture)
    np.testing.assert_array_equal(prepare([picture], "light", ["median", "dust"]).pictures[0], picture)
    small = prepare([picture], "stain", ["half", "median"]).pictures[0]
    np.testing.assert_allclose(small, halved(median_to_rest(picture)))
    assert small.shape == (10, 15) and halved(np.array([[0, 1], [2, 5]]))[0, 0] == 2
    few = prepare([picture] * 3, "stain", ["dust", "even"], "DAPI")
    assert [cue.subject for cue in few.cues] == ["Dust on the camera", "Even light"]
    assert "DAPI" in few.cues[0].text and "needs 8" in few.cues[0].text
    np.testing.assert_array_equal(few.pictures[0], picture)
    odd = prepare([picture] * 9 + [picture[:10]], "stain", ["even"])
    assert len(odd.cues) == 1 and len(odd.pictures) == 10


def test_the_projection_is_the_90th_percentile():
    planes = RNG.uniform(0, 1, (11, 4, 5))
    np.testing.assert_allclose(projected(planes), np.sort(planes, axis=0)[9], rtol=1e-6)


def test_shifts_by_correlation():
    picture = ndimage.gaussian_filter(RNG.normal(0, 1, (150, 170)), 2)
    noise = RNG.normal(0, 0.02, (100, 110))
    away, score = correlation(picture[10:110, 20:130], picture[17:117, 16:126] * 3 + 5 + noise, 12)
    assert away == (7, -4) and score > 0.9
    away, score = correlation(picture[:100, :110], np.ones((100, 110)), 12)
    assert score <= 0


def test_stitching_finds_the_places():
    whole = ndimage.gaussian_filter(RNG.normal(0, 1, (420, 430)), 2)
    nominal = grid(3, 3, (160, 160), 40, snake=True)
    assert nominal[3].tolist() == [120, 240]
    true = nominal + 10 + RNG.integers(-6, 7, nominal.shape)
    tiles = [whole[y : y + 160, x : x + 160] + RNG.normal(0, 0.01, (160, 160)) for y, x in true.astype(int)]
    tiles[4] = np.ones((160, 160)) * 0.3
    places = stitch(tiles, nominal, 24)
    found, wanted = places - places[0], true - true[0]
    rest = [n for n in range(9) if n != 4]
    np.testing.assert_allclose(found[rest], wanted[rest], atol=0.01)
    assert np.abs(found[4] - (nominal[4] - nominal[0])).max() < 1
    tiles[4] = whole[int(true[4, 0]) :, int(true[4, 1]) :][:160, :160]
    made = compose(tiles, stitch(tiles, nominal, 24))
    top, left = true.min(axis=0).astype(int)
    inner = made[20:-20, 20:-20]
    np.testing.assert_allclose(inner, whole[top:, left:][20 : 20 + inner.shape[0], 20 : 20 + inner.shape[1]], atol=0.05)
    with pytest.raises(UserError, match="cannot be stitched"):
        stitch(tiles, nominal[:4])


def test_springs_leave_a_wrong_pair_out():
    nominal = grid(1, 4, (10, 100), 10)
    good = [Pair(n, n + 1, (1.0, 91.0), 0.9) for n in range(3)] + [Pair(0, 2, (2.0, 182.0), 0.8)]
    wrong = Pair(1, 3, (-40.0, 120.0), 0.5)
    places = settle(nominal, [*good, wrong, Pair(0, 3, (0.0, 0.0), 0.1)])
    np.testing.assert_allclose(places - places[0], [[0, 0], [1, 91], [2, 182], [3, 273]], atol=0.05)


@pytest.mark.parametrize("kind", levels.KINDS)
@pytest.mark.parametrize("role", ["light", "stain"])
def test_levels(kind, role):
    pictures = [RNG.gamma(2, 0.05, (50, 60)).astype(np.float32) for _ in range(4)]
    found = levels.fit(pictures, role, kind)
    made = np.stack([found.apply(picture, clip=False) for picture in pictures])
    if kind == "published":
        assert (made.mean(), made.std()) == (
            pytest.approx(0.5 if role == "light" else 0.25, abs=1e-3),
            pytest.approx(0.125, abs=1e-3),
        )
    if kind == "percentile":
        assert np.percentile(made, 1) == pytest.approx(0.2 if role == "light" else 0.1, abs=5e-3)
    np.testing.assert_allclose(found.undo(found.apply(pictures[0], clip=False)), pictures[0], atol=1e-5)
    assert levels.from_dict(found.as_dict()) == found
    assert 0 <= found.clipped(pictures[0]) < 0.2


def test_levels_of_nothing():
    with pytest.raises(UserError, match="All pixels of DAPI"):
        levels.fit([np.ones((9, 9))], "stain", name="DAPI")
    for damaged in ({}, {"kind": "published", "gain": "1", "shift": 0}, {"kind": "none", "gain": 0, "shift": 0},
                    {"kind": "published", "gain": float("nan"), "shift": 0}):  # fmt: skip
        with pytest.raises(ValueError, match="levels"):
            levels.from_dict(damaged)


def loaded(folder):
    (field,) = find_fields([str(folder)]).fields
    return (
        field,
        share(stack(field.inputs)),
        {label: share(pixels(planes[0])) for label, planes in field.targets.items()},
    )


def test_good_pictures_give_no_cue(tmp_path):
    published_field(tmp_path, height=160, width=200)
    assert list(quality.cues(*loaded(tmp_path))) == []


def test_constant_saturated_and_shifted_pictures_are_named(tmp_path):
    stack_, stains = published_field(tmp_path, height=160, width=200)
    (dapi,), (map2,), (plane,) = (tmp_path.glob(word) for word in ("*DAPI*", "*MAP2*", "*z_depth-4,*"))
    save(plane, np.full((160, 200), 0.5))
    save(dapi, np.roll(stains["DAPI_CONFOCAL"], (9, -7), (0, 1)))
    save(map2, np.clip(stains["MAP2_CONFOCAL"] * 3, 0, 1))
    found = {cue.subject: cue for cue in quality.cues(*loaded(tmp_path))}
    assert set(found) == {"Constant picture", "Saturated stain", "Shifted pictures"}
    assert plane.name in found["Constant picture"].text
    assert map2.name in found["Saturated stain"].text
    text = found["Shifted pictures"].text
    assert dapi.name in text and ("9 px lower" in text or "8 px lower" in text or "10 px lower" in text)


def test_odd_pictures_are_found():
    measured = [quality.figures(RNG.normal(0.5, 0.1, (64, 64))) for _ in range(8)]
    assert quality.odd_ones(measured) == []
    measured[3] = quality.figures(ndimage.gaussian_filter(RNG.normal(0.5, 1, (64, 64)), 3))
    measured[5] = quality.figures(RNG.normal(0.9, 0.1, (64, 64)))
    assert quality.odd_ones(measured)[-1] == (5, "brighter")
    assert quality.odd_ones(measured)[0][0] == 3
    assert quality.odd_ones(measured[:4]) == []


def test_what_is_unlike_the_training_pictures():
    stack_ = light(nuclei()[0], 5)
    seen = quality.Ranges.of([quality.figures(plane) for plane in stack_])
    assert quality.Ranges.from_dict(seen.as_dict()) == seen
    other = light(nuclei(9)[0], 5, seed=4)
    assert [seen.outside(quality.figures(plane)) for plane in other] == [[]] * 5
    assert seen.outside(quality.figures(other[0] * 0.3)) == ["darker", "flatter"]
    assert "more blurred" in seen.outside(quality.figures(ndimage.gaussian_filter(other[0], 3)))


def test_small_pictures_are_refused(tmp_path):
    published_field(tmp_path)
    fields = find_fields([str(tmp_path)]).fields
    refuse_small(fields, network("unet"), 128)
    with pytest.raises(UserError, match="z_depth-0.*160×128 px, too small for Published"):
        refuse_small(fields, network("published"))
