"""AIDeveloper's networks have exactly its numbers of parameters and take exactly its frames."""

from __future__ import annotations

import pytest

from wizard.engine.errors import UserError
from wizard.engine.networks import NETWORKS
from wizard.engine.networks.base import build, network
from wizard.network_names import AIDEVELOPER

PARAMETERS = {
    "MLP_4_4_4": (4150, 12382, 16438),
    "MLP_8_8_8": (8362, 24818, 32938),
    "MLP_16_8_16": (16714, 49618, 65866),
    "MLP_24_16_24": (25458, 74810, 99186),
    "MLP_240": (246482, 739930, 983762),
    "MLP_96_80": (106322, 303578, 401234),
    "MLP_24_88_144": (39906, 90218, 113634),
    "MLP_64_32_16": (68242, 199450, 264850),
    "MLP_72_80_32": (82298, 230018, 303482),
    "MLP_64_80_32": (73458, 204794, 270066),
    "MLP_72_64_48_48": (84042, 231890, 305226),
    "MLP_72_48_24_32": (79346, 227066, 300530),
    "MLP_24_16_24_skipcon": (25458, 74810, 99186),
    "MLP_256_128_64_do": (303682, 828490, 1090114),
    "MLP_80_56_80_48_do": (95082, 259314, 340842),
    "MLP_72_64_48_48_do": (84042, 231890, 305226),
    "LeNet5": (61026, 62006, 337506),
    "LeNet5_do": (61026, 62006, 337506),
    "LeNet5_bn_do": (61930, 62910, 338410),
    "LeNet5_bn_do_skipcon": (136954, 137966, 505594),
    "TinyResNet": (11090, 11722, 11090),
    "TinyCNN": (2316, 2570, 9996),
    "MhNet1_bn_do_skipcon": (84702, 85526, 269022),
    "MhNet2_bn_do_skipcon": (3219206, 3745686, 12656390),
    "CNN_4Conv2Dense_Optim": (1698120, 1700284, 11725128),
    "VGG_small_1": (483298, 485930, 2879458),
    "VGG_small_2": (483430, 486198, None),
    "VGG_small_3": (509410, 511146, None),
    "VGG_small_4": (361954, 363690, 1148386),
    "Nitta_et_al_6layer": (475362, 477994, 2834658),
    "Nitta_et_al_8layer": (None, None, 270306),
    "Nitta_et_al_6layer_linact": (None, None, 213218),
    "Nitta_et_al_6layer_reluact": (475362, 477994, 2834658),
}
"""At 32 px, 1 channel, 2 classes; 32 px, 3 channels, 10 classes; 64 px, 1 channel, 2 classes; None = refused."""


def test_the_whole_zoo_is_here():
    assert {name for name, entry in NETWORKS.items() if entry.group == AIDEVELOPER} == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name):
    for shape, classes, wanted in zip(
        [(32, 32, 1), (32, 32, 3), (64, 64, 1)], (2, 10, 2), PARAMETERS[name], strict=True
    ):
        if wanted is None:
            with pytest.raises(UserError, match=r"too small|does not fit"):
                build(name, shape, classes, {})
        else:
            assert build(name, shape, classes, {}).count_params() == wanted


@pytest.mark.parametrize(
    "name", [name for name, entry in NETWORKS.items() if entry.group == AIDEVELOPER and entry.smallest > 8]
)
def test_smallest_frame_is_the_smallest_possible(name):
    side = NETWORKS[name].smallest - 1
    with pytest.raises(ValueError, match=r"(?i)negative|dimension|shape|inputs"):
        NETWORKS[name].build((side, side, 1), 2, {})


@pytest.mark.parametrize("name", ["VGG_small_2", "VGG_small_3"])
def test_frames_where_branches_meet(name):
    possible = [side for side in range(14, 60) if NETWORKS[name].side(side)]
    assert possible == [14, 15, 32, 34, 35, 36, 37, 39]
    for side in possible:
        build(name, (side, side, 1), 2, {})
    with pytest.raises(UserError, match="does not fit") as caught:
        build(name, (40, 36, 1), 2, {})
    assert "14-15, 32, 34-37 or 39 px" in caught.value.why


def test_drop_out_is_the_originals():
    def shares(name):
        net = build(name, (40, 40, 1), 2, {})
        return [layer.rate for layer in net.layers if layer.name.startswith("dropout")]

    assert shares("MLP_256_128_64_do") == [0.4, 0.3, 0.2]
    assert shares("LeNet5_bn_do") == [0.2, 0.5, 0.5]
    assert shares("Nitta_et_al_8layer") == [0.25, 0.25, 0.25, 0.5]
    assert shares("VGG_small_4") == [0.5, 0.25]
    assert shares("CNN_4Conv2Dense_Optim") == [0.4] * 6
    assert shares("MhNet1_bn_do_skipcon") == [0.05, 0.2, 0.3, 0.2, 0.05, 0.5, 0.3]


def test_perceptrons_of_any_size_are_understood():
    entry = network("MLP_5_6_7")
    assert entry.title == "MLP 5-6-7"
    assert build("MLP_5_6_7", (16, 20, 2), 3, {}).count_params() == 641 * 5 + 36 + 49 + 24
    assert "MLP_5_6_7" not in NETWORKS


@pytest.mark.parametrize(
    "name", ["MLP_", "MLP_0", "MLP_5000", "MLP_8_x", "MLP_8_8_do", "MLP_" + "_".join("8" * 9), "MLP_²"]
)
def test_other_perceptrons_are_not(name):
    with pytest.raises(UserError, match="no network called"):
        network(name)
