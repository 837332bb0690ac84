"""What each step leaves behind: small typed objects, stored as result.json beside their tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator

from wizard import fileio
from wizard.results_base import (
    SCHEMA,
    Channel,
    Cue,
    Estimate,
    Gallery,
    GalleryCell,
    NoticeText,
    PreviewCell,
    Skipped,
    StepResult,
)
from wizard.results_evaluate import EvaluateResult, PerClass
from wizard.results_explain import ExplainResult
from wizard.results_export import ExportResult
from wizard.results_extract import ExtractResult
from wizard.results_label import (
    LabelCompareResult,
    LabelEvaluateResult,
    LabelExtractResult,
    LabelLookResult,
    LabelParseResult,
    LabelPredictResult,
    LabelTrainResult,
    LabelVisualizeResult,
)
from wizard.results_latency import LatencyResult
from wizard.results_predict import PredictResult, WatchResult
from wizard.results_report import ReportResult
from wizard.results_train import (
    AugmentPreviewResult,
    Candidate,
    CompareResult,
    EstimateResult,
    FoldFigures,
    LayerFacts,
    RateResult,
    TrainResult,
)
from wizard.results_visualize import Loading, Map, VisualizeResult

__all__ = [
    "SCHEMA", "AugmentPreviewResult", "Candidate", "Channel", "CheckItem", "CheckResult", "CompareResult", "Cue",
    "Estimate", "EstimateResult", "EvaluateResult", "ExplainResult", "ExportResult", "ExtractResult", "FoldFigures",
    "Gallery", "GalleryCell", "LabelCompareResult", "LabelEvaluateResult", "LabelExtractResult", "LabelLookResult",
    "LabelParseResult",
    "LabelPredictResult", "LabelTrainResult", "LabelVisualizeResult", "LatencyResult", "LayerFacts", "Loading", "Map",
    "NoticeText", "ParseResult", "PerClass", "PredictResult", "PreviewCell", "RateResult", "ReportResult", "Skipped",
    "StepResult", "SurveyResult", "TrainResult", "VisualizeResult", "WatchResult", "load", "save",
]  # fmt: skip


class CheckItem(BaseModel):
    """One line of the install check."""

    name: str
    verdict: Literal["ok", "note", "problem"]
    text: str
    action: str = ""


class CheckResult(StepResult):
    """The install check."""

    items: list[CheckItem] = []

    @property
    def passed(self) -> bool:
        """True when no line is a problem."""
        return all(item.verdict != "problem" for item in self.items)


def _two_sides(value: object) -> object:
    """Accept the one number that looks stored before frames could be rectangular."""
    return (value, value) if isinstance(value, int) else value


class SurveyResult(StepResult):
    """A look at the images before they are parsed: what was found, and cues about it."""

    n_cells: int = 0
    n_files: int = 0
    formats: dict[str, int] = {}
    """Format → number of cells."""
    facts: dict[str, str] = {}
    """What the files tell of themselves, e.g. magnification."""
    channels: list[Channel] = []
    """All channels found; `kept` are the numbers of those that would be kept."""
    kept: list[int] = []
    dtypes: dict[str, int] = {}
    sizes: dict[str, float] = {}
    """Percentiles of the cells' longer side in px: `p0`, `p5`, `p50`, `p95`, `p100`."""
    frame: Annotated[tuple[int, int], BeforeValidator(_two_sides)] = (0, 0)
    """Height and width in px of the frame that would be used."""
    suggested: int = 0
    """The square frame that fits the cells."""
    suggested_frame: tuple[int, int] = (0, 0)
    """Height and width of the frame that is suggested: that square, or a rectangle for elongated cells."""
    cropped: int = 0
    """Cells that do not fit the frame."""
    tags: dict[str, dict[str, int]] = {}
    """Tag → value → number of cells, after the rules of the plan."""
    raw_tags: dict[str, dict[str, int]] = {}
    """The same as found, before the rules."""
    origins: dict[str, str] = {}
    """Raw tag → where it comes from, in words (folder level 2, label table, population, file)."""
    populations: dict[str, int] = {}
    """Gates found in analyses → number of cells."""
    target: str = ""
    group: str = ""
    cues: list[Cue] = []
    preview: list[PreviewCell] = []
    """The arrays are in preview.npz beside result.json."""


class ParseResult(StepResult):
    """The data set that was written."""

    data_set: str = ""
    """Path from the project folder."""
    n_cells: int = 0
    n_files: int = 0
    skipped: list[Skipped] = []
    n_skipped: int = 0
    channels: list[Channel] = []
    frame: tuple[int, int] = (0, 0)
    dtype: str = ""
    tags: dict[str, dict[str, int]] = {}
    """Tag → value → number of cells."""
    targets: list[str] = []
    """Tags with at least two values."""
    target: str = ""
    group: str = ""
    """Tag that is not split, or "" for single cells."""
    split_by: str = ""
    """`group TAG`, `source file` or `cell`, as shown to the user."""
    counts: dict[str, int] = {}
    """Split (`train`, `holdout`, `excluded`) → number of cells."""
    classes: dict[str, dict[str, int]] = {}
    """Class of the target → split → number of cells."""
    padded: int = 0
    larger: int = 0
    formats: dict[str, int] = {}
    masks: bool = False
    folds: int = 0
    fold_counts: list[int] = []
    """Cells of each fold, in order."""
    capped: int = 0
    """Cells left out by the cap per class."""
    excluded_by_tag: int = 0
    """Cells left out by the tag rules."""
    n_measurements: int = 0
    added: int = 0
    """Cells added to a data set that was there before."""
    montages: int = 0
    """Montage sheets written beside result.json."""
    pixel_size: float = 0.0
    facts: dict[str, str] = {}
    cues: list[Cue] = []
    corrections: str | None = None
    """Digest of the table of corrections that was joined, "" without one; None in results of older programs."""
    gallery: Gallery | None = None


RESULTS: dict[str, type[StepResult]] = {
    "check": CheckResult,
    "survey": SurveyResult,
    "augment_preview": AugmentPreviewResult,
    "parse": ParseResult,
    "train": TrainResult,
    "lr_finder": RateResult,
    "estimate": EstimateResult,
    "compare": CompareResult,
    "explain": ExplainResult,
    "latency": LatencyResult,
    "evaluate": EvaluateResult,
    "model_export": ExportResult,
    "predict": PredictResult,
    "watching": WatchResult,
    "extract": ExtractResult,
    "visualize": VisualizeResult,
    "report": ReportResult,
    "label_parse": LabelParseResult,
    "label_train": LabelTrainResult,
    "label_evaluate": LabelEvaluateResult,
    "label_predict": LabelPredictResult,
    "label_extract": LabelExtractResult,
    "label_visualize": LabelVisualizeResult,
    "label_compare": LabelCompareResult,
    "label_look": LabelLookResult,
}


def save(result: StepResult, folder: Path) -> Path:
    """Write result.json into a step's folder and return its path."""
    return fileio.write_json(folder / "result.json", result.model_dump(mode="json"))


def load(folder: Path, step: str) -> StepResult | None:
    """Read a step's result.json; None when there is none that can be read."""
    path = folder / "result.json"
    if not path.is_file():
        return None
    try:
        return RESULTS[step].model_validate(fileio.read_json(path))
    except (ValueError, OSError):
        return None
