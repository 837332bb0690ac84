"""Settings of Extract."""

from __future__ import annotations

from typing import Annotated, Literal

from wizard.model_plan import EngineName, ModelPlan, engine_setting
from wizard.settings import Listed, Paths, setting

FormatName = Literal["csv", "tsv", "h5ad", "mat", "projector"]


class ExtractPlan(ModelPlan):
    """A model and cells to a table of features."""

    input: Paths = setting(
        [],
        "Other images",
        "Folders with cells to extract features from.",
        special="empty = all cells of this project",
        kind="paths",
    )
    layer: str = setting(
        "pool",
        "Layer",
        "Where in the network the features are read: later layers are closer to the target.",
        special="pool = last before the classes",
        example="stage 4, stage 5, pool, or the name of any layer",
        kind="text",
    )
    classical: bool = setting(
        False, "Classical features", "Also measure area, shape, intensity and texture of every cell in every channel."
    )
    measurements: bool = setting(
        True, "Measurements of the files", "Join what the instrument's files (.daf, .rtdc) say of every cell."
    )
    formats: Annotated[list[FormatName], Listed] = setting(
        [],
        "Further files",
        "Beside Parquet: for spreadsheets, scanpy (.h5ad), MATLAB (.mat), or TensorBoard's projector.",
        special="empty = CSV where the table is small",
        labels={
            "csv": "CSV",
            "tsv": "TSV",
            "h5ad": "AnnData",
            "mat": "MATLAB",
            "projector": "TensorBoard",
        },
    )
    layout: Literal["average", "flatten"] = setting(
        "average",
        "Layout",
        "Average each feature map over the cell, or keep every position (many columns).",
        basic=False,
        labels={"average": "Average over the cell", "flatten": "Keep positions"},
    )
    engine: EngineName = engine_setting()
