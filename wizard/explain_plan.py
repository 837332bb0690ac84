"""Settings of Evaluate about explanations: where the network looks, and which channels it needs."""

from __future__ import annotations

from typing import Annotated, Literal

from wizard.settings import Lines, Listed, StepPlan, setting

_MAPS, _CHANNELS = "Explanation: maps", "Explanation: channels"

Method = Literal["gradcam", "gradients", "occlusion"]

METHODS: dict[str, str] = {
    "gradcam": "Grad-CAM",
    "gradients": "Integrated gradients",
    "occlusion": "Occlusion",
}
"""Method → its name for the user."""


class ExplainPlan(StepPlan):
    """Which cells and channels are explained, and how."""

    explain_methods: Annotated[list[Method], Listed] = setting(
        ["gradcam", "gradients", "occlusion"], "Maps of",
        "Three ways to see where in a cell the network is sensitive; what all of them show can be trusted most.",
        basic=False, section=_MAPS, labels=METHODS,
    )  # fmt: skip
    explain_cells: int = setting(
        9, "Cells per class", "Cells of each class whose maps are shown: sure ones, others, and mistaken ones.",
        unit="cells", basic=False, section=_MAPS, ge=1, le=50,
    )  # fmt: skip
    explain_baseline: Literal["background", "mean"] = setting(
        "background", "Compared with", "What an empty place looks like for integrated gradients and occlusion.",
        basic=False, section=_MAPS,
        labels={"background": "The cell's own background", "mean": "The mean grey level of the training cells"},
    )  # fmt: skip
    explain_patch: int = setting(
        0, "Covered square", "Side of the square that occlusion moves over the cell.",
        unit="px", special="0 = an eighth of the frame", basic=False, section=_MAPS, ge=0, le=512,
    )  # fmt: skip
    explain_subsets: Lines = setting(
        [], "Channel subsets", "Which channels are tried together, by number or name, with semicolons in between.",
        special="empty = all subsets of few channels, else a choice", example="3, 6; 3", basic=False, section=_CHANNELS,
    )  # fmt: skip
    explain_minutes: float = setting(
        0.0, "Train anew", "Time in which a network of its own learns each channel subset; the honest channel study.",
        unit="min", special="0 = only the present model, with channels blanked", basic=False, section=_CHANNELS,
        ge=0.0, le=10_000,
    )  # fmt: skip
