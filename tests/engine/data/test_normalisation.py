from __future__ import annotations

import json

import numpy as np
import pytest

from wizard.engine.data import normalisation
from wizard.plan import step_settings


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return np.stack([rng.normal(1000, 50, (60, 12, 12)), rng.normal(30, 3, (60, 12, 12))], axis=1).astype(np.uint16)


def test_mean_sd_centres_each_channel(images):
    made = normalisation.apply(images, normalisation.fit("mean_sd", images))
    assert made.shape == (60, 12, 12, 2)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made.mean(axis=(0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(made.std(axis=(0, 1, 2)), 1, atol=1e-3)


def test_constants_are_of_the_training_cells_only(images):
    constants = normalisation.fit("mean_sd", images)
    brighter = normalisation.apply(images + 100, constants)
    assert brighter.mean() > 1


def test_percentile_is_clipped(images):
    images[0, 0, 0, 0] = 60000
    made = normalisation.apply(images, normalisation.fit("percentile", images))
    assert made.min() == -1
    assert made.max() == 1


def test_per_cell_forgets_absolute_intensity(images):
    constants = normalisation.fit("per_cell", images)
    ten_times = normalisation.apply(images.astype(np.uint32) * 10, constants)
    np.testing.assert_allclose(ten_times, normalisation.apply(images, constants), atol=1e-5)


@pytest.mark.parametrize("kind", list(normalisation.NORMALISATIONS))
def test_flat_cells_stay_finite(kind):
    flat = np.full((4, 1, 8, 8), 7, np.uint8)
    assert np.isfinite(normalisation.apply(flat, normalisation.fit(kind, flat))).all()


def test_aidevelopers_four(images):
    raw = images.astype(np.float64)
    expected = {
        "none": raw,
        "by_255": raw / 255,
        "image_sd": (raw - raw.mean(axis=(1, 2, 3), keepdims=True)) / raw.std(axis=(1, 2, 3), keepdims=True),
        "all_sd": (raw - raw.mean()) / raw.std(),
    }
    for kind, wanted in expected.items():
        made = normalisation.apply(images, normalisation.fit(kind, images))
        np.testing.assert_allclose(np.moveaxis(made, -1, 1), wanted, rtol=1e-3, atol=1e-4)


def test_deepometrys_scaling_after_its_stretch(images):
    low, high = (end(axis=(2, 3), keepdims=True).astype(float) for end in (images.min, images.max))
    stretched = (images - low) / (high - low) * 255
    mean = stretched.mean(axis=(0, 2, 3)).reshape(1, 2, 1, 1)
    made = normalisation.apply(images, normalisation.fit("deepometry", images))
    np.testing.assert_allclose(np.moveaxis(made, -1, 1), (stretched - mean + 255) / 510, atol=1e-5)


@pytest.mark.parametrize("kind", list(normalisation.NORMALISATIONS))
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_undone_is_what_it_was(kind, dtype):
    raw = np.random.default_rng(0).integers(0, 256, (30, 3, 10, 14)).astype(dtype)
    constants = normalisation.fit(kind, raw)
    again = normalisation.undo(normalisation.apply(raw, constants), constants, raw)
    clip = np.percentile(raw, (1, 99)) if kind == "percentile" else (0, 255)
    np.testing.assert_allclose(again, np.clip(raw.astype(float), *clip), atol=1.5 if kind == "percentile" else 0.05)


@pytest.mark.parametrize("kind", list(normalisation.NORMALISATIONS))
def test_constants_tell_where_grey_levels_lie_and_outlive_json(kind, images):
    constants = json.loads(json.dumps(normalisation.fit(kind, images)))
    normalisation.check(constants, 2)
    greys = normalisation.greys(constants, 2)
    made = normalisation.apply(images, constants)
    np.testing.assert_allclose(greys.mean, made.mean(axis=(0, 1, 2)), atol=1e-3)
    np.testing.assert_allclose(greys.sd, made.std(axis=(0, 1, 2)), rtol=1e-3)
    if kind in ("mean_sd", "all_sd", "none", "by_255"):
        dark = normalisation.apply(np.zeros_like(images), constants)
        np.testing.assert_allclose(greys.black, dark[0, 0, 0], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(greys.step, normalisation.apply(np.ones_like(images), constants)[0, 0, 0]
                                   - dark[0, 0, 0], rtol=1e-2)  # fmt: skip


def test_older_constants_without_grey_levels_are_good():
    constants = {"kind": "mean_sd", "offset": [1.0, 2.0], "scale": [3.0, 4.0]}
    normalisation.check(constants, 2)
    assert normalisation.greys(constants, 2).sd == (1.0, 1.0)


GOOD = {"kind": "mean_sd", "offset": [1.0, 2.0], "scale": [3.0, 4.0]}


@pytest.mark.parametrize(
    ("constants", "words"),
    [
        ("mean_sd", "unknown"), ({}, "unknown"), ({"kind": "magic"}, "'magic' is unknown"), ({"kind": ["a"]}, "unknown"),
        ({"kind": "mean_sd"}, "one number"), ({**GOOD, "offset": [1.0]}, "one number"),
        ({**GOOD, "offset": "12"}, "one number"), ({**GOOD, "offset": [1.0, "x"]}, "not numbers"),
        ({**GOOD, "offset": [1.0, True]}, "not numbers"), ({**GOOD, "offset": [1.0, float("nan")]}, "not numbers"),
        ({**GOOD, "scale": [1.0, 0.0]}, "zero"), ({**GOOD, "scale": [1.0, float("inf")]}, "not numbers"),
        ({**GOOD, "scale": [1.0, 10**400]}, "not numbers"), ({"kind": "deepometry", "offset": []}, "one number"),
        ({**GOOD, "greys": [1]}, "damaged"), ({**GOOD, "greys": {"mean": [0, 0], "sd": [1, 1]}}, "damaged"),
        ({**GOOD, "greys": dict.fromkeys(("mean", "sd", "black", "step"), [0.0, 0.0])}, "zero"),
    ],
)  # fmt: skip
def test_damaged_constants_are_refused(constants, words):
    with pytest.raises(ValueError, match=words):
        normalisation.check(constants, 2)


def test_the_setting_offers_every_normalisation():
    item = next(item for item in step_settings("train") if item.name == "normalisation")
    assert set(item.choices) == set(normalisation.NORMALISATIONS)


@pytest.mark.parametrize("kind", list(normalisation.NORMALISATIONS))
@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "i2", "u4", "f2", "f4", "f8"])
def test_every_stored_type_gives_the_same(kind, dtype):
    raw = np.random.default_rng(0).integers(0, 120, (6, 2, 9, 7)).astype(np.uint8)
    constants = normalisation.fit(kind, raw)
    read_only = np.moveaxis(np.moveaxis(raw, 1, -1).astype(dtype), -1, 1)
    read_only.flags.writeable = False
    np.testing.assert_allclose(
        normalisation.apply(read_only, constants), normalisation.apply(raw, constants), atol=1e-5
    )
    assert normalisation.apply(raw[:0], constants).shape == (0, 9, 7, 2)
    one = normalisation.apply(raw[2:3], constants)
    np.testing.assert_allclose(one, normalisation.apply(raw, constants)[2:3], atol=1e-6)


def test_a_small_spread_on_a_high_level_is_kept():
    raw = np.random.default_rng(0).random((4, 1, 8, 8)) + 60000
    made = normalisation.apply(raw, normalisation.fit("image_sd", raw))
    np.testing.assert_allclose(made.std(axis=(1, 2, 3)), 1.0, rtol=0.05)
