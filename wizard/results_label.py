"""What the steps of in silico labeling leave behind."""

from __future__ import annotations

from pydantic import BaseModel

from wizard.results_base import Cue, Skipped, StepResult

CAUTION = (
    "Predicted intensity is not a measurement: a network tells what a stain would probably look like, not how much "
    "of it there is."
)


class LabelLookResult(StepResult):
    """What a look through the pictures found; nothing was parsed."""

    n_fields: int = 0
    names: list[str] = []
    labels: dict[str, int] = {}
    """Stain → number of fields that have it."""
    planes: int = 0
    picture: str = ""
    """What the preparation does to the first field."""
    previewed: list[str] = []
    """What its rows show, from the top."""
    skipped: list[Skipped] = []
    cues: list[Cue] = []


class LabelParseResult(StepResult):
    """The fields of view that were read."""

    data_set: str = ""
    """Path from the project folder."""
    n_fields: int = 0
    fields: dict[str, int] = {}
    """`train`, `holdout` → number of fields of which a part belongs to it."""
    names: list[str] = []
    labels: dict[str, int] = {}
    """Stain → number of fields that have it."""
    planes: int = 0
    light: str = ""
    sizes: list[tuple[int, int]] = []
    """Height and width of each field in px, as stored."""
    pixels: dict[str, int] = {}
    split_by: str = ""
    levels: dict[str, str] = {}
    """Channel → how its grey levels are brought to one scale, in words."""
    prepared: list[str] = []
    previewed: list[str] = []
    """What the rows of preparation.png show, from the top."""
    pixel_size: float = 0.0
    skipped: list[Skipped] = []
    cues: list[Cue] = []


class StainCheck(BaseModel):
    """What the check pixels say of one stain."""

    label: str
    loss: float | None = None
    best_step: int = 0
    pearson: float | None = None
    width: float = 1.0
    """Factor by which the interval is widened so that it holds 80 % of the check pixels."""


class LabelTrainResult(StepResult):
    """A trained network; history.csv lies beside result.json."""

    model: str = ""
    """Path from the project folder."""
    network: str = ""
    network_title: str = ""
    head: str = ""
    labels: list[str] = []
    planes: int = 0
    parameters: int = 0
    steps: int = 0
    train_seconds: float = 0.0
    crop: int = 0
    batch: int = 0
    n_train_fields: int = 0
    train_pixels: int = 0
    check_pixels: int = 0
    checks: list[StainCheck] = []
    members: int = 1
    """Sets of weights in the model: of each network, and of stains that are best at different moments."""
    networks: int = 1
    """Networks that the model holds; they were trained one after the other, and their answers are averaged."""
    averaged: bool = False
    """Whether the weights are a moving average over the steps."""
    started_from: str = ""
    fresh: list[str] = []
    """Layers that the model before did not have."""
    history: list[dict[str, float]] = []


class StainFigures(BaseModel):
    """The figures of one predicted stain over all hold-out pixels."""

    label: str
    pearson: float | None = None
    pearson_sampled: float | None = None
    pearson_foreground: float | None = None
    linear_pearson: float | None = None
    linear_foreground: float | None = None
    ssim: float | None = None
    mae: float | None = None
    coverage: float | None = None
    threshold: float | None = None
    foreground: float | None = None
    pixels: int = 0
    heat_map: list[list[float]] = []
    """Of 1,000 pixels in bins of 0.1: rows = true, columns = predicted."""


class ComparedHead(BaseModel):
    """What a network with one head comes to on the pixels held out."""

    head: str
    title: str = ""
    steps: int = 0
    seconds: float = 0.0
    seconds_per_megapixel: float | None = None
    stains: list[StainFigures] = []


class LabelCompareResult(StepResult):
    """Heads that learnt for the same time."""

    minutes: float = 0.0
    split_by: str = ""
    heads: list[ComparedHead] = []


class ObjectFigures(BaseModel):
    """Nuclei of true and predicted stain, by the published rule."""

    label: str
    diameter: float
    true: int
    predicted: int
    split: int
    merged: int
    added: int
    missed: int
    accuracy: float | None = None


class SizeFigures(BaseModel):
    """Diameters in px of live and dead nuclei, `true` or `predicted`."""

    kind: str
    live: int
    dead: int
    live_mean: float | None = None
    dead_mean: float | None = None
    statistic: float | None = None
    p: float | None = None


class PlanesFigures(BaseModel):
    """Pearson of each stain when only some planes are given."""

    planes: int
    pearson: dict[str, float | None]


class LabelEvaluateResult(StepResult):
    """How alike predicted and true stains are on pixels that were never trained on."""

    model: str = ""
    data: str = ""
    n_fields: int = 0
    fields: list[str] = []
    split_by: str = ""
    stains: list[StainFigures] = []
    objects: ObjectFigures | None = None
    sizes: list[SizeFigures] = []
    planes: list[PlanesFigures] = []
    engine: str = ""
    predict_seconds: float = 0.0
    pixels: int = 0
    caution: str = CAUTION


class PredictedField(BaseModel):
    """One field of view that was predicted."""

    name: str
    file: str
    overlay: str = ""
    height: int = 0
    width: int = 0
    seconds: float = 0.0
    unlike: str = ""
    """How it is unlike the pictures of the training, in words."""
    bright: dict[str, float] = {}
    """Stain → share of the pixels that are predicted brighter than 0.5."""


class LabelPredictResult(StepResult):
    """Predicted stains; the pictures lie in `pictures` beside result.json."""

    model: str = ""
    labels: list[str] = []
    channels: list[str] = []
    fields: list[PredictedField] = []
    n_unlike: int = 0
    engine: str = ""
    skipped: list[Skipped] = []
    cues: list[Cue] = []
    caution: str = CAUTION


class LabelExtractResult(StepResult):
    """Features; the table is features.parquet beside result.json."""

    model: str = ""
    rows: str = ""
    n_rows: int = 0
    n_features: int = 0
    layer: str = ""
    n_fields: int = 0
    diameter: float = 0.0


class LabelVisualizeResult(StepResult):
    """Pictures; `panels` are error panels, `overlays` stains on the transmitted light."""

    panels: dict[str, str] = {}
    overlays: dict[str, str] = {}
    map: str = ""
    n_rows: int = 0
    explained: list[float] = []
    caution: str = CAUTION
