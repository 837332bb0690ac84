from __future__ import annotations

from math import prod

import numpy as np
import pytest

from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.labeling.heads import HEADS, decoded
from wizard.engine.labeling.networks import NETWORKS, build, network
from wizard.engine.labeling.networks.base import take_over, trunk_of
from wizard.engine.labeling.networks.cost import PUBLISHED_WINDOW, multiply_adds, parameters, per_pixel
from wizard.engine.labeling.networks.published import widths


@pytest.fixture(scope="module")
def released():
    """The network as released: 52 planes mixed into 16, 35 labels of 256 grey levels."""
    return build("published", 52, [f"label {n}" for n in range(35)], "bins", (250, 250), projection=16)


def stirred(net, seed=0):
    """Give a network weights and averages that hide nothing."""
    rng = np.random.default_rng(seed)
    for layer in net.layers:
        if layer.weights:
            layer.set_weights([
                rng.uniform(0.5, 1.5, w.shape) if "variance" in w.path or "gamma" in w.path
                else rng.normal(0, 0.3, w.shape) for w in layer.weights
            ])  # fmt: skip
    return net


def run(net, x):
    return keras.ops.convert_to_numpy(net(x, training=False))


def test_published_parameters(released):
    assert parameters(released) == 9_273_708
    towers = [
        sum(
            prod(w.shape)
            for layer in released.layers
            if layer.name.startswith(f"tower{n}")
            for w in layer.trainable_weights
        )
        for n in range(5)
    ]
    assert towers == [276_984, 456_200, 835_560, 1_533_000, 2_605_436]
    merge = sum(
        prod(w.shape)
        for layer in released.layers
        if layer.name.startswith(("merge", "trunk"))
        for w in layer.trainable_weights
    )
    assert merge == pytest.approx(2.41e6, rel=0.005)
    head = [layer for layer in released.layers if layer.name.startswith("head_label_7")]
    assert sum(prod(w.shape) for layer in head for w in layer.trainable_weights) == 2 * 64 + 128 * 256 + 256


def test_published_shapes(released):
    assert released.output.shape == (None, 8, 8, 35 * 256)
    sees = [released.get_layer(f"tower{n}_sees").output.shape[1] for n in range(4)]
    assert sees == [72, 102, 146, 202]
    table = {
        "tower0_scale0": (70, 16), "tower0_scale17": (36, 16), "tower1_half0": (50, 16), "tower1_half0_smooth": (48, 16),
        "tower1_scale13": (20, 20), "tower1_double0": (38, 12), "tower1_double0_smooth": (36, 12),
        "tower2_half1": (34, 16), "tower2_scale9": (12, 34), "tower2_double0": (22, 20), "tower3_half2_smooth": (20, 20),
        "tower3_scale5": (8, 50), "tower3_double0": (14, 34), "tower4_half3_smooth": (10, 40), "tower4_scale1": (6, 68),
        "tower4_double0": (10, 50), "tower4_double3_smooth": (36, 12), "towers": (36, 64), "merge0": (34, 64),
        "trunk": (8, 64),
    }  # fmt: skip
    found = {name: released.get_layer(name).output.shape[1::2] for name in table}
    assert found == table
    assert released.get_layer("tower4_scale1_expand").filters == 364
    assert released.get_layer("tower2_scale8_expand").filters == 158
    convolutions = [layer for layer in released.layers if hasattr(layer, "kernel") and layer.name.startswith("tower4")]
    assert len(convolutions) == 2 * 18


def test_published_widths():
    assert [widths(400, side) for side in (36, 8, 48)] == [(66, 12), (272, 50), (50, 10)]
    assert widths(396, 12) == (180, 34)


def test_published_cost():
    assert per_pixel("published", 13, 3, "bins", 250) == pytest.approx(PUBLISHED_WINDOW, rel=0.005)


