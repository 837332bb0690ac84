"""What Predict leaves behind."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from wizard.results_base import Estimate, Gallery, StepResult


class ClassShare(BaseModel):
    """The cells of one predicted class.

    `share` is counted, `corrected` is the share after correction for the wrong predictions seen on validation
    cells (None where that cannot be told); `confidence` is the mean probability of the cells.
    """

    cells: int
    share: Estimate
    corrected: Estimate | None = None
    unsure: int = 0
    unfamiliar: int = 0
    confidence: float | None = None


class SampleRow(BaseModel):
    """The cells with one value of a tag (or of one source): counts and corrected shares by class."""

    tag: str
    value: str
    cells: int
    counts: dict[str, int]
    corrected: dict[str, float] = {}
    unsure: int = 0
    unfamiliar: int = 0


class CellMark(BaseModel):
    """What is known of one cell of the gallery."""

    confidence: float
    unsure: bool
    unfamiliar: bool


class Limit(BaseModel):
    """A threshold of the probability below which cells are unsure, and what validation cells say of it.

    `wanted` is the share of wrong ones allowed among the others (None: the threshold was given), `error` the one
    found, `kept` the share of cells at or above the threshold, of `n_cells`; `why` says what could not be kept.
    """

    threshold: float
    wanted: float | None = None
    error: Estimate | None = None
    kept: float | None = None
    n_cells: int = 0
    why: str = ""

    @property
    def words(self) -> str:
        """Say which threshold is used, why, and what validation cells say of it."""
        chosen = f", chosen for at most {100 * (self.wanted or 0):g} % wrong predictions"
        if self.why:
            chosen = ""
        elif self.wanted is None:
            chosen = ", a fixed threshold"
        text = f"Unsure below a probability of {self.threshold:.3g}{chosen}."
        if self.threshold == 0:
            text = f"No cell needs to be unsure: at most {100 * (self.wanted or 0):g} % are wrong among all cells."
        if self.error is None or self.error.value is None or self.kept is None:
            return text
        low, high = 100 * (self.error.low or 0.0), 100 * (self.error.high or 0.0)
        return (
            f"{text} Of {self.n_cells:,} validation cells {100 * self.kept:.0f} % reach it; "
            f"{100 * self.error.value:.1f} % of these were wrong (95 % interval {low:.1f} to {high:.1f} %)."
        )


class PredictResult(StepResult):
    """Predictions of a model; the table is predictions.csv beside result.json."""

    model: str = ""
    data: str = ""
    n_cells: int = 0
    classes: list[str] = []
    counts: dict[str, int] = {}
    n_unsure: int = 0
    n_unfamiliar: int = 0
    threshold: float = 0.0
    engine: str = ""
    images_per_second: float = 0.0
    gallery: Gallery | None = None
    marks: list[CellMark] = []
    """One entry per cell of the gallery."""
    shares: dict[str, ClassShare] = {}
    intervals_over: str = ""
    """What was drawn anew for the intervals of the shares, in words; "" in results without intervals."""
    uncorrected: str = ""
    """Why the shares could not be corrected; "" when they were."""
    limit: Limit | None = None
    false_alarms: float | None = None
    """Share of ordinary cells that may be marked as unfamiliar; None in results of older programs."""
    samples: list[SampleRow] = []
    """At most 1000 rows; samples.csv has them all."""
    maps: dict[str, str] = {}
    """Picture → file of its class map."""
    taken_up: int = 0
    """Cells that an earlier run had sent through the network already."""
    whole_workbook: bool = True
    """Whether the workbook holds every cell also of a long table."""


CLASS = "class "
"""Stands before the name of a class among the figures of a watch."""


class WatchResult(StepResult):
    """What watching a folder has come to: files and cells of this watch, and all cells in the table."""

    folder: str = ""
    table: str = ""
    """Path from the project folder."""
    n_files: int = 0
    n_new: int = 0
    n_refused: int = 0
    """Files that could not be used."""
    n_cells: int = 0
    n_unsure: int = 0
    n_unfamiliar: int = 0
    counts: dict[str, int] = {}
    """Predicted class → cells in the table."""

    @classmethod
    def of(cls, folder: str, table: str, figures: Mapping[str, float]) -> WatchResult:
        """Make one from the figures that the engine tells."""
        counts = {key.removeprefix(CLASS): int(value) for key, value in figures.items() if key.startswith(CLASS)}
        plain = {key: int(value) for key, value in figures.items() if not key.startswith(CLASS)}
        return cls(folder=folder, table=table, counts=counts, **plain)  # type: ignore[arg-type]
