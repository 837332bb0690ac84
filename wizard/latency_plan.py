"""Settings of Evaluate about the latency study."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from wizard.network_names import TITLES
from wizard.settings import Listed, StepPlan, setting

_SECTION = "Latency study"

Timed = Literal["fast", "balanced", "thorough", "resnet18", "resnet50", "mobilenetv2", "efficientnetb0"]
Precision = Literal["float32", "int8"]

PRECISIONS: dict[str, str] = {"float32": "32-bit numbers", "int8": "8-bit integers"}
"""Precision → its name for the user."""


class LatencyPlan(StepPlan):
    """Which networks, channels and precisions are timed."""

    latency_networks: Annotated[list[Timed], Listed] = setting(
        ["balanced", "resnet18", "mobilenetv2"], "Timed networks", "Networks whose time for a cell is measured.",
        basic=False, section=_SECTION, labels={name: TITLES[name] for name in get_args(Timed)},
    )  # fmt: skip
    latency_channels: Annotated[list[Annotated[int, Field(ge=1, le=64)]], Listed] = setting(
        [1, 2, 3], "Numbers of channels", "How many channels the timed cells have; several are timed one by one.",
        basic=False, section=_SECTION, kind="text", takes="whole numbers from 1 to 64", example="1, 3, 7",
    )  # fmt: skip
    latency_precisions: Annotated[list[Precision], Listed] = setting(
        ["float32", "int8"], "Precisions", "8-bit integers are faster; whether they are right, a model's check tells.",
        basic=False, section=_SECTION, labels=PRECISIONS,
    )  # fmt: skip
    latency_frame: int = setting(
        48, "Timed frame", "Side of the timed cells.", unit="px", basic=False, section=_SECTION, ge=16, le=512
    )
    latency_batches: Annotated[list[Annotated[int, Field(ge=1, le=4096)]], Listed] = setting(
        [1, 32], "Cells at once", "Cells handed over together: 1 for sorting, more where they may wait for each other.",
        basic=False, section=_SECTION, kind="text", takes="whole numbers from 1 to 4096", example="1, 64",
    )  # fmt: skip
