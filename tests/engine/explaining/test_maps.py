"""Maps of networks that look at one channel or at one corner only."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.explaining.conftest import FLAT, SIDE, model
from wizard.engine import ensemble
from wizard.engine.backend import keras
from wizard.engine.explaining.gradients import GradCam, Integrated, cam_layer
from wizard.engine.explaining.occlusion import occlusion, patch_side
from wizard.engine.explaining.score import baselines, centred, log_odds


def ask(net):
    return lambda images: np.asarray(net(images, training=False))


def nothing():
    return None


def test_log_odds_are_those_of_softmax():
    logits = np.array([[1.0, 2.0, 0.5], [300.0, -300.0, 0.0]])
    shares = np.exp(logits[0]) / np.exp(logits[0]).sum()
    found = log_odds(logits, np.array([1, 0]))
    assert found[0] == pytest.approx(np.log(shares[1] / (1 - shares[1])))
    assert found[1] == pytest.approx(300.0), "there is no ceiling"


def test_the_empty_place_is_the_median_of_the_rim(cell):
    empty = baselines(cell[None], "background", {})
    assert empty.shape == (1, 1, 1, 3)
    assert np.abs(empty).max() < 0.02, "the disc is not on the rim"
    greys = {"kind": "mean_sd", "offset": [0] * 3, "scale": [1] * 3,
             "greys": {"mean": [1, 2, 3], "sd": [1] * 3, "black": [0] * 3, "step": [1] * 3}}  # fmt: skip
    assert baselines(cell[None], "mean", greys).ravel().tolist() == [1, 2, 3]


def test_cells_in_the_middle_are_told_from_others(cell):
    moved = np.roll(cell, (6, 6), axis=(0, 1))
    assert centred(np.stack([cell, moved])).tolist() == [False, True]


@pytest.mark.parametrize("number", [0, 1])
def test_integrated_gradients_are_complete_and_find_the_channel(one_channel, cell, number):
    empty = baselines(cell[None], "background", {})[0]
    found, gap = Integrated(one_channel)(cell, empty, number, nothing)
    assert found.shape == (3, SIDE, SIDE)
    before, after = log_odds(
        ask(one_channel)(np.stack([np.broadcast_to(empty, cell.shape), cell])), np.array([number, number])
    )
    assert found.sum() == pytest.approx(after - before, rel=0.05) and gap < 0.05
    by_channel = np.abs(found).sum(axis=(1, 2))
    assert by_channel[1] > 0 and by_channel[0] == by_channel[2] == 0
    assert (found[1, 3:9, 3:9] > 0).all() if number == 1 else (found[1, 3:9, 3:9] < 0).all()


def test_integrated_gradients_of_our_network_are_complete(cell):
    from wizard.engine.networks.base import build

    keras.utils.set_random_seed(3)
    net = build("fast", (SIDE, SIDE, 3), 3, {"intensities": True})
    empty = baselines(cell[None], "background", {})[0]
    calls = []
    found, gap = Integrated(net)(cell, empty, 2, lambda: calls.append(1))
    before, after = log_odds(ask(net)(np.stack([np.broadcast_to(empty, cell.shape), cell])), np.array([2, 2]))
    assert gap < 0.1 and found.sum() == pytest.approx(after - before, abs=0.1 * max(1, abs(after - before)))
    assert calls, "progress is told between batches"


def test_integrated_gradients_find_the_corner(one_corner, cell):
    found, _ = Integrated(one_corner)(cell[..., :2], np.zeros((1, 1, 2), np.float32), 1, nothing)
    half = SIDE // 2
    inside = np.abs(found[:, :half, :half]).sum()
    assert inside == pytest.approx(np.abs(found).sum()) and inside > 0


def test_occlusion_finds_channel_and_place(one_channel, cell):
    empty = baselines(cell[None], "background", {})[0]
    found = occlusion(cell, empty, 1, 4, ask(one_channel), nothing)
    assert found.shape == (4, SIDE, SIDE)
    assert found[2].max() > 1 and found[0].max() > 1
    assert np.abs(found[[1, 3]]).max() < 1e-4, "channels that are not seen cannot matter"
    y, x = np.unravel_index(found[2].argmax(), found[2].shape)
    assert 3 <= y < 9 and 3 <= x < 9
    assert np.isfinite(found).all(), "every pixel is covered at least once"


def test_occlusion_of_one_channel_has_the_same_plane_twice(one_corner, cell):
    found = occlusion(cell[..., :1], np.zeros((1, 1, 1), np.float32), 1, 5,
                      lambda images: ask(one_corner)(np.repeat(images, 2, axis=-1)), nothing)  # fmt: skip
    assert found.shape == (2, SIDE, SIDE) and (found[0] == found[1]).all()
    assert np.abs(found[0][SIDE // 2 + 5 :]).max() < 1e-4


def test_the_square_is_an_eighth_of_the_frame_unless_chosen():
    assert patch_side((48, 64), 0) == 6 and patch_side((16, 16), 0) == 3
    assert patch_side((48, 64), 200) == 48, "never larger than the frame"


def test_grad_cam_finds_the_place(one_channel, cell):
    assert cam_layer(model(one_channel)) == "conv"
    found = GradCam(model(one_channel), "conv")(cell, 1)
    assert found.shape == (SIDE, SIDE) and found.min() >= 0
    assert found[3:9, 3:9].mean() > 20 * found[12:, 12:].mean()
    assert GradCam(model(one_channel), "conv")(cell, 0).max() == 0, "nothing speaks for the other class"


def test_grad_cam_works_where_all_weights_are_frozen(one_channel, cell):
    one_channel.trainable = False
    assert GradCam(model(one_channel), "conv")(cell, 1).max() > 0


def test_grad_cam_of_an_ensemble_is_the_mean_of_its_members(one_channel, cell):
    other = keras.models.clone_model(one_channel)
    other.set_weights([weight * 0 for weight in one_channel.get_weights()])
    whole, _ = ensemble.combine([one_channel, other], {"stage 5": "conv"})
    found = GradCam(model(whole), "conv")(cell, 1)
    assert found == pytest.approx(GradCam(model(one_channel), "conv")(cell, 1) / 2, abs=1e-5)
    gradients, gap = Integrated(whole)(cell, np.zeros((1, 1, 3), np.float32), 1, nothing)
    assert gap < 0.1 and np.abs(gradients[[0, 2]]).max() == 0


def test_a_network_without_places_has_no_grad_cam(one_corner):
    assert cam_layer(model(one_corner, FLAT.name)) == ""
