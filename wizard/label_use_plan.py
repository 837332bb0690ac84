"""Settings of the steps that use a network for stains: evaluate, predict, extract, visualize."""

from __future__ import annotations

from typing import Literal

from wizard.settings import Paths, StepPlan, setting


class StainModelPlan(StepPlan):
    """Which model is used."""

    model: str = setting(
        "", "Model", "A .cytomodel file of stains; it knows its stains, planes and grey levels.",
        special="empty = this project's newest", kind="file",
    )  # fmt: skip


class LabelEvaluatePlan(StainModelPlan):
    """A model and stained fields to honest figures."""

    input: Paths = setting(
        [], "Other stained pictures", "Folders with stained fields that were not used before.",
        special="empty = the hold-out of this project", kind="paths",
    )  # fmt: skip
    nuclei: str = setting(
        "auto", "Stain of nuclei", "The stain whose objects are counted.",
        special="auto = told by its name, none = do not count",
    )  # fmt: skip
    dead: str = setting(
        "", "Stain of dead cells", "The stain that marks dead nuclei, whose sizes are compared with the others.",
        special="empty = told by its name",
    )  # fmt: skip
    diameter: float = setting(
        0.0, "Size of a nucleus", "Usual diameter of a nucleus.", unit="px", special="0 = measured", ge=0.0, le=1000.0,
    )  # fmt: skip
    planes: bool = setting(True, "Number of planes", "Also predict from fewer planes, to see how many are needed.")
    linear: bool = setting(
        True, "Linear model beside it", "Also fit a linear model of 33 figures of each pixel: the floor to beat."
    )
    seed: int = setting(1, "Seed", "Start of the random choice of pixels.", basic=False, ge=0)


class LabelPredictPlan(StainModelPlan):
    """A model and pictures of transmitted light to predicted stains."""

    input: Paths = setting(
        [], "Pictures", "Folders with stacks of transmitted light.", special="empty = all fields of this project",
        kind="paths",
    )  # fmt: skip
    format: Literal["ome-tiff", "tiff", "zarr"] = setting(
        "ome-tiff", "Files", "In which form the predicted stains are written, 16 bits.",
        labels={"ome-tiff": "OME-TIFF", "tiff": "TIFF for ImageJ", "zarr": "OME-Zarr"},
    )  # fmt: skip
    interval: bool = setting(
        True,
        "Interval of each pixel",
        "Also write the low and the high end that hold 80 % of the cases, where the model tells them.",
    )
    overlay: bool = setting(
        True, "Pictures to look at", "Also write the stains in colour on the transmitted light (PNG)."
    )
    all_ways: bool = setting(
        False, "Turned and mirrored", "Predict each tile in eight positions and average: a little better, 8x slower.",
        basic=False,
    )  # fmt: skip
    tile: int = setting(
        640, "Tile", "Greatest side of the tiles; larger ones need more memory.", unit="px", basic=False,
        ge=256, le=4096,
    )  # fmt: skip


class LabelExtractPlan(StainModelPlan):
    """A model and pictures to a table of features: what the network sees around each place."""

    input: Paths = setting(
        [], "Other pictures", "Folders with stacks of transmitted light.",
        special="empty = all fields of this project", kind="paths",
    )  # fmt: skip
    rows: Literal["auto", "nuclei", "squares"] = setting(
        "auto", "A row for each", "Nuclei are found in their predicted stain.",
        labels={"auto": "Nucleus if a stain shows them, else square", "nuclei": "Nucleus", "squares": "Square"},
    )  # fmt: skip
    nuclei: str = setting(
        "auto", "Stain of nuclei", "The stain in which nuclei are found.", special="auto = told by its name"
    )
    diameter: float = setting(
        0.0, "Size of a nucleus", "Usual diameter of a nucleus.", unit="px", special="0 = measured", ge=0.0, le=1000.0,
    )  # fmt: skip
    square: int = setting(64, "Side of a square", "Where rows are squares.", unit="px", ge=16, le=1024)


class LabelVisualizePlan(StepPlan):
    """Features and predictions to pictures."""

    fields: int = setting(6, "Fields", "How many fields get an error panel and a picture.", ge=1, le=200)
    side: int = setting(
        384, "Part shown", "Side of the part of a field that the panels show, where most is stained.", unit="px",
        ge=64, le=4096,
    )  # fmt: skip
    map: bool = setting(True, "Map of the features", "Draw the rows of Extract by their two main components (PCA).")
    seed: int = setting(1, "Seed", "Start of all random choices.", basic=False, ge=0)