def test_published_windows_are_blocks_of_the_whole():
    """One pass over 266 px gives what windows at shifts of 16 px give, and not at shifts of 8."""
    net = stirred(build("published", 2, ["a", "b"], "quantiles", base=20))
    picture = np.random.default_rng(1).uniform(0, 1, (1, 266, 266, 2)).astype(np.float32)
    whole = run(net, picture)
    assert whole.shape == (1, 24, 24, 6)
    places = [(0, 0), (16, 0), (0, 16), (16, 16), (8, 8)]
    windows = run(net, np.concatenate([picture[:, top : top + 250, left : left + 250] for top, left in places]))
    assert windows.shape == (5, 8, 8, 6)
    blocks = np.stack([whole[0, top : top + 8, left : left + 8] for top, left in places])
    np.testing.assert_allclose(windows[:4], blocks[:4], rtol=1e-4, atol=1e-5)
    assert np.abs(windows[4] - blocks[4]).max() > 1e-3


@pytest.mark.parametrize(("name", "told"), [*(("unet", told) for told in HEADS), ("published", "bins")])
def test_every_network_takes_the_heads(name, told):
    assert name in NETWORKS
    entry = network(name)
    options = {"base": 20} if name == "published" else {"width": 0.25}
    net = build(name, 3, ["Nuclei", "MAP2 (confocal)"], told, **options)
    channels = HEADS[told].channels
    side = entry.smallest + entry.step
    assert net.output.shape[-1] == 2 * channels
    found = run(decoded(net, told), np.full((1, entry.smallest, side, 3), 0.5, np.float32))
    assert found.shape == (1, entry.smallest - 2 * entry.lost, side - 2 * entry.lost, 2 * len(HEADS[told].gives))
    assert found.min() >= 0 and found.max() <= 1
    assert trunk_of(net, name).output.shape[-1] > 2


def test_unet_is_small_and_cheap():
    net = build("unet", 13, ["DAPI", "MAP2", "NFH"], sides=(256, 256))
    assert parameters(net) < 1_000_000
    each = multiply_adds(net) / 256**2
    assert each < 40_000
    assert PUBLISHED_WINDOW / each > 500


def test_multiply_adds_by_hand():
    inputs = keras.Input((8, 10, 3))
    x = keras.layers.Conv2D(4, 3)(inputs)
    x = keras.layers.Conv2DTranspose(2, 4, 2)(x)
    assert multiply_adds(keras.Model(inputs, x)) == 6 * 8 * 27 * 4 + 6 * 8 * 16 * 8


def test_the_unet_does_not_depend_on_the_place():
    net = stirred(build("unet", 2, ["a"], width=0.25))
    picture = np.random.default_rng(0).uniform(0, 1, (1, 224, 224, 2)).astype(np.float32)
    parts = run(net, picture[:, 16:, 32:])
    np.testing.assert_allclose(run(net, picture)[:, 112, 128], parts[:, 96, 96], rtol=1e-3, atol=1e-3)


def test_a_label_is_added():
    old = stirred(build("unet", 2, ["DAPI", "MAP2"], width=0.25))
    new = build("unet", 2, ["DAPI", "Islet 1", "MAP2"], width=0.25)
    fresh = take_over(new, old)
    assert fresh and all(name.startswith("head_islet_1") for name in fresh)
    picture = np.random.default_rng(0).uniform(0, 1, (1, 32, 48, 2)).astype(np.float32)
    before, after = run(old, picture), run(new, picture)
    np.testing.assert_allclose(before[..., :3], after[..., :3], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(before[..., 3:], after[..., 6:], rtol=1e-5, atol=1e-5)


def test_what_cannot_be_built_is_said():
    with pytest.raises(UserError, match="no network called 'gan'"):
        build("gan", 1, ["a"])
    with pytest.raises(UserError, match="no head"):
        build("unet", 1, ["a"], "mode")
    with pytest.raises(UserError, match="a name of its own"):
        build("unet", 1, ["MAP 2", "map_2"])
    with pytest.raises(UserError, match="Pictures of 260 px do not fit") as caught:
        build("published", 1, ["a"], sides=(250, 260))
    assert caught.value.action == "Use 266 px."
    assert network("unet").side(33) == 48
    assert network("published").side(1) == 250
