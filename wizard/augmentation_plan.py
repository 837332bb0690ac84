"""The settings of Train that change the training images, and the presets: other values of the same settings."""

from __future__ import annotations

from typing import Any, Literal

from wizard.settings import StepPlan, setting

_HERE: dict[str, Any] = {"basic": False, "section": "Augmentation"}


class AugmentationPlan(StepPlan):
    """The ranges of the random changes, each on its own; they count when the augmentation is `own`.

    The defaults are those of the flow cell. Grey levels are given in SD of the channel over the training cells.
    """

    flip_horizontal: bool = setting(True, "Flip left-right", "Every second cell is mirrored left to right.", **_HERE)
    flip_vertical: bool = setting(True, "Flip up-down", "Every second cell is mirrored top to bottom.", **_HERE)
    rotation: float = setting(
        180.0, "Rotation", "Largest turn to either side; 180 is any direction.", unit="°", ge=0.0, le=180.0, **_HERE
    )
    shift: float = setting(
        0.06, "Shift", "Largest move along each side, as a share of the frame.", ge=0.0, le=0.5, **_HERE
    )
    zoom: float = setting(
        0.0, "Zoom", "Largest change of size, e.g. 0.1 is about 10 % smaller or larger.", ge=0.0, le=0.7, **_HERE
    )
    shear: float = setting(0.0, "Shear", "Largest slant to either side.", unit="°", ge=0.0, le=45.0, **_HERE)
    fill: Literal["reflect", "nearest"] = setting(
        "reflect",
        "Fill",
        "What comes in from outside of the frame where a cell was turned or moved.",
        labels={"reflect": "The cell's own border, mirrored", "nearest": "The outermost pixel, repeated"},
        **_HERE,
    )
    brightness_add: float = setting(
        0.0, "Brightness, added", "Largest grey level added or taken away.", unit="SD", ge=0.0, le=5.0, **_HERE
    )
    brightness_multiply: float = setting(
        0.0, "Brightness, multiplied", "Largest change of exposure, e.g. 0.1 is about 10 % darker or brighter.",
        ge=0.0, le=2.0, **_HERE,
    )  # fmt: skip
    contrast: float = setting(
        0.0, "Contrast", "Largest change of contrast about the cell's own mean, e.g. 0.2 is about 20 %.",
        ge=0.0, le=2.0, **_HERE,
    )  # fmt: skip
    channels_apart: bool = setting(
        True, "Each channel its own", "Brightness and contrast change in each channel on its own, not in all alike.",
        **_HERE,
    )  # fmt: skip
    saturation: float = setting(
        0.0, "Saturation", "Largest change of saturation, e.g. 0.3 is about 30 %; colour pictures only.",
        ge=0.0, le=2.0, **_HERE,
    )  # fmt: skip
    hue: float = setting(
        0.0, "Hue", "Largest turn of the colour circle to either side; colour pictures only.", unit="°",
        ge=0.0, le=180.0, **_HERE,
    )  # fmt: skip
    average_blur: float = setting(
        0.0, "Average blur", "Largest side of the square over which pixels are averaged.", unit="px",
        ge=0.0, le=31.0, **_HERE,
    )  # fmt: skip
    gauss_blur: float = setting(
        0.0, "Gauss blur", "Largest SD of the bell curve with which pixels are averaged.", unit="px",
        ge=0.0, le=8.0, **_HERE,
    )  # fmt: skip
    motion_blur: float = setting(
        0.0, "Motion blur", "Longest way of the cell during the exposure.", unit="px", ge=0.0, le=31.0, **_HERE
    )
    motion_angle: float = setting(
        10.0, "Direction of motion blur", "Largest angle to the rows of the image; 90 is any direction.", unit="°",
        ge=0.0, le=90.0, **_HERE,
    )  # fmt: skip
    noise: float = setting(0.0, "Noise", "SD of the Gaussian noise added.", unit="SD", ge=0.0, le=5.0, **_HERE)
    erasing: float = setting(
        0.0, "Random erasing", "Largest share of the frame that is blanked in every second cell.",
        ge=0.0, le=0.5, **_HERE,
    )  # fmt: skip
    channel_dropout: float = setting(
        0.0, "Channel drop-out", "How often a channel is blanked; one channel always stays.", ge=0.0, le=0.9, **_HERE
    )


PRESETS: dict[str, dict[str, Any]] = {
    "flow cell": {},
    "smear": {"zoom": 0.1, "brightness_add": 0.2, "contrast": 0.2, "noise": 0.02},
    "colour": {
        "zoom": 0.1, "brightness_add": 0.2, "contrast": 0.2, "noise": 0.02, "channels_apart": False,
        "saturation": 0.3, "hue": 12.0,
    },
}  # fmt: skip
"""Preset → the settings in which it differs from the defaults above."""


def preset(augmentation: str, coloured: bool) -> str:
    """Return what a plan's augmentation means for cells with or without colour: a preset, `none` or `own`."""
    if augmentation == "auto":
        return "colour" if coloured else "flow cell"
    return augmentation


def changed_ranges(plan: AugmentationPlan) -> list[str]:
    """Return the titles of the ranges that are not as preset, whether or not they count."""
    fields = AugmentationPlan.model_fields
    return [str(info.title) for name, info in fields.items() if getattr(plan, name) != info.get_default()]


def remark(plan: Any) -> str:
    """Say that ranges of a plan of Train were changed but do not count beside its preset; "" = nothing to say."""
    changed = changed_ranges(plan)
    if plan.augmentation == "own" or not changed:
        return ""
    return (
        f"The ranges of the augmentation were changed ({', '.join(changed)}) but do not count: "
        f"the augmentation is {plan.augmentation!r}. Choose 'own' to use them."
    )
