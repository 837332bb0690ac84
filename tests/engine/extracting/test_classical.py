from __future__ import annotations

import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops
from skimage.measure import regionprops

from wizard.engine.extracting import naming
from wizard.engine.extracting.classical import measure


def ellipse(height=41, width=37, centre=(19.3, 17.8), axes=(12.0, 7.0), turn=0.6):
    y, x = np.mgrid[:height, :width]
    v, u = y - centre[0], x - centre[1]
    along, across = v * np.cos(turn) + u * np.sin(turn), -v * np.sin(turn) + u * np.cos(turn)
    return (along / axes[0]) ** 2 + (across / axes[1]) ** 2 <= 1


def one(values, names, name):
    return float(values[0, names.index(name)])


def names_of(channels):
    return [feature.name for feature in naming.classical(channels)]


@pytest.fixture(scope="module")
def cell():
    """A mask with a dent, an image in two channels, the features by name, and what scikit-image says."""
    mask = ellipse()
    mask[18:22, 20:37] = False
    chance = np.random.default_rng(3)
    image = chance.integers(90, 110, (2, *mask.shape)).astype(np.uint16)
    image[0][mask] += chance.integers(100, 300, mask.sum()).astype(np.uint16)
    image[1][mask] += (image[0][mask] // 2).astype(np.uint16)
    masks = np.repeat(mask[None, None].astype(np.uint8), 2, axis=1)
    values, found = measure(image[None], masks, pixel_size=0.5)
    assert found.tolist() == [0]
    names = names_of(["Ch1", "Ch2"])
    assert values.shape == (1, len(names))
    return mask, image, dict(zip(names, values[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("area", "area"), ("perimeter", "perimeter"), ("eccentricity", "eccentricity"), ("solidity", "solidity"),
     ("major axis", "axis_major_length"), ("minor axis", "axis_minor_length")],
)  # fmt: skip
def test_outlines_are_those_of_scikit_image(cell, ours, theirs):
    mask, _, found = cell
    assert found[ours] == pytest.approx(getattr(regionprops(mask.astype(int))[0], theirs), rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_odd_outlines_too(seed):
    mask = np.random.default_rng(seed).random((17, 23)) > 0.6
    image = np.random.default_rng(seed).random((1, 1, 17, 23)).astype(np.float32)
    values, _ = measure(image, mask[None, None].astype(np.uint8))
    props, names = regionprops(mask.astype(int))[0], names_of(["a"])
    for ours, theirs in (("perimeter", "perimeter"), ("solidity", "solidity"), ("eccentricity", "eccentricity")):
        assert one(values, names, ours) == pytest.approx(getattr(props, theirs), rel=1e-5)


def test_area_in_micrometres(cell):
    assert cell[2]["area um2"] == pytest.approx(cell[2]["area"] * 0.25)


def test_intensities_are_over_the_background(cell):
    mask, image, found = cell
    inside, back = image[0][mask].astype(float), found["Ch1 background"]
    assert 97 <= back <= 102
    assert found["Ch1 mean"] == pytest.approx(inside.mean() - back, rel=1e-5)
    assert found["Ch1 median"] == pytest.approx(np.median(inside) - back, rel=1e-5)
    assert found["Ch1 max"] == pytest.approx(inside.max() - back, rel=1e-5)
    assert found["Ch1 sum"] == pytest.approx((inside - back).sum(), rel=1e-5)
    assert found["Ch1 SD"] == pytest.approx(inside.std(), rel=1e-5)
    expected = np.corrcoef(image[0][mask], image[1][mask])[0, 1]
    assert found["Ch1 Ch2 correlation"] == pytest.approx(expected, rel=1e-5)


def test_texture_is_that_of_scikit_image_where_all_pixels_are_the_cell():
    image = np.random.default_rng(0).integers(0, 16, (12, 14)).astype(np.uint8)
    image[0, :2] = 0, 15
    values, _ = measure(image[None, None], np.ones((1, 1, 12, 14), np.uint8))
    matrix = graycomatrix(image, [1], [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4], levels=16, symmetric=True)
    pooled = matrix.sum(axis=3, keepdims=True).astype(np.float64)
    pooled /= pooled.sum()
    for name in ("contrast", "homogeneity", "energy", "correlation"):
        expected = graycoprops(pooled, name)[0, 0]
        assert one(values, names_of(["a"]), f"a {name}") == pytest.approx(expected, rel=1e-5)


def test_texture_tells_stripes_from_a_slope():
    y, x = np.mgrid[:20, :20]
    stripes, slope = (x % 2) * 100.0, x * 5.0
    images = np.stack([stripes, slope])[:, None].astype(np.float32)
    values, _ = measure(images, np.ones((2, 1, 20, 20), np.uint8))
    contrast = values[:, names_of(["a"]).index("a contrast")]
    gradient = values[:, names_of(["a"]).index("a gradient")]
    assert contrast[0] > 50 * contrast[1]
    assert gradient[1] == pytest.approx(5.0)


def test_a_bright_middle_is_told_from_a_bright_rim():
    mask = ellipse(41, 41, (20, 20), (15, 15), 0)
    y, x = np.mgrid[:41, :41]
    away = np.hypot(y - 20, x - 20)
    images = np.stack([np.where(mask, 100 + 20 - away, 100), np.where(mask, 100 + away, 100)])[:, None]
    values, _ = measure(images.astype(np.float32), np.repeat(mask[None, None], 2, axis=0).astype(np.uint8))
    rings = values[:, [names_of(["a"]).index(f"a {name}") for name in ("centre", "middle", "rim")]]
    assert rings[0, 0] > rings[0, 1] > rings[0, 2] and rings[1, 0] < rings[1, 1] < rings[1, 2]


def seen(mask, level=60.0, seed=0, sign=1):
    """An image of background noise with the cell over it."""
    chance = np.random.default_rng(seed)
    return (100 + chance.normal(0, 3, mask.shape) + sign * level * mask).astype(np.float32)


@pytest.mark.parametrize("sign", [1, -1], ids=["bright", "dark"])
def test_cells_without_a_mask_are_found_by_a_threshold(sign):
    mask = ellipse(48, 48, (22, 25), (11, 8), 0.3)
    values, found = measure(seen(mask, sign=sign)[None, None])
    assert found.tolist() == [1]
    assert one(values, names_of(["a"]), "area") == pytest.approx(mask.sum(), rel=0.12)
    assert one(values, names_of(["a"]), "a mean") * sign == pytest.approx(60, rel=0.15)


def test_a_channel_of_noise_does_not_hide_the_cell():
    mask = ellipse(48, 48, (22, 25), (11, 8), 0.3)
    noise = np.random.default_rng(5).normal(100, 3, mask.shape).astype(np.float32)
    values, found = measure(np.stack([noise, seen(mask), noise[::-1]])[None])
    assert found.tolist() == [1]
    assert one(values, names_of(["a", "b", "c"]), "area") == pytest.approx(mask.sum(), rel=0.12)


@pytest.mark.parametrize("padding", ["constant", "edge"])
def test_padding_does_not_count(padding):
    mask = ellipse(30, 28, (14, 13), (9, 7), 0.3)
    image = seen(mask)
    wide = ((10, 12), (9, 15))
    framed = np.pad(image, wide, mode=padding) if padding == "edge" else np.pad(image, wide, constant_values=0)
    small, _ = measure(image[None, None])
    large, found = measure(framed[None, None])
    assert found.tolist() == [1]
    np.testing.assert_allclose(large, small, rtol=1e-5)


def test_the_place_in_the_frame_may_be_given_where_padding_cannot_be_seen():
    mask = ellipse(30, 28, (14, 13), (9, 7), 0.3)
    image = seen(mask)
    framed = np.random.default_rng(1).normal(500, 80, (50, 50)).astype(np.float32)
    framed[10:40, 11:39] = image
    small, _ = measure(image[None, None])
    large, _ = measure(framed[None, None], boxes=np.array([[10, 40, 11, 39]]))
    np.testing.assert_allclose(large, small, rtol=1e-5)


@pytest.mark.parametrize("kind", ["flat", "noise", "not a number"])
def test_where_nothing_is_seen_all_is_missing(kind):
    image = np.full((1, 1, 24, 24), 7, np.float32)
    if kind == "noise":
        image = np.random.default_rng(0).normal(0, 1, image.shape).astype(np.float32)
    elif kind == "not a number":
        image[:] = np.nan
    values, found = measure(image)
    if kind == "noise":
        assert found[0] in (1, 2)
    else:
        assert found.tolist() == [2] and np.isnan(values).all()


def test_a_flat_cell_in_a_mask_has_figures():
    mask = np.zeros((1, 1, 16, 16), np.uint8)
    mask[..., 4:12, 4:12] = 1
    values, found = measure(np.full((1, 1, 16, 16), 9, np.uint8), mask)
    names = names_of(["a"])
    assert found.tolist() == [0] and one(values, names, "area") == 64
    assert one(values, names, "a SD") == 0 and one(values, names, "a energy") == 1
    assert np.isfinite(values).all()


def test_names_are_stable_and_described():
    names = names_of(["Ch3", "Ch6"])
    assert names[:3] == ["area", "area um2", "perimeter"] and "Ch3 mean" in names and "Ch6 contrast" in names
    assert names[-1] == "Ch3 Ch6 correlation" and len(set(names)) == len(names)
    assert all(feature.meaning for feature in naming.classical(["Ch3", "Ch6"]))
    assert len(names_of([f"c{n}" for n in range(20)])) == 7 + 20 * 15
    assert "a_2 mean" in names_of(["a", "a"])
