"""Settings of Predict."""

from __future__ import annotations

from typing import Annotated, Literal

from wizard.model_plan import EngineName, ModelPlan, engine_setting
from wizard.settings import Listed, Paths, setting

OutputName = Literal["excel", "rtdc", "fcs", "ideas", "folders"]


class PredictPlan(ModelPlan):
    """A model and cells without labels to a table of predictions."""

    input: Paths = setting(
        [],
        "Images to predict",
        "Folders with cells whose class you want to know.",
        special="empty = all cells of this project",
        kind="paths",
    )
    error: float = setting(
        5.0, "Wrong predictions allowed",
        "Cells are marked unsure so that at most this share of the others is wrong, judged on validation cells.",
        unit="%", ge=0.1, le=50.0,
    )  # fmt: skip
    false_alarms: float = setting(
        1.0, "False alarms allowed",
        "Share of ordinary cells that may be marked as unlike the training cells by mistake.",
        unit="%", ge=0.1, le=20.0,
    )  # fmt: skip
    outputs: Annotated[list[OutputName], Listed] = setting(
        [],
        "More outputs",
        "RT-DC and FCS with class and scores, object numbers for IDEAS, a picture per cell in class folders.",
        special="empty = tables and report only",
        labels={
            "excel": "Excel, all cells",
            "rtdc": "RT-DC copies",
            "fcs": "FCS files",
            "ideas": "IDEAS lists",
            "folders": "Class folders",
        },
    )
    picture: Literal["png", "tiff"] = setting(
        "png", "Pictures in class folders", "PNG is for looking; TIFF keeps all channels as they were measured.",
        basic=False, labels={"png": "PNG, 8 bits, channels side by side", "tiff": "TIFF, as measured"},
    )  # fmt: skip
    unsure: float = setting(
        0.0,
        "Fixed threshold",
        "Cells whose most probable class has less than this probability are unsure, whatever errors are allowed.",
        special="0 = chosen for the wrong predictions allowed",
        basic=False,
        ge=0.0,
        le=1.0,
    )
    engine: EngineName = engine_setting()
