"""Names, titles and groups of the networks, for forms and reports; light, so that a window opens at once."""

from __future__ import annotations

RECOMMENDED, KNOWN, AIDEVELOPER = "Recommended", "Known networks", "AIDeveloper"
"""The groups in the order of the form."""

_RECOMMENDED = {"fast": "Fast", "balanced": "Balanced", "thorough": "Thorough"}

_KNOWN = {
    "compact": "Compact",
    "resnet18": "ResNet18",
    "resnet50": "ResNet50 (Deepometry)",
    "resnet101": "ResNet101",
    "resnet152": "ResNet152",
    "resnet50v2": "ResNet50 V2",
    "resnet101v2": "ResNet101 V2",
    "resnet152v2": "ResNet152 V2",
    "mobilenet": "MobileNet",
    "mobilenetv2": "MobileNet V2",
    "mobilenetv3small": "MobileNet V3 small",
    "mobilenetv3large": "MobileNet V3 large",
    **{f"efficientnetb{size}": f"EfficientNet-B{size}" for size in range(8)},
    **{f"efficientnetv2b{size}": f"EfficientNet V2-B{size}" for size in range(4)},
    "efficientnetv2s": "EfficientNet V2-S",
    "efficientnetv2m": "EfficientNet V2-M",
    "efficientnetv2l": "EfficientNet V2-L",
    "densenet121": "DenseNet121",
    "densenet169": "DenseNet169",
    "densenet201": "DenseNet201",
    "inceptionv3": "Inception V3",
    "inceptionresnetv2": "Inception-ResNet V2",
    "xception": "Xception",
    "nasnetmobile": "NASNet mobile",
    "nasnetlarge": "NASNet large",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "convnexttiny": "ConvNeXt tiny",
    "convnextsmall": "ConvNeXt small",
    "convnextbase": "ConvNeXt base",
    "convnextlarge": "ConvNeXt large",
    "convnextxlarge": "ConvNeXt extra large",
}

_PERCEPTRONS = (
    "MLP_4_4_4", "MLP_8_8_8", "MLP_16_8_16", "MLP_24_16_24", "MLP_240", "MLP_96_80", "MLP_24_88_144",
    "MLP_64_32_16", "MLP_72_80_32", "MLP_64_80_32", "MLP_72_64_48_48", "MLP_72_48_24_32", "MLP_24_16_24_skipcon",
    "MLP_256_128_64_do", "MLP_80_56_80_48_do", "MLP_72_64_48_48_do",
)  # fmt: skip

_CONVOLUTIONAL = {
    "LeNet5": "LeNet-5",
    "LeNet5_do": "LeNet-5, drop-out",
    "LeNet5_bn_do": "LeNet-5, batch norm, drop-out",
    "LeNet5_bn_do_skipcon": "LeNet-5, batch norm, drop-out, skips",
    "TinyResNet": "TinyResNet",
    "TinyCNN": "TinyCNN",
    "MhNet1_bn_do_skipcon": "MhNet 1",
    "MhNet2_bn_do_skipcon": "MhNet 2",
    "CNN_4Conv2Dense_Optim": "CNN, 4 convolutions, 2 dense",
    "VGG_small_1": "Small VGG 1",
    "VGG_small_2": "Small VGG 2",
    "VGG_small_3": "Small VGG 3",
    "VGG_small_4": "Small VGG 4",
    "Nitta_et_al_6layer": "Nitta, 6 layers",
    "Nitta_et_al_8layer": "Nitta, 8 layers",
    "Nitta_et_al_6layer_linact": "Nitta, 6 layers, linear end",
    "Nitta_et_al_6layer_reluact": "Nitta, 6 layers, ReLU end",
}

_ENDS = {"do": "drop-out", "skipcon": "skip"}


def perceptron_title(name: str) -> str:
    """Return the title of a multilayer perceptron from its name, e.g. `MLP_24_16_24_skipcon`."""
    sizes = [part for part in name.split("_")[1:] if part.isdigit()]
    end = _ENDS.get(name.rsplit("_", 1)[-1])
    return f"MLP {'-'.join(sizes)}" + (f", {end}" if end else "")


TITLES: dict[str, str] = {
    **_RECOMMENDED,
    **_KNOWN,
    **{name: perceptron_title(name) for name in _PERCEPTRONS},
    **_CONVOLUTIONAL,
}
"""Name → title of every network that comes with the program, in the order of the form."""


def group_of(name: str) -> str:
    """Return the group of a network's name; the user's own networks belong to none of them: empty."""
    if name in _RECOMMENDED:
        return RECOMMENDED
    if name in _KNOWN:
        return KNOWN
    return AIDEVELOPER if name in TITLES or name.startswith("MLP_") else ""


def labels() -> dict[str, str]:
    """Return name → text of the choice in a form, unique."""
    texts = {
        name: f"{AIDEVELOPER}: {title}" if group_of(name) == AIDEVELOPER else title for name, title in TITLES.items()
    }
    return texts | {"balanced": "Balanced (recommended)"}
