"""Settings of all steps that use a model: which one, and what computes it."""

from __future__ import annotations

from typing import Any, Literal

from wizard.settings import StepPlan, setting

EngineName = Literal["auto", "int8", "openvino", "onnx", "keras"]


class ModelPlan(StepPlan):
    """Which model is used."""

    model: str = setting(
        "", "Model", "A .cytomodel file; it knows its classes, channels and frame.",
        special="empty = this project's newest", kind="file",
    )  # fmt: skip


def engine_setting() -> Any:
    """Return the setting that names what computes the network."""
    return setting(
        "auto", "Inference engine",
        "What computes it. For runs above a minute Automatic prepares 8-bit integers, used only if proven right.",
        basic=False,
        labels={
            "auto": "Automatic: the fastest that is proven right",
            "int8": "OpenVINO, 8-bit integers",
            "openvino": "OpenVINO",
            "onnx": "ONNX Runtime",
            "keras": "Keras",
        },
    )  # fmt: skip
