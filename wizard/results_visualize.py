"""What Visualize leaves behind."""

from __future__ import annotations

from pydantic import BaseModel

from wizard.results_base import Estimate, Gallery, StepResult


class Map(BaseModel):
    """One map: its columns in maps.parquet and its figure beside result.json."""

    method: str
    title: str
    dimensions: int
    columns: list[str]
    figure: str
    seconds: float
    note: str = ""
    trustworthiness: float | None = None
    """1 when no cell has neighbours on the map that are far in the features (Venna and Kaski 2001)."""
    preservation: float | None = None
    """Share of the nearest neighbours in the features that are also nearest on the map."""
    key: str = ""
    """Changes with the features and the settings that shape this map; the same key means the same map."""


class Cluster(BaseModel):
    """One cluster: its cells by value of the colour tag, and by value of every other tag."""

    name: str
    cells: int
    tags: dict[str, dict[str, int]]
    typical: list[str] = []
    """Cell ids of those in its middle."""


class Clusters(BaseModel):
    """Groups of cells that lie close together; the column `cluster` of maps.parquet."""

    method: str
    resolution: float
    tag: str = ""
    """Tag with which they were compared."""
    agreement: float | None = None
    """Adjusted mutual information with that tag (0 by chance, 1 the same groups)."""
    stability: float | None = None
    """Adjusted Rand index between two runs with different seeds."""
    clusters: list[Cluster] = []


class Stage(BaseModel):
    """The cells of one value of the progression's tag: percentiles of their place along it (0..1)."""

    value: str
    cells: int
    p5: float
    p25: float
    median: float
    p75: float
    p95: float


class ProgressionStep(BaseModel):
    """One of the equal parts of the row of cells: from where to where, and its cells by value of the tag."""

    low: float
    high: float
    cells: int
    values: dict[str, int]


class Progression(BaseModel):
    """Cells in a row; the column `pseudotime` of maps.parquet: the share of cells that come before a cell (0..1)."""

    tag: str
    order: list[str]
    root: str
    method: str = "diffusion pseudotime"
    correlation: Estimate
    """Rank correlation (Spearman) of pseudotime and tag; each half of the cells from the start that the other gives."""
    within: Estimate | None = None
    """The same over the values' means by group, where there are groups."""
    holdout: Estimate | None = None
    """The rank correlation over the hold-out cells alone, which no training saw; None without any."""
    n_holdout: int = 0
    intervals_over: str = ""
    n_cells: int = 0
    stages: list[Stage] = []
    film: Gallery | None = None
    """Typical cells along the progression; the label of a cell is its step from 1."""
    disconnected: int = 0
    """Cells that no path of neighbours joins to the start; they have no pseudotime."""
    outside: int = 0
    """Cells whose value is not in the order: they have a pseudotime but count for no figure."""
    neighbours: int = 0
    """Nearest cells from which the paths were built."""
    steps: list[ProgressionStep] = []
    """Equal parts of the row; the film shows typical cells of each."""
    cautions: list[str] = []
    """What the reader should know before believing the figures."""


class BatchRow(BaseModel):
    """How well batches can be told within one class; balanced accuracy, 1 / number of batches by chance."""

    value: str
    """The class."""
    cells: int
    batches: int
    chance: float
    before: Estimate
    after: Estimate | None = None


class BatchEffect(BaseModel):
    """How well the batch of a cell can be told from its features by others of its class."""

    tag: str
    class_tag: str
    rows: list[BatchRow] = []
    before: Estimate | None = None
    """Mean over the classes of (balanced accuracy - chance) / (1 - chance): 0 not at all, 1 always."""
    after: Estimate | None = None
    classes_before: Estimate | None = None
    """Balanced accuracy with which the class is told, judged on batches not learned from."""
    classes_after: Estimate | None = None
    correction: str = "none"
    cautions: list[str] = []
    """Batches and classes that cannot be told apart, and what was left out."""
    why: str = ""
    """Why it could not be measured; "" when it was."""


class Loading(BaseModel):
    """The features that weigh most in one principal component, with their weights."""

    component: str
    share: float
    features: dict[str, float]


class VisualizeResult(StepResult):
    """Maps; the coordinates are in maps.parquet and maps.csv beside result.json."""

    n_cells: int = 0
    n_features: int = 0
    features: str = "network"
    colour: str = ""
    tags: list[str] = []
    """Tags (columns of maps.csv) by which the points can be coloured."""
    maps: list[Map] = []
    data_sets: list[str] = []
    """Data sets that hold the cells of the maps (paths from the project folder); the second is of placed cells."""
    n_placed: int = 0
    """Cells that were placed into maps made of the others; `placed` in maps.parquet is true for them."""
    n_laid_out: int = 0
    judged_cells: int = 0
    """Cells drawn by lot on which trustworthiness and preservation were counted."""
    judged_neighbours: int = 0
    explained: list[float] = []
    """Shares of the variance of the first principal components."""
    loadings: list[Loading] = []
    clusters: Clusters | None = None
    progression: Progression | None = None
    batch: BatchEffect | None = None
