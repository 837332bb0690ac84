from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from wizard.engine.backend import keras
from wizard.engine.labeling.networks import build, network
from wizard.engine.labeling.tiling import Tiles, all_ways, predict, predict_into, tiles_for

RNG = np.random.default_rng(0)
SMALL = Tiles(tile=96, halo=16, overlap=16, step=16, batch=3)


def twice(pictures):
    """A network that tells each pixel's planes times two."""
    return 2 * pictures


def smooth(pictures):
    """A network with a field of 4 px around each pixel and zeros beyond its borders, as padded convolutions have."""
    return ndimage.convolve(pictures, np.ones((1, 9, 9, 1)) / 81, mode="constant")


def valid(pictures):
    """The same without padding: it loses 4 px at each border."""
    return smooth(pictures)[:, 4:-4, 4:-4]


@pytest.mark.parametrize("shape", [(200, 310), (64, 64), (65, 48), (7, 300), (1, 1), (129, 128), (10, 3)])
def test_every_pixel_is_answered_once(shape):
    picture = RNG.uniform(0, 1, (*shape, 2)).astype(np.float32)
    np.testing.assert_allclose(predict(twice, picture, SMALL), 2 * picture, atol=1e-6)
    filled = np.zeros(shape, int)

    def write(top, left, part):
        filled[top : top + part.shape[0], left : left + part.shape[1]] += 1

    predict_into(twice, lambda *box: picture[box[0] : box[2], box[1] : box[3]], shape, write, SMALL)
    assert (filled == 1).all()


def test_tiles_give_what_one_pass_gives():
    picture = RNG.uniform(0, 1, (230, 270, 2)).astype(np.float32)
    padded = np.pad(picture, ((4, 4), (4, 4), (0, 0)), mode="reflect")
    wanted = valid(padded[None])[0]
    np.testing.assert_allclose(predict(smooth, picture, SMALL), wanted, atol=1e-5)
    lossy = Tiles(tile=88, halo=0, overlap=16, lost=4, step=16, batch=2)
    np.testing.assert_allclose(predict(valid, picture, lossy), wanted, atol=1e-5)


def test_no_seams_where_tiles_do_not_agree():
    """A network whose answer depends on the place in the tile: neighbours fade into each other instead of a step."""

    def sloped(pictures):
        return pictures + np.linspace(0, 0.3, pictures.shape[2], dtype=np.float32)[None, None, :, None]

    picture = np.full((240, 400, 1), 0.5, np.float32)
    without = Tiles(tile=96, halo=16, overlap=0, step=16)
    jumps = {
        name: np.abs(np.diff(predict(sloped, picture, how)[..., 0], axis=1)).max(axis=0)
        for name, how in {"feathered": SMALL, "hard": without}.items()
    }
    assert jumps["hard"][np.arange(1, 6) * without.stride - 1].min() > 0.15
    assert jumps["feathered"].max() < 0.1 * jumps["hard"].max()


def test_memory_does_not_grow_with_the_picture():
    """No box that is read or written is larger than a tile, and reading stays near the tile in work."""
    boxes, parts = [], []

    def read(top, left, bottom, right):
        boxes.append((bottom - top, right - left))
        return np.zeros((bottom - top, right - left, 1), np.float32)

    done = []
    predict_into(twice, read, (1000, 3000), lambda top, left, part: parts.append(part.shape), SMALL, done.append)
    assert max(max(box) for box in boxes) <= SMALL.tile
    assert max(max(part[:2]) for part in parts) <= SMALL.core
    assert sum(part[0] * part[1] for part in parts) == 3_000_000
    assert done == sorted(done) and done[-1] == 1


def test_the_unet_in_tiles_is_the_unet():
    net = build("unet", 2, ["a"], "median", width=0.25)

    def run(pictures):
        return keras.ops.convert_to_numpy(net(pictures, training=False))

    picture = RNG.uniform(0.3, 0.7, (256, 320, 2)).astype(np.float32)
    how = Tiles(tile=224, halo=48, overlap=32)
    whole = run(picture[None])[0]
    inner = (slice(112, -112), slice(112, -112))
    rest = np.abs(predict(run, picture, how) - whole)[inner]
    assert rest.mean() < 0.1 * whole.std()
    exact = predict(run, picture, Tiles(tile=304, halo=112, overlap=16))
    np.testing.assert_allclose(exact[inner], whole[inner], atol=2e-3 * whole.std())


def test_tiles_that_fit_networks_and_pictures():
    entry = network("published")
    how = tiles_for(entry)
    assert how.lost == 121 and how.tile % 16 == 250 % 16 and how.core >= 2 * how.fade
    picture = RNG.uniform(0, 1, (150, 30, 1)).astype(np.float32)
    found = predict(lambda x: x[:, 121:-121, 121:-121], picture, tiles_for(entry, (150, 30)))
    np.testing.assert_allclose(found, picture, atol=1e-6)
    fast = network("unet")
    assert tiles_for(fast).tile <= 640 and tiles_for(fast).tile % 16 == 0
    small = tiles_for(fast, (256, 256))
    assert small.core >= 256 and small.tile < 400


def test_turned_and_mirrored_views_are_averaged():
    picture = RNG.uniform(0, 1, (2, 32, 32, 1)).astype(np.float32)
    np.testing.assert_allclose(all_ways(twice)(picture), 2 * picture, atol=1e-6)
    sloped = all_ways(lambda x: x + np.linspace(0, 1, 32, dtype=np.float32)[None, :, None, None])(picture)
    np.testing.assert_allclose(sloped, picture + 0.5, atol=1e-5)


def test_tiles_that_leave_nothing():
    with pytest.raises(ValueError, match="leave too little"):
        predict(twice, np.zeros((9, 9, 1)), Tiles(tile=64, halo=32))
