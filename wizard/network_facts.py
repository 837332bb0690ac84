"""What a form says of each network: a line of help and the smallest frame; light copies of the registry's facts."""

from __future__ import annotations

from importlib import metadata

from wizard.network_names import AIDEVELOPER, KNOWN, RECOMMENDED, TITLES, group_of

OWN = "Your own"
"""The group of networks that other packages add."""

_SMALLEST = {
    "compact": 16, "resnet18": 16, "inceptionv3": 75, "inceptionresnetv2": 75, "xception": 71, "LeNet5": 16,
    "LeNet5_do": 16, "LeNet5_bn_do": 16, "TinyCNN": 10, "CNN_4Conv2Dense_Optim": 16, "VGG_small_1": 16,
    "VGG_small_2": 14, "VGG_small_3": 14, "VGG_small_4": 8, "Nitta_et_al_6layer": 16, "Nitta_et_al_8layer": 36,
    "Nitta_et_al_6layer_linact": 38, "Nitta_et_al_6layer_reluact": 16,
}  # fmt: skip
_USUAL = {RECOMMENDED: 16, KNOWN: 32, AIDEVELOPER: 4}

_LINES = {
    "fast": "For a first look, old PCs and large data sets.",
    "balanced": "Recommended: trains in minutes on an office PC.",
    "thorough": "Twice as deep, half as fast; for large data sets.",
    "compact": "The recommended network of earlier versions.",
    "resnet18": "11 million parameters; fits small frames.",
    "resnet50": "Deepometry's; slow without a graphics processor.",
    "mobilenetv2": "2.3 million parameters; made for phones.",
    "efficientnetb0": "4 million parameters; made for large frames.",
    "MLP_": "All pixels into dense layers: fast, blind to places.",
    "LeNet5": "A classic; quick, for small frames.",
    "TinyResNet": "Very few parameters, any frame.",
    "TinyCNN": "The smallest convolutional network.",
    "MhNet1": "Five convolutions with skips, much drop-out.",
    "MhNet2": "Grows fast with the frame.",
    "CNN_4": "Found by search for retina cells of 32 px.",
    "VGG_small_2": "Few frame sizes fit.",
    "VGG_small_3": "Few frame sizes fit.",
    "VGG_small": "Four convolutions; grows with the frame.",
    "Nitta": "After an intelligent cell sorter of 2018.",
}


def smallest(name: str) -> int:
    """Return the smallest side of a frame in px that a network takes; 0 when that is not known here."""
    return _SMALLEST.get(name, _USUAL.get(group_of(name), 0))


def line(name: str) -> str:
    """Return one line about a network."""
    if name in _LINES:
        return _LINES[name]
    own = next((text for start, text in _LINES.items() if name.startswith(start) and group_of(name) == AIDEVELOPER), "")
    if own or group_of(name) == AIDEVELOPER:
        return own
    return "From Keras; for frames of 64 px and more." if group_of(name) == KNOWN else "From another package."


def by_group() -> dict[str, list[tuple[str, str]]]:
    """Return group → (name, title) of its networks, in the order of a form; the user's own ones last."""
    groups: dict[str, list[tuple[str, str]]] = {RECOMMENDED: [], KNOWN: [], AIDEVELOPER: []}
    for name, title in TITLES.items():
        groups[group_of(name)].append((name, title))
    own = sorted({point.name for point in metadata.entry_points(group="cytowizard.networks")} - set(TITLES))
    return groups | ({OWN: [(name, name) for name in own]} if own else {})
