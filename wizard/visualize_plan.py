"""Settings of Visualize."""

from __future__ import annotations

from typing import Annotated, Literal

from wizard.settings import Listed, Paths, StepPlan, setting

MethodName = Literal["pca", "tsne", "umap", "phate"]
FeaturesName = Literal["network", "classical", "measured", "all"]


class VisualizePlan(StepPlan):
    """Features to maps, clusters and a progression."""

    methods: Annotated[list[MethodName], Listed] = setting(
        ["pca", "tsne", "umap", "phate"],
        "Maps",
        "PCA is linear; t-SNE and UMAP show clusters; PHATE shows progressions.",
        labels={"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "phate": "PHATE"},
    )
    dimensions: Annotated[list[Literal["2", "3"]], Listed] = setting(
        ["2", "3"], "Dimensions", "Flat maps, maps in space, or both.",
        labels={"2": "2-D", "3": "3-D"},
    )  # fmt: skip
    colour: str = setting(
        "auto", "Colour by", "Tag that colours the points.", special="auto = the model's target", kind="tag"
    )
    progression: str = setting(
        "", "Progression along", "Tag with an order (day, dose, stage) along which cells are put in a row.",
        special="empty = no progression", example="day", kind="tag",
    )  # fmt: skip
    batch: str = setting(
        "auto", "Batch", "Tag of the batches; how well the features tell them is measured within each class.",
        special="auto = the group of the split; none = not measured", example="donor", kind="tag",
    )  # fmt: skip
    correct: Literal["none", "harmony", "combat"] = setting(
        "none", "Correct the batches", "Takes differences between batches out of the maps; never done unless chosen.",
        labels={"none": "No", "harmony": "Harmony", "combat": "ComBat"},
    )  # fmt: skip
    place: Paths = setting(
        [], "Place other cells", "Folders with cells that are put into the maps of these cells, without changing them.",
        special="empty = none", kind="paths",
    )  # fmt: skip
    order: Annotated[list[str], Listed] = setting(
        [], "Order of the values", "Values of the progression's tag from first to last.",
        basic=False, special="empty = by the numbers in them", example="Day 1, Day 7, Day 42", kind="text",
        section="Progression",
    )  # fmt: skip
    root: str = setting(
        "", "Start", "Value of the progression's tag at which the progression starts.",
        basic=False, special="empty = the first value of the order", example="Day 1", section="Progression",
    )  # fmt: skip
    clusters: bool = setting(
        True, "Clusters", "Group cells that lie close together (Leiden).", basic=False, section="Clusters"
    )
    resolution: float = setting(
        1.0, "Resolution of the clusters", "Higher: more and smaller clusters.", basic=False, ge=0.01, le=20.0,
        section="Clusters",
    )  # fmt: skip
    features: FeaturesName = setting(
        "network", "Features", "Which columns of the table of features are used.",
        basic=False,
        labels={
            "network": "Of the network",
            "classical": "Classical features",
            "measured": "Measurements of the files",
            "all": "All of them",
        },
        section="Maps",
    )  # fmt: skip
    standardize: bool = setting(
        True, "Standardize features", "Give every feature the same spread first.", basic=False, section="Maps"
    )
    most: int = setting(
        100_000, "Most cells laid out", "Of more cells, this many are laid out and the others placed among them.",
        unit="cells", basic=False, ge=1000, le=1_000_000, section="Maps",
    )  # fmt: skip
    perplexity: float = setting(
        30.0, "t-SNE perplexity", "About how many neighbours each cell has.", basic=False, ge=2.0, le=500.0,
        section="Maps",
    )  # fmt: skip
    neighbours: int = setting(
        15, "UMAP neighbours", "Few: fine structure; many: the large picture.", basic=False, ge=2, le=500,
        section="Maps",
    )  # fmt: skip
    min_dist: float = setting(
        0.1, "UMAP minimum distance", "How tightly cells may be packed.", basic=False, ge=0.0, le=0.99, section="Maps"
    )
    knn: int = setting(
        5, "PHATE neighbours", "Neighbours from which the progression is built.", basic=False, ge=2, le=100,
        section="Maps",
    )  # fmt: skip
    seed: int = setting(1, "Seed", "Start of the random parts of the maps.", basic=False, ge=0, section="Maps")
